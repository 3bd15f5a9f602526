//! The cookies' names and domains.

use super::Origin;
use super::builder::PolicyBuilder;
use super::check::error;
use super::policy::PolicyError;

impl PolicyBuilder {
    pub(super) fn checked_cookie_names(&self, api: &Origin) -> Result<(String, String), PolicyError> {
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

pub(super) fn checked_domain(domain: Option<String>) -> Result<Option<String>, PolicyError> {
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
