//! Values that must not be seen: [`Secret`] for users' own, and the one place that draws random bytes.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use zeroize::{Zeroize, Zeroizing};

/// A value that is kept in session data and shown nowhere else.
///
/// `Debug` prints `Secret(..)`, the value is wiped when dropped, and it is read through one searchable method, [`expose`](Self::expose).
/// It serializes **for the session store only**: any other serializer, such as the one behind `axum::Json`, gets an error
/// instead of the secret. It is no [`ClaimValue`](crate::ClaimValue), so it cannot enter an access token payload.
///
/// What it does not do: the value lies in the database as it is (encrypt the disk, or the value, where that matters), and
/// copies that the caller makes of the exposed value are the caller's.
///
/// ```
/// use session_runtime::Secret;
///
/// let card = Secret::new(String::from("tok_4242"));
/// assert_eq!(card.expose(), "tok_4242");
/// assert_eq!(format!("{card:?}"), "Secret(..)");
/// assert!(serde_json::to_string(&card).is_err());
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value; it can still be read with [`expose`](Self::expose).
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Search for this word to find every place that reads a secret.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, to be changed in place.
    pub const fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize + Default> Default for Secret<T> {
    fn default() -> Self {
        Self(T::default())
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize + Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if STORING.get() {
            self.0.serialize(serializer)
        } else {
            Err(ser::Error::custom("a Secret is serialized for the session store only; send a type without it"))
        }
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

thread_local! {
    static STORING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `encode` with secrets readable for serializers. Serialization is synchronous, so nothing else of this thread runs meanwhile.
pub(crate) fn while_storing<R>(encode: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            STORING.set(self.0);
        }
    }
    let _restore = Restore(STORING.replace(true));
    encode()
}

/// Draws `N` bytes from the operating system: 32 of them are the 256 bits that ASVS 7.2.3 asks for and more.
///
/// # Errors
///
/// When the operating system has no randomness to give; nothing is made of less.
#[allow(clippy::disallowed_methods, reason = "the one place that may")]
pub(crate) fn draw<const N: usize>() -> Result<Zeroizing<[u8; N]>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}
