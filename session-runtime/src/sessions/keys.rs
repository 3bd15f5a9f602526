//! Managed keys: made when there are none, rotated on a schedule by one node, known to all before they sign, and revoked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::config::{KeyError, KeySource, WrappingKey, ring};
use crate::error::{Cause, SessionError, SetupError};
use crate::secret;
use crate::store::{Store, StoreError, StoredKey};
use crate::token::key::{Key, KeyRing};

/// The place of the first key. Whoever inserts it first wins; all read what is there then.
const FIRST: i64 = 1;

/// How often a node looks for keys that others have made or revoked.
pub(super) const KEYS_INTERVAL: Duration = Duration::from_secs(5);

/// How long a new key only verifies, so that every node knows it before the first token that it signed arrives there.
const OVERLAP: Duration = Duration::from_secs(60);

/// How long a key is kept after its successor began to sign: no refresh token is good for longer than 400 days.
const RETIRED_AFTER: Duration = Duration::from_secs(401 * 24 * 60 * 60);

/// A managed key, for tools. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInformation {
    id: Option<String>,
    sequence: i64,
    created_at: Timestamp,
    signs_from: Timestamp,
    state: KeyState,
}

/// What a managed key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It verifies, and will sign when every node knows it.
    Waiting,
    /// It signs.
    Signing,
    /// It verifies what it signed before.
    Verifying,
    /// Nothing: its tokens are refused, and its secret is wiped.
    Revoked,
}

impl KeyInformation {
    /// The `kid` of its tokens; nothing where it is revoked.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its place in the order in which keys were made, counted from 1.
    #[must_use]
    pub const fn sequence(&self) -> i64 {
        self.sequence
    }

    /// When it was made.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// From when it signs, or has signed.
    #[must_use]
    pub const fn signs_from(&self) -> Timestamp {
        self.signs_from
    }

    /// What it does.
    #[must_use]
    pub const fn state(&self) -> KeyState {
        self.state
    }
}

impl Sessions {
    /// The managed keys, the newest first. Cost: one read.
    ///
    /// # Errors
    ///
    /// When the keys are not managed, cannot be opened with this program's wrapping key, or the database cannot be read.
    pub async fn keys(&self) -> Result<Vec<KeyInformation>, SessionError> {
        let managed = self.core.managed()?;
        let stored = self.core.store.keys().await?;
        let signing = signing(&stored, self.core.now());
        stored.iter().map(|key| managed.information(key, signing).map_err(|error| Cause::Keys(error).into())).collect()
    }

    /// Makes a new managed key. It signs after a minute, when every node knows it; the one before goes on verifying until its last
    /// token has expired. Where a key is waiting already, that one is answered. Cost: one read and one write.
    ///
    /// # Errors
    ///
    /// When the keys are not managed, or the database cannot be written.
    pub async fn rotate_keys(&self) -> Result<KeyInformation, SessionError> {
        let now = self.core.now();
        let newest = self.core.rotate_keys(now, now.after(OVERLAP)).await?;
        self.core.reload_keys().await?;
        self.core.managed()?.information(&newest, None).map_err(|error| Cause::Keys(error).into())
    }

    /// Revokes a managed key by its place, as when it has leaked: every token that it signed is refused, by this node at once and by all
    /// others within 5 seconds, and its secret is wiped. Sessions whose refresh token it signed are over. Where it is the one that
    /// signs, a new one signs at once. Answers whether it was good until now. Cost: up to two reads and two writes.
    ///
    /// # Errors
    ///
    /// When the keys are not managed, or the database cannot be written.
    pub async fn revoke_key(&self, sequence: i64) -> Result<bool, SessionError> {
        let now = self.core.now();
        self.core.managed()?;
        let stored = self.core.store.keys().await?;
        let others_sign =
            stored.iter().any(|key| key.sequence != sequence && key.revoked_at.is_none() && key.signs_from <= now);
        if !others_sign || signing(&stored, now) == Some(sequence) {
            self.core.insert_next(&stored, now, now).await?;
        }
        let revoked = self.core.store.revoke_key(sequence, now).await?;
        self.core.reload_keys().await?;
        Ok(revoked)
    }
}

