//! `session_invalidations`: what every node must refuse although its token still verifies.

#![allow(unreachable_pub, reason = "the derives write `pub` themselves")]

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_invalidations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub(crate) sequence: i64,
    pub(crate) tenant: String,
    /// `session`; other subjects are for other versions of this library and are passed over.
    pub(crate) subject: String,
    pub(crate) subject_id: String,
    pub(crate) not_before: i64,
    pub(crate) reason: String,
    /// When the last token that it concerns has expired.
    pub(crate) expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
