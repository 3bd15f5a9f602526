//! Real concurrency on the real store.

use std::collections::HashSet;
use std::time::Duration;

use session_runtime::{SessionErrorKind, Sessions};
use tokio::task::JoinSet;

use super::cluster::{Cluster, GRACE, generation, is_verified, refresh, refresh_token, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_refreshes_with_one_token_get_the_one_successor() {
    let cluster = Cluster::new().await;
    let nodes = [cluster.node().await, cluster.node().await, cluster.node().await];
    let (handle, tokens) = sign_in(&nodes[0]).await;

    let answers = all_at_once(&nodes, 100, &refresh_token(&tokens)).await;

    let successors: HashSet<_> = answers.into_iter().map(|answer| answer.expect("all succeed")).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(generation(&nodes[0], &handle).await, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_refreshes_go_on_from_their_one_successor() {
    let cluster = Cluster::new().await;
    let nodes = [cluster.node().await, cluster.node().await];
    let (handle, tokens) = sign_in(&nodes[0]).await;
    let mut token = refresh_token(&tokens);
    for expected in 2..=10 {
        let answers = all_at_once(&nodes, 8, &token).await;
        token = answers.into_iter().last().expect("eight answers").expect("all succeed");
        assert_eq!(generation(&nodes[1], &handle).await, Some(expected));
    }
}

#[tokio::test]
async fn a_replay_after_the_grace_ends_the_session_for_both() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    let (handle, stolen) = sign_in(&node).await;
    let refreshed = refresh(&node, &refresh_token(&stolen)).await.expect("the first use");
    assert!(is_verified(&node, refreshed.tokens()));
    node.flush_notes().await.expect("written");
    cluster.clock.advance(GRACE + Duration::from_millis(1));

    let replayed = refresh(&other, &refresh_token(&stolen)).await;

    assert_eq!(replayed.err(), Some(SessionErrorKind::TokenTheft));
    assert_eq!(generation(&node, &handle).await, None);
    for tokens in [&stolen, refreshed.tokens()] {
        assert!(!is_verified(&other, tokens));
        for node in [&node, &other] {
            assert_eq!(refresh(node, &refresh_token(tokens)).await.err(), Some(SessionErrorKind::Unauthorised));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_replays_at_once_one_reports_the_theft() {
    let cluster = Cluster::new().await;
    let nodes = [cluster.node().await, cluster.node().await, cluster.node().await];
    let (_, stolen) = sign_in(&nodes[0]).await;
    let second = refresh(&nodes[0], &refresh_token(&stolen)).await.expect("the first use");
    let third = refresh(&nodes[0], &refresh_token(second.tokens())).await;
    assert!(third.is_ok());

    let answers = all_at_once(&nodes, 30, &refresh_token(&stolen)).await;

    let kinds: Vec<_> = answers.into_iter().map(|answer| answer.expect_err("none succeeds")).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == SessionErrorKind::TokenTheft).count(), 1);
    assert!(kinds.iter().all(|kind| matches!(kind, SessionErrorKind::TokenTheft | SessionErrorKind::Unauthorised)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_beside_a_revocation_brings_nothing_back() {
    let cluster = Cluster::new().await;
    let nodes = [cluster.node().await, cluster.node().await];
    for _ in 0..20 {
        let (handle, tokens) = sign_in(&nodes[0]).await;
        let token = refresh_token(&tokens);
        let revoking = tokio::spawn({
            let node = nodes[1].clone();
            async move { node.revoke_session(&handle).await }
        });
        let mut refreshing = JoinSet::new();
        for at in 0..4 {
            let (node, token) = (nodes[at % nodes.len()].clone(), token.clone());
            refreshing.spawn(async move { node.refresh_session(&token).await });
        }
        let answers = refreshing.join_all().await;
        assert!(revoking.await.expect("it ends").expect("it is written"));

        for node in &nodes {
            assert_eq!(generation(node, &handle).await, None);
        }
        for refreshed in answers.into_iter().flatten() {
            assert!(!is_verified(&nodes[1], refreshed.tokens()));
            let again = refresh(&nodes[0], &refresh_token(refreshed.tokens())).await;
            assert_eq!(again.err(), Some(SessionErrorKind::Unauthorised));
        }
    }
}

/// So many refreshes with one token, spread over the nodes; the refresh tokens that they get.
async fn all_at_once(nodes: &[Sessions], times: usize, token: &str) -> Vec<Result<String, SessionErrorKind>> {
    let mut tasks = JoinSet::new();
    for at in 0..times {
        let (node, token) = (nodes[at % nodes.len()].clone(), token.to_owned());
        tasks.spawn(async move {
            let refreshed = refresh(&node, &token).await?;
            Ok(refresh_token(refreshed.tokens()))
        });
    }
    tasks.join_all().await
}