/// The keys that are in the database: how to open them, and what this node knows of them.
pub(super) struct ManagedKeys {
    wrapping: Option<WrappingKey>,
    /// The keys of the ring, the one that signs first: what tells whether there is news.
    known: Mutex<Vec<i64>>,
}

impl ManagedKeys {
    /// The ring of the keys that are good, of which the newest whose time has come signs.
    fn ring(&self, stored: &[StoredKey], now: Timestamp) -> Result<KeyRing, KeyError> {
        ring(in_order(stored, now).map(|key| self.open(key)).collect::<Result<_, _>>()?)
    }

    fn open(&self, key: &StoredKey) -> Result<Key, KeyError> {
        let secret = match (key.wrapped, &self.wrapping) {
            (false, None) => key.secret.clone(),
            (true, Some(wrapping)) => wrapping.unwrap(&key.secret, &context(key.sequence))?,
            // A key in clear is not taken where wrapping is demanded: whoever can write the database could have put it there.
            (true, None) | (false, Some(_)) => return Err(KeyError::Wrapped),
        };
        Key::derive(&secret).ok_or(KeyError::TooShort { position: 1, bytes: secret.len() })
    }

    fn draw(&self, sequence: i64, now: Timestamp, signs_from: Timestamp) -> Result<StoredKey, KeyError> {
        let drawn = secret::draw::<32>().map_err(|_| KeyError::Random)?;
        let secret = match &self.wrapping {
            Some(wrapping) => wrapping.wrap(drawn.as_slice(), &context(sequence))?,
            None => drawn.to_vec(),
        };
        let wrapped = self.wrapping.is_some();
        Ok(StoredKey {
            sequence,
            secret: Zeroizing::new(secret),
            wrapped,
            created_at: now,
            signs_from,
            revoked_at: None,
        })
    }

    fn information(&self, key: &StoredKey, signing: Option<i64>) -> Result<KeyInformation, KeyError> {
        let state = match (key.revoked_at, signing) {
            (Some(_), _) => KeyState::Revoked,
            (None, Some(signing)) if key.sequence == signing => KeyState::Signing,
            (None, Some(signing)) if key.sequence < signing => KeyState::Verifying,
            (None, _) => KeyState::Waiting,
        };
        let id = match state {
            KeyState::Revoked => None,
            _ => Some(self.open(key)?.id().to_string()),
        };
        Ok(KeyInformation { id, sequence: key.sequence, created_at: key.created_at, signs_from: key.signs_from, state })
    }
}

/// The ring that an application starts with, and how it goes on where its keys are managed.
pub(super) async fn load(
    source: KeySource,
    store: &Store,
    now: Timestamp,
) -> Result<(KeyRing, Option<ManagedKeys>), SetupError> {
    let wrapping = match source {
        KeySource::Fixed(ring) => return Ok((ring, None)),
        KeySource::Managed(wrapping) => wrapping,
    };
    let managed = ManagedKeys { wrapping, known: Mutex::default() };
    let mut stored = store.keys().await?;
    if stored.iter().all(|key| key.revoked_at.is_some()) {
        let sequence = stored.first().map_or(FIRST, |newest| newest.sequence + 1);
        store.insert_key(&managed.draw(sequence, now, now)?).await?;
        stored = store.keys().await?;
    }
    Ok((managed.ring(&stored, now)?, Some(managed)))
}

impl Core {
    fn managed(&self) -> Result<&ManagedKeys, Cause> {
        self.managed_keys.as_ref().ok_or(Cause::KeysNotManaged)
    }

