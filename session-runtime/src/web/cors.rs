//! What an application's CORS layer must allow. The layer itself is the application's, such as tower-http's.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

use super::transport::{ACCESS, ANTI_CSRF, AUTH_MODE, FRONT, RECIPE, REFRESH};
use crate::config::Policy;

const VERSION: HeaderName = HeaderName::from_static("fdi-version");

/// For websites of another origin than the API's. The CORS layer goes around the session layer, so that refusals and preflights
/// have its headers too:
///
/// ```
/// use axum::Router;
/// use axum::http::Method;
/// use session_runtime::{Keys, Policy, Sessions};
/// use tower_http::cors::CorsLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = Policy::for_api("https://api.shop.example").website("https://www.shop.example").build()?;
/// let cors = CorsLayer::new()
///     .allow_origin(policy.cors_origins())
///     .allow_credentials(true)
///     .allow_methods([Method::GET, Method::POST])
///     .allow_headers(policy.cors_allowed_headers());
/// let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
/// let app: Router = sessions.mount(Router::new()).layer(cors);
/// # Ok(())
/// # }
/// ```
///
/// Leave tower-http's `expose_headers` alone: the session layer writes `Access-Control-Expose-Headers` itself, beside the names
/// that are there already, and what tower-http is given replaces all of it. To expose headers of your own, give it
/// [`cors_exposed_headers`](Self::cors_exposed_headers) and yours together, or write them in a handler. Without `front-token` the
/// front end takes its user for signed out.
impl Policy {
    /// The websites' origins, for `allow_origin`. A wildcard does not go with credentials.
    #[must_use]
    pub fn cors_origins(&self) -> Vec<HeaderValue> {
        self.websites.iter().filter_map(|website| HeaderValue::try_from(website.to_string()).ok()).collect()
    }

    /// The headers that front ends send, for `allow_headers`: `content-type`, `rid`, `fdi-version`, `anti-csrf`, `authorization` and
    /// `st-auth-mode`. Push yours onto them.
    #[must_use]
    pub fn cors_allowed_headers(&self) -> Vec<HeaderName> {
        vec![CONTENT_TYPE, RECIPE, VERSION, ANTI_CSRF, AUTHORIZATION, AUTH_MODE]
    }

    /// The headers that front ends read, for an `expose_headers` that exposes yours too: `front-token`, `anti-csrf`,
    /// `st-access-token` and `st-refresh-token`. Naming one that a response does not have does no harm.
    #[must_use]
    pub fn cors_exposed_headers(&self) -> Vec<HeaderName> {
        vec![FRONT, ANTI_CSRF, ACCESS, REFRESH]
    }
}
