//! Writes that come at once are written together: fewer statements, the same answers, and whoever fails fails alone.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use session_runtime::{FeedDelivery, Keys, Session, SessionErrorKind, SessionHandle, Sessions};
use session_tests::app::{Cart, Role, SECRETS, Shopper, in_memory, on_file, policy, refresh_token, shopper};
use session_tests::engine::{Database, Durability, Engine, Server, connect, eventually};
use session_tests::on_each_engine;
use tokio::task::{JoinSet, yield_now};

on_each_engine! {
    sixty_four_who_sign_in_at_once_need_few_statements
    one_who_cannot_be_written_fails_alone
    what_is_written_together_is_as_if_written_one_by_one
    refreshes_that_come_together_are_answered_each_its_own
}

const MANY: usize = 64;

async fn node(connection: DatabaseConnection) -> Sessions {
    // What is read in the background would be counted too.
    let long = Duration::from_secs(20);
    let policy = policy().feed_interval(long).notes_interval(long).feed_delivery(FeedDelivery::Polled);
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let builder = Sessions::builder(policy.build().expect("a policy"), keys);
    builder.with_connection(connection).await.expect("sessions")
}

type SignedIn = Result<Session<Shopper, Cart>, SessionErrorKind>;

async fn sign_in(sessions: Sessions, user: String) -> SignedIn {
    let signed_in = sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await;
    signed_in.map_err(|error| error.kind())
}

/// As many at once, by the names `user-0`, `user-1`, …
async fn signed_in(sessions: &Sessions) -> Vec<(String, SignedIn)> {
    let mut signing_in = JoinSet::new();
    for number in 0..MANY {
        let (sessions, user) = (sessions.clone(), format!("user-{number}"));
        signing_in.spawn(async move { (user.clone(), sign_in(sessions, user).await) });
    }
    signing_in.join_all().await
}

async fn stored(connection: &DatabaseConnection) -> HashSet<SessionHandle> {
    try_stored(connection).await.expect("rows")
}

async fn try_stored(connection: &DatabaseConnection) -> Option<HashSet<SessionHandle>> {
    let all = Statement::from_string(connection.get_database_backend(), "SELECT handle FROM sessions");
    let uuid = |row: &QueryResult| row.try_get_by_index::<Uuid>(0).ok()?.to_string().parse().ok();
    connection.query_all_raw(all).await.ok()?.iter().map(uuid).collect()
}

fn handles(sessions: &[(String, SignedIn)]) -> HashSet<SessionHandle> {
    sessions.iter().filter_map(|(_, session)| Some(*session.as_ref().ok()?.handle())).collect()
}

async fn sixty_four_who_sign_in_at_once_need_few_statements(database: Database) {
    let mut connection = database.connect().await;
    let statements = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&statements);
    connection.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let sessions = node(connection.clone()).await;
    let before = statements.load(Ordering::SeqCst);
    let signed_in = signed_in(&sessions).await;
    let sent = statements.load(Ordering::SeqCst) - before;
    assert_eq!(handles(&signed_in).len(), MANY, "everybody is signed in");
    assert_eq!(stored(&connection).await, handles(&signed_in));
    assert!(sent < MANY / 2, "{sent} statements");
}

async fn one_who_cannot_be_written_fails_alone(database: Database) {
    let connection = database.connect().await;
    let sessions = node(connection.clone()).await;
    refuse(&connection, database.engine, "user-17").await;
    for _ in 0..4 {
        let signed_in = signed_in(&sessions).await;
        for (user, session) in &signed_in {
            assert_eq!(session.is_err(), user == "user-17", "{user}: {:?}", session.as_ref().err());
        }
        assert!(stored(&connection).await.is_superset(&handles(&signed_in)));
    }
    assert_eq!(stored(&connection).await.len(), 4 * (MANY - 1), "and nobody is there who was told otherwise");
}