    /// Takes in what other nodes have done to the keys, and has the next key made where its time has come.
    pub(super) async fn keep_keys(&self) -> Result<(), StoreError> {
        if self.managed_keys.is_none() {
            return Ok(());
        }
        self.reload_keys().await?;
        let now = self.now();
        let stored = self.store.keys().await?;
        let is_due = |newest: &StoredKey| newest.signs_from.after(self.policy.key_rotation) <= now;
        if stored.first().is_some_and(is_due) {
            // Nothing else is wrong than what the log says: the old key goes on signing.
            if let Err(error) = self.insert_next(&stored, now, now.after(OVERLAP)).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the next key could not be made");
            }
        }
        Ok(())
    }

    /// Has the ring say what the database says.
    pub(super) async fn reload_keys(&self) -> Result<(), StoreError> {
        let Some(managed) = &self.managed_keys else { return Ok(()) };
        let (now, stored) = (self.now(), self.store.keys().await?);
        let order: Vec<i64> = in_order(&stored, now).map(|key| key.sequence).collect();
        let mut known = managed.known.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == order {
            return Ok(());
        }
        match managed.ring(&stored, now) {
            Ok(ring) => {
                self.ring.store(ring);
                *known = order;
            }
            // The ring stays as it is: it is better to refuse a new key's tokens than everybody's.
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "a managed key cannot be used"),
        }
        Ok(())
    }

    async fn rotate_keys(&self, now: Timestamp, signs_from: Timestamp) -> Result<StoredKey, SessionError> {
        self.managed()?;
        let stored = self.store.keys().await?;
        let is_waiting = |key: &StoredKey| key.revoked_at.is_none() && now < key.signs_from;
        if !stored.first().is_some_and(is_waiting) {
            self.insert_next(&stored, now, signs_from).await?;
        }
        let newest = self.store.keys().await?.into_iter().next();
        Ok(newest.ok_or(Cause::Keys(KeyError::Missing))?)
    }

    /// Makes the key after these, unless another node is faster.
    async fn insert_next(
        &self,
        stored: &[StoredKey],
        now: Timestamp,
        signs_from: Timestamp,
    ) -> Result<(), SessionError> {
        let sequence = stored.first().map_or(FIRST, |newest| newest.sequence + 1);
        let next = self.managed()?.draw(sequence, now, signs_from).map_err(Cause::Keys)?;
        if self.store.insert_key(&next).await? {
            tracing::info!(sequence, "a new key was made");
        }
        Ok(())
    }

    /// Forgets keys whose last token has expired.
    pub(super) async fn retire_keys(&self) -> Result<(), StoreError> {
        if self.managed_keys.is_none() {
            return Ok(());
        }
        let now = self.now();
        let stored = self.store.keys().await?;
        let successor =
            stored.iter().find(|key| key.revoked_at.is_none() && key.signs_from.after(RETIRED_AFTER) <= now);
        if let Some(successor) = successor {
            self.store.delete_keys_before(successor.sequence).await?;
        }
        Ok(())
    }
}

/// The key that signs: the newest whose time has come. Where clocks disagree and none has, the oldest.
fn signing(stored: &[StoredKey], now: Timestamp) -> Option<i64> {
    let mut good = stored.iter().filter(|key| key.revoked_at.is_none());
    let oldest = stored.iter().rfind(|key| key.revoked_at.is_none());
    good.find(|key| key.signs_from <= now).or(oldest).map(|key| key.sequence)
}

/// The good keys, the one that signs first.
fn in_order(stored: &[StoredKey], now: Timestamp) -> impl Iterator<Item = &StoredKey> {
    let signing = signing(stored, now);
    let good = stored.iter().filter(|key| key.revoked_at.is_none());
    let others = good.clone().filter(move |key| Some(key.sequence) != signing);
    good.filter(move |key| Some(key.sequence) == signing).chain(others)
}

/// Binds a wrapped key to its place, so that rows cannot change places.
fn context(sequence: i64) -> [u8; 8] {
    sequence.to_be_bytes()
}
