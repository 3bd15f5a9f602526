//! The policy: lifetimes, rotation, cookies, anti-CSRF. A `Policy` that exists is a policy that holds together.

use std::time::Duration;

use super::Origin;

/// A policy that does not hold together: the field, what it was, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}, expected {expected}")]
pub struct PolicyError {
    field: &'static str,
    found: String,
    expected: String,
}

impl PolicyError {
    /// The name of the builder's method that set the field.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

/// How a request proves that the website sent it, where the browser attaches cookies by itself. Not asked of requests that
/// bring their tokens in headers, nor of `GET`, `HEAD`, `OPTIONS` and `TRACE`, which must not change anything (RFC 9110 §9.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AntiCsrf {
    /// Nothing is asked; `SameSite` is all there is.
    None,
    /// The browser's own word: `Sec-Fetch-Site`, else `Origin`. A request with neither comes from no browser and passes.
    Origin,
    /// The header `rid` must be there, with any value: another site cannot add it without a CORS preflight.
    CustomHeader,
    /// The header `anti-csrf` must carry the value that went out with the tokens; a new one at every rotation.
    Token,
}

/// The `SameSite` attribute of both cookies (6265bis §5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the standard has these three")]
pub enum SameSite {
    /// Sent by requests of the same site only.
    Strict,
    /// Sent by requests of the same site and when a link is followed to it.
    Lax,
    /// Sent by all requests; `Secure` is required with it.
    None,
}

/// How tokens travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferMethod {
    /// What the request's `st-auth-mode` asks for when a session is created, and headers without it. Both are accepted after.
    Any,
    /// Cookies only.
    Cookie,
    /// Headers only.
    Header,
}

/// Whether a client whose last refresh was never answered may come back with the old token after the grace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Yes, as long as the new generation was never seen in use. A lost response then never costs a session.
    WhileUnconfirmed,
    /// No: with no grace either, this is the strict rule of RFC 9700 §4.14.2.
    Never,
}

/// Lifetimes, rotation, cookies and anti-CSRF of an application. Build one with [`Policy::for_api`].
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) api: Origin,
    pub(crate) websites: Vec<Origin>,
    pub(crate) base_path: String,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) absolute_timeout: Duration,
    pub(crate) refresh_grace: Duration,
    pub(crate) recovery: Recovery,
    pub(crate) notes_interval: Duration,
    pub(crate) feed_interval: Duration,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) transfer: TransferMethod,
    pub(crate) anti_csrf: AntiCsrf,
    pub(crate) same_site: SameSite,
    pub(crate) cookie_domain: Option<String>,
    pub(crate) access_cookie: String,
    pub(crate) refresh_cookie: String,
    pub(crate) expose_access_token: bool,
}

impl Policy {
    /// Starts a policy for an API that browsers reach at `origin`, such as `https://api.shop.example`.
    ///
    /// Over https the cookies are `Secure` and carry the prefixes `__Host-` and `__Secure-`; over http, which is for
    /// development, they have plain names. Defaults:
    ///
    /// | setting | default | allowed |
    /// |---|---|---|
    /// | [`access_token_lifetime`](PolicyBuilder::access_token_lifetime) | 1 hour | 1 second – 30 days |
    /// | [`idle_timeout`](PolicyBuilder::idle_timeout) | 100 days | longer than the access token's, at most the absolute |
    /// | [`absolute_timeout`](PolicyBuilder::absolute_timeout) | 365 days | at most 400 days, as long as a browser keeps a cookie |
    /// | [`refresh_grace`](PolicyBuilder::refresh_grace) | 30 seconds, or the access token's lifetime if shorter | 0 – 300 seconds |
    /// | [`recovery`](PolicyBuilder::recovery) | while unconfirmed | |
    /// | [`notes_interval`](PolicyBuilder::notes_interval) | 5 seconds, or a third of the grace if shorter | 10 milliseconds – 1 minute, shorter than the grace |
    /// | [`anti_csrf`](PolicyBuilder::anti_csrf) | `Origin`, or `CustomHeader` where API and website are different sites | |
    /// | [`same_site`](PolicyBuilder::same_site) | `Lax`, or `None` where API and website are different sites | |
    ///
    /// ```
    /// use std::time::Duration;
    /// use session_runtime::Policy;
    ///
    /// let policy = Policy::for_api("https://api.shop.example")
    ///     .website("https://shop.example")
    ///     .access_token_lifetime(Duration::from_secs(15 * 60))
    ///     .build()?;
    ///
    /// let refused = Policy::for_api("https://api.shop.example").idle_timeout(Duration::from_secs(1)).build().unwrap_err();
    /// assert_eq!(refused.field(), "idle_timeout");
    /// # Ok::<(), session_runtime::PolicyError>(())
    /// ```
    pub fn for_api(origin: impl Into<String>) -> PolicyBuilder {
        PolicyBuilder::new(origin.into())
    }

