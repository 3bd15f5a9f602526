//! Purging: by one node at a time, and what it must not touch.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, NoData, NoPayload, Sessions};
use session_tests::app::{SECRETS, policy, prefix, table};
use session_tests::engine::{Database, Engine};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Cluster {
    clock: ManualClock,
    database: Database,
    connection: DatabaseConnection,
}

impl Cluster {
    async fn new() -> Self {
        let database = Database::fresh(Engine::of_this_test()).await;
        let connection = database.connect().await;
        Self { clock: ManualClock::default(), database, connection }
    }

    async fn node(&self) -> Sessions {
        let policy = policy().idle_timeout(2 * HOUR).absolute_timeout(DAY).feed_interval(Duration::from_secs(60));
        let keys = Keys::from_secrets(SECRETS).expect("secrets");
        let builder =
            Sessions::builder(policy.build().expect("a policy"), keys).table_prefix(prefix()).clock(self.clock.clone());
        builder.with_connection(self.database.connect().await).await.expect("sessions")
    }

    async fn rows(&self) -> i64 {
        self.count("sessions").await
    }

    async fn count(&self, name: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {}", table(name));
        let count = Statement::from_string(self.connection.get_database_backend(), sql);
        let row = self.connection.query_one_raw(count).await.expect("a count").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }
}

async fn sign_in(node: &Sessions, times: usize) {
    for _ in 0..times {
        let session = node.create_new_session::<_, NoData>("ada", NoPayload, NoData).await.expect("a session");
        assert!(session.tokens().is_some());
    }
}

#[tokio::test]
async fn one_node_purges_and_another_takes_over_when_it_is_gone() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    node.purge().await.expect("its turn");
    sign_in(&node, 3).await;
    cluster.clock.advance(3 * DAY);
    node.purge().await.expect("its turn still, though it was late");
    assert_eq!(cluster.rows().await, 0);

    sign_in(&node, 3).await;
    cluster.clock.advance(3 * DAY);
    node.purge().await.expect("its turn");
    sign_in(&node, 3).await;
    other.purge().await.expect("not its turn");
    cluster.clock.advance(3 * DAY);
    assert_eq!(cluster.rows().await, 3);
    other.purge().await.expect("nobody has heard of the first for three days");
    assert_eq!(cluster.rows().await, 0);
}

#[tokio::test]
async fn while_one_node_has_its_turn_another_deletes_nothing() {
    let cluster = Cluster::new().await;
    let (node, other) = (cluster.node().await, cluster.node().await);
    sign_in(&node, 3).await;
    cluster.clock.advance(3 * DAY);
    let now = cluster.clock.clone();
    let leases = table("session_leases");
    // The first has just begun, and has not come far.
    cluster.connection.execute_unprepared(&format!("DELETE FROM {leases}")).await.expect("no lease");
    let until = session_runtime::TimeProvider::now(&now).after(Duration::from_secs(30)).as_millis();
    let lease = format!("INSERT INTO {leases} (name, holder, expires_at) VALUES ('purge', 'the first', {until})");
    cluster.connection.execute_unprepared(&lease).await.expect("a lease");
    other.purge().await.expect("not its turn");
    assert_eq!(cluster.rows().await, 3);
    cluster.clock.advance(Duration::from_secs(30));
    other.purge().await.expect("its turn");
    assert_eq!(cluster.rows().await, 0);
}

#[tokio::test]
async fn a_lease_of_a_clock_that_was_wrong_stops_nobody() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    sign_in(&node, 1).await;
    cluster.clock.advance(3 * DAY);
    let leases = table("session_leases");
    let lease = format!("INSERT INTO {leases} (name, holder, expires_at) VALUES ('purge', 'ahead', 9000000000000000)");
    cluster.connection.execute_unprepared(&lease).await.expect("a lease");
    node.purge().await.expect("its turn");
    assert_eq!(cluster.rows().await, 0);
}

#[tokio::test]
async fn tools_purge_all_at_once_and_hear_how_far_it_is() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    sign_in(&node, 40).await;
    cluster.clock.advance(3 * DAY);
    sign_in(&node, 2).await;
    let mut heard = Vec::new();
    assert_eq!(node.purge_expired(|deleted| heard.push(deleted)).await.expect("a purge"), 40);
    assert_eq!(heard.last(), Some(&40));
    assert_eq!(cluster.rows().await, 2);
}

