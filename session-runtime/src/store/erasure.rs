//! What is left of a user when the sessions are gone: the audit trail, and the row that serializes sign-ins.

use super::{Store, StoreError, execute};
use crate::id::{TenantId, UserId};

impl Store {
    /// One transaction of three statements, one of which looks at the whole of the tenant's trail: as an actor a user stands in rows
    /// about others, which stay.
    pub(crate) async fn erase_user(&self, tenant: &TenantId, user_id: &UserId) -> Result<(), StoreError> {
        self.repeated(|| self.erase_user_once(tenant, user_id)).await
    }

    async fn erase_user_once(&self, tenant: &TenantId, user_id: &UserId) -> Result<(), StoreError> {
        let statements = [
            "DELETE FROM {session_audit} WHERE tenant = ? AND user_id = ?",
            "UPDATE {session_audit} SET actor = NULL WHERE tenant = ? AND actor = ?",
            "DELETE FROM {session_users} WHERE tenant = ? AND user_id = ?",
        ];
        let transaction = self.begin_up_to_date().await?;
        for statement in statements {
            let values = [tenant.as_str().into(), user_id.as_str().into()];
            execute(&transaction, self.dialect().sql(statement).with(values)).await?;
        }
        Ok(transaction.commit().await?)
    }
}