    /// The cookie's path and the route that answers refreshes.
    pub(crate) fn refresh_path(&self) -> String {
        format!("{}/session/refresh", self.base_path)
    }

    pub(crate) fn sign_out_path(&self) -> String {
        format!("{}/signout", self.base_path)
    }
}

/// A policy in the making; [`build`](Self::build) checks it.
#[derive(Clone, Debug)]
#[must_use = "a policy takes effect when it is built and handed to Sessions"]
pub struct PolicyBuilder {
    api: String,
    websites: Vec<String>,
    base_path: String,
    access_token_lifetime: Duration,
    idle_timeout: Duration,
    absolute_timeout: Duration,
    refresh_grace: Option<Duration>,
    recovery: Recovery,
    notes_interval: Option<Duration>,
    feed_interval: Duration,
    issuer: Option<String>,
    audience: Option<String>,
    transfer: TransferMethod,
    anti_csrf: Option<AntiCsrf>,
    same_site: Option<SameSite>,
    cookie_domain: Option<String>,
    access_cookie: String,
    refresh_cookie: String,
    expose_access_token: bool,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl PolicyBuilder {
    fn new(api: String) -> Self {
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
        let api = origin("for_api", &self.api)?;
        let websites = self.websites.iter().map(|website| origin("website", website)).collect::<Result<Vec<_>, _>>()?;
        let one_site = websites.iter().all(|website| website.is_same_site(&api));
        let refresh_grace = self.checked_grace()?;
        let notes_interval = self.checked_notes_interval(refresh_grace)?;
        self.check_lifetimes()?;
        check_range("feed_interval", self.feed_interval, Duration::from_millis(10), Duration::from_secs(60))?;
        check_base_path(&self.base_path)?;
        check_claim("issuer", self.issuer.as_deref())?;
        check_claim("audience", self.audience.as_deref())?;
        let same_site = self.same_site.unwrap_or(if one_site { SameSite::Lax } else { SameSite::None });
        if same_site == SameSite::None && !api.is_https() && self.transfer != TransferMethod::Header {
            // 6265bis §5.7: browsers drop such a cookie.
            return Err(error("same_site", "None over http", "Lax or Strict, or an API at https"));
        }
        let automatic = if same_site == SameSite::None { AntiCsrf::CustomHeader } else { AntiCsrf::Origin };
        let (access_cookie, refresh_cookie) = self.checked_cookie_names(&api)?;
        Ok(Policy {
            access_cookie,
            refresh_cookie,
            cookie_domain: checked_domain(self.cookie_domain)?,
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

    fn checked_grace(&self) -> Result<Duration, PolicyError> {
        let longest = Duration::from_secs(300).min(self.access_token_lifetime);
        let grace = self.refresh_grace.unwrap_or(longest.min(Duration::from_secs(30)));
        if grace > self.access_token_lifetime {
            return Err(error("refresh_grace", format!("{grace:?}"), "at most the access_token_lifetime"));
        }
        check_range("refresh_grace", grace, Duration::ZERO, longest)?;
        Ok(grace)
    }

    /// A note that is written later than the grace ends would come too late to tell a lost response from a theft.
    fn checked_notes_interval(&self, grace: Duration) -> Result<Duration, PolicyError> {
        let (shortest, longest) = (Duration::from_millis(10), Duration::from_secs(60));
        let automatic = if grace.is_zero() { Duration::from_secs(5) } else { (grace / 3).min(Duration::from_secs(5)) };
        let interval = self.notes_interval.unwrap_or(automatic.max(shortest));
        check_range("notes_interval", interval, shortest, longest)?;
        if !grace.is_zero() && interval >= grace {
            return Err(error(
                "notes_interval",
                format!("{interval:?}"),
                format!("less than the refresh_grace of {grace:?}"),
            ));
        }
        Ok(interval)
    }

    fn check_lifetimes(&self) -> Result<(), PolicyError> {
        check_range("access_token_lifetime", self.access_token_lifetime, Duration::from_secs(1), 30 * DAY)?;
        // 6265bis §5.5: no browser keeps a cookie for longer.
        check_range("absolute_timeout", self.absolute_timeout, Duration::from_secs(1), 400 * DAY)?;
        if self.idle_timeout > self.absolute_timeout {
            let expected = format!("at most the absolute_timeout of {:?}", self.absolute_timeout);
            return Err(error("idle_timeout", format!("{:?}", self.idle_timeout), expected));
        }
        if self.idle_timeout <= self.access_token_lifetime {
            let expected = format!("more than the access_token_lifetime of {:?}", self.access_token_lifetime);
            return Err(error("idle_timeout", format!("{:?}", self.idle_timeout), expected));
        }
        Ok(())
    }

    fn checked_cookie_names(&self, api: &Origin) -> Result<(String, String), PolicyError> {
        for name in [&self.access_cookie, &self.refresh_cookie] {
            // RFC 6265 §4.1.1: a cookie's name is a token of RFC 9110.
            let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            if name.is_empty() || name.len() > 64 || !is_token {
                return Err(error(
                    "cookie_names",
                    format!("{name:?}"),
                    "1 to 64 characters of a token (RFC 9110 §5.6.2)",
                ));
            }
            if name.starts_with("__") {
                return Err(error("cookie_names", format!("{name:?}"), "a name without prefix, which https adds"));
            }
        }
        if self.access_cookie == self.refresh_cookie {
            return Err(error("cookie_names", format!("{:?} twice", self.access_cookie), "two names"));
        }
        // A `__Host-` cookie has path `/` and no domain, so the refresh cookie on its own path can only be `__Secure-`
        // (6265bis §4.1.3).
        Ok(match (api.is_https(), &self.cookie_domain) {
            (false, _) => (self.access_cookie.clone(), self.refresh_cookie.clone()),
            (true, None) => (format!("__Host-{}", self.access_cookie), format!("__Secure-{}", self.refresh_cookie)),
            (true, Some(_)) => {
                (format!("__Secure-{}", self.access_cookie), format!("__Secure-{}", self.refresh_cookie))
            }
        })
    }
}

fn error(field: &'static str, found: impl Into<String>, expected: impl Into<String>) -> PolicyError {
    PolicyError { field, found: found.into(), expected: expected.into() }
}

fn origin(field: &'static str, text: &str) -> Result<Origin, PolicyError> {
    Origin::parse(text).ok_or_else(|| error(field, format!("{text:?}"), "an origin such as https://api.shop.example"))
}

fn check_range(field: &'static str, found: Duration, from: Duration, to: Duration) -> Result<(), PolicyError> {
    if (from..=to).contains(&found) {
        return Ok(());
    }
    Err(error(field, format!("{found:?}"), format!("{from:?} to {to:?}")))
}

fn check_base_path(path: &str) -> Result<(), PolicyError> {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    let is_clean = path.is_empty() || (path.starts_with('/') && !path.ends_with('/') && !path.contains("//"));
    if is_plain && is_clean && path.len() <= 512 {
        return Ok(());
    }
    Err(error("base_path", format!("{path:?}"), "empty, or a path such as /auth"))
}

fn check_claim(field: &'static str, value: Option<&str>) -> Result<(), PolicyError> {
    match value.map(|value| (value, value.chars().count())) {
        Some((value, 0 | 129..)) => Err(error(field, format!("{value:?}"), "1 to 128 characters")),
        _ => Ok(()),
    }
}

fn checked_domain(domain: Option<String>) -> Result<Option<String>, PolicyError> {
    let Some(domain) = domain else { return Ok(None) };
    let bare = domain.strip_prefix('.').unwrap_or(&domain).to_ascii_lowercase();
    let is_name = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    if bare.is_empty() || bare.len() > 253 || !is_name || bare.starts_with('.') || bare.ends_with('.') {
        return Err(error("cookie_domain", format!("{domain:?}"), "a host name such as shop.example"));
    }
    // Browsers refuse a cookie for a whole public suffix (6265bis §5.7).
    if psl::suffix_str(&bare) == Some(bare.as_str()) && bare.contains('.') {
        return Err(error("cookie_domain", format!("{domain:?}"), "a domain below a public suffix"));
    }
    Ok(Some(bare))
}
