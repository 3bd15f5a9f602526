//! Deleting what is long over, in small batches found by an index or along the primary key.

use sea_orm::Value;
use uuid::Uuid;

use super::dialect::{column, placeholders};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::id::SessionHandle;

/// The user at whom a purge goes on: tenant and user id.
pub(crate) type UserCursor = (String, String);

impl Store {
    /// Two statements: deletes up to `limit` sessions whose absolute end was before `cutoff`, found by their index.
    pub(crate) async fn purge_ended(&self, cutoff: Timestamp, limit: i64) -> Result<u64, StoreError> {
        let find = self
            .dialect()
            .sql("SELECT handle FROM {sessions} WHERE absolute_expires_at <= ? ORDER BY absolute_expires_at LIMIT ?");
        let found = self.query_all(find.with([cutoff.as_millis().into(), limit.into()])).await?;
        let ended = found.iter().map(|row| column(row, 0)).collect::<Result<Vec<Uuid>, _>>()?;
        if ended.is_empty() {
            return Ok(0);
        }
        let delete = format!("DELETE FROM {{sessions}} WHERE handle IN ({})", placeholders(ended.len()));
        let statement = self.dialect().sql(&delete).with_all(ended.into_iter().map(Into::into));
        self.execute(statement).await
    }

    /// Two statements: looks at the next `limit` rows behind `cursor` and deletes those that have been idle too long since before
    /// `cutoff`. Answers how many were deleted, and where to go on; `None` at the end of the table.
    pub(crate) async fn purge_idle(
        &self,
        cursor: Option<SessionHandle>,
        cutoff: Timestamp,
        limit: i64,
    ) -> Result<(u64, Option<SessionHandle>), StoreError> {
        let cutoff = cutoff.as_millis();
        let find = "SELECT handle, idle_expires_at FROM {sessions} WHERE handle > ? ORDER BY handle LIMIT ?";
        let from = cursor.map_or(Uuid::nil(), |cursor| cursor.as_uuid());
        let page = self.query_all(self.dialect().sql(find).with([from.into(), limit.into()])).await?;
        let mut idle = Vec::new();
        let mut last = None;
        for row in &page {
            let handle: Uuid = column(row, 0)?;
            last = Some(SessionHandle::from_uuid(handle));
            if column::<i64>(row, 1)? <= cutoff {
                idle.push(handle);
            }
        }
        let next = last.filter(|_| i64::try_from(page.len()) == Ok(limit));
        if idle.is_empty() {
            return Ok((0, next));
        }
        // Asked again: a refresh may have been faster.
        let delete =
            format!("DELETE FROM {{sessions}} WHERE handle IN ({}) AND idle_expires_at <= ?", placeholders(idle.len()));
        let values = idle.into_iter().map(Into::into).chain([cutoff.into()]);
        let deleted = self.execute(self.dialect().sql(&delete).with_all(values)).await?;
        Ok((deleted, next))
    }

    /// One read, along the index: until when the `limit` oldest announcements of sessions last, of those that concern no token since
    /// `cutoff`; nothing where they are fewer.
    pub(crate) async fn page_of_invalidations(
        &self,
        cutoff: Timestamp,
        limit: i64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let find = "SELECT expires_at FROM {session_invalidations} WHERE expires_at <= ? AND subject <> 'tenant' \
                    ORDER BY expires_at LIMIT 1 OFFSET ?";
        let found =
            self.query_one(self.dialect().sql(find).with([cutoff.as_millis().into(), (limit - 1).into()])).await?;
        found.map(|row| column(&row, 0).map(Timestamp::from_millis)).transpose()
    }

    /// Two statements, three where a tenant has no more: looks at the next `limit` rows of `session_users` behind `cursor`, and forgets
    /// who signed in before `cutoff`: a row serves no longer than a sign-in takes. Answers where to go on; `None` at the end of the table.
    pub(crate) async fn purge_users(
        &self,
        cursor: Option<UserCursor>,
        cutoff: Timestamp,
        limit: usize,
    ) -> Result<Option<UserCursor>, StoreError> {
        let page = self.users_behind(cursor, limit).await?;
        let last = page.last().map(|(user, _)| user.clone()).filter(|_| page.len() == limit);
        let past = page.into_iter().filter(|(_, signed_in_at)| *signed_in_at <= cutoff).map(|(user, _)| user);
        self.forget_users(past.collect(), cutoff).await?;
        Ok(last)
    }

    /// Up to `limit` users and when they signed in. First the rest of the cursor's tenant, then other tenants: one condition for both
    /// would have an engine begin at the tenant's first user each time.
    async fn users_behind(
        &self,
        cursor: Option<UserCursor>,
        limit: usize,
    ) -> Result<Vec<(UserCursor, Timestamp)>, StoreError> {
        const COLUMNS: &str = "SELECT tenant, user_id, signed_in_at FROM {session_users} WHERE";
        let rows = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        let mut page = Vec::new();
        let mut after = String::new();
        if let Some((tenant, user_id)) = cursor {
            let rest = format!("{COLUMNS} tenant = ? AND user_id > ? ORDER BY user_id LIMIT ?");
            let values = [tenant.as_str().into(), user_id.into(), rows(limit)];
            page = self.query_all(self.dialect().sql(&rest).with(values)).await?;
            after = tenant;
        }
        if page.len() < limit {
            let others = format!("{COLUMNS} tenant > ? ORDER BY tenant, user_id LIMIT ?");
            let values = [after.into(), rows(limit - page.len())];
            page.extend(self.query_all(self.dialect().sql(&others).with(values)).await?);
        }
        let user = |row| Ok(((column(row, 0)?, column(row, 1)?), Timestamp::from_millis(column(row, 2)?)));
        page.iter().map(user).collect()
    }

    async fn forget_users(&self, past: Vec<UserCursor>, cutoff: Timestamp) -> Result<(), StoreError> {
        if past.is_empty() {
            return Ok(());
        }
        // Asked again: one of them may be signing in.
        let users = vec!["(tenant = ? AND user_id = ?)"; past.len()].join(" OR ");
        let delete = format!("DELETE FROM {{session_users}} WHERE signed_in_at <= ? AND ({users})");
        let named = past.into_iter().flat_map(|(tenant, user_id)| [tenant.into(), user_id.into()]);
        let values = std::iter::once(cutoff.as_millis().into()).chain(named);
        self.execute(self.dialect().sql(&delete).with_all(values)).await?;
        Ok(())
    }
}
