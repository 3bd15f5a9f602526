//! The access token: a compact JWS (RFC 7515 §7.1) with one exact header per key, and flat claims.
//!
//! Verification compares the header with known bytes and never parses one that an attacker chose: `alg`, `kid`, `crit`,
//! `jku`, `b64` and `zip` of the token's own choosing are nothing but a header that is not ours.

use std::borrow::Cow;

use uuid::Uuid;

use super::b64;
use super::key::{Key, KeyRing, same_tag};
use super::reader::Reader;
use super::text::{INLINE, Text};
use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::payload::Members;

/// The characters before and after the key's id in an encoded header, the same for every key that ever was.
const HEADER_START: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6";
const HEADER_END: &str = "IiwidHlwIjoic3Qrand0In0";

/// How long an encoded header and an encoded signature are.
const HEADER_LEN: usize = 63;
const SIGNATURE_LEN: usize = b64::encoded_len(32);

/// What an access token says. What every use of a known token reads stands first, in as few lines of the processor's cache as can be.
#[derive(Clone, PartialEq)]
#[repr(C)]
pub(crate) struct AccessClaims {
    pub(crate) tenant: TenantId,
    pub(crate) handle: SessionHandle,
    /// `_g`: the refresh token's generation that this token goes with.
    pub(crate) generation: Generation,
    pub(crate) payload_version: u32,
    /// `_r`: how often the row's payload had been written when this token was made.
    pub(crate) payload_revision: i64,
    pub(crate) user_id: UserId,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) anti_csrf: Option<String>,
    /// `act`: who acts as the user (RFC 8693 §4.1).
    pub(crate) actor: Option<UserId>,
    /// `_n`: the session is of somebody who has not signed in.
    pub(crate) anonymous: bool,
    /// `_k`, and `_v` above: which payload type wrote `payload`, and in which version of it.
    pub(crate) kind: String,
    /// `_a`: when the user last proved who they are.
    pub(crate) authenticated_at: Timestamp,
    /// The user's own fields: the text of a JSON object.
    pub(crate) payload: String,
}

