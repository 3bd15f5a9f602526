//! The front-token: what the browser's script may know of the session. Not signed, and never read back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::access::AccessClaims;
use super::text::Text;

/// What the header says when the session is over.
pub(crate) const REMOVE: &str = "remove";

/// Padded standard base64 of `{"uid":…,"ate":…,"up":{…}}`: user id, expiry in milliseconds, payload (the reference, §2.8).
///
/// `up` has the standard claims, `iat` among them for the client's estimate of its clock's error, and the user's own
/// fields. Our private claims and the anti-CSRF value stay out: the front end has no use for them here. So does `act`: the
/// user id stands here twice already, and a third would take from what every payload may have (see `payload::size`).
pub(crate) fn write(claims: &AccessClaims) -> String {
    let mut text = Text::new();
    text.push(r#"{"uid":"#);
    text.push_string(claims.user_id.as_str());
    text.push(r#","ate":"#);
    text.push_number(claims.expires_at.as_secs().saturating_mul(1000));
    text.push(r#","up":{"#);
    claims.write_standard(&mut text);
    claims.write_users(&mut text);
    text.push("}}");
    STANDARD.encode(text.as_bytes())
}
