//! The fields of one request, checked and typed.

use std::collections::BTreeMap;

use super::Field;

/// One checked value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// Whole seconds.
    Seconds(u64),
    TextList(Vec<String>),
    NameValues(Vec<(String, String)>),
}

/// What the caller gave, by primary field name. Defaults are not filled in here: `given` is what was in the request,
/// and the getters fall back to the declared default.
#[derive(Clone, Default)]
pub struct Values {
    given: BTreeMap<&'static str, Value>,
}

impl Values {
    /// The caller named this field, or one of its aliases.
    pub fn has(&self, field: &Field) -> bool {
        self.given.contains_key(field.name)
    }

    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    pub fn insert(&mut self, field: &Field, value: Value) {
        self.given.insert(field.name, value);
    }
}
