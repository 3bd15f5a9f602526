//! PostgreSQL twice: a primary server, and a replica that follows it as it can, without being waited for.

use std::time::Duration;

use super::database::{ask, tell};
use super::home::Home;
use super::{Durability, Engine, Server, eventually, postgres};
use crate::machine::Place;
use crate::process::run;

/// Both are killed when dropped.
pub struct Replicated {
    pub primary: Server,
    pub replica: Server,
}

impl Replicated {
    /// Starts both. What is committed at the primary is read at the replica soon after, and may be lost with the primary.
    pub async fn start() -> Self {
        Self::start_at([&Place::Here, &Place::Here]).await
    }

    /// As [`start`](Self::start), on machines.
    pub async fn start_at([primary, replica]: [&Place; 2]) -> Self {
        let primary = Server::start_at(primary, Engine::Postgres, Durability::Kill).await;
        let replica = copy_of(&primary, replica).await;
        Self { primary, replica }
    }

    /// Waits until the replica shows all that the primary has committed.
    pub async fn caught_up(&self) {
        let written = ask(&self.primary.own_url(), "SELECT pg_current_wal_lsn()::text").await.expect("a position");
        let sql = format!("SELECT 'reached' WHERE pg_last_wal_replay_lsn() >= '{written}'");
        eventually("the replica's progress", async || ask(&self.replica.own_url(), &sql).await).await;
    }

    /// From now on the replica has all, and shows it this much later.
    pub async fn show_later(&self, delay: Duration) {
        self.configure("recovery_min_apply_delay", &delay.as_millis().to_string()).await;
    }

    /// From now on the replica learns nothing: what the primary still commits is lost with it.
    pub async fn cut_off(&self) {
        self.configure("primary_conninfo", "").await;
        let sql = "SELECT 'none' WHERE NOT EXISTS (SELECT FROM pg_stat_wal_receiver)";
        eventually("the end of the replication", async || ask(&self.replica.own_url(), sql).await).await;
    }

    /// The replica becomes a primary, which can be written to. Nobody tells the other.
    pub fn promote(&self) {
        run(postgres::command("pg_ctl", self.replica.home()).args(["promote", "--pgdata=data"]));
    }

    /// After a promotion: the promoted server is the primary from now on, and a fresh copy of it follows, where the old one was.
    pub async fn begin_anew(&mut self) {
        std::mem::swap(&mut self.primary, &mut self.replica);
        let place = self.replica.place().clone();
        self.replica = copy_of(&self.primary, &place).await;
    }

    /// Sets what the replica follows from now on. New connections see it once it was told to the processes that are there.
    async fn configure(&self, name: &str, value: &str) {
        let url = self.replica.own_url();
        tell(&url, &format!("ALTER SYSTEM SET {name} = '{value}'")).await;
        tell(&url, "SELECT pg_reload_conf()").await;
        let sql = format!("SELECT 'done' FROM pg_settings WHERE name = '{name}' AND setting = '{value}'");
        eventually("a setting of the replica", async || ask(&url, &sql).await).await;
    }
}

/// A server that begins with all that `primary` has, and follows it.
async fn copy_of(primary: &Server, place: &Place) -> Server {
    let home = Home::new(place);
    let source = format!("--dbname={}", primary.own_url());
    run(postgres::command("pg_basebackup", &home)
        .args(["--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
        .arg(source));
    // A primary that was away for a moment is found again as soon as it is there.
    postgres::serve(home, &["fsync=off", "wal_retrieve_retry_interval=200ms"]).await
}
