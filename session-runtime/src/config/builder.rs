//! A policy in the making: one method a setting, all of them checked together at the end.

use std::time::Duration;

use super::cap::{Cap, WhenFull};
use super::check::{self, DAY};
use super::cookies::CookieLifetime;
use super::policy::{
    AntiCsrf, FeedDelivery, Policy, PolicyError, Recovery, SameSite, SourceFailure, StaleFeed, TransferMethod,
};
use super::proxies::TrustedProxies;

/// A policy in the making; [`build`](Self::build) checks it.
#[derive(Clone, Debug)]
#[must_use = "a policy takes effect when it is built and handed to Sessions"]
pub struct PolicyBuilder {
    pub(super) api: String,
    pub(super) websites: Vec<String>,
    pub(super) gateway_path: String,
    pub(super) base_path: String,
    pub(super) access_token_lifetime: Duration,
    pub(super) access_token_jitter: u8,
    pub(super) idle_timeout: Duration,
    pub(super) absolute_timeout: Duration,
    pub(super) refresh_grace: Option<Duration>,
    pub(super) recovery: Recovery,
    pub(super) notes_interval: Option<Duration>,
    pub(super) feed_interval: Duration,
    pub(super) verified_tokens: usize,
    pub(super) database_timeout: Duration,
    pub(super) database_queue: usize,
    pub(super) feed_delivery: FeedDelivery,
    pub(super) stale_feed_after: Option<Duration>,
    pub(super) when_feed_stale: StaleFeed,
    pub(super) key_rotation: Duration,
    pub(super) impersonation_timeout: Option<Duration>,
    pub(super) max_session_data: usize,
    pub(super) audit_retention: Duration,
    pub(super) payload_source_timeout: Duration,
    pub(super) payload_source_failure: SourceFailure,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) transfer: TransferMethod,
    pub(super) anti_csrf: Option<AntiCsrf>,
    pub(super) same_site: Option<SameSite>,
    pub(super) cookie_domain: Option<String>,
    pub(super) older_cookie_domains: Vec<String>,
    pub(super) cookie_lifetime: CookieLifetime,
    pub(super) access_cookie: String,
    pub(super) refresh_cookie: String,
    pub(super) expose_access_token: bool,
    pub(super) session_expired_status: u16,
    pub(super) invalid_claim_status: u16,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) cap: Option<Cap>,
}

impl PolicyBuilder {
    pub(super) fn new(api: String) -> Self {
        Self {
            api,
            websites: Vec::new(),
            gateway_path: String::new(),
            base_path: "/auth".into(),
            access_token_lifetime: Duration::from_secs(60 * 60),
            access_token_jitter: 0,
            idle_timeout: 100 * DAY,
            absolute_timeout: 365 * DAY,
            refresh_grace: None,
            recovery: Recovery::WhileUnconfirmed,
            notes_interval: None,
            feed_interval: Duration::from_secs(1),
            verified_tokens: 8192,
            database_timeout: Duration::from_secs(5),
            database_queue: 1024,
            feed_delivery: FeedDelivery::Notified,
            stale_feed_after: None,
            when_feed_stale: StaleFeed::Accept,
            key_rotation: 30 * DAY,
            impersonation_timeout: None,
            max_session_data: 64 * 1024,
            audit_retention: 90 * DAY,
            payload_source_timeout: Duration::from_secs(2),
            payload_source_failure: SourceFailure::KeepPayload,
            issuer: None,
            audience: None,
            transfer: TransferMethod::Any,
            anti_csrf: None,
            same_site: None,
            cookie_domain: None,
            older_cookie_domains: Vec::new(),
            cookie_lifetime: CookieLifetime::Persistent,
            access_cookie: "sAccessToken".into(),
            refresh_cookie: "sRefreshToken".into(),
            expose_access_token: false,
            session_expired_status: 401,
            invalid_claim_status: 403,
            trusted_proxies: TrustedProxies::none(),
            cap: None,
        }
    }

    /// Adds an origin that the front end is served from. Without any it is the API's own.
    pub fn website(mut self, origin: impl Into<String>) -> Self {
        self.websites.push(origin.into());
        self
    }

