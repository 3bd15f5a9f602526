//! The expansion of a few representative inputs, formatted: a reviewer sees what a change makes of them.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p session-macros` writes them anew.

use std::path::Path;
use std::{env, fs};

use quote::quote;

use super::derive;
use crate::role::Role;

#[track_caller]
fn expands(name: &str, role: Role, input: proc_macro2::TokenStream) {
    let file = syn::parse2(derive(role, input)).expect("an expansion is a list of items");
    let today = prettyplease::unparse(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(format!("{name}.rs"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("the file has a folder")).expect("the folder can be made");
        fs::write(&path, &today).expect("the snapshot can be written");
    }
    let before = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert_eq!(before, today, "{} differs; UPDATE_SNAPSHOTS=1 writes it anew", path.display());
}

#[test]
fn payload_struct() {
    let input = quote! {
        #[access_token(kind = "shopper", max_bytes = 1024)]
        #[serde(rename_all = "camelCase")]
        pub struct Shopper {
            pub role: Role,
            #[claim(max_len = 64)]
            display_name: String,
            #[serde(default, alias = "verified")]
            email_verified: Claim<bool>,
            #[serde(flatten)]
            profile: Profile,
        }
    };
    expands("payload_struct", Role::Payload, input);
}

#[test]
fn payload_enum() {
    let input = quote! {
        #[serde(tag = "type")]
        enum Account {
            Shopper { level: u8 },
            Admin(Admin),
            Nobody,
        }
    };
    expands("payload_enum", Role::Payload, input);
}

#[test]
fn generic_value() {
    let input = quote! {
        struct Pair<T: Clone, const N: usize = 2>
        where
            T: Copy,
        {
            #[claim(max = LIMIT)]
            id: u64,
            items: [T; N],
        }
    };
    expands("generic_value", Role::Value, input);
}

#[test]
fn data_with_predecessor() {
    let input = quote! {
        #[session_data(version = 2, from(CartV1), unreadable = reset)]
        struct Cart {
            items: Vec<Item>,
            card: Option<Secret<String>>,
        }
    };
    expands("data_with_predecessor", Role::Data, input);
}

#[test]
fn data_with_rules() {
    let input = quote! {
        #[serde(rename_all = "camelCase")]
        struct Visit<T: Ord> {
            #[session_data(merge = max)]
            last_page: T,
            #[session_data(merge = add)]
            clicks: u64,
            #[session_data(merge = last)]
            #[serde(rename = "style")]
            theme: String,
            note: String,
            #[serde(flatten)]
            more: More,
            #[serde(skip)]
            cache: u8,
        }
    };
    expands("data_with_rules", Role::Data, input);
}

#[test]
fn split_token_half() {
    expands("split_token_half", Role::Payload, split());
}

#[test]
fn split_data_half() {
    expands("split_data_half", Role::Data, split());
}

fn split() -> proc_macro2::TokenStream {
    quote! {
        /// What is being bought.
        #[session(derive(Clone))]
        pub struct Checkout {
            /// Where the user is.
            #[session(token)]
            #[serde(rename = "at")]
            pub step: u8,
            items: Vec<Item>,
        }
    }
}

#[test]
fn stub_after_a_mistake() {
    let input = quote! {
        struct Shopper {
            sub: u8,
            level: u8,
        }
    };
    expands("stub_after_a_mistake", Role::Payload, input);
}
