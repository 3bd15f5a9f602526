//! Field names that promise a secret have no place where the browser can read them.

use crate::errors::Errors;
use crate::input::{Field, Input};

/// A secret's name: its words in a row, and whether they must be the whole name.
///
/// One word is enough almost everywhere; the words that also mean something harmless (`pin`, `seed`) count as any other,
/// because the field can say `#[claim(public = "…")]`, and a leaked secret cannot be called back.
const SECRET_WORDS: &[&[&str]] = &[
    &["password"],
    &["passwords"],
    &["passwd"],
    &["passphrase"],
    &["pwd"],
    &["secret"],
    &["secrets"],
    &["token"],
    &["tokens"],
    &["apikey"],
    &["api", "key"],
    &["api", "keys"],
    &["access", "key"],
    &["private", "key"],
    &["privatekey"],
    &["secret", "key"],
    &["signing", "key"],
    &["encryption", "key"],
    &["session", "key"],
    &["credential"],
    &["credentials"],
    &["ssn"],
    &["social", "security"],
    &["iban"],
    &["card", "number"],
    &["credit", "card"],
    &["cvv"],
    &["cvc"],
    &["csc"],
    &["pin"],
    &["otp"],
    &["totp"],
    &["mnemonic"],
    &["seed", "phrase"],
    &["recovery", "code"],
    &["recovery", "codes"],
    &["backup", "code"],
    &["backup", "codes"],
    &["cookie"],
    &["jwt"],
    &["bearer"],
];

/// ```text
/// struct Shopper { password: String, #[serde(rename = "apiKey")] key: String }
/// ```
pub(super) fn check(input: &Input, errors: &mut Errors) {
    if !input.role.is_public() {
        return;
    }
    for field in input.fields().filter(|field| is_exposed(field)) {
        let found =
            std::iter::once(field.label()).chain([field.wire.written.clone()]).find_map(|name| secret_in(&name));
        if let Some(word) = found {
            errors.at(
                &field.wire.place,
                format!(
                    "`{}` sounds like a secret (`{word}`), and everybody who holds the token can \
                read its payload: move it to the session data, or say `#[claim(public = \"why it may be seen\")]`",
                    field.label()
                ),
            );
        }
    }
}

fn is_exposed(field: &Field) -> bool {
    field.ident().is_some() && !field.serde.is_unwritten() && field.claim.public.is_none()
}

/// The secret's words in a name, if it has any.
fn secret_in(name: &str) -> Option<String> {
    let words = words(name);
    let found = SECRET_WORDS.iter().find(|secret| words.windows(secret.len()).any(|run| run == **secret));
    found.map(|secret| secret.join("_"))
}

/// The words of a name in snake, kebab or camel case.
fn words(name: &str) -> Vec<String> {
    let snake = crate::case::snake(name);
    snake.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::secret_in;

    #[test]
    fn whole_words_are_found() {
        for name in ["password", "user_password", "apiKey", "api_key", "API-KEY", "accessToken", "otp", "card_pin"] {
            assert!(secret_in(name).is_some(), "{name}");
        }
    }

    #[test]
    fn parts_of_words_are_not() {
        for name in ["compass", "opinion", "tokenized", "shipping", "pinned", "secretary", "keyboard", "adopted", "key"]
        {
            assert_eq!(secret_in(name), None, "{name}");
        }
    }
}
