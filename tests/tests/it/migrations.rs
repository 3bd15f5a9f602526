//! Migrations among an application's own, which runs them itself.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::integer;
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, Migrations, NoData, NoPayload, SessionErrorKind, Sessions, SetupError, TablePrefix};
use session_tests::app::{SECRETS, policy};
use session_tests::engine::Database;
use session_tests::on_each_engine;

on_each_engine! {
    an_application_runs_our_migrations_among_its_own
    without_tables_nothing_starts
}

/// The longest that there may be.
const PREFIX: &str = "a_prefix_of_thirty_two_letters_x";

fn prefix() -> TablePrefix {
    TablePrefix::new(PREFIX).expect("a prefix")
}

/// As an application writes it.
struct Own;

impl MigratorTrait for Own {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let ours = sea_orm_migration::MigratorTraitSelf::migrations(&session_runtime::Migrator::with_prefix(prefix()));
        let own: Box<dyn MigrationTrait> = Box::new(CreateOrders);
        std::iter::once(own).chain(ours).collect()
    }

    fn migration_table_name() -> DynIden {
        Alias::new("shop_history").into_iden()
    }
}

struct CreateOrders;

impl MigrationName for CreateOrders {
    fn name(&self) -> &str {
        "m20250101_000001_create_orders"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateOrders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("orders").col(integer("number").primary_key()).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("orders").to_owned()).await
    }
}

const TABLES: [&str; 6] =
    ["sessions", "session_invalidations", "session_keys", "session_audit", "session_leases", "session_users"];

async fn an_application_runs_our_migrations_among_its_own(database: Database) {
    let connection = database.connect().await;
    let ours = TABLES.map(|table| format!("{PREFIX}{table}"));
    for _ in 0..2 {
        Own::up(&connection, None).await.expect("up");
        assert_eq!(there(&connection, &ours).await, ours.len());
        // Its own history, and no other.
        assert_eq!(there(&connection, &["orders".into(), "shop_history".into()]).await, 2);
        assert_eq!(there(&connection, &[format!("{PREFIX}session_migrations")]).await, 0);
        let node = start(&database).await.expect("sessions");
        let session = node.create_new_session::<_, NoData>("ada", NoPayload, NoData).await.expect("a session");
        let token = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
        assert!(node.refresh_session(token).await.is_ok());
        assert_eq!(node.revoke_all_sessions_for_user("ada").await.expect("a revocation").len(), 1);
        node.close().await.expect("an end");

        // One of ours at a time, with rows in the tables.
        for step in 1..Own::migrations().len() {
            Own::down(&connection, Some(1)).await.unwrap_or_else(|error| panic!("step {step} down: {error}"));
        }
        assert_eq!(there(&connection, &ours).await, 0);
        assert_eq!(there(&connection, &["orders".into()]).await, 1, "it was not asked to go");
        let gone = node.count_all().await.expect_err("no tables");
        assert_eq!(gone.kind(), SessionErrorKind::Unavailable);
    }
    Own::down(&connection, None).await.expect("down");
    assert_eq!(there(&connection, &["orders".into()]).await, 0);
}

async fn without_tables_nothing_starts(database: Database) {
    let refused = start(&database).await.expect_err("no tables");
    assert!(matches!(refused, SetupError::Database { .. }), "{refused:?}");
    let created = Sessions::builder(policy().build().expect("a policy"), Keys::from_secrets(SECRETS).expect("secrets"));
    created.connect(&database.url).await.map(drop).expect("its own tables");
}

async fn start(database: &Database) -> Result<Sessions, SetupError> {
    Sessions::builder(policy().build().expect("a policy"), Keys::from_secrets(SECRETS).expect("secrets"))
        .table_prefix(prefix())
        .migrations(Migrations::Manual)
        .clock(ManualClock::default())
        .connect(&database.url)
        .await
}

/// How many of these tables there are.
async fn there(connection: &DatabaseConnection, tables: &[String]) -> usize {
    let mut there = 0;
    for table in tables {
        there += usize::from(connection.execute_unprepared(&format!("SELECT 1 FROM {table}")).await.is_ok());
    }
    there
}
