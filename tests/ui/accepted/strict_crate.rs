#![deny(warnings, missing_docs, unused_qualifications, non_snake_case, unreachable_pub)]
#![allow(missing_debug_implementations)]
#![no_implicit_prelude]
//! A crate that allows nothing.

extern crate serde;
extern crate session_runtime;

/// Names that shadow those of the prelude.
pub mod shadows {
    use ::serde::{Deserialize, Serialize};
    use ::session_runtime::{AccessTokenPayload, Claim, ClaimValue, Secret, SessionData};

    /// Shadows.
    #[derive(Serialize, Deserialize, ClaimValue)]
    pub struct Option;

    /// Shadows.
    #[derive(Serialize, Deserialize, ClaimValue)]
    pub struct Result(u8);

    /// Shadows.
    #[derive(Serialize, Deserialize, ClaimValue)]
    #[allow(missing_docs)]
    pub enum Some {
        None,
        Ok(u8),
        Err { r#type: u8 },
    }

    /// A payload.
    #[derive(Serialize, Deserialize, AccessTokenPayload)]
    #[access_token(version = 2, compatible_with = Old, unreadable = sign_out)]
    pub struct Shopper {
        /// Raw.
        pub r#type: u8,
        /// Shadowed.
        pub option: Option,
        /// Shadowed.
        pub result: Claim<Result>,
        /// Shadowed.
        #[serde(default, skip_serializing_if = "nothing")]
        pub some: ::std::option::Option<Some>,
    }

    fn nothing(some: &::std::option::Option<Some>) -> bool {
        some.is_none()
    }

    /// Before.
    #[derive(Serialize, Deserialize, AccessTokenPayload)]
    #[access_token(kind = "shopper")]
    pub struct Old {
        r#type: u8,
        option: Option,
        result: Claim<Result>,
    }

    /// Data.
    #[derive(::std::default::Default, Serialize, Deserialize, SessionData)]
    #[session_data(unreadable = reset)]
    pub struct Cart {
        card: ::std::option::Option<Secret<u8>>,
        #[session_data(merge = add)]
        clicks: u64,
        #[session_data(merge = max)]
        last: ::std::string::String,
    }

    /// Both.
    #[derive(AccessTokenPayload, SessionData)]
    pub struct Checkout {
        /// Travels.
        #[session(token)]
        pub step: u8,
        /// Stays.
        pub items: ::std::vec::Vec<u8>,
    }
}

fn main() {}
