//! Reads a JSON body as strictly and as tolerantly as SCM does.
//!
//! Unknown members are ignored. A number is accepted as text, and a text of digits as a number. A list or an object in
//! place of a simple value makes the body unreadable (-1002). A required member that is missing or null is -1001.

use serde_json::{Map, Value};

use super::refusal::Refusal;

pub struct JsonBody(Map<String, Value>);

impl JsonBody {
    /// Reads a body that must be a JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Refusal::unreadable_body()),
        }
    }

    /// Like [`JsonBody::parse`], for calls that may have no body.
    pub fn parse_optional(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        Self::parse(body)
    }

    /// Text of at most `longest` characters. `None` if it is absent or null; empty text is a value.
    pub fn text(&self, name: &str, longest: usize) -> Result<Option<String>, Refusal> {
        let text = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(_) => return Err(Refusal::unreadable_body()),
        };
        if text.chars().count() > longest {
            let limit = format!("must have at most {longest} characters");
            return Err(Refusal::member_limit(name, &limit));
        }
        Ok(Some(text))
    }

    /// Text that may be absent but must not be empty.
    pub fn filled_text(&self, name: &str, longest: usize) -> Result<Option<String>, Refusal> {
        match self.text(name, longest)? {
            Some(text) if text.trim().is_empty() => {
                Err(Refusal::member_limit(name, "must not be empty"))
            }
            text => Ok(text),
        }
    }

    /// Text that must be present and not empty.
    pub fn required_text(&self, name: &str, longest: usize) -> Result<String, Refusal> {
        self.filled_text(name, longest)?
            .ok_or_else(|| Refusal::null_member(name))
    }

    pub fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.0.get(name).map_or(Ok(None), integer_of)
    }

    /// A 32-bit integer of at least 1.
    pub fn positive(&self, name: &str) -> Result<Option<u32>, Refusal> {
        let Some(number) = self.integer(name)? else {
            return Ok(None);
        };
        let number = i32::try_from(number).map_err(|_| Refusal::unreadable_body())?;
        match u32::try_from(number) {
            Ok(number) if number >= 1 => Ok(Some(number)),
            _ => Err(Refusal::member_limit(
                name,
                "must be greater than or equal to 1",
            )),
        }
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(Refusal::unreadable_body()),
        }
    }

    pub fn texts(&self, name: &str, longest: usize) -> Result<Option<Vec<String>>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Value::String(text) if text.chars().count() <= longest => Ok(text.clone()),
                    Value::String(_) => {
                        let limit = format!("must have at most {longest} characters");
                        Err(Refusal::member_limit(name, &limit))
                    }
                    _ => Err(Refusal::unreadable_body()),
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(Refusal::unreadable_body()),
        }
    }

    pub fn integers(&self, name: &str) -> Result<Option<Vec<i64>>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| integer_of(item)?.ok_or_else(Refusal::unreadable_body))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(Refusal::unreadable_body()),
        }
    }

    pub fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(_) => Err(Refusal::unreadable_body()),
        }
    }

    pub fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Value::Object(members) => Ok(Self(members.clone())),
                    _ => Err(Refusal::unreadable_body()),
                })
                .collect(),
            Some(_) => Err(Refusal::unreadable_body()),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }
}

/// Reads a number, which may be written as text; `None` for null and empty text.
fn integer_of(value: &Value) -> Result<Option<i64>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => number
            .as_i64()
            .map(Some)
            .ok_or_else(Refusal::unreadable_body),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| Refusal::unreadable_body()),
        _ => Err(Refusal::unreadable_body()),
    }
}