#[tokio::test]
async fn what_is_idle_for_too_long_goes_though_its_absolute_end_is_far() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    let long = node.with_absolute_timeout(300 * DAY).with_idle_timeout(HOUR);
    sign_in(&long, 3).await;
    cluster.clock.advance(2 * DAY);
    node.purge().await.expect("its turn");
    assert_eq!(cluster.rows().await, 0);
}

/// Of one row 16,384.
async fn double(cluster: &Cluster, name: &str, columns: &str, selected: &str) {
    for _ in 0..14 {
        let sql = format!("INSERT INTO {table} ({columns}) SELECT {selected} FROM {table}", table = table(name));
        cluster.connection.execute_unprepared(&sql).await.expect("twice as many rows");
    }
}

#[tokio::test]
async fn audit_records_that_piled_up_keep_no_session_waiting() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    sign_in(&node, 1).await;
    assert_eq!(node.revoke_all_sessions_for_user("ada").await.expect("a revocation").len(), 1);
    let columns = "happened_at, event, tenant, user_id, handle, actor, reason, detail";
    double(&cluster, "session_audit", columns, columns).await;
    sign_in(&node, 3).await;
    cluster.clock.advance(100 * DAY);
    node.purge().await.expect("its turn");
    assert_eq!((cluster.rows().await, cluster.count("session_audit").await), (0, 16_384 - 10_000));
    node.purge().await.expect("its turn");
    assert_eq!(cluster.count("session_audit").await, 0);
}

#[tokio::test]
async fn announcements_that_piled_up_go_a_page_at_a_time() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    sign_in(&node, 1).await;
    assert_eq!(node.revoke_all_sessions_for_user("ada").await.expect("a revocation").len(), 1);
    let columns = "tenant, subject, subject_id, not_before, reason, expires_at";
    let selected = "tenant, subject, subject_id, not_before, reason, expires_at - sequence";
    double(&cluster, "session_invalidations", columns, selected).await;
    cluster.clock.advance(3 * DAY);
    node.purge().await.expect("its turn");
    let left = cluster.count("session_invalidations").await;
    assert!((5_000..=16_384 - 10_000).contains(&left), "{left}");
    node.purge().await.expect("its turn");
    assert_eq!(cluster.count("session_invalidations").await, 0);
}

#[tokio::test]
async fn what_a_tenants_end_left_goes_in_several_turns_and_its_announcement_last() {
    let cluster = Cluster::new().await;
    let node = cluster.node().await;
    sign_in(&node, 1).await;
    let handle = match cluster.database.engine {
        Engine::Sqlite => "CAST(X'0000000000007000' || randomblob(8) AS BLOB)",
        Engine::Postgres => "('00000000-0000-7000-' || substr(md5(random()::text || handle::text), 1, 16))::uuid",
        Engine::MariaDb => "CONCAT(X'0000000000007000', UNHEX(SUBSTR(MD5(CONCAT(UUID(), HEX(handle))), 1, 16)))",
    };
    let copied = "tenant, user_id, payload, payload_kind, payload_version, payload_revision, data, data_kind, data_version, \
                  data_revision, secret_digest, generation, confirmed, rotated_at, created_at, authenticated_at, last_seen_at, \
                  idle_expires_at, absolute_expires_at, remembered, anonymous";
    double(&cluster, "sessions", &format!("handle, {copied}"), &format!("{handle}, {copied}")).await;
    // All that a node did that went down then, an hour and more ago.
    let now = session_runtime::TimeProvider::now(&cluster.clock);
    let announce = format!(
        "INSERT INTO {} (tenant, subject, subject_id, not_before, reason, expires_at) \
         VALUES ('public', 'tenant', 'public', {}, 'contract_over', {})",
        table("session_invalidations"),
        now.after(HOUR).as_millis(),
        now.before(HOUR).as_millis()
    );
    cluster.connection.execute_unprepared(&announce).await.expect("an announcement");
    for (rows, announcements) in [(16_384 - 10_000, 1), (0, 1), (0, 0)] {
        node.purge().await.expect("its turn");
        assert_eq!((cluster.rows().await, cluster.count("session_invalidations").await), (rows, announcements));
    }
}
