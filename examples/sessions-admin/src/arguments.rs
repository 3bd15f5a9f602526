//! What can be typed.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Parser, Subcommand};
use session_runtime::{SessionHandle, TablePrefix, TenantId, Timestamp, UserId};

/// Looks at sessions, ends them, and keeps their database.
///
/// Exit codes: 0 done, 1 nothing found, 2 wrong usage, 3 the database or something else failed.
#[derive(Debug, Parser)]
#[command(name = "sessions", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) database: Database,
    /// One JSON object a line, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Database {
    /// `sqlite://…`, `postgres://…` or `mysql://…`. In the environment it is in no list of processes.
    #[arg(long, global = true, env = "SESSION_DATABASE_URL", hide_env_values = true, default_value = "")]
    pub(crate) database_url: String,
    /// What the tables' names begin with.
    #[arg(long, global = true, env = "SESSION_TABLE_PREFIX", value_parser = prefix, default_value = "")]
    pub(crate) table_prefix: TablePrefix,
    /// Whose sessions; there is no way to see all tenants' at once.
    #[arg(long, global = true, value_parser = tenant, default_value = "public")]
    pub(crate) tenant: TenantId,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists sessions that are not over, oldest first.
    List {
        /// Only this user's.
        #[arg(long)]
        user: Option<UserId>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Go on behind this one.
        #[arg(long)]
        after: Option<SessionHandle>,
    },
    /// Shows one session.
    Show { handle: SessionHandle },
    /// Counts sessions that are not over.
    Count {
        /// Only this user's.
        #[arg(long)]
        user: Option<UserId>,
    },
    /// Writes all sessions as JSON lines: who, when, where, and no credential, payload or session data.
    Export {
        /// Only this user's.
        #[arg(long)]
        user: Option<UserId>,
    },
    /// Ends sessions; their access tokens are refused by every node within its feed interval.
    Revoke(Revoke),
    /// Reads the audit trail, newest first.
    Audit {
        /// Only this user's.
        #[arg(long)]
        user: Option<UserId>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Deletes everything that is long over, which running services do by themselves.
    Purge {
        /// Audit records are kept for so many days: as many as the service's policy says, or more.
        #[arg(long, default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=3650))]
        audit_retention_days: u32,
    },
    /// Brings the tables up to date.
    Migrate {
        /// Only say what there is to do; exit code 1 where there is nothing.
        #[arg(long)]
        status: bool,
    },
    /// Managed signing keys.
    Keys(Keys),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["handles", "user", "all"]))]
pub(crate) struct Revoke {
    /// These.
    pub(crate) handles: Vec<SessionHandle>,
    /// All of this user's.
    #[arg(long)]
    pub(crate) user: Option<UserId>,
    /// All of the tenant's.
    #[arg(long)]
    pub(crate) all: bool,
    /// Of those, the ones that were created before this time, as in `2026-11-24T12:00:00Z`.
    #[arg(long, value_parser = time, conflicts_with = "handles")]
    pub(crate) before: Option<Timestamp>,
    /// Why: 1 to 64 of a–z, 0–9 and _, for the audit trail and the clients.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// The longest lifetime of the service's access tokens, in seconds: until then nodes remember what was ended here.
    #[arg(long, default_value_t = 2_592_000, value_parser = clap::value_parser!(u64).range(1..=2_592_000))]
    pub(crate) access_token_lifetime: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// The file of the key that wraps them; without, they are taken for unwrapped.
    #[arg(long, global = true, env = "SESSION_WRAPPING_KEY_FILE")]
    pub(crate) wrapping_key_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Lists them, and what each does.
    List,
    /// Makes a new one, which signs in a minute, when every node knows it.
    Rotate,
    /// Refuses every token of a key at once. Give its number.
    Revoke { number: i64 },
}

fn prefix(text: &str) -> Result<TablePrefix, String> {
    TablePrefix::new(text).map_err(|error| error.to_string())
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).map_err(|error| error.to_string())
}

fn time(text: &str) -> Result<Timestamp, String> {
    let time: DateTime<Utc> =
        text.parse().map_err(|error| format!("{error}: expected a time as in 2026-11-24T12:00:00Z"))?;
    Ok(Timestamp::from_millis(time.timestamp_millis()))
}