/// Has the database itself refuse rows of one user.
async fn refuse(connection: &DatabaseConnection, engine: Engine, user: &str) {
    let sql = match engine {
        Engine::Sqlite => format!(
            "CREATE TRIGGER refused BEFORE INSERT ON sessions WHEN NEW.user_id = '{user}' \
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ),
        Engine::Postgres | Engine::MariaDb => {
            format!("ALTER TABLE sessions ADD CONSTRAINT refused CHECK (user_id <> '{user}')")
        }
    };
    connection.execute_unprepared(&sql).await.expect("a rule");
}

/// Sign-ins, refreshes, data and devices' names, all at once.
async fn what_is_written_together_is_as_if_written_one_by_one(database: Database) {
    let sessions = node(database.connect().await).await;
    let there: Vec<_> =
        signed_in(&sessions).await.into_iter().map(|(_, session)| session.expect("a session")).collect();
    let mut work = JoinSet::new();
    for session in &there {
        let (handle, token) = (*session.handle(), refresh_token(session));
        let (one, two, three) = (sessions.clone(), sessions.clone(), sessions.clone());
        work.spawn(async move { one.refresh_session(&token).await.map(drop) });
        work.spawn(async move { two.update_data::<Cart>(&handle, |cart| cart.items.push(1)).await.map(drop) });
        work.spawn(async move { three.rename_device(&handle, "a phone").await });
    }
    let others = signed_in(&sessions).await;
    for done in work.join_all().await {
        done.expect("it is done");
    }
    assert_eq!(handles(&others).len(), MANY);
    for session in &there {
        let information = sessions.session_information(session.handle()).await.expect("a read").expect("a session");
        assert_eq!(information.generation().number(), 2);
        assert_eq!(information.device_label(), Some("a phone"));
        assert_eq!(sessions.data::<Cart>(session.handle()).await.expect("a read").expect("data").items, [1]);
    }
}

/// What the server has written down of it, since connections that the library keeps tell nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn sixty_four_who_sign_in_and_refresh_at_once_need_few_statements_of_postgres() {
    let server = Server::start(Engine::Postgres, Durability::Kill).await;
    let database = server.fresh_database().await;
    database.log_statements().await;
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let sessions = Sessions::builder(policy().build().expect("a policy"), keys);
    let sessions = sessions.connect(&database.url).await.expect("sessions");
    let mut refreshing = JoinSet::new();
    for (_, session) in signed_in(&sessions).await {
        let (sessions, token) = (sessions.clone(), refresh_token(&session.expect("a session")));
        refreshing.spawn(async move { refreshed(&sessions, &token).await });
    }
    assert!(refreshing.join_all().await.iter().all(Result::is_ok));
    let log = database.statements().await;
    for start in ["INSERT INTO sessions", "UPDATE sessions"] {
        let sent = log.iter().filter(|statement| statement.starts_with(start)).count();
        assert!((1..MANY / 2).contains(&sent), "{sent} times {start}");
    }
}

/// Of an application's own pool, and of the library's.
async fn refreshes_that_come_together_are_answered_each_its_own(database: Database) {
    refresh_together(&node(database.connect().await).await).await;
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let sessions = Sessions::builder(policy().build().expect("a policy"), keys);
    refresh_together(&sessions.connect(&database.url).await.expect("sessions")).await;
}

/// Every fourth session from two tabs at once, with the same token; and beside each a token that was used up long ago.
async fn refresh_together(sessions: &Sessions) {
    let mut tokens = Vec::new();
    for (user, session) in signed_in(sessions).await {
        let first = refresh_token(&session.expect("a session"));
        let second = refreshed(sessions, &first).await.expect("a refresh").1;
        tokens.push((user, first, refreshed(sessions, &second).await.expect("a refresh").1));
    }
    for _ in 0..3 {
        let mut refreshing = JoinSet::new();
        for (number, (user, _, token)) in tokens.iter().enumerate() {
            for _ in 0..if number % 4 == 0 { 2 } else { 1 } {
                let (sessions, user, token) = (sessions.clone(), user.clone(), token.clone());
                refreshing.spawn(async move { (number, user, refreshed(&sessions, &token).await) });
            }
        }
        for (number, user, outcome) in refreshing.join_all().await {
            let (whose, token) = outcome.expect("a refresh");
            assert_eq!(whose, user);
            tokens[number].2 = token;
        }
    }
    let mut thieves = JoinSet::new();
    for (number, (_, first, token)) in tokens.into_iter().enumerate() {
        let (here, there) = (sessions.clone(), sessions.clone());
        thieves.spawn(async move { (number, refreshed(&here, &first).await.map(drop)) });
        thieves.spawn(async move { (number, refreshed(&there, &token).await.map(drop)) });
    }
    let outcomes = thieves.join_all().await;
    let caught = outcomes.iter().filter(|(_, outcome)| *outcome == Err(SessionErrorKind::TokenTheft));
    assert_eq!(caught.count(), MANY, "{outcomes:?}");
}

