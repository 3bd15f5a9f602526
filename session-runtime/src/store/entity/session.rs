//! `sessions`: one row a session, from sign-in to its end.

#![allow(unreachable_pub, reason = "the derives write `pub` themselves")]

use sea_orm::entity::prelude::*;

use super::{Json, Sealed};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) handle: Uuid,
    pub(crate) tenant: String,
    pub(crate) user_id: String,
    pub(crate) payload: Json,
    pub(crate) payload_kind: String,
    pub(crate) payload_version: i64,
    /// Grows by one with every write of the payload: what compare-and-set compares.
    pub(crate) payload_revision: i64,
    pub(crate) data: Json,
    pub(crate) data_kind: String,
    pub(crate) data_version: i64,
    /// As `payload_revision`, of the data.
    pub(crate) data_revision: i64,
    /// SHA-256 of the secret in the refresh token: nobody can go back from it.
    pub(crate) secret_digest: Sealed,
    pub(crate) generation: i64,
    /// Whether a token of this generation was ever seen in use.
    pub(crate) confirmed: bool,
    pub(crate) rotated_at: i64,
    pub(crate) created_at: i64,
    pub(crate) authenticated_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) idle_expires_at: i64,
    pub(crate) absolute_expires_at: i64,
    /// Whether its cookies outlive the browser's run.
    pub(crate) remembered: bool,
    pub(crate) device_label: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
