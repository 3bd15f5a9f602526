//! Handles that name nothing, or another tenant's session, and rows that nobody should have written: each has a typed outcome, and
//! nothing is lost.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use session_runtime::testing::ManualClock;
use session_runtime::{Session, SessionError, SessionErrorKind, SessionHandle, Sessions, TenantId};
use session_tests::app::{App, Cart, Role, Shopper, fresh, policy, shopper, table};
use session_tests::client::Client;

async fn sign_in(sessions: &Sessions) -> Session<Shopper, Cart> {
    let cart = Cart { items: vec![1, 2], ..Cart::default() };
    sessions.create_new_session("ada", shopper(Role::Customer), cart).await.expect("a session")
}

fn refresh_token(session: &Session<Shopper, Cart>) -> &str {
    session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token")
}

/// Everything that can be done with a handle, to a session that does not exist for these sessions.
async fn assert_nobodys(sessions: &Sessions, handle: &SessionHandle) {
    assert!(sessions.session_information(handle).await.expect("a look").is_none());
    assert!(sessions.data::<Cart>(handle).await.expect("a look").is_none());
    assert!(!sessions.revoke_session(handle).await.expect("a revocation"));
    assert!(sessions.revoke_sessions(&[*handle, *handle]).await.expect("a revocation").is_empty());
    for outcome in [
        sessions.update_data::<Cart>(handle, |cart| cart.items.clear()).await.map(drop),
        sessions.replace_data(handle, &Cart::default()).await,
        sessions.edit_data::<Cart>(handle).await.map(drop),
        sessions.update_payload::<Shopper>(handle, |shopper| shopper.role = Role::Admin).await.map(drop),
        sessions.rename_device(handle, "mine").await,
    ] {
        assert_eq!(outcome.expect_err("nobody's").kind(), SessionErrorKind::NotFound);
    }
    // A place in a list is no name: what comes after it is listed.
    sessions.list_sessions_page("ada", Some(*handle), 5).await.map(drop).expect("a page");
    sessions.list_all_page(Some(*handle), 5).await.map(drop).expect("a page");
}

async fn assert_untouched(sessions: &Sessions, session: &Session<Shopper, Cart>) {
    let handle = session.handle();
    let found = sessions.session_information(handle).await.expect("a look").expect("a session");
    assert_eq!((found.device_label(), found.payload::<Shopper>().expect("a payload")), (None, shopper(Role::Customer)));
    assert_eq!(sessions.data::<Cart>(handle).await.expect("a look").expect("data").items, [1, 2]);
    assert!(sessions.refresh_session(refresh_token(session)).await.is_ok());
}

#[tokio::test]
async fn another_tenants_session_does_not_exist_for_any_operation() {
    let app = App::new().await;
    let session = sign_in(&app.sessions).await;
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    assert_nobodys(&acme, session.handle()).await;
    assert!(acme.revoke_all_sessions_for_user("ada").await.expect("a revocation").is_empty());
    let later = app.sessions.now().after(Duration::from_secs(60));
    assert!(acme.revoke_sessions_for_user_created_before("ada", later).await.expect("a revocation").is_empty());
    assert_eq!(acme.revoke_all_sessions_of_tenant().await.expect("a revocation"), 0);
    assert_untouched(&app.sessions, &session).await;
}

#[tokio::test]
async fn handles_of_no_session_and_of_one_that_is_over_are_nobodys() {
    let app = App::new().await;
    let session = sign_in(&app.sessions).await;
    let unknown: SessionHandle = "019b0000-0000-7000-8000-000000000000".parse().expect("a handle");
    assert_nobodys(&app.sessions, &unknown).await;
    let over = sign_in(&app.sessions).await;
    app.sessions.revoke_session(over.handle()).await.expect("a revocation");
    assert_nobodys(&app.sessions, over.handle()).await;
    assert_untouched(&app.sessions, &session).await;
}

struct Bent {
    app: App,
    connection: DatabaseConnection,
    session: Session<Shopper, Cart>,
    _database: Option<session_tests::engine::Database>,
}

/// A session, into whose row somebody wrote.
async fn bent(assignments: &str) -> Bent {
    let (connection, _database) = fresh().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let session = sign_in(&app.sessions).await;
    let sql = format!("UPDATE {} SET {assignments}", table("sessions"));
    connection.execute_unprepared(&sql).await.expect("a row is bent");
    Bent { app, connection, session, _database }
}

