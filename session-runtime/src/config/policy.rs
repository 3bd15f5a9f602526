//! The policy: lifetimes, rotation, cookies, anti-CSRF. A `Policy` that exists is a policy that holds together.

use std::time::Duration;

use super::Origin;
use super::builder::PolicyBuilder;
use super::cap::Cap;
use super::cookies::{CookieLifetime, CookieScopes};
use super::proxies::Proxies;

/// A policy that does not hold together: the field, what it was, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}, expected {expected}")]
pub struct PolicyError {
    pub(super) field: &'static str,
    pub(super) found: String,
    pub(super) expected: String,
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

/// What happens to a refresh when the payload source fails or does not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceFailure {
    /// The session goes on with the payload that it has; the failure is logged.
    KeepPayload,
    /// The refresh is refused with 503; nothing is rotated, no token is cleared, and the client tries again.
    Refuse,
}

/// What verification does while this node has not read for too long what others have revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleFeed {
    /// It goes on by what the node knows: a database that is away signs nobody out, and what was revoked elsewhere meanwhile is accepted
    /// until its access token expires.
    Accept,
    /// It asks the database, one read by primary key for every verification, and refuses with 503 where that does not answer.
    AskDatabase,
}

/// How nodes learn of revocations and changed payloads by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedDelivery {
    /// Within milliseconds on PostgreSQL, by `LISTEN` and `NOTIFY`, beside looking at every feed interval. It costs a connection for each
    /// node. On other engines it is [`Polled`](Self::Polled).
    Notified,
    /// By looking at every feed interval only: for PostgreSQL behind a pooler of transactions, which loses `LISTEN`, or where thousands
    /// of revocations a second would wait for each other's `NOTIFY`.
    Polled,
}

/// Lifetimes, rotation, cookies and anti-CSRF of an application. Build one with [`Policy::for_api`].
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) api: Origin,
    pub(crate) websites: Vec<Origin>,
    pub(crate) gateway_path: String,
    pub(crate) base_path: String,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) access_token_jitter: u8,
    pub(crate) idle_timeout: Duration,
    pub(crate) absolute_timeout: Duration,
    pub(crate) refresh_grace: Duration,
    pub(crate) recovery: Recovery,
    pub(crate) notes_interval: Duration,
    pub(crate) feed_interval: Duration,
    pub(crate) database_timeout: Duration,
    pub(crate) database_queue: usize,
    pub(crate) verified_tokens: usize,
    pub(crate) feed_delivery: FeedDelivery,
    pub(crate) stale_feed_after: Duration,
    pub(crate) when_feed_stale: StaleFeed,
    pub(crate) key_rotation: Duration,
    pub(crate) impersonation_timeout: Duration,
    pub(crate) max_session_data: usize,
    pub(crate) audit_retention: Duration,
    pub(crate) payload_source_timeout: Duration,
    pub(crate) payload_source_failure: SourceFailure,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) transfer: TransferMethod,
    pub(crate) anti_csrf: AntiCsrf,
    pub(crate) same_site: SameSite,
    pub(crate) cookies: CookieScopes,
    pub(crate) cookie_lifetime: CookieLifetime,
    pub(crate) expose_access_token: bool,
    pub(crate) session_expired_status: u16,
    pub(crate) invalid_claim_status: u16,
    pub(crate) proxies: Proxies,
    pub(crate) cap: Option<Cap>,
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
    /// | [`access_token_jitter`](PolicyBuilder::access_token_jitter) | 0 | 0 – 25 percent |
    /// | [`idle_timeout`](PolicyBuilder::idle_timeout) | 100 days | longer than the access token's, at most the absolute |
    /// | [`absolute_timeout`](PolicyBuilder::absolute_timeout) | 365 days | at most 400 days, as long as a browser keeps a cookie |
    /// | [`impersonation_timeout`](PolicyBuilder::impersonation_timeout) | 1 hour | 1 second – the absolute timeout |
    /// | [`refresh_grace`](PolicyBuilder::refresh_grace) | 30 seconds, or the access token's lifetime if shorter | 0 – 300 seconds |
    /// | [`recovery`](PolicyBuilder::recovery) | while unconfirmed | |
    /// | [`notes_interval`](PolicyBuilder::notes_interval) | 5 seconds, or a third of the grace if shorter | 10 milliseconds – 1 minute, shorter than the grace |
    /// | [`verified_tokens`](PolicyBuilder::verified_tokens) | 8,192 | 0 – 1,048,576 |
    /// | [`feed_interval`](PolicyBuilder::feed_interval) | 1 second | 10 milliseconds – 1 minute |
    /// | [`feed_delivery`](PolicyBuilder::feed_delivery) | notified | |
    /// | [`stale_feed_after`](PolicyBuilder::stale_feed_after) | 30 seconds, or three times the feed interval if longer | more than the feed interval, at most 1 day |
    /// | [`when_feed_stale`](PolicyBuilder::when_feed_stale) | accept | |
    /// | [`database_timeout`](PolicyBuilder::database_timeout) | 5 seconds | 10 milliseconds – 1 minute |
    /// | [`database_queue`](PolicyBuilder::database_queue) | 1,024 | 1 – 1,048,576 |
    /// | [`key_rotation`](PolicyBuilder::key_rotation) | 30 days | 1 hour – 400 days |
    /// | [`audit_retention`](PolicyBuilder::audit_retention) | 90 days | 1 day – 10 years |
    /// | [`max_session_data`](PolicyBuilder::max_session_data) | 64 KiB | 2 bytes – 4 MiB |
    /// | [`payload_source_timeout`](PolicyBuilder::payload_source_timeout) | 2 seconds | 10 milliseconds – 1 minute |
    /// | [`payload_source_failure`](PolicyBuilder::payload_source_failure) | keep the payload | |
    /// | [`anti_csrf`](PolicyBuilder::anti_csrf) | `Origin`, or `CustomHeader` where API and website are different sites | |
    /// | [`same_site`](PolicyBuilder::same_site) | `Lax`, or `None` where API and website are different sites | |
    /// | [`cookie_lifetime`](PolicyBuilder::cookie_lifetime) | persistent | |
    /// | [`session_expired_status`](PolicyBuilder::session_expired_status) | 401 | 300 – 599 |
    /// | [`invalid_claim_status`](PolicyBuilder::invalid_claim_status) | 403 | 300 – 599, and another than that |
    /// | [`trusted_proxies`](PolicyBuilder::trusted_proxies) | none | networks, or 1 – 16 hops |
    /// | [`sessions_per_user`](PolicyBuilder::sessions_per_user) | any number | 1 – 1,000 |
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

    /// The route that answers refreshes, `/auth/session/refresh` by default: for a handler of your own in its place.
    #[must_use]
    pub fn refresh_path(&self) -> String {
        format!("{}/session/refresh", self.base_path)
    }

    /// The route that signs out, `/auth/signout` by default: for a handler of your own in its place.
    #[must_use]
    pub fn sign_out_path(&self) -> String {
        format!("{}/signout", self.base_path)
    }

    /// The refresh cookie's path: the refresh route as browsers see it.
    pub(crate) fn refresh_cookie_path(&self) -> String {
        format!("{}{}", self.gateway_path, self.refresh_path())
    }
}
