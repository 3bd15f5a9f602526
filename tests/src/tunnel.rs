//! The network between an application and its database, which can lose a machine without a word: no connection is closed, and nothing
//! that is sent over those that were open arrives any more. Its end that applications know stays when another machine takes over, as a
//! virtual address does.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
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
    accepting: AbortHandle,
}

impl Tunnel {
    pub async fn to(server: &Server) -> Self {
        let server = watch::Sender::new(server.address());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let vanished = watch::Sender::new(0);
        let (led, watched) = (server.clone(), vanished.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = *led.borrow();
                tokio::spawn(carry(client, server, watched.subscribe()));
            }
        });
        Self { address, server, vanished, accepting: accepting.abort_handle() }
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

async fn carry(mut client: TcpStream, server: SocketAddr, mut vanished: watch::Receiver<u32>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        // Both ends stay open.
        _ = vanished.changed() => std::future::pending().await,
    }
}