impl Bent {
    async fn stored(&self, column: &str) -> String {
        let sql = format!("SELECT {column} FROM {}", table("sessions"));
        let row =
            self.connection.query_one_raw(Statement::from_string(self.connection.get_database_backend(), sql)).await;
        row.expect("a look").expect("a row").try_get_by_index(0).expect("text")
    }

    fn client(&self) -> Client {
        let mut client = Client::with_headers(&self.app.router);
        client.access = self.session.tokens().map(|tokens| tokens.access_token().to_owned());
        client.refresh = Some(refresh_token(&self.session).to_owned());
        client
    }

    /// Whatever is in it, it can be ended.
    async fn assert_can_be_ended(&self) {
        assert!(self.app.sessions.revoke_session(self.session.handle()).await.expect("a revocation"));
        assert!(self.app.sessions.refresh_session(refresh_token(&self.session)).await.is_err());
    }
}

/// Refused as the type wants it, which is to a request no session; to a list it is what it is.
fn unreadable<T>(outcome: Result<T, SessionError>) {
    let error = outcome.map(drop).expect_err("unreadable");
    let is_typed = matches!(error.kind(), SessionErrorKind::Unauthorised | SessionErrorKind::Unreadable);
    assert!(is_typed, "{error:?}");
}

#[tokio::test]
async fn data_that_is_no_json_any_more_is_refused_and_left_alone() {
    for broken in ["{\"items\":[1,", "", "null", "[]", "{\"items\":\"many\"}"] {
        let bent = bent(&format!("data = '{broken}'")).await;
        let (sessions, handle) = (&bent.app.sessions, *bent.session.handle());
        unreadable(sessions.data::<Cart>(&handle).await);
        unreadable(sessions.update_data::<Cart>(&handle, |cart| cart.items.clear()).await);
        unreadable(sessions.edit_data::<Cart>(&handle).await);
        unreadable(bent.session.data().await);
        unreadable(bent.session.update_data(|cart| cart.items.clear()).await);
        bent.client().get("/cart").await.assert_tokens_left_alone();
        assert_eq!(bent.stored("data").await, broken, "nothing was written over it");
        assert_eq!(sessions.list_sessions("ada").await.expect("a list").len(), 1);
        assert_eq!(bent.client().refresh().await.status, 200, "a refresh does not read it");
        sessions.replace_data(&handle, &Cart::default()).await.expect("a way out");
        assert!(sessions.data::<Cart>(&handle).await.expect("data").is_some());
        bent.assert_can_be_ended().await;
    }
}

#[tokio::test]
async fn a_payload_that_is_no_json_any_more_is_refused_and_left_alone() {
    for broken in ["{\"role\":", "", "null", "[]", "{\"role\":7}"] {
        let mut bent = bent(&format!("payload = '{broken}'")).await;
        let handle = *bent.session.handle();
        unreadable(bent.app.sessions.update_payload::<Shopper>(&handle, |shopper| shopper.role = Role::Admin).await);
        unreadable(bent.session.update_payload(|shopper| shopper.role = Role::Admin).await);
        let listed = bent.app.sessions.list_sessions("ada").await.expect("a list");
        unreadable(listed[0].payload::<Shopper>());
        assert_eq!(bent.client().get("/me").await.status, 200, "its token says what it said");
        // What comes out is good for nothing, but no panic, and no other's.
        if let Ok(refreshed) = bent.app.sessions.refresh_session(refresh_token(&bent.session)).await {
            let verified = bent.app.sessions.verify::<Shopper, Cart>(refreshed.tokens().access_token());
            let kind = verified.map(drop).expect_err("unreadable").kind();
            let typed =
                [SessionErrorKind::Unreadable, SessionErrorKind::TryRefreshToken, SessionErrorKind::Unauthorised];
            assert!(typed.contains(&kind), "{broken}: {kind:?}");
        }
        assert_eq!(bent.stored("payload").await, broken, "nothing was written over it");
        assert!(bent.app.sessions.data::<Cart>(&handle).await.expect("data").is_some(), "the data is another matter");
        bent.assert_can_be_ended().await;
    }
}

