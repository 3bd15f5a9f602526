//! The audit trail.

use serde_json::Value;
use session_runtime::{AuditEvent, AuditQuery, AuditRecord, UserId};

use crate::arguments::Database;
use crate::failure::Failure;
use crate::open::policy;
use crate::output::{Output, Record, time};

const PAGE: u16 = 500;

pub(super) async fn audit(
    database: &Database,
    output: &mut Output,
    user: Option<UserId>,
    limit: usize,
) -> Result<(), Failure> {
    let sessions = database.open(policy()).await?;
    let start = user.map_or_else(AuditQuery::newest, |user| AuditQuery::newest().of_user(user));
    let (mut query, mut left) = (start.clone(), limit);
    while left > 0 {
        let page = u16::try_from(left).unwrap_or(PAGE).min(PAGE);
        let found = sessions.audit(query.limit(page)).await?;
        found.iter().try_for_each(|found| output.line(record(found)))?;
        left -= found.len();
        let Some(last) = found.last().filter(|_| found.len() == usize::from(page)) else { break };
        query = start.clone().beyond(last);
    }
    if left == limit { Err(Failure::NotFound("no record".to_owned())) } else { Ok(()) }
}

fn record(found: &AuditRecord) -> Record {
    let text = |text: Option<String>| text.map_or(Value::Null, Into::into);
    vec![
        ("sequence", found.sequence().into()),
        ("at", time(found.at())),
        ("event", event(found.event()).into()),
        ("reason", found.reason().as_str().into()),
        ("tenantId", found.tenant().to_string().into()),
        ("userId", text(found.user_id().map(ToString::to_string))),
        ("sessionHandle", text(found.handle().map(ToString::to_string))),
        ("actor", text(found.actor().map(ToString::to_string))),
    ]
}

fn event(event: &AuditEvent) -> String {
    match event {
        AuditEvent::Revoked => "revoked".to_owned(),
        AuditEvent::TokenTheft { .. } => "token_theft".to_owned(),
        AuditEvent::TenantRevoked { .. } => "tenant_revoked".to_owned(),
        AuditEvent::Other(other) => other.clone(),
        _ => "unknown".to_owned(),
    }
}
