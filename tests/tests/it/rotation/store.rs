//! The rule's bounds on the real store, and steps that wait for each other: a lock on the database stops a node between its read
//! and its write.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, DatabaseTransaction, TransactionTrait};
use session_runtime::SessionErrorKind::{TokenTheft, Unauthorised};
use session_runtime::{SessionErrorKind, Sessions};
use session_tests::app::table;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::cluster::{Cluster, GRACE, generation, is_verified, refresh, refresh_token, sign_in};

const INSTANT: Duration = Duration::from_millis(1);

#[tokio::test]
async fn the_grace_ends_after_its_last_millisecond() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let (handle, tokens) = sign_in(&node).await;
    let first = refresh_token(&tokens);
    let second = refresh(&node, &first).await.expect("rotated");
    assert!(is_verified(&node, second.tokens()));

    cluster.clock.advance(GRACE);
    let repeated = refresh(&node, &first).await.expect("repeated");
    assert_eq!(refresh_token(repeated.tokens()), refresh_token(second.tokens()));
    assert_eq!(generation(&node, &handle).await, Some(2));

    cluster.clock.advance(INSTANT);
    assert_eq!(refresh(&node, &first).await.err(), Some(TokenTheft));
}

#[tokio::test]
async fn a_lost_response_is_recovered_long_after_the_grace() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let (_, tokens) = sign_in(&node).await;
    // That the generation before was in use says nothing of the next.
    assert!(is_verified(&node, &tokens));
    node.flush_notes().await.expect("written");
    let lost = refresh(&node, &refresh_token(&tokens)).await.expect("rotated");

    cluster.clock.advance(20 * GRACE);
    let recovered = refresh(&node, &refresh_token(&tokens)).await.expect("recovered");
    assert_eq!(refresh_token(recovered.tokens()), refresh_token(lost.tokens()));
}

#[tokio::test]
async fn a_late_note_confirms_its_own_generation_only() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    let (_, tokens) = sign_in(&node).await;
    assert!(is_verified(&other, &tokens));
    let lost = refresh(&node, &refresh_token(&tokens)).await;
    assert!(lost.is_ok());
    other.flush_notes().await.expect("written");

    cluster.clock.advance(GRACE + INSTANT);
    assert!(refresh(&node, &refresh_token(&tokens)).await.is_ok());
}

#[tokio::test]
async fn a_node_counts_its_own_notes_before_they_are_written() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    let (_, tokens) = sign_in(&node).await;
    let second = refresh(&node, &refresh_token(&tokens)).await.expect("rotated");
    assert!(is_verified(&node, second.tokens()));
    cluster.clock.advance(GRACE + INSTANT);

    // Another node cannot know yet: the one who lags is given the current generation.
    assert!(refresh(&other, &refresh_token(&tokens)).await.is_ok());
    assert_eq!(refresh(&node, &refresh_token(&tokens)).await.err(), Some(TokenTheft));
}

#[tokio::test]
async fn a_node_counts_its_notes_while_they_are_being_written() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let (_, tokens) = sign_in(&node).await;
    let second = refresh(&node, &refresh_token(&tokens)).await.expect("rotated");
    assert!(is_verified(&node, second.tokens()));
    cluster.clock.advance(GRACE + INSTANT);

    let lock = lock(&cluster).await;
    let flushing = until_it_waits(tokio::spawn({
        let node = node.clone();
        async move { node.flush_notes().await }
    }))
    .await;
    let replaying = until_it_waits(refreshing(&node, refresh_token(&tokens))).await;
    lock.commit().await.expect("the lock is released");

    flushing.await.expect("it ends").expect("written");
    assert_eq!(replaying.await.expect("it ends"), Err(TokenTheft));
}

#[tokio::test]
async fn a_rotation_that_was_overtaken_does_not_turn_the_session_back() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let (_, tokens) = sign_in(&node).await;

    let lock = lock(&cluster).await;
    let slow = until_it_waits(refreshing(&node, refresh_token(&tokens))).await;
    // What other nodes did meanwhile: two rotations.
    lock.execute_unprepared(&format!("UPDATE {} SET generation = 3", table("sessions"))).await.expect("written");
    lock.commit().await.expect("the lock is released");

    assert_eq!(slow.await.expect("it ends"), Err(TokenTheft));
}

#[tokio::test]
async fn a_rotation_under_way_does_not_bring_a_revoked_session_back() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let (handle, tokens) = sign_in(&node).await;

    let lock = lock(&cluster).await;
    let slow = until_it_waits(refreshing(&node, refresh_token(&tokens))).await;
    lock.execute_unprepared(&format!("DELETE FROM {}", table("sessions"))).await.expect("written");
    lock.commit().await.expect("the lock is released");

    assert_eq!(slow.await.expect("it ends"), Err(Unauthorised));
    assert_eq!(generation(&node, &handle).await, None);
}

/// Nobody writes until it is committed; reading goes on.
async fn lock(cluster: &Cluster) -> DatabaseTransaction {
    let database = Database::connect(cluster.url()).await.expect("the database opens");
    let transaction = database.begin().await.expect("a transaction");
    transaction
        .execute_unprepared(&format!("UPDATE {} SET generation = generation", table("sessions")))
        .await
        .expect("the lock is taken");
    transaction
}

fn refreshing(node: &Sessions, token: String) -> JoinHandle<Result<String, SessionErrorKind>> {
    let node = node.clone();
    tokio::spawn(async move { refresh(&node, &token).await.map(|refreshed| refresh_token(refreshed.tokens())) })
}

/// Sees that it does not end while the lock is held. It has read by then; had it not, the outcome would be the same.
async fn until_it_waits<T: std::fmt::Debug>(mut task: JoinHandle<T>) -> JoinHandle<T> {
    let ended = timeout(Duration::from_millis(200), &mut task).await;
    assert!(ended.is_err(), "it does not wait for the lock: {ended:?}");
    task
}
