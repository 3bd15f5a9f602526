//! Merging session data that two have changed: three ways, field by field, by the field's rule where both changed it.
//!
//! Whether a field has changed is asked of its JSON, so that its type needs no `PartialEq`; only the rules work on values, and
//! each asks of the type what it needs.

mod rules;
mod same;

use std::collections::BTreeSet;
use std::fmt;

pub use self::rules::{Collection, Counter, Sequence, greatest, least};
use self::same::{Json, object, same};
use super::{PayloadError, SessionData};

/// One field of session data, as merging sees it. The derive makes it.
pub struct DataField<D> {
    /// The wire name; a flattened field has none, and is all that no other field is.
    name: Option<&'static str>,
    /// Exchanges the field's values.
    swap: fn(&mut D, &mut D),
    rule: Rule<D>,
}

/// What happens to a field that both have changed.
enum Rule<D> {
    /// Nothing that would be right: a conflict, unless both wrote the same.
    Nothing,
    /// The value of who saves last.
    Last,
    /// The last value becomes what the three make together; `false` where they make nothing.
    Together(fn(&D, &D, &mut D) -> bool),
}

/// Why there is no merged value.
#[derive(Debug)]
pub(crate) enum Unmerged {
    /// One of the values cannot be written.
    Payload(PayloadError),
    /// The wire names of the fields that both have changed.
    Conflict(Vec<String>),
}

/// What `mine` changed since `base`, brought into `theirs`. For each field, in this order:
///
/// 1. What `mine` left alone is as in `theirs`.
/// 2. What `theirs` left alone is as in `mine`.
/// 3. What both changed is merged by the field's rule, also where both wrote the same: two who count one each have counted two.
/// 4. Without a rule, what both wrote alike is as both wrote it; anything else is a conflict.
///
/// A value without a list of fields is one field. All conflicts are named.
pub(crate) fn merge<D: SessionData>(base: &D, mut mine: D, mut theirs: D) -> Result<D, Unmerged> {
    let changes = Changes::of(base, &mine, &theirs).map_err(Unmerged::Payload)?;
    let whole = [DataField::rest(|mine: &mut D, theirs| std::mem::swap(mine, theirs))];
    let fields = if D::FIELDS.is_empty() { &whole } else { D::FIELDS };
    let mut conflicts = Vec::new();
    for field in fields {
        let change = changes.to(field.name, fields);
        if change.mine.is_empty() {
            continue;
        }
        match field.rule {
            _ if change.theirs.is_empty() => (field.swap)(&mut mine, &mut theirs),
            Rule::Together(rule) if rule(base, &mine, &mut theirs) => {}
            Rule::Last => (field.swap)(&mut mine, &mut theirs),
            Rule::Nothing if change.apart.is_empty() => {}
            Rule::Nothing | Rule::Together(_) => conflicts.push(change.culprit()),
        }
    }
    // Several flattened fields are one: they share their names.
    let mut named = BTreeSet::new();
    conflicts.retain(|name| named.insert(name.clone()));
    if conflicts.is_empty() { Ok(theirs) } else { Err(Unmerged::Conflict(conflicts)) }
}

/// The three values as JSON.
struct Changes {
    base: Json,
    mine: Json,
    theirs: Json,
}

/// The names of a field that changed: one at the most, unless it is flattened.
struct Change<'a> {
    mine: BTreeSet<&'a str>,
    theirs: BTreeSet<&'a str>,
    /// Where the two are not the same.
    apart: BTreeSet<&'a str>,
}

impl Changes {
    fn of<D: SessionData>(base: &D, mine: &D, theirs: &D) -> Result<Self, PayloadError> {
        Ok(Self { base: object(base)?, mine: object(mine)?, theirs: object(theirs)? })
    }

    fn to<D>(&self, name: Option<&'static str>, fields: &[DataField<D>]) -> Change<'_> {
        let all = [&self.base, &self.mine, &self.theirs].into_iter().flat_map(Json::keys);
        let is_of_this_field = |key: &&str| match name {
            Some(name) => *key == name,
            None => fields.iter().all(|field| field.name != Some(key)),
        };
        let names: BTreeSet<&str> = all.map(String::as_str).filter(is_of_this_field).collect();
        let differing =
            |left: &Json, right: &Json| names.iter().copied().filter(|name| !same(left, right, name)).collect();
        Change {
            mine: differing(&self.base, &self.mine),
            theirs: differing(&self.base, &self.theirs),
            apart: differing(&self.mine, &self.theirs),
        }
    }
}

impl Change<'_> {
    /// The name that both changed; where they changed different names of one field, mine.
    fn culprit(&self) -> String {
        let both = self.mine.iter().find(|name| self.theirs.contains(*name));
        both.or(self.mine.first()).map(|name| (*name).to_owned()).unwrap_or_default()
    }
}

#[doc(hidden)]
impl<D> DataField<D> {
    /// A field with a name of its own.
    pub const fn new(name: &'static str, swap: fn(&mut D, &mut D)) -> Self {
        Self { name: Some(name), swap, rule: Rule::Nothing }
    }

    /// A flattened field.
    pub const fn rest(swap: fn(&mut D, &mut D)) -> Self {
        Self { name: None, swap, rule: Rule::Nothing }
    }

    /// `merge = last`
    #[must_use]
    pub const fn last(self) -> Self {
        Self { rule: Rule::Last, ..self }
    }

    /// Any other rule.
    #[must_use]
    pub const fn merged(self, rule: fn(&D, &D, &mut D) -> bool) -> Self {
        Self { rule: Rule::Together(rule), ..self }
    }
}

impl<D> fmt::Debug for DataField<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataField").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Puts what the rule makes of the three into the last one's place; `false` where it makes nothing.
pub fn settle<T>(rule: fn(&T, &T, &T) -> Option<T>, base: &T, mine: &T, theirs: &mut T) -> bool {
    let merged = rule(base, mine, theirs);
    merged.map(|merged| *theirs = merged).is_some()
}
