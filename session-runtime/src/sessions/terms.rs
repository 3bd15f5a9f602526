//! What the sessions that are created from a handle have of their own: `remember me`, staff who sign in for an hour, short tokens.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::config::{self, CookieLifetime, PolicyError};
use crate::store::SessionRow;
use crate::token::access::AccessClaims;

/// Where these are nothing, the policy says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) cookie_lifetime: Option<CookieLifetime>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) absolute_timeout: Option<Duration>,
    pub(super) access_token_lifetime: Option<Duration>,
}

impl Terms {
    const POLICY: &'static Self =
        &Self { cookie_lifetime: None, idle_timeout: None, absolute_timeout: None, access_token_lifetime: None };
}

/// The terms of one handle. Most have none, and every request has a handle: it is a pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnTerms(Option<Arc<Terms>>);

impl Deref for OwnTerms {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        self.0.as_deref().unwrap_or(Terms::POLICY)
    }
}

impl From<Terms> for OwnTerms {
    fn from(terms: Terms) -> Self {
        Self(Some(Arc::new(terms)))
    }
}

/// When a session that is created now ends.
pub(super) struct Ends {
    /// What the row remembers of it, where it is not what the policy says.
    pub(super) own_idle_timeout: Option<Duration>,
    pub(super) idle_expires_at: Timestamp,
    pub(super) absolute_expires_at: Timestamp,
}

impl Sessions {
    /// The same sessions; those that are created from here have cookies of this lifetime, whatever the policy says, until they
    /// end. The database remembers it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{CookieLifetime, Keys, NoData, NoPayload, Policy, Sessions};
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let remember_me = false;
    /// let lifetime = if remember_me { CookieLifetime::Persistent } else { CookieLifetime::BrowserSession };
    /// let sessions = sessions.with_cookie_lifetime(lifetime);
    /// let session = sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
    /// assert_eq!(session.tokens().map(|tokens| tokens.cookie_lifetime()), Some(CookieLifetime::BrowserSession));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_cookie_lifetime(&self, cookie_lifetime: CookieLifetime) -> Self {
        Self { terms: Terms { cookie_lifetime: Some(cookie_lifetime), ..*self.terms }.into(), ..self.clone() }
    }

    /// The same sessions; those that are created from here end when they were not refreshed for so long, whatever the policy says.
    /// 1 second – 400 days, and at most the absolute timeout; creating a session refuses anything else. The database remembers it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use session_runtime::{Keys, NoData, NoPayload, Policy, Sessions};
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let hour = Duration::from_secs(60 * 60);
    /// let staff = sessions.with_idle_timeout(hour / 4).with_absolute_timeout(8 * hour);
    /// let session = staff.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    /// assert_eq!(session.issued_at().until(session.expires_at()), hour / 4, "no access token outlives its session");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_idle_timeout(&self, timeout: Duration) -> Self {
        Self { terms: Terms { idle_timeout: Some(timeout), ..*self.terms }.into(), ..self.clone() }
    }

    /// The same sessions; those that are created from here end after so long, whatever happens and whatever the policy says. 1 second
    /// – 400 days; creating a session refuses anything else. Where it is shorter than the idle timeout of the policy, that is cut to
    /// it.
    #[must_use]
    pub fn with_absolute_timeout(&self, timeout: Duration) -> Self {
        Self { terms: Terms { absolute_timeout: Some(timeout), ..*self.terms }.into(), ..self.clone() }
    }

    /// The same sessions; access tokens that are minted from here are good for so long at most. It only shortens: what is longer
    /// than the policy's lifetime changes nothing. A session that is created from here keeps it for all its tokens; a refresh that is
    /// done from here shortens the one token that it mints. At least 1 second.
    #[must_use]
    pub fn with_access_token_lifetime(&self, lifetime: Duration) -> Self {
        let lifetime = lifetime.max(Duration::from_secs(1));
        Self { terms: Terms { access_token_lifetime: Some(lifetime), ..*self.terms }.into(), ..self.clone() }
    }

    /// Shortens a token to what this handle says.
    pub(super) fn shorten(&self, claims: &mut AccessClaims, now: Timestamp) {
        if let Some(lifetime) = self.terms.access_token_lifetime {
            claims.expires_at = claims.expires_at.min(Timestamp::from_secs(now.after(lifetime).as_secs()));
        }
    }

    /// When a session that is created from here ends, after `longest` at the latest.
    pub(super) fn ends(&self, now: Timestamp, longest: Option<Duration>) -> Result<Ends, PolicyError> {
        let policy = &self.core.policy;
        let capped = |timeout: Duration| longest.map_or(timeout, |longest| timeout.min(longest));
        let absolute = capped(self.terms.absolute_timeout.unwrap_or(policy.absolute_timeout));
        let own_idle_timeout = self.terms.idle_timeout.map(capped);
        let idle = own_idle_timeout.unwrap_or_else(|| policy.idle_timeout.min(absolute));
        config::check_timeouts(idle, absolute)?;
        Ok(Ends { own_idle_timeout, idle_expires_at: now.after(idle), absolute_expires_at: now.after(absolute) })
    }
}

impl Core {
    /// How long an access token of a session is good for: what the policy says, or the session where that is less, and less by as much
    /// of the jitter as falls to this session and generation, so that those who signed in together do not refresh together.
    pub(super) fn access_token_lifetime(&self, row: &SessionRow) -> Duration {
        let longest = self.policy.access_token_lifetime;
        let lifetime = row.access_token_lifetime.map_or(longest, |own| own.min(longest));
        let spread = lifetime * self.policy.access_token_jitter.into() / 100;
        lifetime - spread * share(row) / u32::from(u16::MAX)
    }

    /// When a session that is refreshed now ends unless it is refreshed again.
    /// Said once more in SQL, by `Store::advance`.
    pub(super) fn idle_expiry(&self, row: &SessionRow, now: Timestamp) -> Timestamp {
        now.after(row.idle_timeout.unwrap_or(self.policy.idle_timeout)).min(row.absolute_expires_at)
    }
}

/// A number of 16 bits that is a session's own in each generation. The end of a handle is random.
fn share(row: &SessionRow) -> u32 {
    let [.., high, low] = *row.handle.as_bytes();
    // An odd factor near the golden ratio: generations that follow each other lie far apart.
    let turned = row.generation.number().wrapping_mul(40_503) as u16;
    u32::from(u16::from_be_bytes([high, low]) ^ turned)
}
