//! Managed keys: loaded when the application starts, and made when there are none.

use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::config::{KeyError, KeySource, WrappingKey, ring};
use crate::error::SetupError;
use crate::secret;
use crate::store::{Store, StoredKey};
use crate::token::key::{Key, KeyRing};

/// The place of the first key. Whoever inserts it first wins; all read what is there then.
const FIRST: i64 = 1;

pub(super) async fn load(source: KeySource, store: &Store, now: Timestamp) -> Result<KeyRing, SetupError> {
    let wrapping = match source {
        KeySource::Fixed(ring) => return Ok(ring),
        KeySource::Managed(wrapping) => wrapping,
    };
    let mut stored = store.keys().await?;
    if stored.is_empty() {
        store.insert_key(&first(wrapping.as_ref())?, now).await?;
        stored = store.keys().await?;
    }
    let keys = stored.iter().map(|key| open(key, wrapping.as_ref())).collect::<Result<Vec<_>, _>>()?;
    Ok(ring(keys)?)
}

fn first(wrapping: Option<&WrappingKey>) -> Result<StoredKey, KeyError> {
    let drawn = secret::draw::<32>().map_err(|_| KeyError::Random)?;
    let secret = match wrapping {
        Some(wrapping) => wrapping.wrap(drawn.as_slice(), &context(FIRST))?,
        None => drawn.to_vec(),
    };
    Ok(StoredKey { sequence: FIRST, secret: Zeroizing::new(secret), wrapped: wrapping.is_some() })
}

fn open(key: &StoredKey, wrapping: Option<&WrappingKey>) -> Result<Key, KeyError> {
    let secret = match (key.wrapped, wrapping) {
        (false, None) => key.secret.clone(),
        (true, Some(wrapping)) => wrapping.unwrap(&key.secret, &context(key.sequence))?,
        // A key in clear is not taken where wrapping is demanded: whoever can write the database could have put it there.
        (true, None) | (false, Some(_)) => return Err(KeyError::Wrapped),
    };
    Key::derive(&secret).ok_or(KeyError::TooShort { position: 1, bytes: secret.len() })
}

/// Binds a wrapped key to its place, so that rows cannot change places.
fn context(sequence: i64) -> [u8; 8] {
    sequence.to_be_bytes()
}
