//! Deployments come and go while sessions live: what an older or a newer program has stored is read, converted, or a typed outcome
//! that the application chose; never a panic and never a 500.

use axum::routing::{get, post};
use axum::{Json, Router};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::testing::ManualClock;
use session_runtime::{AccessTokenPayload, Session, SessionData, SessionError, Sessions};
use session_tests::app::{App, in_memory, policy};
use session_tests::client::Client;

/// What one deployment of an application knows.
macro_rules! deployment {
    ($name:ident, $payload:item, $data:item, $($conversion:item)*) => {
        mod $name {
            use super::*;

            $payload
            $data
            $($conversion)*

            async fn sign_in(sessions: Sessions) -> Result<(), SessionError> {
                sessions.create_new_session("ada", Shopper::default(), Cart::default()).await.map(drop)
            }

            async fn me(session: Session<Shopper, Cart>) -> Json<Value> {
                Json(json!(session.payload()))
            }

            async fn cart(session: Session<Shopper, Cart>) -> Result<Json<Value>, SessionError> {
                Ok(Json(json!(session.update_data(|_| {}).await?)))
            }

            pub(super) async fn start(connection: &DatabaseConnection) -> App {
                let mut app = App::on(connection.clone(), policy(), ManualClock::default()).await;
                let routes = Router::new().route("/sign-in", post(sign_in)).route("/me", get(me)).route("/cart", get(cart));
                app.router = app.sessions.mount(routes);
                app
            }
        }
    };
}

deployment! {
    first,
    #[derive(Clone, Default, Serialize, Deserialize, AccessTokenPayload)]
    #[access_token(kind = "shopper")]
    pub(super) struct Shopper { pub(super) level: u8 },
    #[derive(Default, Serialize, Deserialize, SessionData)]
    #[session_data(kind = "cart")]
    pub(super) struct Cart { pub(super) item: u8 },
}

deployment! {
    second,
    #[derive(Clone, Default, Serialize, Deserialize, AccessTokenPayload)]
    #[access_token(kind = "shopper", version = 2, from(first::Shopper), unreadable = sign_out)]
    struct Shopper { gold: bool },
    #[derive(Default, Serialize, Deserialize, SessionData)]
    #[session_data(kind = "cart", version = 2, from(first::Cart))]
    struct Cart { items: Vec<u8> },
    impl From<first::Shopper> for Shopper {
        fn from(old: first::Shopper) -> Self {
            Self { gold: old.level > 2 }
        }
    }
    impl From<first::Cart> for Cart {
        fn from(old: first::Cart) -> Self {
            Self { items: vec![old.item] }
        }
    }
}

deployment! {
    careless,
    #[derive(Clone, Default, Serialize, Deserialize, AccessTokenPayload)]
    #[access_token(kind = "shopper", version = 3, unreadable = sign_out)]
    struct Shopper { gold: bool },
    #[derive(Default, Serialize, Deserialize, SessionData)]
    #[session_data(kind = "cart", version = 3, unreadable = reset)]
    struct Cart { items: Vec<u8> },
}

/// The same client, talking to another deployment.
fn moved(client: &Client, app: &App) -> Client {
    let mut moved = Client::with_headers(&app.router);
    moved.access.clone_from(&client.access);
    moved.refresh.clone_from(&client.refresh);
    moved
}

async fn signed_in(app: &App) -> Client {
    let mut client = Client::with_headers(&app.router);
    assert_eq!(client.post("/sign-in", &json!({})).await.status, 200);
    client
}

#[tokio::test]
async fn what_an_older_deployment_stored_is_converted() {
    let connection = in_memory().await;
    let client = signed_in(&first::start(&connection).await).await;
    let mut client = moved(&client, &second::start(&connection).await);
    client.get("/me").await.assert(200, &json!({ "gold": false }));
    client.get("/cart").await.assert(200, &json!({ "items": [0] }));
    assert_eq!(client.refresh().await.status, 200);
    client.get("/me").await.assert(200, &json!({ "gold": false }));
}

#[tokio::test]
async fn what_a_newer_deployment_stored_is_refused_and_left_alone() {
    let connection = in_memory().await;
    let newer = signed_in(&second::start(&connection).await).await;
    let mut older = moved(&newer, &first::start(&connection).await);
    older.get("/me").await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    assert_eq!(older.refresh().await.status, 200, "the payload is not looked at");
    let mut newer = moved(&older, &second::start(&connection).await);
    newer.get("/me").await.assert(200, &json!({ "gold": false }));
}

#[tokio::test]
async fn where_no_way_leads_on_the_type_says_what_happens() {
    let connection = in_memory().await;
    let client = signed_in(&second::start(&connection).await).await;
    let app = careless::start(&connection).await;
    moved(&client, &app).get("/me").await.assert_refused(401, "unauthorised").assert_tokens_cleared();

    let mut current = signed_in(&app).await;
    let sql = "UPDATE sessions SET data_version = 2, data = '{\"items\":[7]}'";
    sea_orm::ConnectionTrait::execute_unprepared(&connection, sql).await.expect(sql);
    current.get("/cart").await.assert(200, &json!({ "items": [] }));
}
