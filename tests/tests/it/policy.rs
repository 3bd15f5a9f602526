//! A wrong policy is refused when built, with the field and what is allowed.

use std::time::Duration;

use session_runtime::{AntiCsrf, Policy, PolicyBuilder, SameSite, TransferMethod};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

fn https() -> PolicyBuilder {
    Policy::for_api("https://api.shop.example")
}

#[track_caller]
fn assert_refused(policy: PolicyBuilder, field: &str) {
    let error = policy.build().expect_err(field);
    assert_eq!(error.field(), field, "{error}");
    assert!(error.to_string().contains("expected"), "{error}");
}

#[test]
fn lifetimes_are_in_range_and_in_order() {
    assert_refused(https().access_token_lifetime(Duration::ZERO), "access_token_lifetime");
    assert_refused(https().access_token_lifetime(31 * DAY), "access_token_lifetime");
    assert_refused(https().idle_timeout(3600 * SECOND), "idle_timeout");
    assert_refused(https().idle_timeout(366 * DAY), "idle_timeout");
    assert_refused(https().absolute_timeout(401 * DAY), "absolute_timeout");
    assert_refused(https().refresh_grace(301 * SECOND), "refresh_grace");
    assert_refused(https().access_token_lifetime(10 * SECOND).refresh_grace(11 * SECOND), "refresh_grace");
    assert_refused(https().notes_interval(30 * SECOND), "notes_interval");
    assert_refused(https().notes_interval(Duration::ZERO), "notes_interval");
    assert_refused(https().feed_interval(Duration::ZERO), "feed_interval");
    assert_refused(https().stale_feed_after(SECOND), "stale_feed_after");
    assert_refused(https().stale_feed_after(2 * DAY), "stale_feed_after");
    https().feed_interval(60 * SECOND).build().expect("a bound that is longer");
    https().refresh_grace(Duration::ZERO).notes_interval(60 * SECOND).build().expect("no grace, no race");
}

#[test]
fn the_shortest_access_token_has_defaults_that_hold() {
    Policy::for_api("http://localhost").access_token_lifetime(SECOND).build().expect("a grace of a second");
}

#[test]
fn origins_paths_and_names_are_what_they_should_be() {
    for origin in ["", "shop.example", "ftp://shop.example", "https://shop.example/path"] {
        assert_refused(Policy::for_api(origin), "for_api");
        assert_refused(https().website(origin), "website");
    }
    for path in ["auth", "/auth/", "//auth", "/a b", "/{x}"] {
        assert_refused(https().base_path(path), "base_path");
    }
    for name in ["", "a b", "a;b", "__Host-a", "sRefreshToken"] {
        assert_refused(https().cookie_names(name, "sRefreshToken"), "cookie_names");
    }
    for domain in ["", "a b", "co.uk", ".", "shop.example/x"] {
        assert_refused(https().cookie_domain(domain), "cookie_domain");
    }
    for domain in ["a b", "co.uk", "other.example", "x.api.shop.example"] {
        assert_refused(https().cookie_domain(domain), "cookie_domain");
        assert_refused(https().cookie_domain("shop.example").older_cookie_domain(domain), "older_cookie_domain");
    }
    assert_refused(https().older_cookie_domain(""), "older_cookie_domain");
    assert_refused(https().gateway_path("api"), "gateway_path");
    assert_refused(https().issuer(""), "issuer");
    assert_refused(https().audience("x".repeat(129)), "audience");
}

#[test]
fn c8_same_site_none_needs_https() {
    let http = || Policy::for_api("http://shop.example");
    assert_refused(http().same_site(SameSite::None), "same_site");
    assert_refused(http().website("http://other.example"), "same_site");
    http().website("http://other.example").transfer_method(TransferMethod::Header).build().expect("no cookies");
    https().same_site(SameSite::None).build().expect("https");
}

#[test]
fn the_two_statuses_are_refusals_and_differ() {
    assert_refused(https().session_expired_status(200), "session_expired_status");
    assert_refused(https().invalid_claim_status(600), "invalid_claim_status");
    assert_refused(https().session_expired_status(403), "invalid_claim_status");
    https().session_expired_status(440).invalid_claim_status(401).build().expect("two refusals");
}

#[test]
fn every_anti_csrf_mode_can_be_chosen() {
    for mode in [AntiCsrf::None, AntiCsrf::Origin, AntiCsrf::CustomHeader, AntiCsrf::Token] {
        https().anti_csrf(mode).build().expect("a policy");
    }
}