    /// What a gateway takes off the paths before requests come here, such as `/api`. Browsers see it, so the refresh cookie's
    /// path begins with it; the routes do not. Default: nothing.
    pub fn gateway_path(mut self, path: impl Into<String>) -> Self {
        self.gateway_path = path.into();
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

    /// By how much access tokens may be shorter than their lifetime, in percent, each session by its own part of it: those who signed in
    /// together then do not come to refresh together. Default: 0; 0 – 25.
    pub const fn access_token_jitter(mut self, percent: u8) -> Self {
        self.access_token_jitter = percent;
        self
    }

    /// How long a managed key signs before the next one is made, by one of the nodes. Default: 30 days; 1 hour – 400 days.
    pub const fn key_rotation(mut self, period: Duration) -> Self {
        self.key_rotation = period;
        self
    }

    /// How long the audit trail remembers thefts and revocations. Default: 90 days; 1 day – 10 years.
    pub const fn audit_retention(mut self, retention: Duration) -> Self {
        self.audit_retention = retention;
        self
    }

    /// How large session data may be, in bytes of its JSON; what is larger is refused before it is written. Default: 64 KiB; 2 bytes –
    /// 4 MiB.
    pub const fn max_session_data(mut self, bytes: usize) -> Self {
        self.max_session_data = bytes;
        self
    }

    /// How long somebody may act as somebody else, whatever happens: both timeouts of sessions from
    /// [`Session::impersonate`](crate::Session::impersonate). Default: 1 hour, or the absolute timeout if that is shorter.
    pub const fn impersonation_timeout(mut self, timeout: Duration) -> Self {
        self.impersonation_timeout = Some(timeout);
        self
    }

    /// How long a refresh waits for the payload source. Default: 2 seconds; 10 milliseconds – 1 minute.
    pub const fn payload_source_timeout(mut self, timeout: Duration) -> Self {
        self.payload_source_timeout = timeout;
        self
    }

    /// What happens to a refresh when the payload source fails. Default: [`SourceFailure::KeepPayload`].
    pub const fn payload_source_failure(mut self, failure: SourceFailure) -> Self {
        self.payload_source_failure = failure;
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

    /// How many access tokens this node remembers as verified, so that the next request with the same one pays for neither MAC nor
    /// JSON. Their expiry, their key and what was revoked is asked at every use. Each takes about two kilobytes; the number is rounded
    /// down to a power of two, and less than 8 is none. 0 – 1,048,576; default: 8,192, in which 4,096 hardly ever displace each other.
    pub const fn verified_tokens(mut self, most: usize) -> Self {
        self.verified_tokens = most;
        self
    }

    /// How long one operation on the database may take: the wait for a connection, its statements, and repeats of what the database
    /// undid. Then it fails as [`Unavailable`](crate::SessionErrorKind::Unavailable), and whether the database did it is unknown, as
    /// when a connection breaks: what a client then repeats is safe. Default: 5 seconds; 10 milliseconds – 1 minute.
    pub const fn database_timeout(mut self, timeout: Duration) -> Self {
        self.database_timeout = timeout;
        self
    }

    /// How many operations on the database this node has under way at most, those included that wait for a connection. The next fails at
    /// once as [`Unavailable`](crate::SessionErrorKind::Unavailable), and nothing was asked of the database: a slow one is
    /// not buried, and requests are answered. Verification asks the database nothing and is not counted. Default: 1,024;
    /// 1 – 1,048,576.
    pub const fn database_queue(mut self, most: usize) -> Self {
        self.database_queue = most;
        self
    }

    /// How often revocations by other nodes are fetched. Default: 1 second; 10 milliseconds – 1 minute.
    pub const fn feed_interval(mut self, interval: Duration) -> Self {
        self.feed_interval = interval;
        self
    }

    /// How nodes learn of what others have revoked or changed. Default: [`FeedDelivery::Notified`].
    pub const fn feed_delivery(mut self, delivery: FeedDelivery) -> Self {
        self.feed_delivery = delivery;
        self
    }

    /// How long ago the last successful look at others' revocations may be before the feed is called stale, in the log, in
    /// [`feed_status`](crate::Sessions::feed_status) and by [`when_feed_stale`](Self::when_feed_stale). Default: 30 seconds, or three times the
    /// feed interval if that is longer; more than the feed interval, at most 1 day.
    pub const fn stale_feed_after(mut self, bound: Duration) -> Self {
        self.stale_feed_after = Some(bound);
        self
    }

    /// What verification does while the feed is stale. Default: [`StaleFeed::Accept`].
    pub const fn when_feed_stale(mut self, rule: StaleFeed) -> Self {
        self.when_feed_stale = rule;
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

    /// Sends the access token in the header `st-access-token` also where it travels in a cookie, for front ends that hand it
    /// on (WebSockets). Scripts can then read it: ASVS 3.3.4 advises against.
    pub const fn expose_access_token(mut self) -> Self {
        self.expose_access_token = true;
        self
    }

    /// The status of refusals that a refresh or a new sign-in may heal. Default: 401; 300 – 599. The front end must be told the
    /// same: `sessionExpiredStatusCode`.
    pub const fn session_expired_status(mut self, status: u16) -> Self {
        self.session_expired_status = status;
        self
    }

    /// The status of refusals that only another payload heals. Default: 403; 300 – 599, and another than
    /// [`session_expired_status`](Self::session_expired_status). The front end must be told the same: `invalidClaimStatusCode`.
    pub const fn invalid_claim_status(mut self, status: u16) -> Self {
        self.invalid_claim_status = status;
        self
    }

    /// Whose word counts on the address that a session is used from. Default: nobody's, so that it is the connection's.
    ///
    /// The connection's address is known where the application is served with
    /// [`into_make_service_with_connect_info::<SocketAddr>()`](axum::Router::into_make_service_with_connect_info). It is shown to users
    /// and decides nothing.
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// How many sessions a user may have at once, on all nodes together: 1 – 1,000, and what happens when one more begins. Default: as
    /// many as they like.
    ///
    /// It is kept exactly, whoever signs in where at the same moment; creating a session is one transaction with it. Anonymous sessions
    /// have a user each, and sessions in which somebody else acts as the user take none of the user's places: neither is counted.
    /// A session that the new one takes the place of makes room for it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{Keys, NoData, NoPayload, Policy, SessionErrorKind, Sessions, WhenFull};
    ///
    /// let policy = Policy::for_api("https://api.shop.example").sessions_per_user(1, WhenFull::Refuse).build()?;
    /// let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    ///
    /// let first = sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    /// let refused = sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await.unwrap_err();
    /// assert_eq!(refused.kind(), SessionErrorKind::TooManySessions);
    ///
    /// first.revoke().await?;
    /// sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn sessions_per_user(mut self, limit: usize, when_full: WhenFull) -> Self {
        self.cap = Some(Cap { limit, when_full });
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
        self.check_jitter()?;
        self.check_data_size()?;
        check::range("audit_retention", self.audit_retention, DAY, 3650 * DAY)?;
        self.check_verified_tokens()?;
        self.check_database_limits()?;
        check::range("feed_interval", self.feed_interval, Duration::from_millis(10), Duration::from_secs(60))?;
        let stale_feed_after = self.stale_feed_after.unwrap_or(Duration::from_secs(30).max(3 * self.feed_interval));
        check::range("stale_feed_after", stale_feed_after, self.feed_interval + Duration::from_millis(1), DAY)?;
        let hour = Duration::from_secs(60 * 60);
        let impersonation_timeout = self.impersonation_timeout.unwrap_or(hour.min(self.absolute_timeout));
        check::range("impersonation_timeout", impersonation_timeout, Duration::from_secs(1), self.absolute_timeout)?;
        let (shortest, longest) = (Duration::from_millis(10), Duration::from_secs(60));
        check::range("payload_source_timeout", self.payload_source_timeout, shortest, longest)?;
        check::range("key_rotation", self.key_rotation, hour, 400 * DAY)?;
        check::path("gateway_path", &self.gateway_path)?;
        check::path("base_path", &self.base_path)?;
        self.check_statuses()?;
        check::claim("issuer", self.issuer.as_deref())?;
        check::claim("audience", self.audience.as_deref())?;
        let same_site = self.same_site.unwrap_or(if one_site { SameSite::Lax } else { SameSite::None });
        if self.transfer != TransferMethod::Header {
            self.check_same_site(same_site, one_site, &api)?;
        }
        let automatic = if same_site == SameSite::None { AntiCsrf::CustomHeader } else { AntiCsrf::Origin };
        let cookies = self.checked_scopes(&api)?;
        Ok(Policy {
            cookies,
            cookie_lifetime: self.cookie_lifetime,
            anti_csrf: self.anti_csrf.unwrap_or(automatic),
            same_site,
            api,
            websites,
            gateway_path: self.gateway_path,
            base_path: self.base_path,
            access_token_lifetime: self.access_token_lifetime,
            access_token_jitter: self.access_token_jitter,
            idle_timeout: self.idle_timeout,
            absolute_timeout: self.absolute_timeout,
            refresh_grace,
            recovery: self.recovery,
            notes_interval,
            feed_interval: self.feed_interval,
            verified_tokens: self.verified_tokens,
            database_timeout: self.database_timeout,
            database_queue: self.database_queue,
            feed_delivery: self.feed_delivery,
            stale_feed_after,
            when_feed_stale: self.when_feed_stale,
            key_rotation: self.key_rotation,
            impersonation_timeout,
            max_session_data: self.max_session_data,
            audit_retention: self.audit_retention,
            payload_source_timeout: self.payload_source_timeout,
            payload_source_failure: self.payload_source_failure,
            issuer: self.issuer,
            audience: self.audience,
            transfer: self.transfer,
            expose_access_token: self.expose_access_token,
            session_expired_status: self.session_expired_status,
            invalid_claim_status: self.invalid_claim_status,
            proxies: self.trusted_proxies.checked()?,
            cap: self.cap.map(Cap::checked).transpose()?,
        })
    }
}
