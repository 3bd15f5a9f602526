//! Edits of session data that take their time: what others save meanwhile stays, and what cannot be merged is said and not stored.

use serde::{Deserialize, Serialize};
use session_runtime::{NoPayload, Secret, Session, SessionData, SessionErrorKind, SessionHandle};
use session_tests::app::App;
use session_tests::client::Client;

#[derive(Debug, Default, Serialize, Deserialize, SessionData)]
#[serde(default, rename_all = "camelCase")]
struct Visit {
    #[session_data(merge = max)]
    last_page: u32,
    #[session_data(merge = add)]
    clicks: u64,
    #[session_data(merge = append)]
    trail: Vec<String>,
    #[session_data(merge = last)]
    theme: String,
    my_note: String,
    payment_token: Option<Secret<String>>,
}

async fn visiting(app: &App) -> Session<NoPayload, Visit> {
    app.sessions.create_new_session("ada", NoPayload, Visit::default()).await.expect("a session")
}

#[tokio::test]
async fn an_edit_costs_a_read_and_a_write_and_two_for_every_lost_race() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let (reads, edit) = app.statements(session.edit_data()).await;
    let (saves, saved) = app.statements(edit.expect("an edit").save()).await;
    saved.expect("a save");
    let late = session.edit_data().await.expect("an edit");
    // The session knows what its edit has stored, so that an update needs no read.
    let (updates, _) = app.statements(session.update_data(|visit| visit.clicks += 1)).await;
    let (lost, saved) = app.statements(late.save()).await;
    assert_eq!(saved.expect("a save").clicks, 1);
    let (known, _) = app.statements(session.update_data(|visit| visit.clicks += 1)).await;
    assert_eq!((reads, saves, updates, lost, known), (1, 1, 1, 3, 1));
}

#[tokio::test]
async fn what_others_save_meanwhile_stays() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let mut edit = session.edit_data().await.expect("an edit");
    edit.last_page = 7;
    edit.clicks += 1;
    edit.trail.push("/pay".into());
    edit.theme = "dark".into();
    edit.payment_token = Some(Secret::new("tok_1".into()));
    let other = session.update_data(|visit| {
        visit.last_page = 9;
        visit.clicks += 1;
        visit.trail.push("/help".into());
        visit.theme = "light".into();
        visit.my_note = "call me".into();
    });
    other.await.expect("an update");

    edit.save().await.expect("a save");

    let stored = session.data().await.expect("data");
    assert_eq!((stored.last_page, stored.clicks, stored.trail), (9, 2, vec!["/help".to_owned(), "/pay".to_owned()]));
    assert_eq!((stored.theme.as_str(), stored.my_note.as_str()), ("dark", "call me"));
    assert_eq!(stored.payment_token.as_ref().map(|token| token.expose().as_str()), Some("tok_1"));
}

#[tokio::test]
async fn a_conflict_names_every_field_and_stores_nothing() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let mut edit = session.edit_data().await.expect("an edit");
    (edit.my_note, edit.clicks) = ("mine".into(), 1);
    edit.payment_token = Some(Secret::new("tok_mine".into()));
    let other = session.update_data(|visit| {
        visit.my_note = "theirs".into();
        visit.payment_token = Some(Secret::new("tok_theirs".into()));
    });
    other.await.expect("an update");

    let error = edit.save().await.expect_err("a conflict");

    assert_eq!(error.kind(), SessionErrorKind::Conflict);
    assert_eq!(error.conflicting_fields(), ["myNote", "paymentToken"]);
    assert_eq!(error.to_string(), "others changed it too, and it cannot be merged: myNote, paymentToken");
    assert!(!format!("{error:?}").contains("tok_"), "no value is told");
    let stored = session.data().await.expect("data");
    assert_eq!((stored.my_note.as_str(), stored.clicks), ("theirs", 0));
}

#[tokio::test]
async fn both_may_write_the_same() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let edits = [session.edit_data().await.expect("an edit"), session.edit_data().await.expect("an edit")];
    for mut edit in edits {
        edit.my_note = "the same".into();
        edit.clicks += 1;
        edit.save().await.expect("a save");
    }
    let stored = session.data().await.expect("data");
    assert_eq!((stored.my_note.as_str(), stored.clicks), ("the same", 2), "counted twice all the same");
}

#[tokio::test]
async fn a_session_that_was_revoked_meanwhile_stays_gone() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let handle = *session.handle();
    let (edit, by_handle) = (session.edit_data().await, app.sessions.edit_data::<Visit>(&handle).await);
    app.sessions.revoke_session(&handle).await.expect("a revocation");

    assert_eq!(edit.expect("an edit").save().await.expect_err("over").kind(), SessionErrorKind::Unauthorised);
    assert_eq!(by_handle.expect("an edit").save().await.expect_err("gone").kind(), SessionErrorKind::NotFound);

    assert!(app.sessions.session_information(&handle).await.expect("a look").is_none());
    assert_eq!(session.edit_data().await.expect_err("over").kind(), SessionErrorKind::Unauthorised);
    let unknown: SessionHandle = "018f4e2a-7b1c-7000-8000-000000000000".parse().expect("a handle");
    let error = app.sessions.edit_data::<Visit>(&unknown).await.expect_err("none");
    assert_eq!((error.kind(), error.conflicting_fields().len()), (SessionErrorKind::NotFound, 0));
}

#[tokio::test]
async fn a_dropped_edit_and_its_debug_output_do_nothing() {
    let app = App::new().await;
    let session = visiting(&app).await;
    let mut edit = session.edit_data().await.expect("an edit");
    edit.payment_token = Some(Secret::new("tok_1".into()));
    edit.my_note = "private".into();
    assert!(!format!("{edit:?}").contains("private"));
    drop(edit);
    assert_eq!(session.data().await.expect("data").my_note, "");
}

#[tokio::test]
async fn an_edit_in_a_request_whose_session_is_over_clears_the_tokens() {
    use axum::Router;
    use axum::routing::post;
    use session_runtime::{SessionError, Sessions};

    async fn sign_in(sessions: Sessions) -> Result<(), SessionError> {
        sessions.create_new_session("ada", NoPayload, Visit::default()).await.map(drop)
    }

    async fn edit(sessions: Sessions, session: Session<NoPayload, Visit>) -> Result<(), SessionError> {
        let mut edit = session.edit_data().await?;
        edit.clicks += 1;
        sessions.revoke_session(session.handle()).await?;
        edit.save().await.map(drop)
    }

    let app = App::new().await;
    let routes = Router::new().route("/sign-in", post(sign_in)).route("/edit", post(edit));
    let mut client = Client::with_cookies(&app.sessions.mount(routes));
    assert_eq!(client.post("/sign-in", &serde_json::json!({})).await.status, 200);
    client.post("/edit", &serde_json::json!({})).await.assert_refused(401, "unauthorised").assert_tokens_cleared();
}
