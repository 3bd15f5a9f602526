//! Managed keys over time: known everywhere before they sign, rotated by one node, revoked on all.

use std::time::Duration;

use session_runtime::testing::ManualClock;
use session_runtime::{
    KeyState, Keys, NoData, NoPayload, RefreshedSession, SessionErrorKind, SessionTokens, Sessions, WrappingKey,
};
use session_tests::app::{policy, prefix};
use session_tests::engine::{Database, Engine};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Cluster {
    clock: ManualClock,
    database: Database,
}

impl Cluster {
    async fn new() -> Self {
        Self { clock: ManualClock::default(), database: Database::fresh(Engine::of_this_test()).await }
    }

    async fn node(&self) -> Sessions {
        let policy = policy().key_rotation(30 * DAY).build().expect("a policy");
        let wrapping = WrappingKey::from_secret("a wrapping secret of 32 bytes or more").expect("long enough");
        let builder =
            Sessions::builder(policy, Keys::managed_wrapped(wrapping)).table_prefix(prefix()).clock(self.clock.clone());
        builder.with_connection(self.database.connect().await).await.expect("sessions")
    }
}

async fn sign_in(node: &Sessions) -> SessionTokens {
    let session = node.create_new_session::<_, NoData>("ada", NoPayload, NoData).await.expect("a session");
    session.tokens().expect("tokens").clone()
}

async fn refresh(node: &Sessions, tokens: &SessionTokens) -> Result<RefreshedSession, SessionErrorKind> {
    let token = tokens.refresh_token().expect("a refresh token");
    node.refresh_session(token).await.map_err(|error| error.kind())
}

fn accepts(node: &Sessions, tokens: &SessionTokens) -> bool {
    node.verify::<NoPayload, NoData>(tokens.access_token()).is_ok()
}

async fn states(node: &Sessions) -> Vec<KeyState> {
    node.keys().await.expect("keys").iter().map(session_runtime::KeyInformation::state).collect()
}

#[tokio::test]
async fn a_new_key_is_known_to_all_before_it_signs_and_the_old_one_verifies_on() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    let old = sign_in(&node).await;
    assert_eq!(node.rotate_keys().await.expect("a key").state(), KeyState::Waiting);
    assert_eq!(node.rotate_keys().await.expect("the same").sequence(), 2, "one waits already");

    other.keep_keys().await.expect("read");
    let before = sign_in(&node).await;
    cluster.clock.advance(MINUTE);
    node.keep_keys().await.expect("read");
    let after = sign_in(&node).await;
    assert_ne!(before.access_token()[..63], after.access_token()[..63], "another key signs");
    for tokens in [&old, &before, &after] {
        assert!(accepts(&other, tokens), "it knew the key before the first token that it signed");
        assert!(refresh(&other, tokens).await.is_ok());
    }
    assert_eq!(states(&other).await, [KeyState::Signing, KeyState::Verifying]);
}

#[tokio::test]
async fn on_schedule_one_node_makes_the_next_key_however_many_look() {
    let cluster = Cluster::new().await;
    let mut nodes = Vec::new();
    for _ in 0..4 {
        nodes.push(cluster.node().await);
    }
    let first = sign_in(&nodes[0]).await;
    cluster.clock.advance(30 * DAY);
    let looks = nodes.iter().map(|node| {
        tokio::spawn({
            let node = node.clone();
            async move { node.keep_keys().await }
        })
    });
    for look in looks.collect::<Vec<_>>() {
        look.await.expect("it ends").expect("read");
    }
    assert_eq!(states(&nodes[3]).await, [KeyState::Waiting, KeyState::Signing]);
    cluster.clock.advance(MINUTE);
    for node in &nodes {
        node.keep_keys().await.expect("read");
    }
    assert_eq!(states(&nodes[3]).await, [KeyState::Signing, KeyState::Verifying]);
    assert!(refresh(&nodes[2], &first).await.is_ok(), "a month-old refresh token is good");
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_all_nodes_and_its_secret_is_gone() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    let stolen = sign_in(&node).await;
    assert!(node.revoke_key(1).await.expect("revoked"));
    assert!(!node.revoke_key(1).await.expect("it was before"));
    assert!(!accepts(&node, &stolen), "by this node at once");
    let fresh = sign_in(&node).await;
    other.keep_keys().await.expect("read");
    assert!(!accepts(&other, &stolen) && accepts(&other, &fresh));
    assert_eq!(refresh(&other, &stolen).await.err(), Some(SessionErrorKind::Unauthorised));
    assert_eq!(states(&other).await, [KeyState::Signing, KeyState::Revoked]);
    let late = cluster.node().await;
    assert!(accepts(&late, &fresh) && !accepts(&late, &stolen));
}

#[tokio::test]
async fn revoking_a_key_that_only_waits_changes_nothing_for_anybody() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let tokens = sign_in(&node).await;
    node.rotate_keys().await.expect("a key");
    assert!(node.revoke_key(2).await.expect("revoked"));
    assert!(accepts(&node, &tokens));
    assert_eq!(states(&node).await, [KeyState::Revoked, KeyState::Signing]);
}

#[tokio::test]
async fn a_key_is_forgotten_when_no_token_of_it_can_be_left() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    node.rotate_keys().await.expect("a key");
    cluster.clock.advance(400 * DAY);
    node.purge().await.expect("a purge");
    assert_eq!(states(&node).await.len(), 2);
    cluster.clock.advance(2 * DAY);
    node.purge().await.expect("a purge");
    assert_eq!(states(&node).await, [KeyState::Signing]);
}

#[tokio::test]
async fn keys_of_the_applications_own_are_not_for_the_library_to_change() {
    let app = session_tests::app::App::new().await;
    assert_eq!(app.sessions.rotate_keys().await.expect_err("refused").kind(), SessionErrorKind::Internal);
    assert!(app.sessions.revoke_key(1).await.is_err() && app.sessions.keys().await.is_err());
}
