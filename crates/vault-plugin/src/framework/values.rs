//! The fields of one request, checked and typed.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroize;

use super::value::Value;
use super::{Field, FieldKind};

/// Fields that a path accepts and does not use, so that one request file serves several paths.
#[derive(Debug, Clone, Copy)]
pub struct IgnoredFields {
    pub groups: &'static [&'static [Field]],
    /// Completes the warning "… not used: ".
    pub why: &'static str,
}

impl IgnoredFields {
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.groups.iter().copied().flatten()
    }
}

/// The given fields, by primary name. Defaults are not filled in: [`Values::given`] has only what was in the request,
/// and the getters fall back to the declared default. Wiped when dropped, because a value may be a secret.
#[derive(Clone, Default)]
pub struct Values {
    given: BTreeMap<&'static str, Value>,
    spelled: Vec<&'static str>,
}

impl Values {
    pub fn text(&self, field: &Field) -> Option<String> {
        match self.typed(field, FieldKind::Text)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn integer(&self, field: &Field) -> Option<i64> {
        match self.typed(field, FieldKind::Integer)? {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    pub fn boolean(&self, field: &Field) -> Option<bool> {
        match self.typed(field, FieldKind::Boolean)? {
            Value::Boolean(flag) => Some(flag),
            _ => None,
        }
    }

    pub fn seconds(&self, field: &Field) -> Option<u64> {
        match self.typed(field, FieldKind::Seconds)? {
            Value::Seconds(seconds) => Some(seconds),
            _ => None,
        }
    }

    pub fn text_list(&self, field: &Field) -> Option<Vec<String>> {
        match self.typed(field, FieldKind::TextList)? {
            Value::TextList(texts) => Some(texts),
            _ => None,
        }
    }

    pub fn name_values(&self, field: &Field) -> Option<Vec<(String, String)>> {
        match self.typed(field, FieldKind::NameValues)? {
            Value::NameValues(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The given value, or else the declared default.
    pub fn value(&self, field: &Field) -> Option<Value> {
        match self.given.get(field.name) {
            Some(value) => Some(value.clone()),
            None => Value::default_of(field),
        }
    }

    /// Whether the caller gave this field, under its name or an alias.
    pub fn has(&self, field: &Field) -> bool {
        self.given.contains_key(field.name)
    }

    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The given values, sorted by primary name.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.given.iter().map(|(name, value)| (*name, value))
    }

    /// The names that the caller used; aliases are not resolved.
    pub fn spelled(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.spelled.iter().copied()
    }

    /// A digest of all given values, to compare two sets. It must not be stored, because values may be secret.
    pub fn fingerprint(&self) -> Vec<u8> {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for (name, value) in &self.given {
            let text = zeroize::Zeroizing::new(value.to_json().to_string());
            for part in [name.as_bytes(), text.as_bytes()] {
                context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                context.update(part);
            }
        }
        context.finish().as_ref().to_vec()
    }

    /// Sets a value as if the caller had given it.
    pub fn insert(&mut self, field: &Field, value: Value) {
        debug_assert_eq!(value.kind(), field.kind, "kind of {}", field.name);
        self.given.insert(field.name, value);
    }

    /// Removes a given value.
    pub fn remove(&mut self, field: &Field) {
        if let Some(mut value) = self.given.remove(field.name) {
            value.zeroize();
        }
    }

    pub(super) fn note_spelling(&mut self, name: &'static str) {
        self.spelled.push(name);
    }

    /// Records an empty text for a field of any kind, on an operation that [removes
    /// fields](super::Route::empty_clears).
    pub(super) fn clear(&mut self, field: &Field) {
        self.given.insert(field.name, Value::Text(String::new()));
    }

    fn typed(&self, field: &Field, kind: FieldKind) -> Option<Value> {
        debug_assert_eq!(field.kind, kind, "{} is read as another kind", field.name);
        self.value(field)
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        self.given.values_mut().for_each(Zeroize::zeroize);
    }
}

/// Shows the names of the given fields, but not their values.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.given.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Field = Field::integer("size", "").default("7");
    const NAME: Field = Field::text("name", "").alias(&["title"]);

    #[test]
    fn getters_fall_back_to_the_default() {
        let mut values = Values::default();
        assert_eq!(values.integer(&SIZE), Some(7));
        assert!(!values.has(&SIZE));
        assert_eq!(values.text(&NAME), None);

        values.insert(&SIZE, Value::Integer(9));
        assert_eq!(values.integer(&SIZE), Some(9));
        assert!(values.has(&SIZE));
        assert_eq!(
            values.given().collect::<Vec<_>>(),
            [("size", &Value::Integer(9))]
        );
    }

    #[test]
    fn debug_shows_names_only() {
        let mut values = Values::default();
        values.insert(&NAME, Value::Text("hunter2".into()));
        assert_eq!(format!("{values:?}"), r#"["name"]"#);
        let all: Vec<_> = values.given().collect();
        assert!(!format!("{all:?}").contains("hunter2"));
    }
}
