//! One file for each family of commands.

mod audit;
mod keep;
mod keys;
mod look;
mod revoke;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { database, json, command } = arguments;
    let mut output = Output::new(json);
    match command {
        Command::List { user, limit, after } => look::list(&database, &mut output, user.as_ref(), after, limit).await,
        Command::Show { handle } => look::show(&database, &output, handle).await,
        Command::Count { user } => look::count(&database, &output, user.as_ref()).await,
        Command::Export { user } => look::export(&database, user.as_ref()).await,
        Command::Revoke(revoke) => revoke::revoke(&database, &output, revoke).await,
        Command::Audit { user, limit } => audit::audit(&database, &mut output, user, limit).await,
        Command::Purge { audit_retention_days } => keep::purge(&database, &output, audit_retention_days).await,
        Command::Migrate { status: true } => keep::status(&database, &mut output).await,
        Command::Migrate { status: false } => keep::migrate(&database, &mut output).await,
        Command::Keys(keys) => keys::keys(&database, &mut output, keys).await,
    }
}
