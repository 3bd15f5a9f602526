//! Managed signing keys. None is ever printed.

use serde_json::Value;
use session_runtime::{KeyInformation, KeyState, Keys as SigningKeys, Sessions, WrappingKey};

use crate::arguments::{Database, Keys, KeysCommand};
use crate::failure::{Failure, chain};
use crate::open::policy;
use crate::output::{Output, Record, time};

pub(super) async fn keys(database: &Database, output: &mut Output, arguments: Keys) -> Result<(), Failure> {
    let sessions = database.open_with(policy(), signing_keys(&arguments)?).await?;
    match arguments.command {
        KeysCommand::List => list(&sessions, output).await,
        KeysCommand::Rotate => output.one(record(&sessions.rotate_keys().await?)),
        KeysCommand::Revoke { number } if sessions.revoke_key(number).await? => {
            output.one(vec![("revoked", number.into())])
        }
        KeysCommand::Revoke { number } => Err(Failure::NotFound(format!("no key {number} that is not revoked"))),
    }
}

async fn list(sessions: &Sessions, output: &mut Output) -> Result<(), Failure> {
    sessions.keys().await?.iter().try_for_each(|key| output.line(record(key)))
}

fn signing_keys(arguments: &Keys) -> Result<SigningKeys, Failure> {
    let Some(file) = &arguments.wrapping_key_file else { return Ok(SigningKeys::managed()) };
    // A service makes the file where there is none; here that would be a mistake in its name.
    if !file.exists() {
        return Err(Failure::Usage(format!("there is no file {}", file.display())));
    }
    let wrapping = WrappingKey::from_file(file).map_err(|error| Failure::Failed(chain(&error)))?;
    Ok(SigningKeys::managed_wrapped(wrapping))
}

fn record(key: &KeyInformation) -> Record {
    vec![
        ("number", key.sequence().into()),
        ("kid", key.id().map_or(Value::Null, Into::into)),
        ("state", state(key.state()).into()),
        ("createdAt", time(key.created_at())),
        ("signsFrom", time(key.signs_from())),
    ]
}

const fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Waiting => "waiting",
        KeyState::Signing => "signing",
        KeyState::Verifying => "verifying",
        KeyState::Revoked => "revoked",
        _ => "unknown",
    }
}
