//! Which pages of other origins may call: those of `WEBSITE`, and, so that a front end under development works at once, those of
//! this machine. With cookies and the automatic anti-CSRF the latter may only read, until `WEBSITE` names them.

use axum::http::{HeaderValue, Method};
use session_runtime::Policy;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Goes around the session layer, and leaves its expose header alone.
pub(crate) fn layer(policy: &Policy) -> CorsLayer {
    let websites = policy.cors_origins();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| websites.contains(origin) || is_of_this_machine(origin)))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(policy.cors_allowed_headers())
}

fn is_of_this_machine(origin: &HeaderValue) -> bool {
    let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    let host = host.map(|authority| authority.split_once(':').map_or(authority, |(host, _)| host));
    matches!(host, Some("localhost" | "127.0.0.1"))
}
