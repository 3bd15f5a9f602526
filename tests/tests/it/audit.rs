//! The audit trail: what is in it, in whose transaction, for how long.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;
use session_runtime::rotation::ReuseClass;
use session_runtime::testing::ManualClock;
use session_runtime::{
    AuditEvent, AuditQuery, AuditRecord, Generation, RevocationReason, Session, SessionErrorKind, TenantId,
    TimeProvider, UserId,
};
use session_tests::app::{App, Cart, Role, Shopper, in_memory, policy, shopper, table};
use session_tests::client::Client;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn signed_in(app: &App, user: &str) -> Session<Shopper, Cart> {
    app.sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session")
}

async fn trail(app: &App, query: AuditQuery) -> Vec<AuditRecord> {
    app.sessions.audit(query).await.expect("the trail")
}

fn user(id: &str) -> UserId {
    UserId::new(id).expect("a user id")
}

fn reasons(records: &[AuditRecord]) -> Vec<&str> {
    records.iter().map(|record| record.reason().as_str()).collect()
}

#[tokio::test]
async fn a_revocation_is_one_transaction_of_four_statements_and_leaves_one_record() {
    let app = App::new().await;
    let session = signed_in(&app, "ada").await;
    app.clock.advance(DAY);
    let (statements, revoked) = app.statements(app.sessions.revoke_session(session.handle())).await;
    assert!(revoked.expect("a revocation"));
    assert!((4..=6).contains(&statements), "{statements}: begin, select, delete, announce, audit, commit");

    let found = trail(&app, AuditQuery::newest()).await;
    let [record] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(record.event(), &AuditEvent::Revoked);
    assert_eq!(record.reason(), &RevocationReason::Revoked);
    assert_eq!((record.handle(), record.user_id()), (Some(session.handle()), Some(session.user_id())));
    assert_eq!((record.tenant(), record.actor(), record.at()), (session.tenant(), None, app.clock.now()));

    assert!(!app.sessions.revoke_session(session.handle()).await.expect("nothing to revoke"));
    assert_eq!(trail(&app, AuditQuery::newest()).await.len(), 1, "what ended nothing leaves nothing");
}

#[tokio::test]
async fn a_theft_is_recorded_with_how_it_was_recognised() {
    let app = App::new().await;
    let session = signed_in(&app, "ada").await;
    let first = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token").to_owned();
    let second = app.sessions.refresh_session(&first).await.expect("a refresh");
    let _ = app
        .sessions
        .refresh_session(second.tokens().refresh_token().expect("a refresh token"))
        .await
        .expect("a refresh");
    app.sessions.refresh_session(&first).await.expect_err("reuse");
    let found = trail(&app, AuditQuery::newest().of_user(user("ada"))).await;
    let (presented, generation) = (Generation::FIRST, Generation::new(3));
    let theft = AuditEvent::TokenTheft { class: ReuseClass::Stale, presented, generation };
    assert_eq!(found.iter().map(AuditRecord::event).collect::<Vec<_>>(), [&theft]);
    assert_eq!(reasons(&found), ["token_theft"]);
}

#[tokio::test]
async fn the_trail_is_read_by_pages_either_way_and_by_user() {
    let app = App::new().await;
    for (reason, name) in [("a", "ada"), ("b", "bob"), ("c", "ada"), ("d", "ada"), ("e", "bob")] {
        signed_in(&app, name).await.data().await.expect("data");
        let reason = RevocationReason::custom(reason).expect("a reason");
        app.sessions.because(reason).revoke_all_sessions_for_user(name).await.expect("a revocation");
    }
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    let foreign = acme.create_new_session::<_, Cart>("ada", shopper(Role::Admin), Cart::default()).await;
    foreign.expect("a session").revoke().await.expect("a revocation");

    for (query, first, second) in [
        (AuditQuery::newest(), vec!["e", "d", "c"], vec!["b", "a"]),
        (AuditQuery::oldest(), vec!["a", "b", "c"], vec!["d", "e"]),
        (AuditQuery::newest().of_user(user("ada")), vec!["d", "c", "a"], vec![]),
        (AuditQuery::oldest().of_user(user("bob")), vec!["b", "e"], vec![]),
        (AuditQuery::newest().of_user(user("eve")), vec![], vec![]),
    ] {
        let (statements, page) = app.statements(trail(&app, query.clone().limit(3))).await;
        assert_eq!((reasons(&page), statements), (first, 1), "{query:?}");
        let Some(last) = page.last() else { continue };
        assert_eq!(reasons(&trail(&app, query.clone().limit(3).beyond(last)).await), second, "{query:?}");
    }
    let of_acme = acme.audit(AuditQuery::newest()).await.expect("the trail");
    assert_eq!(reasons(&of_acme), ["signed_out"]);
}

