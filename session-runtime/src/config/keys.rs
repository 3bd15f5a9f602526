//! Where the keys come from.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret;
use crate::token::key::{Key, KeyRing, MIN_SECRET_BYTES, SameKeyTwice};

/// Keys that were refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A secret is too short to sign with (RFC 7518 §3.2).
    #[error("secret {position} has {bytes} bytes, need at least {MIN_SECRET_BYTES}")]
    TooShort {
        /// Which secret, counted from 1; the first one signs.
        position: usize,
        /// How long it is.
        bytes: usize,
    },
    /// No secret was given at all.
    #[error("no secret was given, need at least one")]
    Missing,
    /// One secret was given twice.
    #[error("key {key_id} was given twice")]
    Duplicate {
        /// The public name of the key.
        key_id: String,
    },
    /// A managed key cannot be opened: it was wrapped by another key, or not at all.
    #[error(
        "a managed key in the database cannot be opened with the wrapping key of this program: restore the secret or the file that the \
         key is wrapped by, or delete the rows of session_keys, which ends all sessions"
    )]
    Wrapped,
    /// The file of the wrapping key cannot be read or created.
    #[error("the file of the wrapping key cannot be used")]
    File(#[source] io::Error),
    /// The operating system has no randomness to give.
    #[error("no random bytes could be drawn")]
    Random,
}

/// Where an application's keys come from. The first key signs; all verify.
///
/// Each key is a master secret of 32 bytes or more. The keys for access tokens, refresh tokens and anti-CSRF values are derived
/// from it with HKDF-SHA-256, and so is its public name, so that nodes with the same secrets agree without further words.
#[derive(Clone)]
pub struct Keys(KeySource);

#[derive(Clone)]
pub(crate) enum KeySource {
    Fixed(KeyRing),
    Managed(Option<WrappingKey>),
}

impl Keys {
    /// Takes the secrets from the application, usually from its environment: the one that signs first, then others that
    /// verify. To rotate in a rolling deployment, first put the new one *last* on all nodes, then first; drop the old one when
    /// the longest refresh token is over.
    ///
    /// ```
    /// use session_runtime::Keys;
    ///
    /// let keys = Keys::from_secrets([b"a secret of 32 bytes or more, drawn at random"])?;
    /// assert!(Keys::from_secrets(["too short"]).is_err());
    /// # Ok::<(), session_runtime::KeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no secret, one has less than 32 bytes, or one stands there twice.
    pub fn from_secrets<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (index, secret) in secrets.into_iter().enumerate() {
            let secret = secret.as_ref();
            let too_short = KeyError::TooShort { position: index + 1, bytes: secret.len() };
            keys.push(Key::derive(secret).ok_or(too_short)?);
        }
        ring(keys).map(|ring| Self(KeySource::Fixed(ring)))
    }

    /// Keeps the keys in the application's database. The first is created when the first node starts, however many start at
    /// once, so a first run needs no configuration.
    ///
    /// Whoever can read the database can then sign tokens; [`managed_wrapped`](Self::managed_wrapped) prevents that.
    #[must_use]
    pub const fn managed() -> Self {
        Self(KeySource::Managed(None))
    }

    /// As [`managed`](Self::managed), with the keys in the database encrypted (XChaCha20-Poly1305) under a key that is kept elsewhere.
    #[must_use]
    pub const fn managed_wrapped(by: WrappingKey) -> Self {
        Self(KeySource::Managed(Some(by)))
    }

    pub(crate) fn into_source(self) -> KeySource {
        self.0
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            KeySource::Fixed(ring) => f.debug_list().entries(ring.keys().map(|key| key.id().to_string())).finish(),
            KeySource::Managed(_) => f.write_str("Keys::managed"),
        }
    }
}

/// A ring of these keys, the first of which signs.
pub(crate) fn ring(keys: Vec<Key>) -> Result<KeyRing, KeyError> {
    let mut keys = keys.into_iter();
    let current = keys.next().ok_or(KeyError::Missing)?;
    KeyRing::new(current, keys.collect()).map_err(|SameKeyTwice(id)| KeyError::Duplicate { key_id: id.to_string() })
}

/// Encrypts managed keys at rest.
#[derive(Clone)]
pub struct WrappingKey(XChaCha20Poly1305);

impl WrappingKey {
    /// Derives the wrapping key from a secret, usually from the environment.
    ///
    /// # Errors
    ///
    /// When the secret has less than 32 bytes.
    pub fn from_secret(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        if secret.len() < MIN_SECRET_BYTES {
            return Err(KeyError::TooShort { position: 1, bytes: secret.len() });
        }
        let mut key = Zeroizing::new([0; 32]);
        let purposes = Hkdf::<Sha256>::new(Some(b"session-runtime/1"), secret);
        purposes.expand(b"wrap", key.as_mut_slice()).expect("HKDF gives up to 8,160 bytes (RFC 5869 §2.3)");
        Ok(Self(XChaCha20Poly1305::new((&*key).into())))
    }

    /// Reads the secret from a file, or draws one and creates the file, readable by its owner only, where there is none. Of
    /// several programs that do so at once, one creates it and all read the same.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or created, or holds no secret of 32 bytes or more in base64.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_file(path)?;
                Zeroizing::new(std::fs::read_to_string(path).map_err(KeyError::File)?)
            }
            Err(error) => return Err(KeyError::File(error)),
        };
        let secret = STANDARD
            .decode(text.trim())
            .map_err(|error| KeyError::File(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Self::from_secret(Zeroizing::new(secret))
    }

    pub(crate) fn wrap(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, KeyError> {
        let nonce = secret::draw::<24>().map_err(|_| KeyError::Random)?;
        let sealed =
            self.0.encrypt((&*nonce).into(), Payload { msg: secret, aad: context }).map_err(|_| KeyError::Wrapped)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<24>().ok_or(KeyError::Wrapped)?;
        self.0
            .decrypt(nonce.into(), Payload { msg: sealed, aad: context })
            .map(Zeroizing::new)
            .map_err(|_| KeyError::Wrapped)
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKey(..)")
    }
}

/// Writes the file whole under another name and then links it: whoever sees the file sees all of it, and only one is first.
fn create_file(path: &Path) -> Result<(), KeyError> {
    let drawn = secret::draw::<32>().map_err(|_| KeyError::Random)?;
    let marker = secret::draw::<8>().map_err(|_| KeyError::Random)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}", u64::from_be_bytes(*marker)));
    let written = write_private(name.as_ref(), &Zeroizing::new(STANDARD.encode(*drawn)));
    let linked = written.and_then(|()| match std::fs::hard_link(&name, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = std::fs::remove_file(&name);
    // The name must be as durable as what is encrypted under the key.
    linked.and(removed).and_then(|()| sync_folder(path)).map_err(KeyError::File)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
