//! Reads SCM's answers without relying on their documented types.

use serde_json::{Map, Value};

/// The most characters of a foreign text that are shown.
const SHOWN: usize = 200;

/// A JSON object. Every member may be missing, null, empty, or of another type than documented.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Map<String, Value>);

impl Record {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// The objects of an array, or a single object that was sent instead.
    pub(super) fn parse_all(bytes: &[u8]) -> Option<Vec<Self>> {
        match serde_json::from_slice(bytes).ok()? {
            Value::Array(items) => Some(objects(items)),
            Value::Object(object) => Some(vec![Self(object)]),
            _ => None,
        }
    }

    /// A number, which may be written as text.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        int(self.0.get(name)?)
    }

    /// A text that is not empty; a number is converted to text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text(self.0.get(name)?)
    }

    /// True for `true`, which may be written as text; false for everything else.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// An array of texts, or one text with commas.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).map(texts).unwrap_or_default()
    }

    pub(super) fn ints(&self, name: &str) -> Vec<i64> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(int).collect(),
            Some(one) => int(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn record(&self, name: &str) -> Option<Self> {
        match self.0.get(name) {
            Some(Value::Object(object)) => Some(Self(object.clone())),
            _ => None,
        }
    }

    pub(super) fn records(&self, name: &str) -> Vec<Self> {
        match self.0.get(name) {
            Some(Value::Array(items)) => objects(items.clone()),
            _ => Vec::new(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every member as a list of texts.
    pub(super) fn lists(&self) -> impl Iterator<Item = (String, Vec<String>)> + '_ {
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), texts(value)))
    }
}

fn objects(items: Vec<Value>) -> Vec<Record> {
    items
        .into_iter()
        .filter_map(|item| match item {
            Value::Object(object) => Some(Record(object)),
            _ => None,
        })
        .collect()
}

fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            number
                .as_f64()
                .filter(|f| f.fract() == 0.0 && f.abs() < 9e15)
                .map(|f| f as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        Value::String(text) => text
            .split(',')
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect(),
        other => text(other).into_iter().collect(),
    }
}

/// SCM's code and text in the body of an error; `None` if SCM cannot have written the body.
pub(super) fn error_body(bytes: &[u8]) -> Option<(Option<i64>, String)> {
    let record = Record::parse(bytes)?;
    let (code, words) = (record.int("code"), record.text("description"));
    if code.is_none() && words.is_none() {
        return None;
    }
    let words = words
        .as_deref()
        .map_or_else(|| "no description".into(), shown);
    let details = record.text("details").map(|details| shown(&details));
    let text = match details {
        Some(details) if details != words => format!("{words}: {details}"),
        _ => words,
    };
    Some((code, text))
}

/// The text of a token server's error (RFC 6749, 5.2); `None` if no token server can have written the body.
pub(super) fn token_error(bytes: &[u8]) -> Option<String> {
    let record = Record::parse(bytes)?;
    let word = record.text("error")?;
    Some(shown(&record.text("error_description").unwrap_or(word)))
}

/// Shortens a text to one line of at most 200 characters.
pub(super) fn shown(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(SHOWN + 1));
        if line.chars().count() > SHOWN {
            line = line.chars().take(SHOWN).collect();
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_any_type() {
        let record = Record::parse(
            br#"{"a":"12","b":12,"c":12.0,"d":"","e":null,"f":["1",2],"g":"x, y","h":true,"i":{"j":1}}"#,
        )
        .unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(record.int(name), Some(12), "{name}");
        }
        assert_eq!(record.text("b").as_deref(), Some("12"));
        for name in ["d", "e", "i", "missing"] {
            assert_eq!(
                (record.text(name), record.int(name)),
                (None, None),
                "{name}"
            );
        }
        assert_eq!(record.texts("f"), ["1", "2"]);
        assert_eq!(record.ints("f"), [1, 2]);
        assert_eq!(record.texts("g"), ["x", "y"]);
        assert!(record.flag("h") && !record.flag("a"));
        assert_eq!(record.record("i").unwrap().int("j"), Some(1));
    }

    #[test]
    fn error_bodies_of_every_kind() {
        assert_eq!(
            error_body(br#"{"code":-16,"description":"Unknown user"}"#),
            Some((Some(-16), "Unknown user".into()))
        );
        assert_eq!(
            error_body(br#"{"description":"gone","details":"id 7"}"#),
            Some((None, "gone: id 7".into()))
        );
        assert_eq!(
            error_body(br#"{"code":"-7"}"#),
            Some((Some(-7), "no description".into()))
        );
        let long = format!(r#"{{"description":"{}"}}"#, "x".repeat(5000));
        let (_, long) = error_body(long.as_bytes()).unwrap();
        assert_eq!(long.chars().count(), 201);
        for foreign in [
            &b""[..],
            b"<html><h1>503</h1></html>",
            br#"{"message":"permission denied","error":"x","keys":["a"]}"#,
            br#"["a"]"#,
            b"\xff\xfe",
        ] {
            assert_eq!(error_body(foreign), None);
        }
        assert_eq!(
            token_error(br#"{"error":"invalid_client","error_description":"Bad secret"}"#),
            Some("Bad secret".into())
        );
        assert_eq!(token_error(br#"{"error_description":"x"}"#), None);
    }

    #[test]
    fn a_text_is_shown_on_one_line() {
        assert_eq!(
            shown("<html>\r\n <h1>503</h1>\x1b[31m</html>"),
            "<html> <h1>503</h1> [31m</html>"
        );
    }
}
