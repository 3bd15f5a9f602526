//! Rows of sessions in bulk: copies of one that the library wrote, made by the database itself.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::engine::Engine;

/// Rows of one statement.
const CHUNK: u64 = 1_000_000;

/// Sessions that were made one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    pub count: u64,
    /// Each has as many sessions as the others, far from each other in time.
    pub users: u64,
    /// What the users' names begin with; a number follows.
    pub named: &'static str,
    /// When the first was made, how long after it the second, and so on, in milliseconds.
    pub first: i64,
    pub step: i64,
    /// How long after its beginning each ends.
    pub lifetime: i64,
}

/// What a copy has of its own, in the order of `Rows::select`.
const OWN: &str =
    "handle, user_id, rotated_at, created_at, authenticated_at, last_seen_at, idle_expires_at, absolute_expires_at";

/// What it has of the session that it is a copy of.
const COPIED: &str = "tenant, payload, payload_kind, payload_version, payload_revision, data, data_kind, data_version, data_revision, \
                      secret_digest, generation, confirmed, remembered, anonymous, device_label, user_agent, ip";

impl Rows {
    /// Copies the one session of the user `template` so many times.
    pub async fn copy(self, connection: &DatabaseConnection, engine: Engine, template: &str) {
        let mut from = 0;
        while from < self.count {
            let to = (from + CHUNK).min(self.count);
            let select = self.select(engine, from, to);
            let insert =
                format!("INSERT INTO sessions ({OWN}, {COPIED}) {select} WHERE template.user_id = '{template}'");
            execute(connection, &insert).await;
            from = to;
        }
    }

    /// Numbers are written in the one way that all engines read; PostgreSQL calculates with 64 bits where one of them needs so many.
    fn select(self, engine: Engine, from: u64, to: u64) -> String {
        const LARGE: u64 = 10_000_000_000;
        let Self { users, named, first, step, lifetime, .. } = self;
        let handle = match engine {
            Engine::Sqlite => "unhex(printf('%012x70008%015x', created, n))",
            Engine::Postgres => "(lpad(to_hex(created), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid",
            Engine::MariaDb => "unhex(concat(lpad(hex(created), 12, '0'), '70008', lpad(hex(n), 15, '0')))",
        };
        // A prime that divides no number of users: the turn of each comes, and neighbours in time are none in the index.
        let user = format!("concat('{named}', n * 982451653 % {users})");
        format!(
            "WITH digits (d) AS (SELECT 0 {}), thousand (d) AS \
             (SELECT a.d + 10 * b.d + 100 * c.d FROM digits AS a CROSS JOIN digits AS b CROSS JOIN digits AS c), \
             numbers (n) AS (SELECT a.d + 1000 * b.d + {} - {LARGE} FROM thousand AS b CROSS JOIN thousand AS a), \
             made (n, created) AS (SELECT n, {first} + n * {step} FROM numbers WHERE n < {to}) \
             SELECT {handle}, {user}, created, created, created, created, created + {lifetime}, created + {lifetime}, {COPIED} \
             FROM sessions AS template CROSS JOIN made",
            (1..10).map(|digit| format!("UNION ALL SELECT {digit}")).collect::<Vec<_>>().join(" "),
            LARGE + from,
        )
    }
}

/// Has the database count what is there, as it does by itself after a while.
pub async fn settle(connection: &DatabaseConnection, engine: Engine, tables: &[&str]) {
    for table in tables {
        match engine {
            // Nobody counts there.
            Engine::Sqlite => {}
            Engine::Postgres => execute(connection, &format!("VACUUM ANALYZE {table}")).await,
            Engine::MariaDb => execute(connection, &format!("ANALYZE TABLE {table}")).await,
        }
    }
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
