//! The page: plain files, compiled in.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// Nothing from elsewhere, and no inline script.
const ONLY_OURS: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(async || file("text/html; charset=utf-8", include_str!("../page/index.html"))))
        .route("/style.css", get(async || file("text/css", include_str!("../page/style.css"))))
        .route("/client.js", get(async || file("text/javascript", include_str!("../page/client.js"))))
        .route("/lifeline.js", get(async || file("text/javascript", include_str!("../page/lifeline.js"))))
        .route("/devices.js", get(async || file("text/javascript", include_str!("../page/devices.js"))))
        .route("/dom.js", get(async || file("text/javascript", include_str!("../page/dom.js"))))
        .route("/shop.js", get(async || file("text/javascript", include_str!("../page/shop.js"))))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (CONTENT_SECURITY_POLICY, ONLY_OURS)], text)
}