#[tokio::test]
async fn a_tenants_revocation_is_one_record() {
    let app = App::new().await;
    for _ in 0..3 {
        signed_in(&app, "ada").await.data().await.expect("data");
    }
    app.clock.advance(DAY);
    let before = app.clock.now();
    assert_eq!(app.sessions.revoke_sessions_of_tenant_created_before(before).await.expect("a revocation"), 3);
    let found = trail(&app, AuditQuery::newest()).await;
    assert_eq!(found.iter().map(AuditRecord::event).collect::<Vec<_>>(), [&AuditEvent::TenantRevoked { before }]);
    assert_eq!((found[0].handle(), found[0].user_id()), (None, None));
    assert_eq!(reasons(&found), ["tenant_revoked"]);
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_happen() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    connection
        .execute_unprepared(&format!("ALTER TABLE {} RENAME TO lost", table("session_audit")))
        .await
        .expect("a rename");
    client.post("/logout", &json!({})).await.assert_refused(503, "unavailable").assert_tokens_left_alone();
    for refused in [
        app.sessions.revoke_all_sessions_for_user("ada").await.map(drop),
        app.sessions.revoke_all_sessions_of_tenant().await.map(drop),
    ] {
        assert_eq!(refused.expect_err("no trail").kind(), SessionErrorKind::Unavailable);
    }
    connection
        .execute_unprepared(&format!("ALTER TABLE lost RENAME TO {}", table("session_audit")))
        .await
        .expect("a rename");
    app.sessions.read_revocations().await.expect("a look");
    assert_eq!(client.get("/me").await.status, 200, "nothing was announced");
    assert_eq!(client.refresh().await.status, 200, "and the row is there still");
    assert!(trail(&app, AuditQuery::newest()).await.is_empty());
}

#[tokio::test]
async fn the_trail_is_kept_as_long_as_the_policy_says() {
    let app = App::with(policy().audit_retention(7 * DAY)).await;
    for _ in 0..2 {
        signed_in(&app, "ada").await.revoke().await.expect("a revocation");
        app.clock.advance(4 * DAY);
        app.sessions.purge().await.expect("a purge");
    }
    let found = trail(&app, AuditQuery::oldest()).await;
    assert_eq!(found.len(), 1, "eight days are too many, four are not");
    assert_eq!(found[0].at().until(app.clock.now()), 4 * DAY);
    for retention in [DAY - Duration::from_secs(1), 3651 * DAY] {
        assert_eq!(policy().audit_retention(retention).build().expect_err("out of range").field(), "audit_retention");
    }
}

#[tokio::test]
async fn who_acted_as_the_user_is_in_the_trail_and_so_is_what_a_new_sign_in_ended() {
    let app = App::new().await;
    let staff = signed_in(&app, "grace").await;
    let acting = staff.impersonate("ada", shopper(Role::Customer), Cart::default()).await.expect("impersonation");
    acting.revoke().await.expect("a revocation");
    let mut client = Client::with_headers(&app.router).sign_in("bob", "customer").await;
    assert_eq!(client.post("/login", &json!({ "user": "bob", "role": "customer" })).await.status, 200);
    let found = trail(&app, AuditQuery::oldest()).await;
    assert_eq!(reasons(&found), ["signed_out", "signed_in_anew"]);
    assert_eq!(found[0].actor(), Some(staff.user_id()));
    assert_eq!(found[0].user_id(), Some(&user("ada")));
    assert_eq!((found[1].actor(), found[1].user_id()), (None, Some(&user("bob"))));
}

#[tokio::test]
async fn a_user_who_is_erased_is_in_no_table_and_others_stay() {
    let app = App::new().await;
    for user in ["ada", "grace"] {
        for _ in 0..2 {
            let _session = signed_in(&app, user).await;
        }
    }
    let other_tenant = app.sessions.in_tenant(TenantId::new("other").expect("a tenant"));
    let _ada_there: Session<Shopper, Cart> =
        other_tenant.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let by_ada = signed_in(&app, "ada").await.impersonate("grace", shopper(Role::Customer), Cart::default()).await;
    let _by_ada: Session<Shopper, Cart> = by_ada.expect("a session");
    app.sessions.revoke_all_sessions_for_user("grace").await.expect("a revocation");
    let ended = app.sessions.erase_user("ada").await.expect("an erasure");
    assert_eq!(ended.len(), 3);
    assert_eq!(app.sessions.erase_user("ada").await.expect("once more"), []);
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
    let left = trail(&app, AuditQuery::newest()).await;
    assert_eq!(left.len(), 3, "{left:?}");
    for record in left {
        assert_eq!((record.user_id(), record.actor()), (Some(&user("grace")), None), "nothing says that it was ada");
    }
    assert_eq!(other_tenant.list_sessions("ada").await.expect("a list").len(), 1, "another tenant's user is another");
}
