//! The value of a field: its kinds, how they are read, and their canonical form.

use std::fmt;

use serde_json::{Value as Json, json};
use zeroize::Zeroize;

use super::duration;
use super::{Field, FieldKind};

/// The most bytes of all texts of one field together. The largest regular value is a bundle of CA certificates.
pub const LONGEST: usize = 256 * 1024;

/// One checked value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// Whole seconds.
    Seconds(u64),
    TextList(Vec<String>),
    /// Sorted by name; each name once.
    NameValues(Vec<(String, String)>),
}

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The value is not of the field's kind.
    Kind,
    /// The value has this many bytes, more than [`LONGEST`].
    Long(usize),
    /// This name is given twice.
    Twice(String),
}

impl Value {
    /// Reads a value of a request. Numbers, booleans, lists and objects may be given as text, as in a query.
    pub fn read(kind: FieldKind, json: &Json) -> Result<Self, Fault> {
        let value = match kind {
            FieldKind::Text => Self::Text(text(json)?),
            FieldKind::Integer => Self::Integer(integer(json)?),
            FieldKind::Boolean => Self::Boolean(boolean(json)?),
            FieldKind::Seconds => Self::Seconds(seconds(json)?),
            FieldKind::TextList => Self::TextList(text_list(json)?),
            FieldKind::NameValues => Self::NameValues(name_values(json)?),
        };
        match value.bytes() {
            bytes if bytes > LONGEST => Err(Fault::Long(bytes)),
            _ => Ok(value),
        }
    }

    /// The field's declared default.
    pub fn default_of(field: &Field) -> Option<Self> {
        Self::read(field.kind, &Json::from(field.default?)).ok()
    }

    pub fn kind(&self) -> FieldKind {
        match self {
            Self::Text(_) => FieldKind::Text,
            Self::Integer(_) => FieldKind::Integer,
            Self::Boolean(_) => FieldKind::Boolean,
            Self::Seconds(_) => FieldKind::Seconds,
            Self::TextList(_) => FieldKind::TextList,
            Self::NameValues(_) => FieldKind::NameValues,
        }
    }

    /// The canonical form: the same for all spellings of a value, and it can be read back to an equal value.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Boolean(flag) => json!(flag),
            Self::Seconds(seconds) => json!(seconds),
            Self::TextList(texts) => json!(texts),
            Self::NameValues(pairs) => pairs
                .iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::TextList(texts) => texts.iter().map(String::len).sum(),
            Self::NameValues(pairs) => pairs.iter().map(|(n, v)| n.len() + v.len()).sum(),
            Self::Integer(_) | Self::Boolean(_) | Self::Seconds(_) => 0,
        }
    }
}

impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Self::Text(text) => text.zeroize(),
            Self::Integer(number) => number.zeroize(),
            Self::Boolean(flag) => flag.zeroize(),
            Self::Seconds(seconds) => seconds.zeroize(),
            Self::TextList(texts) => texts.zeroize(),
            Self::NameValues(pairs) => pairs.iter_mut().for_each(|(_, value)| value.zeroize()),
        }
    }
}

/// Shows the kind, but not the value.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", self.kind())
    }
}

fn text(json: &Json) -> Result<String, Fault> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(flag) => Ok(flag.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(Fault::Kind),
    }
}

fn integer(json: &Json) -> Result<i64, Fault> {
    let number = match json {
        Json::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or(Fault::Kind)
}

/// Some clients write every number with a fraction, so 90.0 is read as 90. Above 2^53 a float does not represent every
/// integer exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn boolean(json: &Json) -> Result<bool, Fault> {
    let word = match json {
        Json::Bool(flag) => return Ok(*flag),
        Json::Number(_) | Json::String(_) => text(json)?.trim().to_ascii_lowercase(),
        _ => return Err(Fault::Kind),
    };
    match word.as_str() {
        "true" | "t" | "1" => Ok(true),
        "false" | "f" | "0" => Ok(false),
        _ => Err(Fault::Kind),
    }
}

fn seconds(json: &Json) -> Result<u64, Fault> {
    match json {
        Json::String(text) => duration::parse(text).ok_or(Fault::Kind),
        _ => u64::try_from(integer(json)?).map_err(|_| Fault::Kind),
    }
}

fn text_list(json: &Json) -> Result<Vec<String>, Fault> {
    match json {
        Json::Array(items) => {
            let mut texts = Vec::new();
            for item in items {
                let item = text(item)?;
                if !item.trim().is_empty() {
                    texts.push(item.trim().to_owned());
                }
            }
            Ok(texts)
        }
        Json::String(list) if list.trim_start().starts_with('[') => {
            let parsed = serde_json::from_str(list).map_err(|_| Fault::Kind)?;
            text_list(&parsed)
        }
        Json::String(list) => Ok(list
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()),
        _ => Ok(vec![text(json)?]),
    }
}

