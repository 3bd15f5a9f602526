//! An application as a user would write it, on any of the engines, with a clock that is turned by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::{get, post};
use axum::{Json, Router};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::testing::ManualClock;
use session_runtime::{
    AccessTokenPayload, ClaimValue, FeedDelivery, Keys, MaybeSession, Policy, PolicyBuilder, Secret, Session,
    SessionData, SessionError, Sessions, SessionsBuilder, TablePrefix,
};

use crate::engine::{Database, Engine};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper", max_bytes = 1024)]
pub struct Shopper {
    pub role: Role,
    #[claim(max_len = 64)]
    pub name: String,
}

/// Has the same fields as [`Shopper`], and is another kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "staff", max_bytes = 1024)]
pub struct Staff {
    pub role: Role,
    #[claim(max_len = 64)]
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ClaimValue)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Admin,
}

#[derive(Debug, Default, Serialize, Deserialize, SessionData)]
pub struct Cart {
    pub items: Vec<u32>,
    pub payment_token: Option<Secret<String>>,
}

/// What a session that was just made is refreshed with.
pub fn refresh_token<P: AccessTokenPayload, D: SessionData>(session: &Session<P, D>) -> String {
    session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token").to_owned()
}

pub fn shopper(role: Role) -> Shopper {
    Shopper { role, name: "Ada".into() }
}

/// Two secrets of a ring, the first of which signs.
pub const SECRETS: [&str; 2] = ["the first secret, 32 bytes or more", "the other secret, 32 bytes or more"];

pub fn policy() -> PolicyBuilder {
    Policy::for_api("http://localhost:3000")
}

/// What the names of the tables begin with that this test is about: those in `prefixed` are the tests of other files once more, with the
/// longest prefix that there may be.
pub fn prefix() -> TablePrefix {
    let thread = std::thread::current();
    let is_prefixed = thread.name().is_some_and(|test| test.starts_with("prefixed::"));
    TablePrefix::new(if is_prefixed { "a_prefix_of_thirty_two_letters_x" } else { "" }).expect("a prefix")
}

/// The whole name of one of the library's tables, for SQL of the test's own.
pub fn table(name: &str) -> String {
    format!("{}{name}", prefix())
}

/// The application under test.
pub struct App {
    pub sessions: Sessions,
    pub clock: ManualClock,
    pub router: Router,
    statements: Arc<AtomicUsize>,
    /// Of a test that is about another engine than SQLite.
    _database: Option<Database>,
}

impl App {
    /// On a fresh database of the engine that the test is about, with this policy.
    pub async fn with(policy: PolicyBuilder) -> Self {
        let (connection, database) = fresh().await;
        Self { _database: database, ..Self::on(connection, policy, ManualClock::default()).await }
    }

    /// As [`with`](Self::with), with the default policy.
    pub async fn new() -> Self {
        Self::with(policy()).await
    }

    /// On a connection of the test's own, every statement over which is counted.
    pub async fn on(connection: DatabaseConnection, policy: PolicyBuilder, clock: ManualClock) -> Self {
        Self::built(connection, policy, clock, |builder| builder).await
    }

    /// As [`on`](Self::on), with more said to the builder.
    pub async fn built(
        mut connection: DatabaseConnection,
        policy: PolicyBuilder,
        clock: ManualClock,
        more: impl FnOnce(SessionsBuilder) -> SessionsBuilder,
    ) -> Self {
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&statements);
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        // What is read in the background would be counted too.
        let policy = policy
            .notes_interval(std::time::Duration::from_secs(20))
            .feed_interval(std::time::Duration::from_secs(60))
            .feed_delivery(FeedDelivery::Polled);
        let builder =
            Sessions::builder(policy.build().expect("a policy"), Keys::from_secrets(SECRETS).expect("secrets"))
                .table_prefix(prefix());
        let sessions = more(builder.clock(clock.clone())).with_connection(connection).await.expect("sessions");
        Self { router: sessions.mount(routes()), sessions, clock, statements, _database: None }
    }

    /// MySQL's UPDATE answers no rows, so the row is read first.
    pub fn statements_of_a_rotation() -> usize {
        if Engine::of_this_test() == Engine::MariaDb { 2 } else { 1 }
    }

    /// How many statements `work` sends to the database.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let before = self.statements.load(Ordering::SeqCst);
        let result = work.await;
        (self.statements.load(Ordering::SeqCst) - before, result)
    }
}

