//! What fits a cookie.

use super::message::Message;
use super::{AccessTokenPayload, ClaimValue, Field, Schema, Travels, length, names, rules, shape};

/// What browsers keep of one cookie: name and value together (draft-ietf-httpbis-rfc6265bis, section 5.6).
const COOKIE_BYTES: usize = 4096;

/// The claims of our own with every value at its longest: see `standard_claims`.
const USER_ID: usize = 128 * 4;
const HANDLE: usize = 36;
const TENANT: usize = 64;
const ISSUER: usize = 128;
const ANTI_CSRF: usize = 43;
const KIND: usize = 64;
/// Seconds until the year 33658.
const SECONDS: usize = 12;
const U32: usize = 10;
const I64: usize = 19;

/// Claims of which the front-token carries a copy. A user id has up to 128 characters of four bytes each; the two that JSON
/// escapes take two bytes, and control characters are none.
const SHARED_CLAIMS: usize = r#"{"sub":"","iat":,"exp":,"sessionHandle":"","tId":"","iss":"","aud":""}"#.len()
    + USER_ID
    + 2 * SECONDS
    + HANDLE
    + TENANT
    + 2 * ISSUER;

/// Claims of the access token alone.
const PRIVATE_CLAIMS: usize = r#","antiCsrfToken":"","act":{"sub":""},"_n":true,"_k":"","_v":,"_r":,"_g":,"_a":"#.len()
    + ANTI_CSRF
    + USER_ID
    + KIND
    + U32
    + I64
    + U32
    + SECONDS;

/// `__Host-sAccessToken=`, the encoded header of 63 characters, two dots, the signature of 32 bytes in base64url.
const TOKEN_FRAME: usize = "__Host-sAccessToken=".len() + 63 + 2 + 43;

/// `sFrontToken=`, the cookie that the front end's script makes of the front-token.
const FRONT_FRAME: usize = "sFrontToken=".len();

/// What the front-token says besides the claims it shares: the user id again and the expiry in milliseconds.
const FRONT_CLAIMS: usize = r#"{"uid":"","ate":,"up":}"#.len() + USER_ID + SECONDS + 3;

/// The most bytes of payload JSON, braces included, that fit a cookie whatever the user, tenant and policy are.
///
/// Base64 makes four characters of three bytes. The payload loses its braces to the claims around it and gains a comma: one
/// byte less, which is left as it is.
pub(crate) const PAYLOAD_BYTES_IN_A_COOKIE: usize = {
    let in_token = (COOKIE_BYTES - TOKEN_FRAME) / 4 * 3 - SHARED_CLAIMS - PRIVATE_CLAIMS;
    let in_front = (COOKIE_BYTES - FRONT_FRAME) / 4 * 3 - SHARED_CLAIMS - FRONT_CLAIMS;
    if in_token < in_front { in_token } else { in_front }
};

/// What no derive can see: the shape and the names behind `transparent`, `into` and `flatten`, and the size of the whole.
#[track_caller]
pub const fn check_payload<P: AccessTokenPayload>() {
    shape::object(P::SCHEMA, "an access token payload");
    if let Schema::Map { .. } = names::bare(P::SCHEMA) {
        Message::new("an access token payload has fields of its own, and a map lets any name in, reserved ones too")
            .refuse();
    }
    names::check(P::SCHEMA);
    size::<P>();
}

/// As [`check_payload`], where a payload is encoded: for the types that could not be checked when they were declared, generic
/// and handwritten ones, and so with a message for what has no bound.
#[track_caller]
pub(super) const fn check_encoded<P: AccessTokenPayload>() {
    check_payload::<P>();
    if is_limited::<P>() && P::MAX_ENCODED_LEN.is_none() {
        match unbounded(<P as ClaimValue>::SCHEMA) {
            Some(field) => rules::unbounded(field.name, field.schema),
            None => rules::unbounded("", <P as ClaimValue>::SCHEMA),
        }
    }
}

/// The first field without a bound, where the payload is a struct.
const fn unbounded(schema: &Schema) -> Option<&'static Field> {
    let Schema::Object { fields, .. } = names::bare(schema) else { return None };
    let mut rest: &'static [Field] = fields;
    while let [field, others @ ..] = rest {
        if length::member_len(field).is_none() {
            return Some(field);
        }
        rest = others;
    }
    None
}

/// Whether the payload has to keep to a limit at all.
pub(super) const fn is_limited<P: AccessTokenPayload>() -> bool {
    P::MAX_BYTES.is_some() || matches!(P::TRAVELS, Travels::InCookies)
}

#[track_caller]
const fn size<P: AccessTokenPayload>() {
    if let (Some(asked), Travels::InCookies) = (P::MAX_BYTES, P::TRAVELS)
        && asked > PAYLOAD_BYTES_IN_A_COOKIE
    {
        Message::new("`max_bytes` is ")
            .number(asked as u128)
            .text(", and a cookie has room for ")
            .number(PAYLOAD_BYTES_IN_A_COOKIE as u128)
            .text(" bytes of payload; lower it, or say `header_only` if the token never travels in a cookie")
            .refuse();
    }
    // An unbounded field has been reported under that field.
    if let (Some(len), Some(limit)) = (P::MAX_ENCODED_LEN, limit::<P>())
        && len > limit
    {
        too_large::<P>(len, limit);
    }
}

const fn limit<P: AccessTokenPayload>() -> Option<usize> {
    match (P::MAX_BYTES, P::TRAVELS) {
        (Some(asked), _) => Some(asked),
        (None, Travels::InCookies) => Some(PAYLOAD_BYTES_IN_A_COOKIE),
        (None, Travels::HeaderOnly) => None,
    }
}

#[track_caller]
const fn too_large<P: AccessTokenPayload>(len: usize, limit: usize) {
    let why = if P::MAX_BYTES.is_some() { "`max_bytes` allows " } else { "a cookie has room for " };
    let message = Message::new("this payload can take ")
        .number(len as u128)
        .text(" bytes of JSON, and ")
        .text(why)
        .number(limit as u128);
    match heaviest(<P as ClaimValue>::SCHEMA) {
        Some((name, weight)) => message
            .text("; the heaviest field is ")
            .name(name)
            .text(" with up to ")
            .number(weight as u128)
            .text(": lower its `max_len`, or move it to the session data")
            .refuse(),
        None => message.refuse(),
    }
}

/// The field that weighs most, where the payload is a struct.
const fn heaviest(schema: &Schema) -> Option<(&'static str, usize)> {
    let Schema::Object { fields, .. } = names::bare(schema) else { return None };
    let mut rest: &[Field] = fields;
    let mut heaviest: Option<(&'static str, usize)> = None;
    while let [field, others @ ..] = rest {
        if let Some(weight) = length::member_len(field) {
            heaviest = match heaviest {
                Some((_, most)) if weight <= most => heaviest,
                _ => Some((field.name, weight)),
            };
        }
        rest = others;
    }
    heaviest
}
