//! serde's renaming rules, so that names are judged as they stand on the wire.

/// A value of `rename_all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Case {
    /// No rule: the name as written in Rust.
    #[default]
    Unchanged,
    /// `lowercase`
    Lower,
    /// `UPPERCASE`
    Upper,
    /// `PascalCase`
    Pascal,
    /// `camelCase`
    Camel,
    /// `snake_case`
    Snake,
    /// `SCREAMING_SNAKE_CASE`
    ScreamingSnake,
    /// `kebab-case`
    Kebab,
    /// `SCREAMING-KEBAB-CASE`
    ScreamingKebab,
}

impl Case {
    /// Reads serde's name of a rule. A wrong one is left to serde, which lists the right ones.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => Self::Unchanged,
        }
    }

    /// The wire name of a field, which Rust writes in snake case.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            Self::Unchanged | Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => first_lower(&pascal(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The wire name of a variant, which Rust writes in Pascal case.
    pub(crate) fn variant(self, name: &str) -> String {
        match self {
            Self::Unchanged | Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => first_lower(name),
            Self::Snake => snake_each(name),
            Self::ScreamingSnake => snake_each(name).to_ascii_uppercase(),
            Self::Kebab => snake_each(name).replace('_', "-"),
            Self::ScreamingKebab => snake_each(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// A type's name as a kind: `HTTPShopper` becomes `http_shopper`. Runs of capitals stay one word, unlike in serde's rule.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts_word = before.is_some_and(|before| {
            let ends_run = before.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
            *before != '_' && (!before.is_uppercase() || ends_run)
        });
        if letter.is_uppercase() && starts_word {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn pascal(name: &str) -> String {
    name.split('_').map(first_upper).collect()
}

fn first_upper(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn first_lower(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// serde's snake case: every capital starts a word.
fn snake_each(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Case, snake};

    /// Each rule as serde documents it, on a field of two words and on a variant of two words.
    #[test]
    fn rules_agree_with_serde() {
        let table = [
            ("lowercase", "very_tasty", "verytasty"),
            ("UPPERCASE", "VERY_TASTY", "VERYTASTY"),
            ("PascalCase", "VeryTasty", "VeryTasty"),
            ("camelCase", "veryTasty", "veryTasty"),
            ("snake_case", "very_tasty", "very_tasty"),
            ("SCREAMING_SNAKE_CASE", "VERY_TASTY", "VERY_TASTY"),
            ("kebab-case", "very-tasty", "very-tasty"),
            ("SCREAMING-KEBAB-CASE", "VERY-TASTY", "VERY-TASTY"),
            ("no rule", "very_tasty", "VeryTasty"),
        ];
        for (rule, field, variant) in table {
            assert_eq!(Case::parse(rule).field("very_tasty"), field, "{rule} on a field");
            assert_eq!(Case::parse(rule).variant("VeryTasty"), variant, "{rule} on a variant");
        }
    }

    #[test]
    fn kinds_are_snake_case() {
        assert_eq!(snake("Shopper"), "shopper");
        assert_eq!(snake("CartV2"), "cart_v2");
        assert_eq!(snake("HTTPShopper"), "http_shopper");
        assert_eq!(snake("Shop_Keeper"), "shop_keeper");
    }
}
