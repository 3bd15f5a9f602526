//! A policy in the making: one method a setting, all of them checked together at the end.

use std::time::Duration;

use super::check::{self, DAY};
use super::cookies;
use super::policy::{AntiCsrf, Policy, PolicyError, Recovery, SameSite, TransferMethod};

/// A policy in the making; [`build`](Self::build) checks it.
#[derive(Clone, Debug)]
#[must_use = "a policy takes effect when it is built and handed to Sessions"]
pub struct PolicyBuilder {
    pub(super) api: String,
    pub(super) websites: Vec<String>,
    pub(super) base_path: String,
    pub(super) access_token_lifetime: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) absolute_timeout: Duration,
    pub(super) refresh_grace: Option<Duration>,
    pub(super) recovery: Recovery,
    pub(super) notes_interval: Option<Duration>,
    pub(super) feed_interval: Duration,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) transfer: TransferMethod,
    pub(super) anti_csrf: Option<AntiCsrf>,
    pub(super) same_site: Option<SameSite>,
    pub(super) cookie_domain: Option<String>,
    pub(super) access_cookie: String,
    pub(super) refresh_cookie: String,
    pub(super) expose_access_token: bool,
}

impl PolicyBuilder {
    pub(super) fn new(api: String) -> Self {
        Self {
            api,
            websites: Vec::new(),
            base_path: "/auth".into(),
            access_token_lifetime: Duration::from_secs(60 * 60),
            idle_timeout: 100 * DAY,
            absolute_timeout: 365 * DAY,
            refresh_grace: None,
            recovery: Recovery::WhileUnconfirmed,
            notes_interval: None,
            feed_interval: Duration::from_secs(1),
            issuer: None,
            audience: None,
            transfer: TransferMethod::Any,
            anti_csrf: None,
            same_site: None,
            cookie_domain: None,
            access_cookie: "sAccessToken".into(),
            refresh_cookie: "sRefreshToken".into(),
            expose_access_token: false,
        }
    }

    /// Adds an origin that the front end is served from. Without any it is the API's own.
    pub fn website(mut self, origin: impl Into<String>) -> Self {
        self.websites.push(origin.into());
        self
    }

    /// Where the ready-made routes live. Default: `/auth`.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// How long an access token is good for. What it carries, and a revocation that no feed announced, is at most this old.
    pub const fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// How long a session lives without a refresh. Each rotation starts it anew.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How long a session lives, whatever happens.
    pub const fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute_timeout = timeout;
        self
    }

    /// How long after a rotation the previous refresh token is answered with the same successor, so that racing tabs and
    /// retries all end with a valid token. Zero switches it off.
    pub const fn refresh_grace(mut self, grace: Duration) -> Self {
        self.refresh_grace = Some(grace);
        self
    }

    /// Whether a client whose refresh was never answered may come back after the grace.
    pub const fn recovery(mut self, recovery: Recovery) -> Self {
        self.recovery = recovery;
        self
    }

    /// How often what verification noticed (last seen, generation in use) is written to the database, in one statement.
    pub const fn notes_interval(mut self, interval: Duration) -> Self {
        self.notes_interval = Some(interval);
        self
    }

    /// How often revocations by other nodes are fetched. Default: 1 second; 10 milliseconds – 1 minute.
    pub const fn feed_interval(mut self, interval: Duration) -> Self {
        self.feed_interval = interval;
        self
    }

    /// Puts `iss` into access tokens and refuses those without it. At most 128 characters.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Puts `aud` into access tokens and refuses those without it. At most 128 characters.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How tokens travel. Default: [`TransferMethod::Any`].
    pub const fn transfer_method(mut self, method: TransferMethod) -> Self {
        self.transfer = method;
        self
    }

    /// How requests with cookies prove where they come from. Default: chosen from the origins.
    pub const fn anti_csrf(mut self, mode: AntiCsrf) -> Self {
        self.anti_csrf = Some(mode);
        self
    }

    /// The `SameSite` attribute of both cookies. Default: chosen from the origins.
    pub const fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Shares the cookies with all hosts under `domain`. The access cookie's prefix is then `__Secure-`. Default: the API's host only.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// Names both cookies, without prefix. Default: `sAccessToken` and `sRefreshToken`.
    pub fn cookie_names(mut self, access: impl Into<String>, refresh: impl Into<String>) -> Self {
        (self.access_cookie, self.refresh_cookie) = (access.into(), refresh.into());
        self
    }

    /// Sends the access token in the header `st-access-token` also where it travels in a cookie, for front ends that hand it
    /// on (WebSockets). Scripts can then read it: ASVS 3.3.4 advises against.
    pub const fn expose_access_token(mut self) -> Self {
        self.expose_access_token = true;
        self
    }

    /// Checks the policy.
    ///
    /// # Errors
    ///
    /// The first field that does not hold, by its method's name, with what was found and what is allowed.
    pub fn build(self) -> Result<Policy, PolicyError> {
        let api = check::origin("for_api", &self.api)?;
        let websites =
            self.websites.iter().map(|website| check::origin("website", website)).collect::<Result<Vec<_>, _>>()?;
        let one_site = websites.iter().all(|website| website.is_same_site(&api));
        let refresh_grace = self.checked_grace()?;
        let notes_interval = self.checked_notes_interval(refresh_grace)?;
        self.check_lifetimes()?;
        check::range("feed_interval", self.feed_interval, Duration::from_millis(10), Duration::from_secs(60))?;
        check::base_path(&self.base_path)?;
        check::claim("issuer", self.issuer.as_deref())?;
        check::claim("audience", self.audience.as_deref())?;
        let same_site = self.same_site.unwrap_or(if one_site { SameSite::Lax } else { SameSite::None });
        if same_site == SameSite::None && !api.is_https() && self.transfer != TransferMethod::Header {
            // 6265bis §5.7: browsers drop such a cookie.
            return Err(check::error("same_site", "None over http", "Lax or Strict, or an API at https"));
        }
        let automatic = if same_site == SameSite::None { AntiCsrf::CustomHeader } else { AntiCsrf::Origin };
        let (access_cookie, refresh_cookie) = self.checked_cookie_names(&api)?;
        Ok(Policy {
            access_cookie,
            refresh_cookie,
            cookie_domain: cookies::checked_domain(self.cookie_domain)?,
            anti_csrf: self.anti_csrf.unwrap_or(automatic),
            same_site,
            api,
            websites,
            base_path: self.base_path,
            access_token_lifetime: self.access_token_lifetime,
            idle_timeout: self.idle_timeout,
            absolute_timeout: self.absolute_timeout,
            refresh_grace,
            recovery: self.recovery,
            notes_interval,
            feed_interval: self.feed_interval,
            issuer: self.issuer,
            audience: self.audience,
            transfer: self.transfer,
            expose_access_token: self.expose_access_token,
        })
    }
}