/// A fresh database of the engine that the test is about; SQLite in memory. It is there as long as the second value.
pub async fn fresh() -> (DatabaseConnection, Option<Database>) {
    match Engine::of_this_test() {
        Engine::Sqlite => (in_memory().await, None),
        engine => {
            let database = Database::fresh(engine).await;
            (database.connect().await, Some(database))
        }
    }
}

/// A database of one connection, which is never closed.
pub async fn in_memory() -> DatabaseConnection {
    let options = SqliteConnectOptions::new().in_memory(true);
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_with(options).await.expect("SQLite in memory"))
}

/// A file, opened as the library opens it, but with little patience.
pub async fn on_file(path: &Path) -> DatabaseConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(std::time::Duration::from_millis(50));
    let pool = SqlitePoolOptions::new().max_connections(2).acquire_timeout(std::time::Duration::from_millis(500));
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_with(options).await.expect("an SQLite file"))
}

/// What it serves, without any layer.
pub fn routes() -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/login-staff", post(login_staff))
        .route("/me", get(me).post(me))
        .route("/staff", get(staff))
        .route("/maybe", get(maybe))
        .route("/admin", get(admin))
        .route("/role", post(role))
        .route("/cart", get(cart).post(add))
        .route("/pay", post(pay))
        .route("/leak", get(leak))
        .route("/check", get(check))
        .route("/logout", post(logout))
        .route("/sign-in-anew", post(sign_in_anew))
        .route("/plain", get(async || "plain"))
}

#[derive(Deserialize)]
pub struct Login {
    pub user: String,
    pub role: Role,
}

type Reply = Result<Json<Value>, SessionError>;

async fn login(sessions: Sessions, Json(login): Json<Login>) -> Reply {
    let session = sessions.create_new_session::<_, Cart>(login.user, shopper(login.role), Cart::default()).await?;
    Ok(Json(json!({ "handle": session.handle() })))
}

async fn login_staff(sessions: Sessions, Json(login): Json<Login>) -> Reply {
    let payload = Staff { role: login.role, name: "Grace".into() };
    let session = sessions.create_new_session::<_, Cart>(login.user, payload, Cart::default()).await?;
    Ok(Json(json!({ "handle": session.handle() })))
}

async fn me(session: Session<Shopper, Cart>) -> Json<Value> {
    Json(json!({ "user": session.user_id(), "role": session.payload().role }))
}

async fn staff(session: Session<Staff, Cart>) -> Json<Value> {
    Json(json!({ "user": session.user_id() }))
}

async fn maybe(MaybeSession(session): MaybeSession<Shopper, Cart>) -> Json<Value> {
    Json(json!({ "user": session.map(|session| session.user_id().clone()) }))
}

async fn admin(session: Session<Shopper, Cart>) -> Reply {
    session.require(&Shopper::ROLE.is(Role::Admin))?;
    Ok(Json(json!({})))
}

async fn role(mut session: Session<Shopper, Cart>, Json(role): Json<Role>) -> Reply {
    session.update_payload(|shopper| shopper.role = role).await?;
    Ok(Json(json!({ "role": session.payload().role })))
}

async fn cart(session: Session<Shopper, Cart>) -> Reply {
    Ok(Json(json!({ "items": session.data().await?.items })))
}

async fn add(session: Session<Shopper, Cart>, Json(item): Json<u32>) -> Reply {
    let cart = session.update_data(|cart| cart.items.push(item)).await?;
    Ok(Json(json!({ "items": cart.items })))
}

async fn pay(session: Session<Shopper, Cart>, Json(token): Json<String>) -> Reply {
    session.update_data(|cart| cart.payment_token = Some(Secret::new(token.clone()))).await?;
    Ok(Json(json!({})))
}

/// A mistake that a user may make.
async fn leak(session: Session<Shopper, Cart>) -> Result<Json<Cart>, SessionError> {
    Ok(Json(session.data().await?))
}

async fn check(session: Session<Shopper, Cart>) -> Reply {
    let information = session.check_database().await?;
    Ok(Json(json!({ "generation": information.generation().number() })))
}

/// Signs in before it ends what was: the order that ASVS 7.2.4 leads to.
async fn sign_in_anew(sessions: Sessions, old: Session<Shopper, Cart>) -> Reply {
    let new = sessions.create_new_session::<_, Cart>(old.user_id(), shopper(Role::Admin), Cart::default()).await?;
    old.revoke().await?;
    Ok(Json(json!({ "handle": new.handle() })))
}

async fn logout(session: Session<Shopper, Cart>) -> Reply {
    session.revoke().await?;
    Ok(Json(json!({})))
}
