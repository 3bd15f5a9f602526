//! The rows, one file a table. Times are milliseconds since the epoch.

pub(super) mod invalidation;
pub(super) mod key;
pub(super) mod session;

use std::fmt;

use sea_orm::DeriveValueType;

/// JSON as it was written, byte for byte: a text column, since JSON columns reorder what they store. Not shown by `Debug`: session
/// data may hold secrets.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub(crate) struct Json(pub(crate) String);

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json(..)")
    }
}

/// Bytes that are nobody's business: digests and wrapped keys.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub(crate) struct Sealed(pub(crate) Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}
