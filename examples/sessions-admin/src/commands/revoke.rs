//! Ending sessions.

use std::time::Duration;

use session_runtime::{RevocationReason, Sessions};

use crate::arguments::{Database, Revoke};
use crate::failure::{Failure, chain};
use crate::open::policy;
use crate::output::Output;

pub(super) async fn revoke(database: &Database, output: &Output, which: Revoke) -> Result<(), Failure> {
    let reason = which.reason.as_deref().map(RevocationReason::custom).transpose();
    let reason = reason.map_err(|error| Failure::Usage(chain(&error)))?;
    let policy = policy().access_token_lifetime(Duration::from_secs(which.access_token_lifetime));
    let sessions = database.open(policy).await?;
    let sessions = reason.map_or_else(|| sessions.clone(), |reason| sessions.because(reason));
    let revoked = end(&sessions, &which).await?;
    output.one(vec![("revoked", revoked.into())])?;
    if revoked == 0 { Err(Failure::NotFound("no such session".to_owned())) } else { Ok(()) }
}

async fn end(sessions: &Sessions, which: &Revoke) -> Result<u64, Failure> {
    let ended = match (&which.user, which.before) {
        (Some(user), Some(before)) => sessions.revoke_sessions_for_user_created_before(user.clone(), before).await?,
        (Some(user), None) => sessions.revoke_all_sessions_for_user(user.clone()).await?,
        (None, Some(before)) => return Ok(sessions.revoke_sessions_of_tenant_created_before(before).await?),
        (None, None) if which.all => return Ok(sessions.revoke_all_sessions_of_tenant().await?),
        (None, None) => sessions.revoke_sessions(&which.handles).await?,
    };
    Ok(ended.len() as u64)
}
