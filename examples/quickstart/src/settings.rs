//! What the environment says, made into types before anything starts.

use std::env;
use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use session_runtime::{AntiCsrf, KeyError, Keys, Policy, PolicyError, WrappingKey};

pub(crate) struct Settings {
    pub(crate) bind: String,
    pub(crate) database_url: String,
    secret: Option<String>,
    access_token_seconds: u64,
    refresh_grace_seconds: Option<u64>,
    anti_csrf: Option<AntiCsrf>,
    websites: Vec<String>,
}

impl Settings {
    pub(crate) fn from_env() -> Result<Self, String> {
        Ok(Self {
            bind: read("BIND")?.unwrap_or_else(|| "127.0.0.1:3000".into()),
            database_url: read("DATABASE_URL")?.unwrap_or_else(|| "sqlite://quickstart.db".into()),
            secret: read("SESSION_SECRET")?,
            access_token_seconds: read("ACCESS_TOKEN_SECONDS")?.unwrap_or(3600),
            refresh_grace_seconds: read("REFRESH_GRACE_SECONDS")?,
            anti_csrf: anti_csrf(read::<String>("ANTI_CSRF")?.as_deref().unwrap_or("auto"))?,
            websites: read::<String>("WEBSITE")?
                .map(|origins| origins.split(',').map(|origin| origin.trim().to_owned()).collect())
                .unwrap_or_default(),
        })
    }

    pub(crate) fn policy(&self, address: SocketAddr) -> Result<Policy, PolicyError> {
        let mut policy = Policy::for_api(format!("http://{address}"))
            .access_token_lifetime(Duration::from_secs(self.access_token_seconds));
        if let Some(seconds) = self.refresh_grace_seconds {
            policy = policy.refresh_grace(Duration::from_secs(seconds));
        }
        if let Some(mode) = self.anti_csrf {
            policy = policy.anti_csrf(mode);
        }
        self.websites.iter().fold(policy, |policy, website| policy.website(website.as_str())).build()
    }

    /// The secret from the environment; else keys in the database, which a file beside it encrypts, so that neither of the
    /// two is enough to sign a token.
    pub(crate) fn keys(&self) -> Result<Keys, KeyError> {
        match (&self.secret, sqlite_file(&self.database_url)) {
            (Some(secret), _) => Keys::from_secrets([secret]),
            (None, Some(file)) => Ok(Keys::managed_wrapped(WrappingKey::from_file(format!("{file}.key"))?)),
            (None, None) => Ok(Keys::managed()),
        }
    }
}

fn read<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>, String> {
    match env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => text.parse().map(Some).map_err(|error| format!("{name}: {error}")),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn anti_csrf(word: &str) -> Result<Option<AntiCsrf>, String> {
    match word {
        "auto" => Ok(None),
        "token" => Ok(Some(AntiCsrf::Token)),
        "header" => Ok(Some(AntiCsrf::CustomHeader)),
        "none" => Ok(Some(AntiCsrf::None)),
        other => Err(format!("ANTI_CSRF: {other:?} is none of auto, token, header, none")),
    }
}

fn sqlite_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let in_memory = path.is_empty() || path == ":memory:" || url.contains("mode=memory");
    (!in_memory).then_some(path)
}
