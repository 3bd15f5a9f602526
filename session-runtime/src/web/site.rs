//! Where a request comes from, in the browser's own words.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName};

use crate::config::{Origin, Policy};
use crate::sessions::SiteProof;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The rules, in the order in which they apply (ASVS 3.5.1):
///
/// 1. `Sec-Fetch-Site: same-origin` or `none` (typed by the user): ours.
/// 2. An `Origin` that is the API's or a website's: ours.
/// 3. Any other `Sec-Fetch-Site`: foreign.
/// 4. An `Origin` with the API's scheme and the host that the request was sent to: ours, by way of a browser that knows no
///    `Sec-Fetch-Site`.
/// 5. Any other `Origin`, `null` among them: foreign.
/// 6. Neither: silent.
pub(super) fn proof(headers: &HeaderMap, policy: &Policy) -> SiteProof {
    let site = headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes());
    if matches!(site, Some(b"same-origin" | b"none")) {
        return SiteProof::Ours;
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return if site.is_some() { SiteProof::Foreign } else { SiteProof::Silent };
    };
    let origin = origin.to_str().ok().and_then(Origin::parse);
    let is_ours = origin.as_ref().is_some_and(|origin| *origin == policy.api || policy.websites.contains(origin));
    let is_scheme = |origin: &Origin| origin.is_https() == policy.api.is_https();
    let is_host =
        || site.is_none() && origin.as_ref().is_some_and(|origin| is_scheme(origin) && sent_to(headers, origin));
    if is_ours || is_host() { SiteProof::Ours } else { SiteProof::Foreign }
}

fn sent_to(headers: &HeaderMap, origin: &Origin) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| origin.to_string().split_once("://").is_some_and(|(_, authority)| authority == host))
}
