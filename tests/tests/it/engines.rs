//! The database servers that the other tests stand on: started, fresh, killed, silent.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use session_tests::engine::{Database, Engine, Galera, Replicated, Server, connect, eventually};
use session_tests::{on_each_engine, on_each_server};

on_each_engine! { a_fresh_database_is_empty_and_its_own }

on_each_server! {
    a_killed_server_comes_back_with_all_that_was_acknowledged
    a_paused_server_answers_nobody_until_it_goes_on
    a_server_writes_down_the_statements_of_one_database
}

async fn a_fresh_database_is_empty_and_its_own(database: Database) {
    let other = Database::fresh(database.engine).await;
    for database in [database, other] {
        let connection = database.connect().await;
        execute(&connection, "CREATE TABLE kept (number INTEGER PRIMARY KEY)").await;
        execute(&connection, "INSERT INTO kept VALUES (1)").await;
        assert_eq!(rows(&connection).await, 1);
    }
}

async fn a_killed_server_comes_back_with_all_that_was_acknowledged(mut server: Server) {
    let (database, _connection) = with_a_row(&server).await;
    server.kill();
    server.restart().await;
    assert_eq!(rows(&database.connect().await).await, 1);
}

async fn a_paused_server_answers_nobody_until_it_goes_on(mut server: Server) {
    let (_database, connection) = with_a_row(&server).await;
    let paused = server.pause();
    let moment = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(moment, rows(&connection)).await.is_err(), "it answers");
    drop(paused);
    assert_eq!(rows(&connection).await, 1);
}

async fn a_server_writes_down_the_statements_of_one_database(server: Server) {
    let (database, other) = (server.fresh_database().await, server.fresh_database().await);
    database.log_statements().await;
    for (database, number) in [(&database, 1), (&other, 2)] {
        let connection = database.connect().await;
        execute(&connection, "CREATE TABLE kept (number INTEGER PRIMARY KEY)").await;
        let insert = format!("INSERT INTO kept\nVALUES ({number})");
        let prepared = Statement::from_string(connection.get_database_backend(), insert);
        connection.execute_raw(prepared).await.expect("a row");
    }
    let statements = database.statements().await;
    assert!(statements.contains(&"INSERT INTO kept\nVALUES (1)".into()), "{statements:#?}");
    assert!(!statements.contains(&"INSERT INTO kept\nVALUES (2)".into()), "{statements:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn a_promoted_replica_has_what_it_was_sent_and_not_what_it_was_cut_off_from() {
    let mut servers = Replicated::start().await;
    let (database, primary) = with_a_row(&servers.primary).await;
    servers.caught_up().await;
    let replica = connect(&database.url_on(&servers.replica)).await;
    assert_eq!(rows(&replica).await, 1);
    assert!(replica.execute_unprepared("INSERT INTO kept VALUES (2)").await.is_err(), "it only follows");

    servers.cut_off().await;
    execute(&primary, "INSERT INTO kept VALUES (2)").await;
    servers.primary.kill();
    servers.promote();
    assert_eq!(rows(&replica).await, 1);
    execute(&replica, "INSERT INTO kept VALUES (3)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn a_replica_can_be_made_to_show_later_what_it_has() {
    let servers = Replicated::start().await;
    let (database, primary) = with_a_row(&servers.primary).await;
    servers.caught_up().await;
    servers.show_later(std::time::Duration::from_secs(3600)).await;
    execute(&primary, "INSERT INTO kept VALUES (2)").await;
    let has_it = "SELECT COUNT(*) AS found FROM pg_stat_replication WHERE flush_lsn >= pg_current_wal_lsn()";
    eventually("what was sent", async || (number(&primary, has_it).await == 1).then_some(())).await;
    let replica = connect(&database.url_on(&servers.replica)).await;
    assert_eq!(rows(&replica).await, 1);
    servers.promote();
    assert_eq!(rows(&replica).await, 2, "what it has is not lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn a_galera_cluster_has_every_row_on_every_node_and_outlives_one() {
    let mut cluster = Galera::start().await;
    let (database, first) = with_a_row(&cluster.nodes[0]).await;
    cluster.caught_up(2, 0).await;
    assert_eq!(rows(&connect(&database.url_on(&cluster.nodes[2])).await).await, 1);

    cluster.nodes[2].kill();
    execute(&first, "INSERT INTO kept VALUES (2)").await;
    cluster.restart(2).await;
    cluster.caught_up(2, 0).await;
    assert_eq!(rows(&connect(&database.url_on(&cluster.nodes[2])).await).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn a_galera_node_that_stood_still_catches_up() {
    let mut cluster = Galera::start().await;
    let (database, first) = with_a_row(&cluster.nodes[0]).await;
    let paused = cluster.nodes[1].pause();
    execute(&first, "INSERT INTO kept VALUES (2)").await;
    drop(paused);
    cluster.caught_up(1, 0).await;
    assert_eq!(rows(&connect(&database.url_on(&cluster.nodes[1])).await).await, 2);
}

#[test]
fn what_is_there_is_not_ignored() {
    assert_eq!(Engine::ALL.map(Engine::available), [true, cfg!(has_postgres), cfg!(has_mariadb)]);
}

/// A database with a row, and a connection that has been used.
async fn with_a_row(server: &Server) -> (Database, DatabaseConnection) {
    let database = server.fresh_database().await;
    let connection = database.connect().await;
    execute(&connection, "CREATE TABLE kept (number INTEGER PRIMARY KEY)").await;
    execute(&connection, "INSERT INTO kept VALUES (1)").await;
    (database, connection)
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect(sql);
}

async fn rows(connection: &DatabaseConnection) -> i64 {
    number(connection, "SELECT COUNT(*) AS found FROM kept").await
}

async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql));
    row.await.expect(sql).expect("a row").try_get("", "found").expect("a number")
}
