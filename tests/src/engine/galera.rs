//! MariaDB three times: a Galera cluster, each node of which can be written to.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::database::ask;
use super::home::Home;
use super::process::unprivileged;
use super::{Server, eventually, mariadb, port, programs};
use crate::machine::Place;
use crate::process::run;

/// What the first node is started with, and the others are not: it follows nobody.
const FOUND: &str = "--wsrep-new-cluster";

/// Three nodes, which are killed when dropped.
pub struct Galera {
    pub nodes: [Server; 3],
}

impl Galera {
    /// Starts a cluster, and waits until every node has all there is.
    pub async fn start() -> Self {
        Self::start_at(&[const { Place::Here }; 3]).await
    }

    /// As [`start`](Self::start), each node where it is to be.
    pub async fn start_at(places: &[Place; 3]) -> Self {
        let group = places.each_ref().map(|place| SocketAddrV4::new(place.address(), port::free()));
        let mut first = node(&places[0], &group, 0, true).await;
        // From now on it joins the others, as they do.
        first.program().arguments.retain(|argument| argument != FOUND);
        let (second, third) = tokio::join!(node(&places[1], &group, 1, false), node(&places[2], &group, 2, false));
        // It gave the others what it has, and answers nothing meanwhile.
        synced(&first).await;
        Self { nodes: [first, second, third] }
    }

    /// Starts a node again that was killed, and waits until it has what it missed.
    pub async fn restart(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        node.restart().await;
        synced(node).await;
    }

    /// Waits until a node is in the cluster and shows all that another has committed so far. What a commit is acknowledged for is on every
    /// node that takes part, but may not be applied there yet; and a node that stood still may not know yet that it was left behind.
    pub async fn caught_up(&self, node: usize, with: usize) {
        let committed = format!("SELECT VARIABLE_VALUE {STATUS} = 'wsrep_last_committed'");
        let committed = ask(&self.nodes[with].own_url(), &committed).await.expect("a position");
        let sql = format!("SELECT 'reached' {STATUS} = 'wsrep_last_committed' AND VARIABLE_VALUE + 0 >= {committed}");
        let node = &self.nodes[node];
        eventually("a node's progress", async || ask(&node.own_url(), &sql).await).await;
        synced(node).await;
    }
}

const STATUS: &str = "FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME";

async fn node(place: &Place, group: &[SocketAddrV4; 3], number: usize, founds: bool) -> Server {
    let home = Home::new(place);
    let mut settings = settings(group, number);
    if founds {
        mariadb::install(&home);
        settings.push(FOUND.into());
    } else {
        // What is in it comes from another node.
        run(unprivileged("mkdir".as_ref()).arg("--parents").arg(home.data()));
    }
    let node = mariadb::serve(home, settings).await;
    synced(&node).await;
    node
}

/// Waits until a node is in the cluster, has all that it missed, and answers.
async fn synced(node: &Server) {
    let is = |name: &str, value: &str| format!("(SELECT VARIABLE_VALUE {STATUS} = '{name}') = '{value}'");
    let sql =
        format!("SELECT 'synced' FROM DUAL WHERE {} AND {}", is("wsrep_local_state", "4"), is("wsrep_ready", "ON"));
    eventually("a node with all data", async || ask(&node.own_url(), &sql).await).await;
}

fn settings(group: &[SocketAddrV4; 3], number: usize) -> Vec<String> {
    let library = programs::galera().expect("Galera");
    let addresses = group.map(|address| address.to_string()).join(",");
    let own = group[number];
    let host: &Ipv4Addr = own.ip();
    let provider =
        format!("gmcast.listen_addr=tcp://{own};ist.recv_addr={host}:{};gcache.size=16M;{NOTICES_SOON}", port::free());
    vec![
        "--wsrep-on=ON".into(),
        format!("--wsrep-provider={}", library.display()),
        format!("--wsrep-provider-options={provider}"),
        format!("--wsrep-cluster-address=gcomm://{addresses}"),
        format!("--wsrep-node-address={host}"),
        "--wsrep-sst-method=rsync".into(),
        format!("--wsrep-sst-receive-address={host}:{}", port::free()),
        // What Galera asks of its nodes.
        "--binlog-format=ROW".into(),
        "--innodb-autoinc-lock-mode=2".into(),
        mariadb::NO_SYNC.into(),
        "--innodb-flush-log-at-trx-commit=2".into(),
    ]
}

/// A lost node holds up every commit until the others are sure: here for a second, not for five.
const NOTICES_SOON: &str = "evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT1S;\
                            evs.inactive_timeout=PT3S;evs.install_timeout=PT3S";
