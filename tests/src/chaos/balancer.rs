//! A simple balancer: each connection goes to the next node that takes it. A node can be cut off, with what is under way to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Balancer {
    pub(super) url: String,
    paths: Arc<Vec<Path>>,
}

/// The way to a node.
struct Path {
    node: SocketAddr,
    cut: watch::Sender<bool>,
}

impl Balancer {
    pub(super) async fn start(nodes: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let paths: Arc<Vec<_>> =
            Arc::new(nodes.into_iter().map(|node| Path { node, cut: watch::Sender::new(false) }).collect());
        let turn = AtomicUsize::new(0);
        let known = Arc::clone(&paths);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (paths, first) = (Arc::clone(&known), turn.fetch_add(1, Ordering::Relaxed));
                tokio::spawn(async move { forward(client, &paths, first).await });
            }
        });
        Self { url, paths }
    }

    /// Cuts a node off from clients: what was sent to it may be worked on, and no answer comes.
    pub(super) fn cut(&self, node: usize) {
        self.paths[node].cut.send_replace(true);
    }

    pub(super) fn heal(&self) {
        for path in &*self.paths {
            path.cut.send_replace(false);
        }
    }
}

async fn forward(mut client: TcpStream, paths: &[Path], first: usize) {
    for number in 0..paths.len() {
        let path = &paths[(first + number) % paths.len()];
        let mut cut = path.cut.subscribe();
        if *cut.borrow() {
            continue;
        }
        let Ok(mut node) = TcpStream::connect(path.node).await else { continue };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut node) => {}
            _ = cut.wait_for(|cut| *cut) => {}
        }
        return;
    }
}
