//! Looking: a list, one, a number, an export.

use serde_json::Value;
use session_runtime::{SessionHandle, SessionInformation, SessionPage, Sessions, UserId};

use crate::arguments::Database;
use crate::failure::Failure;
use crate::open::policy;
use crate::output::{Output, Record, time};

/// How many sessions are in memory at once, however many there are.
const PAGE: usize = 500;

pub(super) async fn list(
    database: &Database,
    output: &mut Output,
    user: Option<&UserId>,
    after: Option<SessionHandle>,
    limit: usize,
) -> Result<(), Failure> {
    each(&database.open(policy()).await?, user, after, limit, |session| output.line(record(session))).await
}

pub(super) async fn export(database: &Database, user: Option<&UserId>) -> Result<(), Failure> {
    let mut lines = Output::new(true);
    each(&database.open(policy()).await?, user, None, usize::MAX, |session| lines.line(record(session))).await
}

pub(super) async fn show(database: &Database, output: &Output, handle: SessionHandle) -> Result<(), Failure> {
    let sessions = database.open(policy()).await?;
    match sessions.session_information(&handle).await? {
        Some(session) => output.one(record(&session)),
        None => Err(Failure::NotFound(format!("no session {handle} in tenant {}", database.tenant))),
    }
}

pub(super) async fn count(database: &Database, output: &Output, user: Option<&UserId>) -> Result<(), Failure> {
    let sessions = database.open(policy()).await?;
    let count = match user {
        Some(user) => sessions.count_sessions(user.clone()).await?,
        None => sessions.count_all().await?,
    };
    output.one(vec![("sessions", count.into())])
}

/// Page after page, until there are enough.
async fn each(
    sessions: &Sessions,
    user: Option<&UserId>,
    mut after: Option<SessionHandle>,
    limit: usize,
    mut take: impl FnMut(&SessionInformation) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut left = limit;
    while left > 0 {
        let SessionPage { sessions: found, next, .. } = page(sessions, user, after, left.min(PAGE)).await?;
        found.iter().try_for_each(&mut take)?;
        left -= found.len();
        match next {
            Some(_) => after = next,
            None => break,
        }
    }
    if left == limit { Err(Failure::NotFound("no session".to_owned())) } else { Ok(()) }
}

async fn page(
    sessions: &Sessions,
    user: Option<&UserId>,
    after: Option<SessionHandle>,
    limit: usize,
) -> Result<SessionPage, Failure> {
    Ok(match user {
        Some(user) => sessions.list_sessions_page(user.clone(), after, limit).await?,
        None => sessions.list_all_page(after, limit).await?,
    })
}

fn record(session: &SessionInformation) -> Record {
    let text = |text: Option<String>| text.map_or(Value::Null, Into::into);
    vec![
        ("sessionHandle", session.handle().to_string().into()),
        ("userId", session.user_id().to_string().into()),
        ("tenantId", session.tenant().to_string().into()),
        ("createdAt", time(session.created_at())),
        ("lastSeenAt", time(session.last_seen_at())),
        ("expiresAt", time(session.expires_at())),
        ("anonymous", session.is_anonymous().into()),
        ("actor", text(session.actor().map(ToString::to_string))),
        ("generation", session.generation().number().into()),
        ("payloadKind", session.payload_kind().into()),
        ("address", text(session.address().map(|address| address.to_string()))),
        ("device", text(session.device_label().map(str::to_owned))),
        ("userAgent", text(session.user_agent().map(str::to_owned))),
    ]
}
