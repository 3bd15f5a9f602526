//! What a careful user writes with sqlx: the same rows, one statement each.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::types::Uuid;
use session_benches::payload::Shopper;
use session_tests::engine::Engine;

pub(crate) struct ByHand {
    pool: Pool,
    payload: String,
    next: AtomicU64,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const COLUMNS: &str = "handle, tenant, user_id, payload, payload_kind, payload_version, payload_revision, data, data_kind, \
     data_version, data_revision, secret_digest, generation, confirmed, rotated_at, created_at, authenticated_at, last_seen_at, \
     idle_expires_at, absolute_expires_at, remembered, idle_timeout, access_token_lifetime, actor, anonymous, device_label, \
     user_agent, ip";

/// A compare-and-set that answers what the new access token is made of.
const ROTATE: &str = "UPDATE sessions SET generation = $1, confirmed = $2, rotated_at = $3, last_seen_at = $4, idle_expires_at = $5 \
     WHERE handle = $6 AND generation = $7 RETURNING tenant, user_id, payload, payload_kind, absolute_expires_at";

const NOW: i64 = 1_800_000_000_000;
const MONTH: i64 = 30 * 24 * 60 * 60 * 1000;

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let values: Vec<_> = (1..=28).map(|number| format!("${number}")).collect();
    format!("INSERT INTO sessions ({COLUMNS}) VALUES ({})", values.join(", "))
});

/// The statements are the same, the types of their arguments are not.
macro_rules! insert {
    ($pool:expr, $handle:expr, $payload:expr) => {{
        sea_orm::sqlx::query(sea_orm::sqlx::AssertSqlSafe(INSERT.as_str()))
            .bind($handle)
            .bind("public")
            .bind("user-1e6f0c2ab7")
            .bind($payload)
            .bind("shopper")
            .bind(1_i64)
            .bind(0_i64)
            .bind("{}")
            .bind("none")
            .bind(1_i64)
            .bind(0_i64)
            .bind([7_u8; 32].as_slice())
            .bind(0_i64)
            .bind(false)
            .bind(NOW)
            .bind(NOW)
            .bind(NOW)
            .bind(NOW)
            .bind(NOW + MONTH)
            .bind(NOW + MONTH)
            .bind(true)
            .bind(None::<i64>)
            .bind(None::<i64>)
            .bind(None::<String>)
            .bind(false)
            .bind(None::<String>)
            .bind(None::<String>)
            .bind(None::<String>)
            .execute($pool)
            .await
            .expect("a row")
            .rows_affected()
    }};
}

macro_rules! rotate {
    ($pool:expr, $handle:expr, $generation:expr) => {{
        let rows: Vec<(String, String, String, String, i64)> = sea_orm::sqlx::query_as(ROTATE)
            .bind($generation + 1)
            .bind(false)
            .bind(NOW)
            .bind(NOW)
            .bind(NOW + MONTH)
            .bind($handle)
            .bind($generation)
            .fetch_all($pool)
            .await
            .expect("a rotation");
        rows.len()
    }};
}

impl ByHand {
    /// With the settings that the library gives its own pool.
    pub(crate) async fn on(engine: Engine, url: &str) -> Self {
        let patience = Duration::from_secs(5);
        let pool = match engine {
            Engine::Sqlite => {
                let options = url.parse::<SqliteConnectOptions>().expect("a URL");
                let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
                let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
                Pool::Sqlite(pool.connect_with(options.busy_timeout(patience)).await.expect("a file"))
            }
            _ => {
                let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false);
                Pool::Postgres(pool.connect(url).await.expect("a server"))
            }
        };
        let payload = serde_json::to_string(&Shopper::example()).expect("JSON");
        Self { pool, payload, next: AtomicU64::new(0) }
    }

    pub(crate) async fn create(&self) {
        self.insert(self.next.fetch_add(1, Ordering::Relaxed)).await;
    }

    /// Of a row that was made before; its generation is as often as it was refreshed.
    pub(crate) async fn refresh(&self, number: u64, generation: i64) {
        let handle = handle(number);
        let met = match &self.pool {
            Pool::Sqlite(pool) => rotate!(pool, handle, generation),
            Pool::Postgres(pool) => rotate!(pool, handle, generation),
        };
        assert_eq!(met, 1, "nobody else rotates it");
    }

    async fn insert(&self, number: u64) {
        let (handle, payload) = (handle(number), self.payload.as_str());
        let written = match &self.pool {
            Pool::Sqlite(pool) => insert!(pool, handle, payload),
            Pool::Postgres(pool) => insert!(pool, handle, payload),
        };
        assert_eq!(written, 1);
    }
}

/// A handle as the library makes them: time first, then what nobody can guess.
fn handle(number: u64) -> Uuid {
    let tail = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Uuid::from_u128(u128::from(NOW as u64 + number) << 80 | 0x7 << 76 | 0b10 << 62 | u128::from(tail >> 2))
}
