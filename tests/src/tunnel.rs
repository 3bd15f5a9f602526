//! The network between an application and its database, which can lose a machine without a word: no connection is closed, and nothing
//! that is sent over those that were open arrives any more.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::engine::{Database, Server};

pub struct Tunnel {
    address: SocketAddr,
    /// How often the machine has vanished.
    vanished: watch::Sender<u32>,
    accepting: AbortHandle,
}

impl Tunnel {
    pub async fn to(server: &Server) -> Self {
        let server = server.address();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let vanished = watch::Sender::new(0);
        let watched = vanished.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watched.subscribe()));
            }
        });
        Self { address, vanished, accepting: accepting.abort_handle() }
    }

    /// The URL of a database at the other end.
    pub fn url(&self, database: &Database, server: &Server) -> String {
        let url = database.url_on(server);
        url.replace(&server.address().to_string(), &self.address.to_string())
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
