//! The payload that is measured: with the library's own claims about 353 bytes of JSON, a token of about 552 characters.

use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

/// What a shop says of whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper")]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an example")]
pub struct Shopper {
    pub role: Role,
    #[claim(max_len = 32)]
    pub plan: String,
    #[claim(max_len = 200)]
    pub permissions: Vec<Permission>,
    pub cart: u32,
    pub credit: i32,
    pub beta: bool,
    #[claim(max_len = 8)]
    pub region: Option<String>,
}

/// What one may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ClaimValue)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an example")]
pub enum Role {
    Customer,
    Staff,
    Admin,
}

/// What one may do, in detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ClaimValue)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an example")]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    ReadOrders,
    WriteOrders,
    Refund,
}

impl Shopper {
    /// Somebody with a bit of everything.
    #[must_use]
    pub fn example() -> Self {
        Self {
            role: Role::Admin,
            plan: "professional".into(),
            permissions: vec![Permission::ReadOrders, Permission::WriteOrders, Permission::Refund],
            cart: 17,
            credit: -250,
            beta: true,
            region: Some("eu".into()),
        }
    }
}

/// The claims of a token, as somebody would declare them who reads them with serde.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an example")]
pub struct Claims {
    pub sub: String,
    pub iat: i64,
    pub exp: i64,
    #[serde(rename = "sessionHandle")]
    pub session_handle: String,
    #[serde(rename = "tId")]
    pub tenant: String,
    #[serde(rename = "_k")]
    pub kind: String,
    #[serde(rename = "_v")]
    pub version: u32,
    #[serde(rename = "_r")]
    pub revision: i64,
    #[serde(rename = "_g")]
    pub generation: u32,
    #[serde(rename = "_a")]
    pub authenticated_at: i64,
    pub role: Role,
    pub plan: String,
    pub permissions: Vec<Permission>,
    pub cart: u32,
    pub credit: i32,
    pub beta: bool,
    pub region: Option<String>,
}

impl Claims {
    /// The claims of a session of this user, as long as ours.
    #[must_use]
    pub fn example(user: &str) -> Self {
        let Shopper { role, plan, permissions, cart, credit, beta, region } = Shopper::example();
        let (iat, exp) = (1_893_456_000, 1_893_459_600);
        Self {
            sub: user.to_owned(),
            iat,
            exp,
            session_handle: "01b8ec1d-f400-7cc3-98c4-dc0c0c07398f".into(),
            tenant: "public".into(),
            kind: "shopper".into(),
            version: 1,
            revision: 0,
            generation: 1,
            authenticated_at: iat,
            role,
            plan,
            permissions,
            cart,
            credit,
            beta,
            region,
        }
    }
}

/// [`Claims`] without those that RFC 7519 registers, for a library that keeps these itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an example")]
pub struct PrivateClaims {
    #[serde(rename = "sessionHandle")]
    pub session_handle: String,
    #[serde(rename = "tId")]
    pub tenant: String,
    #[serde(rename = "_k")]
    pub kind: String,
    #[serde(rename = "_v")]
    pub version: u32,
    #[serde(rename = "_r")]
    pub revision: i64,
    #[serde(rename = "_g")]
    pub generation: u32,
    #[serde(rename = "_a")]
    pub authenticated_at: i64,
    pub role: Role,
    pub plan: String,
    pub permissions: Vec<Permission>,
    pub cart: u32,
    pub credit: i32,
    pub beta: bool,
    pub region: Option<String>,
}

impl PrivateClaims {
    /// Those of a token.
    #[must_use]
    pub fn of(claims: &Claims) -> Self {
        let Claims {
            sub: _,
            iat: _,
            exp: _,
            session_handle,
            tenant,
            kind,
            version,
            revision,
            generation,
            authenticated_at,
            role,
            plan,
            permissions,
            cart,
            credit,
            beta,
            region,
        } = claims.clone();
        Self {
            session_handle,
            tenant,
            kind,
            version,
            revision,
            generation,
            authenticated_at,
            role,
            plan,
            permissions,
            cart,
            credit,
            beta,
            region,
        }
    }
}