/// Whose session it is, and its next token.
async fn refreshed(sessions: &Sessions, token: &str) -> Result<(String, String), SessionErrorKind> {
    let refreshed = sessions.refresh_session(token).await.map_err(|error| error.kind())?;
    Ok((refreshed.user_id().to_string(), refreshed.tokens().refresh_token().expect("a token").to_owned()))
}

#[tokio::test]
async fn who_goes_away_while_waiting_is_not_written() {
    let database = Database::fresh(Engine::Sqlite).await;
    let (connection, other) = (database.connect().await, connect(&database.url).await);
    let sessions = node(connection.clone()).await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let lock = other.begin_with_options(options).await.expect("the lock");
    let first = tokio::spawn(sign_in(sessions.clone(), "first".into()));
    yield_now().await;
    let second = tokio::spawn(sign_in(sessions.clone(), "second".into()));
    let third = tokio::spawn(sign_in(sessions.clone(), "third".into()));
    yield_now().await;
    second.abort();
    assert!(second.await.is_err());
    lock.rollback().await.expect("the lock's end");

    let (first, third) = (first.await.expect("it ends"), third.await.expect("it ends"));
    let (first, third) = (first.expect("a session"), third.expect("a session"));
    assert_eq!(stored(&connection).await, HashSet::from([*first.handle(), *third.handle()]));
}

#[tokio::test]
async fn a_database_that_fills_up_loses_nobody_of_a_group_who_was_told_to_be_in() {
    let connection = in_memory().await;
    let sessions = node(connection.clone()).await;
    connection.execute_unprepared("PRAGMA max_page_count = 40").await.expect("a limit");
    let (mut acknowledged, mut refused) = (HashSet::new(), 0);
    for _ in 0..8 {
        let signed_in = signed_in(&sessions).await;
        acknowledged.extend(handles(&signed_in));
        refused += MANY - handles(&signed_in).len();
    }
    assert!(!acknowledged.is_empty() && refused > 0, "{} {refused}", acknowledged.len());
    assert_eq!(stored(&connection).await, acknowledged);
}

/// SQLite alone would let them try again for 50 milliseconds, and refuse them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_have_their_turn_among_those_who_write_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let sessions = node(on_file(&folder.path().join("sessions.db")).await).await;
    let there = signed_in(&sessions).await;
    let mut ending = JoinSet::new();
    for handle in handles(&there) {
        let sessions = sessions.clone();
        ending.spawn(async move { sessions.revoke_session(&handle).await });
    }
    let others = [signed_in(&sessions).await, signed_in(&sessions).await].map(|others| handles(&others).len());
    assert_eq!(others, [MANY, MANY]);
    for ended in ending.join_all().await {
        assert!(ended.expect("it is done"));
    }
    assert_eq!(sessions.count_all().await.expect("a count"), 2 * MANY as u64);
}

/// The log is brought into the file without anybody's waiting for it: what is stored is soon in the file alone.
#[tokio::test]
async fn what_is_written_to_sqlite_is_soon_in_the_file_itself() {
    let database = Database::fresh(Engine::Sqlite).await;
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let builder = Sessions::builder(policy().build().expect("a policy"), keys);
    let sessions = builder.connect(&database.url).await.expect("sessions");
    let acknowledged = handles(&signed_in(&sessions).await);
    let folder = tempfile::tempdir().expect("a folder");
    let (file, copy) = (database.url.trim_start_matches("sqlite://"), folder.path().join("copy.db"));
    eventually("the sessions in the file", async || {
        std::fs::copy(file, &copy).ok()?;
        // A copy that was made in the middle of it is none.
        let found = try_stored(&connect(&format!("sqlite://{}", copy.display())).await).await?;
        (found == acknowledged).then_some(())
    })
    .await;
}