impl AccessClaims {
    /// Appends the standard claims, without braces.
    pub(super) fn write_standard(&self, text: &mut Text) {
        text.push(r#""sub":"#);
        text.push_string(self.user_id.as_str());
        write_number(text, r#","iat":"#, self.issued_at.as_secs());
        write_number(text, r#","exp":"#, self.expires_at.as_secs());
        text.push(r#","sessionHandle":""#);
        text.push(self.handle.as_uuid().hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        text.push(r#"","tId":""#);
        text.push(self.tenant.as_str());
        text.push("\"");
        write_optional(text, r#","iss":"#, self.issuer.as_deref());
        write_optional(text, r#","aud":"#, self.audience.as_deref());
    }

    fn write_private(&self, text: &mut Text) {
        write_optional(text, r#","antiCsrfToken":"#, self.anti_csrf.as_deref());
        if let Some(actor) = &self.actor {
            text.push(r#","act":{"sub":"#);
            text.push_string(actor.as_str());
            text.push("}");
        }
        if self.anonymous {
            text.push(r#","_n":true"#);
        }
        text.push(r#","_k":"#);
        text.push_string(&self.kind);
        write_number(text, r#","_v":"#, self.payload_version.into());
        write_number(text, r#","_r":"#, self.payload_revision);
        write_number(text, r#","_g":"#, self.generation.number().into());
        write_number(text, r#","_a":"#, self.authenticated_at.as_secs());
    }

    /// Appends the user's fields as they stand, each with what separates it from the claims before.
    pub(super) fn write_users(&self, text: &mut Text) {
        let fields = self.payload.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
        if !fields.is_empty() {
            text.push(",");
            text.push(fields);
        }
    }
}

/// What a token says that was opened: borrowed from the text, so that reading allocates nothing.
#[derive(Debug, PartialEq)]
pub(crate) struct OpenedClaims<'a> {
    user_id: Cow<'a, str>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) handle: SessionHandle,
    tenant: Cow<'a, str>,
    issuer: Option<Cow<'a, str>>,
    audience: Option<Cow<'a, str>>,
    anti_csrf: Option<Cow<'a, str>>,
    actor: Option<Cow<'a, str>>,
    anonymous: bool,
    pub(crate) kind: Cow<'a, str>,
    pub(crate) payload_version: u32,
    payload_revision: i64,
    generation: Generation,
    authenticated_at: Timestamp,
    /// The user's fields.
    pub(crate) payload: Members<'a>,
}

impl<'a> OpenedClaims<'a> {
    /// Reads what the three writers above have written, and nothing else. The identifiers among it are right.
    fn read(text: &'a str) -> Option<Self> {
        let mut reader = Reader::new(text);
        reader.literal(r#"{"sub":"#)?;
        let user_id = reader.string().filter(|id| UserId::check(id).is_ok())?;
        reader.literal(r#","iat":"#)?;
        let issued_at = Timestamp::from_secs(reader.integer()?);
        reader.literal(r#","exp":"#)?;
        let expires_at = Timestamp::from_secs(reader.integer()?);
        reader.literal(r#","sessionHandle":""#)?;
        let handle = reader.take(SessionHandle::CHARS)?.parse().ok()?;
        reader.literal(r#"","tId":"#)?;
        let tenant = reader.string().filter(|id| TenantId::check(id).is_ok())?;
        let issuer = read_optional(&mut reader, r#","iss":"#)?;
        let audience = read_optional(&mut reader, r#","aud":"#)?;
        let anti_csrf = read_optional(&mut reader, r#","antiCsrfToken":"#)?;
        let actor = read_actor(&mut reader)?;
        let anonymous = reader.optional(r#","_n":true"#);
        reader.literal(r#","_k":"#)?;
        let kind = reader.string()?;
        reader.literal(r#","_v":"#)?;
        let payload_version = reader.integer()?;
        reader.literal(r#","_r":"#)?;
        let payload_revision = reader.integer()?;
        reader.literal(r#","_g":"#)?;
        let generation = Generation::new(reader.integer()?);
        reader.literal(r#","_a":"#)?;
        let authenticated_at = Timestamp::from_secs(reader.integer()?);
        let payload = Members::new(reader.rest())?;
        Some(Self {
            user_id,
            issued_at,
            expires_at,
            handle,
            tenant,
            issuer,
            audience,
            anti_csrf,
            actor,
            anonymous,
            kind,
            payload_version,
            payload_revision,
            generation,
            authenticated_at,
            payload,
        })
    }

    /// The claims, to be kept.
    pub(crate) fn to_claims(&self) -> AccessClaims {
        let kept = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        AccessClaims {
            user_id: UserId::of_checked(&self.user_id),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            handle: self.handle,
            tenant: TenantId::of_checked(&*self.tenant),
            issuer: kept(&self.issuer),
            audience: kept(&self.audience),
            anti_csrf: kept(&self.anti_csrf),
            actor: self.actor.as_deref().map(UserId::of_checked),
            anonymous: self.anonymous,
            kind: self.kind.as_ref().to_owned(),
            payload_version: self.payload_version,
            payload_revision: self.payload_revision,
            generation: self.generation,
            authenticated_at: self.authenticated_at,
            payload: self.payload.to_object(),
        }
    }
}

/// Why an access token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessTokenError {
    /// It is none of ours: treated as if it were not there.
    Foreign,
    /// It names a key that the ring does not hold, or no longer.
    UnknownKey,
    /// The signature is wrong.
    Forged,
    /// We signed it, but it says what we do not understand: another version of this library wrote it.
    Unreadable,
    /// Its time is over.
    Expired,
    /// It was made for another issuer or another audience.
    NotForUs,
}

/// What a token must say to be for this application.
#[derive(Clone, Copy, Default)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: Option<&'a str>,
    pub(crate) audience: Option<&'a str>,
}

/// Signs the claims with the ring's current key. Allocates the token, and nothing else.
pub(crate) fn issue(claims: &AccessClaims, ring: &KeyRing) -> String {
    let key = ring.current();
    let mut text = Text::new();
    text.push("{");
    claims.write_standard(&mut text);
    claims.write_private(&mut text);
    claims.write_users(&mut text);
    text.push("}");
    sign(text.as_bytes(), key)
}

fn sign(payload: &[u8], key: &Key) -> String {
    let payload_len = b64::encoded_len(payload.len());
    let mut token = String::with_capacity(key.header().len() + payload_len + 45);
    token.push_str(key.header());
    token.push('.');
    let payload_start = token.len();
    b64::encode_into(payload, &mut token);
    let signature = key.sign(token.as_bytes().get(payload_start..).unwrap_or_default());
    token.push('.');
    b64::encode_into(&signature, &mut token);
    token
}

/// Opens a token: MAC first, then what it says, then its time. No leeway on `exp` (RFC 7519 §4.1.4). What is accepted is
/// lent to `take`: it stands on the stack.
pub(crate) fn verify<T>(
    token: &[u8],
    ring: &KeyRing,
    now: Timestamp,
    expected: Expected<'_>,
    take: impl FnOnce(&OpenedClaims<'_>) -> T,
) -> Result<T, AccessTokenError> {
    open(token, ring, |claims| {
        if claims.expires_at <= now {
            return Err(AccessTokenError::Expired);
        }
        let for_us = claims.issuer.as_deref() == expected.issuer && claims.audience.as_deref() == expected.audience;
        if for_us { Ok(take(claims)) } else { Err(AccessTokenError::NotForUs) }
    })?
}

/// MAC, then claims. Whatever was found on the way, what has not our shape is none of ours: who fails is looked at once more for that, so
/// that who does not need not be.
fn open<T>(token: &[u8], ring: &KeyRing, take: impl FnOnce(&OpenedClaims<'_>) -> T) -> Result<T, AccessTokenError> {
    open_ours(token, ring, take).map_err(|error| if has_our_shape(token) { error } else { AccessTokenError::Foreign })
}

fn open_ours<T>(
    token: &[u8],
    ring: &KeyRing,
    take: impl FnOnce(&OpenedClaims<'_>) -> T,
) -> Result<T, AccessTokenError> {
    let (header, payload, signature) = places(token).ok_or(AccessTokenError::Forged)?;
    let key = ring.by_header(header).ok_or(AccessTokenError::UnknownKey)?;
    let signature = b64::decode_exact::<32>(signature).ok_or(AccessTokenError::Forged)?;
    // Of a payload that holds a dot we have made no MAC.
    if !same_tag(&key.sign(payload), &signature) {
        return Err(AccessTokenError::Forged);
    }
    if b64::room_for(payload.len()) <= INLINE {
        read(payload, &mut [0; INLINE], take)
    } else {
        read(payload, &mut vec![0; b64::room_for(payload.len())], take)
    }
}

/// Header, payload and signature by where they stand in a token whose header and signature are as long as ours.
fn places(token: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (header, rest) = token.split_at_checked(HEADER_LEN)?;
    let rest = rest.strip_prefix(b".")?;
    let (payload, rest) = rest.split_at_checked(rest.len().checked_sub(1 + SIGNATURE_LEN)?)?;
    Some((header, payload, rest.strip_prefix(b".")?))
}

fn read<T>(payload: &[u8], room: &mut [u8], take: impl FnOnce(&OpenedClaims<'_>) -> T) -> Result<T, AccessTokenError> {
    let text = b64::decode_into(payload, room).ok_or(AccessTokenError::Unreadable)?;
    let text = std::str::from_utf8(text).map_err(|_| AccessTokenError::Unreadable)?;
    OpenedClaims::read(text).map(|claims| take(&claims)).ok_or(AccessTokenError::Unreadable)
}

/// Which session, of which tenant, a token of ours is of, expired or not.
pub(crate) fn session_of(token: &[u8], ring: &KeyRing) -> Option<(SessionHandle, TenantId)> {
    open(token, ring, |claims| (claims.handle, TenantId::of_checked(&*claims.tenant))).ok()
}

/// Whether a text has the shape of our access tokens, whatever key signed them: exactly three parts (RFC 7515 §7.1), of which the first is a
/// header of ours.
pub(crate) fn has_our_shape(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.');
    parts.next().is_some_and(is_our_header) && parts.count() == 2
}

fn is_our_header(header: &[u8]) -> bool {
    header.len() == HEADER_LEN && header.starts_with(HEADER_START.as_bytes()) && header.ends_with(HEADER_END.as_bytes())
}

fn write_number(text: &mut Text, name: &str, number: i64) {
    text.push(name);
    text.push_number(number);
}

fn write_optional(text: &mut Text, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text.push(name);
        text.push_string(value);
    }
}

/// `None` where a value is announced and is not one; `Some(None)` where it is absent.
fn read_optional<'a>(reader: &mut Reader<'a>, name: &str) -> Option<Option<Cow<'a, str>>> {
    if reader.optional(name) { reader.string().map(Some) } else { Some(None) }
}

/// As [`read_optional`], of who acts as the user.
fn read_actor<'a>(reader: &mut Reader<'a>) -> Option<Option<Cow<'a, str>>> {
    if !reader.optional(r#","act":{"sub":"#) {
        return Some(None);
    }
    let actor = reader.string().filter(|id| UserId::check(id).is_ok())?;
    reader.literal("}")?;
    Some(Some(actor))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(seed: u8) -> KeyRing {
        KeyRing::new(Key::derive(&[seed; 32]).unwrap(), vec![]).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(r#"u"\1é"#).unwrap(),
            issued_at: Timestamp::from_secs(1000),
            expires_at: Timestamp::from_secs(4600),
            handle: SessionHandle::mint(Timestamp::from_millis(1)).unwrap(),
            tenant: TenantId::default(),
            issuer: Some("https://shop.example".into()),
            audience: None,
            anti_csrf: Some("x".into()),
            actor: None,
            anonymous: false,
            kind: "shopper".into(),
            payload_version: 2,
            payload_revision: 3,
            generation: Generation::new(4),
            authenticated_at: Timestamp::from_secs(900),
            payload: r#"{"role":"admin"}"#.into(),
        }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000_500);
    const OURS: Expected<'_> = Expected { issuer: Some("https://shop.example"), audience: None };

    fn refusal(token: &str) -> Option<AccessTokenError> {
        opened(token, &ring(1), NOW, OURS).err()
    }

    fn opened(
        token: &str,
        ring: &KeyRing,
        now: Timestamp,
        expected: Expected<'_>,
    ) -> Result<AccessClaims, AccessTokenError> {
        verify(token.as_bytes(), ring, now, expected, |claims| claims.to_claims())
    }

    /// Signs any text with the right key, as a hostile insider or another version could.
    fn signed(text: &str) -> String {
        sign(text.as_bytes(), ring(1).current())
    }

    #[test]
    fn a_token_says_what_it_was_made_of() {
        for payload in ["{}", r#"{"role":"admin","n":[1,{"_g":9}]}"#] {
            let claims = AccessClaims { payload: payload.into(), ..claims() };
            let read = opened(&issue(&claims, &ring(1)), &ring(1), NOW, OURS).ok().unwrap();
            assert!(read == claims);
        }
    }

    #[test]
    fn the_actor_and_an_anonymous_user_are_said_where_there_are_any() {
        let plain = verify_text(&claims());
        assert!(!plain.contains("act\"") && !plain.contains("_n"), "{plain}");
        let both = AccessClaims { actor: UserId::new(r#"s"é"#).ok(), anonymous: true, ..claims() };
        let text = verify_text(&both);
        assert!(text.contains(r#","antiCsrfToken":"x","act":{"sub":"s\"é"},"_n":true,"_k":"#), "{text}");
        for claims in
            [&AccessClaims { actor: None, ..both.clone() }, &AccessClaims { anonymous: false, ..both.clone() }, &both]
        {
            let read = opened(&issue(claims, &ring(1)), &ring(1), NOW, OURS).ok().unwrap();
            assert!(read == *claims);
        }
        for other in [
            text.replace(r#""_n":true"#, r#""_n":false"#),
            text.replace(r#"é"},"#, r#"é","act":{"sub":"x"}},"#),
            text.replace(r#"{"sub":"s\"é"}"#, r#"{"sub":""}"#),
            text.replace(r#"{"sub":"s\"é"}"#, r#""s""#),
            text.replace(r#","_n":true"#, r#","_n":true,"_n":true"#),
        ] {
            assert_eq!(refusal(&signed(&other)), Some(AccessTokenError::Unreadable), "{other}");
        }
    }

    #[test]
    fn t1_exp_on_or_before_now_is_refused() {
        let token = issue(&claims(), &ring(1));
        let at = |secs| opened(&token, &ring(1), Timestamp::from_secs(secs), OURS).err();
        assert_eq!(at(4599), None);
        assert_eq!(at(4600), Some(AccessTokenError::Expired));
    }

    #[test]
    fn t6_b9_a_token_for_another_issuer_or_audience_is_refused() {
        let token = issue(&claims(), &ring(1));
        for expected in [
            Expected::default(),
            Expected { issuer: Some("https://other.example"), audience: None },
            Expected { audience: Some("api"), ..OURS },
        ] {
            let refused = opened(&token, &ring(1), NOW, expected).err();
            assert_eq!(refused, Some(AccessTokenError::NotForUs));
        }
    }

    #[test]
    fn a_retired_key_verifies_and_does_not_sign() {
        let old = ring(1);
        let both = KeyRing::new(Key::derive(&[2; 32]).unwrap(), vec![Key::derive(&[1; 32]).unwrap()]).unwrap();
        assert!(opened(&issue(&claims(), &old), &both, NOW, OURS).is_ok());
        let refused = opened(&issue(&claims(), &both), &old, NOW, OURS).err();
        assert_eq!(refused, Some(AccessTokenError::UnknownKey));
    }

    #[test]
    fn every_single_changed_character_is_refused() {
        let token = issue(&claims(), &ring(1));
        for position in 0..token.len() {
            for replacement in [b'A', b'z', b'.', b'=', b' '] {
                let mut bytes = token.clone().into_bytes();
                if bytes[position] != replacement {
                    bytes[position] = replacement;
                    assert!(refusal(std::str::from_utf8(&bytes).unwrap()).is_some(), "{position} {replacement}");
                }
            }
        }
    }

    #[test]
    fn t8_j4_j5_j6_b6_headers_of_an_attackers_choice_are_none_of_ours() {
        let token = issue(&claims(), &ring(1));
        let (_, rest) = token.split_once('.').unwrap();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"NONE","kid":"AAAAAAAA","typ":"st+jwt"}"#,
            r#"{"alg":"HS512","kid":"AAAAAAAA","typ":"st+jwt"}"#,
            r#"{"alg":"HS256","kid":"../../etc/passwd"}"#,
            r#"{"alg":"HS256","alg":"none"}"#,
            r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
            r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
            r#"{"alg":"HS256","zip":"DEF"}"#,
        ] {
            let forged = format!("{}.{rest}", b64::encode(header.as_bytes()));
            assert_eq!(refusal(&forged), Some(AccessTokenError::Foreign), "{header}");
        }
    }

    #[test]
    fn j1_b13_anything_but_three_parts_is_none_of_ours() {
        let token = issue(&claims(), &ring(1));
        for shape in
            ["", ".", "..", "...", "a.b", &token[..token.len() - 44], &format!("{token}."), &format!("{token}.a.b")]
        {
            assert_eq!(refusal(shape), Some(AccessTokenError::Foreign), "{shape}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_taken_apart_at_its_dots(parts in prop::collection::vec("[a-z]{0,3}|[a-z]{43}|[a-z]{63}", 3..4)) {
            let token = parts.join(".");
            if let Some((header, payload, signature)) = places(token.as_bytes()) {
                prop_assert_eq!([header, payload, signature].join(&b'.'), token.as_bytes());
                prop_assert_eq!([header, payload, signature].map(<[u8]>::len), [0, 1, 2].map(|part: usize| parts[part].len()));
            }
        }

        #[test]
        fn a_dot_more_or_less_makes_any_token_foreign(at: prop::sample::Index, other in "[a-z.]{0,2}") {
            let token = issue(&claims(), &ring(1));
            let at = at.index(token.len());
            let more = format!("{}.{other}{}", &token[..at], &token[at..]);
            prop_assert_eq!(refusal(&more), Some(AccessTokenError::Foreign), "{}", more);
            let instead = format!("{}.{}", &token[..at], &token[at + 1..]);
            prop_assert_eq!(refusal(&instead).is_none(), instead == token);
            prop_assert!(instead == token || refusal(&instead) == Some(AccessTokenError::Foreign), "{}", instead);
        }

        #[test]
        fn what_has_not_our_shape_is_foreign_and_nothing_else_is(
            header in "[a-z.]{0,3}|eyJhbGciOiJIUzI1NiIsImtpZCI6[A-Za-z0-9]{11,13}IiwidHlwIjoic3Qrand0In0",
            rest in "[a-z.]{0,9}|[.][a-z]{0,9}[.][A-Za-z0-9_-]{42,43}[.]{0,1}",
        ) {
            let token = header + &rest;
            prop_assert_eq!(has_our_shape(token.as_bytes()), refusal(&token) != Some(AccessTokenError::Foreign), "{}", token);
        }
    }

    #[test]
    fn t3_t4_t5_signed_texts_that_we_do_not_write_are_unreadable() {
        let good = verify_text(&claims());
        assert_eq!(refusal(&signed(&good)), None);
        for text in [
            "",
            "[]",
            "\"x\"",
            "{}",
            &good.replace(r#""iat":1000"#, r#""iat":1000.5"#),
            &good.replace(r#""exp":4600"#, r#""exp":-1"#),
            &good.replace(r#""exp":4600"#, r#""exp":"4600""#),
            &good.replace(r#""exp":4600"#, r#""exp":NaN"#),
            &good.replace(r#""exp":4600"#, r#""exp":99999999999999999999"#),
            &good.replace(r#""exp":4600"#, r#""exp":4600,"exp":9600"#),
            &good.replace(r#""tId":"public""#, r#""tId":"a b""#),
            &good.replace('{', " {"),
            &good[..good.len() - 1],
        ] {
            assert_eq!(refusal(&signed(text)), Some(AccessTokenError::Unreadable), "{text}");
        }
    }

    #[test]
    fn b7_bytes_that_are_not_utf_8_are_unreadable() {
        let token = sign(b"{\"sub\":\"\xff\"}", ring(1).current());
        assert_eq!(refusal(&token), Some(AccessTokenError::Unreadable));
    }

    fn verify_text(claims: &AccessClaims) -> String {
        let token = issue(claims, &ring(1));
        let payload = token.split('.').nth(1).unwrap();
        String::from_utf8(b64::decode(payload.as_bytes()).unwrap()).unwrap()
    }
}