#[tokio::test]
async fn numbers_that_we_do_not_write_are_a_failing_database_and_can_be_ended() {
    for broken in ["generation = -1", "generation = 4294967296", "payload_version = -1"] {
        let bent = bent(broken).await;
        let looked = bent.app.sessions.session_information(bent.session.handle()).await.expect_err(broken);
        assert_eq!(looked.kind(), SessionErrorKind::Unavailable);
        let refreshed = bent.client().refresh().await;
        refreshed.assert_refused(503, "unavailable").assert_tokens_left_alone();
        bent.assert_can_be_ended().await;
    }
    // Who has no use for the data does not see that they are broken.
    let bent = bent("data_version = 4294967296").await;
    let read = bent.app.sessions.data::<Cart>(bent.session.handle()).await.expect_err("broken data");
    assert_eq!(read.kind(), SessionErrorKind::Unavailable);
    assert_eq!(bent.client().refresh().await.status, 200);
    bent.assert_can_be_ended().await;
}

#[tokio::test]
async fn data_over_a_limit_that_was_lowered_is_read_and_only_a_smaller_one_saved() {
    let (connection, _database) = fresh().await;
    let clock = ManualClock::default();
    let before = App::on(connection.clone(), policy(), clock.clone()).await;
    let session = sign_in(&before.sessions).await;
    let handle = *session.handle();
    before.sessions.update_data::<Cart>(&handle, |cart| cart.items = vec![7; 200]).await.expect("within the limit");
    let after = App::on(connection, policy().max_session_data(200), clock).await;
    let sessions = &after.sessions;
    assert_eq!(sessions.data::<Cart>(&handle).await.expect("data").expect("a session").items.len(), 200);
    let mut edit = sessions.edit_data::<Cart>(&handle).await.expect("an edit");
    edit.items.push(8);
    for refused in [
        sessions.update_data::<Cart>(&handle, |cart| cart.items.push(8)).await.map(drop),
        sessions.replace_data(&handle, &Cart { items: vec![9; 300], ..Cart::default() }).await,
        edit.save().await.map(drop),
    ] {
        assert_eq!(refused.expect_err("too large").kind(), SessionErrorKind::InvalidInput);
    }
    assert_eq!(sessions.data::<Cart>(&handle).await.expect("data").expect("a session").items, [7; 200]);
    assert!(sessions.refresh_session(refresh_token(&session)).await.is_ok());
    let smaller = sessions.update_data::<Cart>(&handle, |cart| cart.items.truncate(3)).await;
    assert_eq!(smaller.expect("small enough").items, [7; 3]);
}

#[tokio::test]
async fn a_clock_that_goes_back_an_hour_takes_nothing_and_brings_nothing_back() {
    let app = App::new().await;
    let hour = Duration::from_secs(3600);
    let (kept, ended) = (sign_in(&app.sessions).await, sign_in(&app.sessions).await);
    app.sessions.revoke_session(ended.handle()).await.expect("a revocation");
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    let of_tenant = sign_in(&acme).await;
    assert_eq!(acme.revoke_all_sessions_of_tenant().await.expect("a revocation"), 1);

    app.clock.set(app.sessions.now().before(hour));
    app.sessions.purge().await.expect("a purge");
    app.sessions.read_revocations().await.expect("a look");
    for over in [&ended, &of_tenant] {
        assert!(app.sessions.refresh_session(refresh_token(over)).await.is_err());
        let token = over.tokens().expect("tokens").access_token();
        assert!(app.sessions.verify::<Shopper, Cart>(token).is_err());
    }
    let meanwhile = sign_in(&acme).await;
    assert_eq!(acme.data::<Cart>(meanwhile.handle()).await.expect("data").expect("a session").items, [1, 2]);
    app.sessions.update_data::<Cart>(kept.handle(), |cart| cart.items.push(3)).await.expect("an update");
    app.clock.advance(hour);
    app.sessions.purge().await.expect("a purge");
    assert_eq!(app.sessions.data::<Cart>(kept.handle()).await.expect("data").expect("a session").items, [1, 2, 3]);
    assert!(app.sessions.refresh_session(refresh_token(&kept)).await.is_ok());
    assert!(acme.refresh_session(refresh_token(&meanwhile)).await.is_ok());
}
