//! Lists of sessions: of a user, by the page, of everybody, and counted.

use std::collections::BTreeSet;
use std::time::Duration;

use session_runtime::{SessionHandle, SessionPage, Sessions, TenantId};
use session_tests::app::{App, Cart, Role, policy, shopper};
use session_tests::client::Client;

async fn sign_in(sessions: &Sessions, user: &str) -> SessionHandle {
    let session = sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await;
    *session.expect("a session").handle()
}

fn handles(page: &SessionPage) -> Vec<SessionHandle> {
    page.sessions.iter().map(|found| *found.handle()).collect()
}

#[tokio::test]
async fn lists_pages_and_counts_cost_one_statement_each() {
    let app = App::new().await;
    let handle = sign_in(&app.sessions, "ada").await;
    let sessions = &app.sessions;
    assert_eq!(app.statements(sign_in(sessions, "ada")).await.0, 1, "create");
    assert_eq!(app.statements(sessions.list_sessions("ada")).await.0, 1, "list");
    assert_eq!(app.statements(sessions.list_sessions_page("ada", Some(handle), 10)).await.0, 1, "page");
    assert_eq!(app.statements(sessions.list_all_page(None, 10)).await.0, 1, "page of all");
    assert_eq!(app.statements(sessions.count_sessions("ada")).await.0, 1, "count");
    assert_eq!(app.statements(sessions.count_all()).await.0, 1, "count of all");
}

#[tokio::test]
async fn paging_leaves_no_gap_and_repeats_nothing_while_sessions_end() {
    let app = App::new().await;
    let mut all = Vec::new();
    for _ in 0..25 {
        app.clock.advance(Duration::from_millis(1));
        all.push(sign_in(&app.sessions, "ada").await);
        sign_in(&app.sessions, "bob").await;
    }
    let first = app.sessions.list_sessions_page("ada", None, 10).await.expect("a page");
    assert_eq!(handles(&first), all[..10], "oldest first");

    // One that was seen, the one that the next page goes on from, and one that is still to come.
    for ended in [all[3], all[9], all[14]] {
        assert!(app.sessions.revoke_session(&ended).await.expect("a revocation"));
    }
    let second = app.sessions.list_sessions_page("ada", first.next, 10).await.expect("a page");
    let expected: Vec<_> = all[10..21].iter().copied().filter(|handle| *handle != all[14]).collect();
    assert_eq!(handles(&second), expected);

    let third = app.sessions.list_sessions_page("ada", second.next, 10).await.expect("a page");
    assert_eq!((handles(&third).as_slice(), third.next), (&all[21..], None));
}

#[tokio::test]
async fn a_full_last_page_is_followed_by_none() {
    let app = App::new().await;
    for _ in 0..4 {
        sign_in(&app.sessions, "ada").await;
    }
    let whole = app.sessions.list_sessions_page("ada", None, 4).await.expect("a page");
    assert_eq!((whole.sessions.len(), whole.next), (4, None));
    let smallest = app.sessions.list_sessions_page("ada", None, 0).await.expect("a page");
    assert_eq!((smallest.sessions.len(), smallest.next.is_some()), (1, true));
    let largest = app.sessions.list_sessions_page("ada", None, usize::MAX).await.expect("a page");
    assert_eq!(largest.sessions.len(), 4);
}

#[tokio::test]
async fn tools_see_all_sessions_of_their_tenant_and_of_no_other() {
    let app = App::new().await;
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    let mut expected = BTreeSet::new();
    for user in ["ada", "bob", "eve", "ada", "bob"] {
        expected.insert(sign_in(&acme, user).await);
        sign_in(&app.sessions, user).await;
    }
    let mut seen = Vec::new();
    let mut page = acme.list_all_page(None, 2).await.expect("a page");
    loop {
        seen.extend(handles(&page));
        let Some(next) = page.next else { break };
        page = acme.list_all_page(Some(next), 2).await.expect("a page");
    }
    assert_eq!(seen, expected.into_iter().collect::<Vec<_>>());
    assert_eq!(acme.count_all().await.expect("a count"), 5);
    assert_eq!(acme.count_sessions("ada").await.expect("a count"), 2);
    assert_eq!(acme.count_sessions("nobody").await.expect("a count"), 0);
}

#[tokio::test]
async fn what_is_over_is_not_listed() {
    let hour = Duration::from_secs(3600);
    let app = App::with(policy().idle_timeout(2 * hour)).await;
    sign_in(&app.sessions, "ada").await;
    app.clock.advance(hour);
    let later = sign_in(&app.sessions, "ada").await;
    app.clock.advance(hour);
    let page = app.sessions.list_sessions_page("ada", None, 10).await.expect("a page");
    assert_eq!(handles(&page), [later]);
    assert_eq!(app.sessions.list_all_page(None, 10).await.expect("a page").sessions.len(), 1);
    assert_eq!(app.sessions.count_all().await.expect("a count"), 1);
}

#[tokio::test]
async fn a_list_says_which_session_asks_and_when_each_was_seen() {
    let app = App::new().await;
    let session =
        app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    sign_in(&app.sessions, "ada").await;
    let mut client = Client::with_headers(&app.router);
    client.access = session.tokens().map(|tokens| tokens.access_token().to_owned());
    app.clock.advance(Duration::from_secs(90));
    assert_eq!(client.get("/me").await.status, 200);
    app.sessions.flush_notes().await.expect("a flush");

    let found = app.sessions.list_sessions("ada").await.expect("a list");
    let own = found.iter().find(|found| found.is_current(&session)).expect("its own");
    assert_eq!(own.handle(), session.handle());
    assert_eq!(own.created_at().until(own.last_seen_at()), Duration::from_secs(90));
    assert_eq!(found.iter().filter(|found| found.is_current(&session)).count(), 1);
}
