//! `session_keys`: managed keys. The primary key is their order, so of several nodes that make the next one only one succeeds.

#![allow(unreachable_pub, reason = "the derives write `pub` themselves")]

use sea_orm::entity::prelude::*;

use super::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    pub(crate) secret: Sealed,
    pub(crate) wrapped: bool,
    pub(crate) created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
