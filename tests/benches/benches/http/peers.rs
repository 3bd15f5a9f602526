//! Others that keep sessions, used as their documentation shows.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::AUTHORIZATION;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use session_benches::payload::{Claims, Role, Shopper};
use tempfile::TempDir;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};

use crate::server::{CLIENTS, Service, by_header};

const SECRET: [u8; 32] = [7; 32];

/// `jsonwebtoken`, in a middleware that hands the claims on.
pub(crate) fn json_web_token() -> Service {
    let keys = Arc::new((DecodingKey::from_secret(&SECRET), Validation::default()));
    let app = Router::new().route("/me", get(of_claims)).layer(from_fn_with_state(keys, decode));
    let header = Header { kid: Some("AAAAAAAA".into()), typ: Some("st+jwt".into()), ..Header::default() };
    let token = |client| {
        let claims = Claims::example(&format!("user-{client:010}"));
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&SECRET)).expect("a token")
    };
    Service { app, path: "/me", headers: (0..CLIENTS).map(|client| by_header(&token(client))).collect() }
}

async fn decode(
    State(keys): State<Arc<(DecodingKey, Validation)>>,
    mut request: Request,
    next: Next,
) -> std::result::Result<Response, StatusCode> {
    let value = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    let (key, validation) = &*keys;
    let decoded = jsonwebtoken::decode::<Claims>(token, key, validation).map_err(|_| StatusCode::UNAUTHORIZED)?;
    request.extensions_mut().insert(decoded.claims);
    Ok(next.run(request).await)
}

async fn of_claims(Extension(claims): Extension<Claims>) -> &'static str {
    name_of(claims.role)
}

/// `tower-sessions`, its sessions in memory.
pub(crate) async fn in_memory() -> Service {
    tower_sessions(MemoryStore::default()).await
}

/// `tower-sessions`, its sessions in an SQLite file.
pub(crate) async fn on_sqlite() -> Service {
    tower_sessions(SqliteStore::new().await).await
}

async fn tower_sessions(store: impl SessionStore + Clone) -> Service {
    let mut headers = Vec::new();
    for _ in 0..CLIENTS {
        let session = Session::new(None, Arc::new(store.clone()), None);
        session.insert("user", Shopper::example()).await.expect("it is kept");
        session.save().await.expect("it is stored");
        headers.push(format!("cookie: theme=dark; id={}", session.id().expect("it has been stored")));
    }
    let app = Router::new().route("/me", get(of_session)).layer(SessionManagerLayer::new(store).with_secure(false));
    Service { app, path: "/me", headers }
}

async fn of_session(session: Session) -> std::result::Result<&'static str, StatusCode> {
    match session.get::<Shopper>("user").await {
        Ok(Some(shopper)) => Ok(name_of(shopper.role)),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

const fn name_of(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Staff => "staff",
        Role::Customer => "customer",
    }
}

/// What `tower-sessions-sqlx-store` does, over the SQLite that is linked here.
#[derive(Clone, Debug)]
struct SqliteStore {
    connection: DatabaseConnection,
    _folder: Arc<TempDir>,
}

impl SqliteStore {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("sessions.db").display());
        let connection = Database::connect(url).await.expect("a database");
        let table = "create table tower_sessions (id text primary key not null, data blob not null, expiry_date integer not null)";
        connection.execute_unprepared(table).await.expect("a table");
        Self { connection, _folder: Arc::new(folder) }
    }
}

fn statement<const N: usize>(sql: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

#[allow(clippy::needless_pass_by_value, reason = "what `map_err` calls takes its error")]
fn failed(error: impl ToString) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn save(&self, record: &Record) -> Result<()> {
        let sql = "insert into tower_sessions (id, data, expiry_date) values (?, ?, ?) \
                   on conflict (id) do update set data = excluded.data, expiry_date = excluded.expiry_date";
        let data = serde_json::to_vec(record).map_err(failed)?;
        let values = [record.id.to_string().into(), data.into(), record.expiry_date.unix_timestamp().into()];
        self.connection.execute_raw(statement(sql, values)).await.map_err(failed)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let sql = "select data from tower_sessions where id = ? and expiry_date > unixepoch()";
        let row = self.connection.query_one_raw(statement(sql, [id.to_string().into()])).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let data: Vec<u8> = row.try_get_by_index(0).map_err(failed)?;
        serde_json::from_slice(&data).map(Some).map_err(failed)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let sql = "delete from tower_sessions where id = ?";
        self.connection.execute_raw(statement(sql, [id.to_string().into()])).await.map_err(failed)?;
        Ok(())
    }
}
