//! Keys, guards and their refusals: the session protocol's JSON, word for word.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::claims::{Guard, Subject, ensure, recently_authenticated};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ClaimValue)]
enum Role {
    Customer,
    Admin,
}

#[derive(Clone, Debug, Serialize, Deserialize, AccessTokenPayload)]
#[serde(rename_all = "camelCase")]
struct Shopper {
    role: Role,
    email_verified: Option<Claim<bool>>,
    #[claim(max_len = 60)]
    roles: Claim<Vec<Role>>,
}

const NOW: i64 = 1_700_000_100_000;

fn shopper() -> Shopper {
    Shopper {
        role: Role::Customer,
        email_verified: Some(Claim::at_millis(true, NOW - 60_000)),
        roles: Claim::at_millis(vec![Role::Customer], NOW),
    }
}

/// The refusals as the client reads them; empty when the request passes.
fn refusals(guard: impl Guard<Shopper>, shopper: &Shopper) -> Value {
    match guard.check(&Subject::new(shopper, NOW)) {
        Ok(()) => json!([]),
        Err(failures) => serde_json::to_value(failures).expect("failures are JSON"),
    }
}

#[track_caller]
fn passes(guard: impl Guard<Shopper>) {
    assert_eq!(refusals(guard, &shopper()), json!([]));
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` reads best without a reference")]
#[track_caller]
fn refuses(guard: impl Guard<Shopper>, expected: Value) {
    assert_eq!(refusals(guard, &shopper()), expected);
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` reads best without a reference")]
fn wrong(name: &str, expected: Value) -> Value {
    json!([{ "id": "roles", "reason": { "message": "wrong value", name: expected, "actualValue": ["Customer"] } }])
}

#[test]
fn equality_is_strict_and_names_both_values() {
    passes(Shopper::ROLE.is(Role::Customer));
    passes(Shopper::EMAIL_VERIFIED.is_true());
    refuses(
        Shopper::ROLE.is(Role::Admin),
        json!([{ "id": "role", "reason": { "message": "wrong value", "expectedValue": "Admin", "actualValue": "Customer" } }]),
    );
    refuses(
        Shopper::EMAIL_VERIFIED.is_false(),
        json!([{ "id": "emailVerified", "reason": { "message": "wrong value", "expectedValue": false, "actualValue": true } }]),
    );
}

#[test]
fn elements_are_included_and_excluded_as_the_protocol_says() {
    let roles = Shopper::ROLES;
    passes(roles.includes(Role::Customer));
    passes(roles.excludes(Role::Admin));
    passes(roles.includes_all([]));
    passes(roles.includes_any([Role::Admin, Role::Customer]));
    passes(roles.excludes_all([]));
    refuses(roles.includes(Role::Admin), wrong("expectedToInclude", json!("Admin")));
    refuses(roles.excludes(Role::Customer), wrong("expectedToNotInclude", json!("Customer")));
    refuses(roles.includes_all([Role::Admin]), wrong("expectedToInclude", json!(["Admin"])));
    refuses(roles.includes_any([]), wrong("expectedToIncludeAtLeastOneOf", json!([])));
    refuses(roles.excludes_all([Role::Customer]), wrong("expectedToNotInclude", json!(["Customer"])));
}

#[test]
fn a_value_that_is_not_there_fails_every_guard() {
    let nobody = Shopper { email_verified: None, ..shopper() };
    for (guard, expected) in [(Shopper::EMAIL_VERIFIED.is_true(), true), (Shopper::EMAIL_VERIFIED.is_false(), false)] {
        let reason = json!({ "message": "value does not exist", "expectedValue": expected });
        assert_eq!(refusals(guard, &nobody), json!([{ "id": "emailVerified", "reason": reason }]));
    }
}

#[test]
fn a_value_is_too_old_only_beyond_its_age() {
    let verified = Shopper::EMAIL_VERIFIED.is_true();
    passes(verified.clone().no_older_than(Duration::from_secs(60)));
    refuses(
        verified.clone().no_older_than(Duration::from_secs(59)),
        json!([{ "id": "emailVerified", "reason": { "message": "expired", "ageInSeconds": 60, "maxAgeInSeconds": 59 } }]),
    );
    let future = Shopper { email_verified: Some(Claim::at_millis(true, NOW + 5_000)), ..shopper() };
    assert_eq!(refusals(verified.no_older_than(Duration::ZERO), &future), json!([]), "clocks differ");
}

#[test]
fn age_is_judged_before_the_value() {
    let guard = Shopper::EMAIL_VERIFIED.is_false().no_older_than(Duration::from_secs(1)).id("fresh");
    refuses(
        guard,
        json!([{ "id": "fresh", "reason": { "message": "expired", "ageInSeconds": 60, "maxAgeInSeconds": 1 } }]),
    );
}

#[test]
fn missing_and_old_claims_are_to_be_fetched() {
    let guard =
        Shopper::EMAIL_VERIFIED.is_true().no_older_than(Duration::from_secs(59)).and(Shopper::ROLES.includes_any([]));
    let stale = |shopper: &Shopper| {
        let mut names = Vec::new();
        guard.stale(&Subject::new(shopper, NOW), &mut names);
        names
    };
    assert_eq!(stale(&shopper()), ["emailVerified"]);
    assert_eq!(stale(&Shopper { email_verified: None, ..shopper() }), ["emailVerified"]);
    assert!(stale(&Shopper { email_verified: Some(Claim::at_millis(false, NOW)), ..shopper() }).is_empty());
}

#[test]
fn guards_compose_and_every_failure_is_told() {
    let (admin, customer) = (Shopper::ROLE.is(Role::Admin), Shopper::ROLE.is(Role::Customer));
    passes(admin.clone().or(customer.clone()));
    passes(admin.clone().not());
    passes(admin.clone().not().and(customer.clone()));
    refuses(customer.clone().not(), json!([{ "id": "not role" }]));

    let ids = |value: Value| -> Vec<String> {
        let failures = value.as_array().cloned().unwrap_or_default();
        failures.iter().map(|failure| failure["id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let several = admin.clone().id("a").and(admin.clone().id("b").or(admin.clone().id("c"))).and(customer.not());
    assert_eq!(ids(refusals(several, &shopper())), ["a", "b", "c", "not role"]);
}

#[test]
fn guards_are_values_that_can_be_kept() {
    let kept: Vec<Box<dyn Guard<Shopper>>> =
        vec![
            Box::new(Shopper::ROLE.is(Role::Customer)),
            Box::new(ensure("named", |subject: &Subject<'_, Shopper>| {
                if subject.payload().role == Role::Admin { Ok(()) } else { Err(json!("no admin")) }
            })),
        ];
    let found: Vec<Value> = kept.iter().map(|guard| refusals(guard, &shopper())).collect();
    assert_eq!(found, [json!([]), json!([{ "id": "named", "reason": "no admin" }])]);
}

#[test]
fn step_up_asks_when_the_user_last_proved_who_they_are() {
    let guard = recently_authenticated(Duration::from_secs(300));
    let shopper = shopper();
    let at = |millis| guard.check(&Subject::new(&shopper, NOW).authenticated_at(millis));
    assert!(at(NOW - 300_000).is_ok());
    let failures = at(NOW - 300_001).expect_err("too long ago");
    assert_eq!(
        serde_json::to_value(failures).expect("failures are JSON"),
        json!([{ "id": "recently-authenticated", "reason": { "message": "expired", "maxAgeInSeconds": 300 } }])
    );
}

#[test]
fn a_refusal_can_be_logged_without_quoting_the_payload() {
    let failures = Shopper::ROLE.is(Role::Admin).check(&Subject::new(&shopper(), NOW)).expect_err("no admin");
    assert_eq!(failures.to_string(), "refused by `role`");
}
