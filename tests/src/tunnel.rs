//! The network between an application and its database, which can lose a machine without a word: no connection is closed, and nothing
//! that is sent over those that were open arrives any more. Its end that applications know stays when another machine takes over, as a
//! virtual address does. It can also lose an answer, and the connection with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::engine::{Database, Server};

pub struct Tunnel {
    address: SocketAddr,
    /// Where what is opened from now on leads.
    server: watch::Sender<SocketAddr>,
    /// How often the machine has vanished.
    vanished: watch::Sender<u32>,
    /// How many answers there are to the one that is lost.
    losing: Arc<AtomicU32>,
    accepting: AbortHandle,
}

impl Tunnel {
    pub async fn to(server: &Server) -> Self {
        let server = watch::Sender::new(server.address());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let vanished = watch::Sender::new(0);
        let losing = Arc::<AtomicU32>::default();
        let (led, watched, lost) = (server.clone(), vanished.clone(), Arc::clone(&losing));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = *led.borrow();
                tokio::spawn(carry(client, server, watched.subscribe(), Arc::clone(&lost)));
            }
        });
        Self { address, server, vanished, losing, accepting: accepting.abort_handle() }
    }

    /// The URL of a database at the other end.
    pub fn url(&self, database: &Database, server: &Server) -> String {
        let url = database.url_on(server);
        url.replace(&server.address().to_string(), &self.address.to_string())
    }

    /// What is opened from now on leads to another server.
    pub fn lead_to(&self, server: &Server) {
        self.server.send_replace(server.address());
    }

    /// The `nth` answer of the server from now on is lost on its way, and its connection ends. An answer is what arrives at once: a statement
    /// that is not prepared yet gets one before it is done.
    pub fn lose_answer(&self, nth: u32) {
        self.losing.store(nth, Ordering::SeqCst);
    }

    /// Whether it was.
    pub fn has_lost_it(&self) -> bool {
        self.losing.load(Ordering::SeqCst) == 0
    }

    /// Whatever is open hangs from now on; what is opened afterwards works.
    pub fn vanish(&self) {
        self.vanished.send_modify(|times| *times += 1);
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(client: TcpStream, server: SocketAddr, mut vanished: watch::Receiver<u32>, losing: Arc<AtomicU32>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((mut asked, mut answers), (mut answered, mut asks)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = copy(&mut asked, &mut asks) => {}
        () = carry_answers(&mut answered, &mut answers, &losing) => {}
        // Both ends stay open.
        _ = vanished.changed() => std::future::pending().await,
    }
}

async fn carry_answers(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, losing: &AtomicU32) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let left = losing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left == Ok(1) || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
