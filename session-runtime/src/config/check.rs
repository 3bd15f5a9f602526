//! What holds a policy together: ranges, and settings that need each other.

use std::time::Duration;

use super::Origin;
use super::builder::PolicyBuilder;
use super::policy::{AntiCsrf, PolicyError, SameSite};

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl PolicyBuilder {
    pub(super) fn checked_grace(&self) -> Result<Duration, PolicyError> {
        let longest = Duration::from_secs(300).min(self.access_token_lifetime);
        let grace = self.refresh_grace.unwrap_or(longest.min(Duration::from_secs(30)));
        if grace > self.access_token_lifetime {
            return Err(error("refresh_grace", format!("{grace:?}"), "at most the access_token_lifetime"));
        }
        range("refresh_grace", grace, Duration::ZERO, longest)?;
        Ok(grace)
    }

    /// A note that is written later than the grace ends would come too late to tell a lost response from a theft.
    pub(super) fn checked_notes_interval(&self, grace: Duration) -> Result<Duration, PolicyError> {
        let (shortest, longest) = (Duration::from_millis(10), Duration::from_secs(60));
        let automatic = if grace.is_zero() { Duration::from_secs(5) } else { (grace / 3).min(Duration::from_secs(5)) };
        let interval = self.notes_interval.unwrap_or(automatic.max(shortest));
        range("notes_interval", interval, shortest, longest)?;
        if !grace.is_zero() && interval >= grace {
            return Err(error(
                "notes_interval",
                format!("{interval:?}"),
                format!("less than the refresh_grace of {grace:?}"),
            ));
        }
        Ok(interval)
    }

    pub(super) fn check_lifetimes(&self) -> Result<(), PolicyError> {
        range("access_token_lifetime", self.access_token_lifetime, Duration::from_secs(1), 30 * DAY)?;
        timeouts(self.idle_timeout, self.absolute_timeout)?;
        if self.idle_timeout <= self.access_token_lifetime {
            let expected = format!("more than the access_token_lifetime of {:?}", self.access_token_lifetime);
            return Err(error("idle_timeout", format!("{:?}", self.idle_timeout), expected));
        }
        Ok(())
    }

    /// Cookies that browsers drop, or do not send, or send for anybody.
    pub(super) fn check_same_site(&self, same_site: SameSite, one_site: bool, api: &Origin) -> Result<(), PolicyError> {
        let found = format!("{same_site:?}");
        match same_site {
            // 6265bis §5.7.
            SameSite::None if !api.is_https() => {
                Err(error("same_site", "None over http", "Lax or Strict, or an API at https"))
            }
            SameSite::None if self.anti_csrf == Some(AntiCsrf::None) => {
                Err(error("anti_csrf", "None beside SameSite=None", "a mode that asks for something"))
            }
            SameSite::Lax | SameSite::Strict if !one_site => {
                Err(error("same_site", found, "None, since the website is another site than the API"))
            }
            _ => Ok(()),
        }
    }

    /// Subtractive, so that no token outlives the lifetime that revocations are remembered for.
    pub(super) fn check_jitter(&self) -> Result<(), PolicyError> {
        match self.access_token_jitter {
            0..=25 => Ok(()),
            percent => Err(error("access_token_jitter", format!("{percent} %"), "0 to 25 %")),
        }
    }

    /// How large session data may be: MySQL's packets and everybody's patience end somewhere.
    pub(super) fn check_data_size(&self) -> Result<(), PolicyError> {
        let largest = 4 * 1024 * 1024;
        if (2..=largest).contains(&self.max_session_data) {
            return Ok(());
        }
        Err(error("max_session_data", format!("{} bytes", self.max_session_data), format!("2 to {largest} bytes")))
    }

    pub(super) fn check_database_limits(&self) -> Result<(), PolicyError> {
        range("database_timeout", self.database_timeout, Duration::from_millis(10), Duration::from_secs(60))?;
        let most = 1 << 20;
        if (1..=most).contains(&self.database_queue) {
            return Ok(());
        }
        Err(error("database_queue", self.database_queue.to_string(), format!("1 to {most}")))
    }

    pub(super) fn check_verified_tokens(&self) -> Result<(), PolicyError> {
        let most = 1 << 20;
        if self.verified_tokens <= most {
            return Ok(());
        }
        Err(error("verified_tokens", self.verified_tokens.to_string(), format!("0 to {most}")))
    }

    /// The front end tells a refusal by its status, so the two must differ.
    pub(super) fn check_statuses(&self) -> Result<(), PolicyError> {
        let (expired, invalid) = (self.session_expired_status, self.invalid_claim_status);
        for (field, status) in [("session_expired_status", expired), ("invalid_claim_status", invalid)] {
            if !(300..=599).contains(&status) {
                return Err(error(field, status.to_string(), "300 to 599"));
            }
        }
        if expired == invalid {
            return Err(error("invalid_claim_status", invalid.to_string(), "another than the session_expired_status"));
        }
        Ok(())
    }
}

/// The two timeouts of a policy, or of a session that has its own.
pub(crate) fn timeouts(idle: Duration, absolute: Duration) -> Result<(), PolicyError> {
    // 6265bis §5.5: no browser keeps a cookie for longer.
    range("absolute_timeout", absolute, Duration::from_secs(1), 400 * DAY)?;
    range("idle_timeout", idle, Duration::from_secs(1), 400 * DAY)?;
    if idle > absolute {
        let expected = format!("at most the absolute_timeout of {absolute:?}");
        return Err(error("idle_timeout", format!("{idle:?}"), expected));
    }
    Ok(())
}

pub(super) fn error(field: &'static str, found: impl Into<String>, expected: impl Into<String>) -> PolicyError {
    PolicyError { field, found: found.into(), expected: expected.into() }
}

pub(super) fn origin(field: &'static str, text: &str) -> Result<Origin, PolicyError> {
    Origin::parse(text).ok_or_else(|| error(field, format!("{text:?}"), "an origin such as https://api.shop.example"))
}

pub(super) fn range(field: &'static str, found: Duration, from: Duration, to: Duration) -> Result<(), PolicyError> {
    if (from..=to).contains(&found) {
        return Ok(());
    }
    Err(error(field, format!("{found:?}"), format!("{from:?} to {to:?}")))
}

pub(super) fn path(field: &'static str, path: &str) -> Result<(), PolicyError> {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    let is_clean = path.is_empty() || (path.starts_with('/') && !path.ends_with('/') && !path.contains("//"));
    if is_plain && is_clean && path.len() <= 512 {
        return Ok(());
    }
    Err(error(field, format!("{path:?}"), "empty, or a path such as /auth"))
}

pub(super) fn claim(field: &'static str, value: Option<&str>) -> Result<(), PolicyError> {
    // As it stands in a token, escapes included: the size of payloads is reckoned with it.
    let encoded = |value: &str| serde_json::Value::from(value).to_string().len() - 2;
    match value.map(|value| (value, encoded(value))) {
        Some((value, 0 | 129..)) => Err(error(field, format!("{value:?}"), "1 to 128 bytes of JSON")),
        _ => Ok(()),
    }
}