fn name_values(json: &Json) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs = match json {
        Json::String(list) if list.trim().is_empty() => Vec::new(),
        Json::String(list) => match serde_json::from_str(list).map_err(|_| Fault::Kind)? {
            Json::String(_) => return Err(Fault::Kind),
            parsed => return name_values(&parsed),
        },
        Json::Array(items) => items.iter().map(pair).collect::<Result<_, _>>()?,
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| named(name, value))
            .collect::<Result<_, _>>()?,
        _ => return Err(Fault::Kind),
    };
    pairs.sort();
    match pairs.windows(2).find(|two| two[0].0 == two[1].0) {
        Some(two) => Err(Fault::Twice(two[0].0.clone())),
        None => Ok(pairs),
    }
}

/// Reads `{"name": …, "value": …}` without further members.
fn pair(json: &Json) -> Result<(String, String), Fault> {
    let object = json.as_object().ok_or(Fault::Kind)?;
    match (object.get("name"), object.get("value")) {
        (Some(Json::String(name)), Some(value)) if object.len() == 2 => named(name, value),
        _ => Err(Fault::Kind),
    }
}

fn named(name: &str, value: &Json) -> Result<(String, String), Fault> {
    match name.trim() {
        "" => Err(Fault::Kind),
        name => Ok((name.to_owned(), text(value)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: FieldKind, json: Json) -> Option<Json> {
        Value::read(kind, &json).ok().map(|value| value.to_json())
    }

    #[test]
    fn text_takes_numbers_and_flags() {
        assert_eq!(read(FieldKind::Text, json!(2048)), Some(json!("2048")));
        assert_eq!(read(FieldKind::Text, json!(true)), Some(json!("true")));
        assert_eq!(read(FieldKind::Text, json!(" a ")), Some(json!(" a ")));
        assert_eq!(read(FieldKind::Text, json!(["a"])), None);
    }

    #[test]
    fn numbers_and_flags_come_as_text_too() {
        for given in [json!(-1), json!("-1"), json!(-1.0), json!(" -1 ")] {
            assert_eq!(read(FieldKind::Integer, given), Some(json!(-1)));
        }
        for bad in [
            json!(1.5),
            json!("1.5"),
            json!(""),
            json!(1e300),
            json!(u64::MAX),
            json!(true),
        ] {
            assert_eq!(read(FieldKind::Integer, bad.clone()), None, "{bad}");
        }
        for yes in [
            json!(true),
            json!("true"),
            json!("TRUE"),
            json!(1),
            json!("1"),
        ] {
            assert_eq!(read(FieldKind::Boolean, yes), Some(json!(true)));
        }
        for bad in [json!("yes"), json!(2), json!(""), json!([true])] {
            assert_eq!(read(FieldKind::Boolean, bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn seconds_are_numbers_or_durations() {
        for given in [json!(5400), json!("5400"), json!("1h30m"), json!("90m")] {
            assert_eq!(read(FieldKind::Seconds, given), Some(json!(5400)));
        }
        for bad in [json!(-1), json!("-1"), json!("soon"), json!(true)] {
            assert_eq!(read(FieldKind::Seconds, bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn lists_in_every_spelling() {
        for given in [
            json!(["a", " b ", ""]),
            json!("a, b,,"),
            json!(r#"["a","b"]"#),
        ] {
            assert_eq!(read(FieldKind::TextList, given), Some(json!(["a", "b"])));
        }
        assert_eq!(read(FieldKind::TextList, json!("")), Some(json!([])));
        assert_eq!(
            read(FieldKind::TextList, json!([1, true])),
            Some(json!(["1", "true"]))
        );
        assert_eq!(read(FieldKind::TextList, json!([["a"]])), None);
        assert_eq!(read(FieldKind::TextList, json!("[1,")), None);
    }

    #[test]
    fn named_values_in_every_spelling() {
        let canonical = json!([{"name": "a", "value": "1"}, {"name": "b", "value": "x"}]);
        for given in [
            json!([{"name": "b", "value": "x"}, {"value": 1, "name": "a"}]),
            json!({"b": "x", "a": 1}),
            json!(r#"{"a": 1, "b": "x"}"#),
            json!(canonical.to_string()),
        ] {
            assert_eq!(read(FieldKind::NameValues, given), Some(canonical.clone()));
        }
        assert_eq!(read(FieldKind::NameValues, json!("")), Some(json!([])));
        for bad in [
            json!([{"name": "a"}]),
            json!([{"name": "a", "value": "1", "extra": 1}]),
            json!([{"name": " ", "value": "1"}]),
            json!({"a": null}),
            json!("\"\\\"{}\\\"\""),
            json!("a=1"),
            json!(7),
        ] {
            assert_eq!(read(FieldKind::NameValues, bad.clone()), None, "{bad}");
        }
        assert_eq!(
            Value::read(
                FieldKind::NameValues,
                &json!([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}])
            ),
            Err(Fault::Twice("a".into()))
        );
    }

    #[test]
    fn too_long_is_said_as_such() {
        let long = json!("x".repeat(LONGEST + 1));
        assert_eq!(
            Value::read(FieldKind::Text, &long),
            Err(Fault::Long(LONGEST + 1))
        );
        assert_eq!(
            Value::read(FieldKind::TextList, &json!([long])),
            Err(Fault::Long(LONGEST + 1))
        );
    }
}
