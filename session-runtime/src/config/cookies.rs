//! The cookies: their names, whom they are shared with, how long browsers keep them, and where they were kept before.

use super::Origin;
use super::builder::PolicyBuilder;
use super::check::error;
use super::policy::PolicyError;

/// How long a browser keeps the cookies of a session.
///
/// It says nothing of the session itself, which ends by its timeouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CookieLifetime {
    /// As long as the session may live, also when the browser is closed meanwhile: "remember me".
    #[default]
    Persistent,
    /// Until the browser is closed: the cookies have no `Expires`. For shared computers.
    BrowserSession,
}

/// The cookies of one configuration: a browser tells them from those of another by name and domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieScope {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// `None`: the API's host only.
    pub(crate) domain: Option<String>,
}

/// The present scope, and those that may still lie about in browsers.
#[derive(Clone, Debug)]
pub(crate) struct CookieScopes {
    pub(crate) current: CookieScope,
    /// Removed with every new token.
    pub(crate) older: Vec<CookieScope>,
    /// What the current cookies are mistaken for: removed where a request brings a cookie twice.
    pub(crate) twins: Vec<CookieScope>,
}

impl PolicyBuilder {
    /// Shares the cookies with all hosts under `domain`. The access cookie's prefix is then `__Secure-`. Default: the API's host only.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// Names a domain that the cookies were shared with before; `""` where they were the API host's only. Browsers send those
    /// cookies too, and ours are the same by name: every new token removes them, in the response that brings it, so that no
    /// request is lost over a change. Keep it for as long as browsers keep cookies, 400 days at most; call it once for each
    /// earlier domain.
    ///
    /// ```
    /// use session_runtime::Policy;
    ///
    /// // Was `api.shop.example` alone until March, and `www.shop.example` may see the cookies since.
    /// let api = || Policy::for_api("https://api.shop.example").cookie_domain("shop.example");
    /// api().older_cookie_domain("").build()?;
    /// assert_eq!(api().older_cookie_domain("shop.example").build().unwrap_err().field(), "older_cookie_domain");
    /// # Ok::<(), session_runtime::PolicyError>(())
    /// ```
    pub fn older_cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.older_cookie_domains.push(domain.into());
        self
    }

    /// How long browsers keep the cookies. Default: [`CookieLifetime::Persistent`]. A session of its own kind is created with
    /// [`Sessions::with_cookie_lifetime`](crate::Sessions::with_cookie_lifetime).
    pub const fn cookie_lifetime(mut self, lifetime: CookieLifetime) -> Self {
        self.cookie_lifetime = lifetime;
        self
    }

    /// Names both cookies, without prefix. Default: `sAccessToken` and `sRefreshToken`.
    pub fn cookie_names(mut self, access: impl Into<String>, refresh: impl Into<String>) -> Self {
        (self.access_cookie, self.refresh_cookie) = (access.into(), refresh.into());
        self
    }

    pub(super) fn checked_scopes(&self, api: &Origin) -> Result<CookieScopes, PolicyError> {
        self.check_cookie_names()?;
        let scope = |domain: Option<String>| self.scope(api, domain);
        let current = match &self.cookie_domain {
            Some(domain) => scope(Some(checked_domain("cookie_domain", domain, api)?)),
            None => scope(None),
        };
        let mut older = Vec::new();
        for domain in &self.older_cookie_domains {
            let domain =
                (!domain.is_empty()).then(|| checked_domain("older_cookie_domain", domain, api)).transpose()?;
            let found = scope(domain);
            if found == current {
                let found = format!("{:?}, where the cookies are now", found.domain.unwrap_or_default());
                return Err(error("older_cookie_domain", found, "where they were before"));
            }
            older.push(found);
        }
        let host_only = scope(None);
        let twins = if host_only == current || older.contains(&host_only) { Vec::new() } else { vec![host_only] };
        Ok(CookieScopes { current, older, twins })
    }

    /// A `__Host-` cookie has path `/` and no domain, so the refresh cookie on its own path can only be `__Secure-`
    /// (6265bis §4.1.3).
    fn scope(&self, api: &Origin, domain: Option<String>) -> CookieScope {
        let (access, refresh) = match (api.is_https(), &domain) {
            (false, _) => ("", ""),
            (true, None) => ("__Host-", "__Secure-"),
            (true, Some(_)) => ("__Secure-", "__Secure-"),
        };
        CookieScope {
            access: format!("{access}{}", self.access_cookie),
            refresh: format!("{refresh}{}", self.refresh_cookie),
            domain,
        }
    }

    fn check_cookie_names(&self) -> Result<(), PolicyError> {
        for name in [&self.access_cookie, &self.refresh_cookie] {
            // RFC 6265 §4.1.1: a cookie's name is a token of RFC 9110.
            let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
            if name.is_empty() || name.len() > 64 || !is_token {
                let expected = "1 to 64 characters of a token (RFC 9110 §5.6.2)";
                return Err(error("cookie_names", format!("{name:?}"), expected));
            }
            if name.starts_with("__") {
                return Err(error("cookie_names", format!("{name:?}"), "a name without prefix, which https adds"));
            }
        }
        if self.access_cookie == self.refresh_cookie {
            return Err(error("cookie_names", format!("{:?} twice", self.access_cookie), "two names"));
        }
        Ok(())
    }
}

fn checked_domain(field: &'static str, domain: &str, api: &Origin) -> Result<String, PolicyError> {
    let bare = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    let is_name = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    if bare.is_empty() || bare.len() > 253 || !is_name || bare.starts_with('.') || bare.ends_with('.') {
        return Err(error(field, format!("{domain:?}"), "a host name such as shop.example"));
    }
    // Browsers refuse a cookie for a whole public suffix (6265bis §5.7).
    if psl::suffix_str(&bare) == Some(bare.as_str()) && bare.contains('.') {
        return Err(error(field, format!("{domain:?}"), "a domain below a public suffix"));
    }
    // And one for a domain that the API is not in.
    if !api.is_within(&bare) {
        return Err(error(field, format!("{domain:?}"), format!("the host of {api}, or a domain that it is in")));
    }
    Ok(bare)
}
