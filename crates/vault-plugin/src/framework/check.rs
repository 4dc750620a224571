//! Checks the data of a request against the declared fields.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::value::{Fault, LONGEST, Value};
use super::values::{IgnoredFields, Values};
use super::{Field, FieldKind};
use crate::logical::Error;

/// How many problems one error names at most.
const NAMED_PROBLEMS: usize = 8;
/// How many characters of a caller's text an error repeats at most.
const QUOTED: usize = 40;

/// What an empty text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyText {
    /// It is a text like any other, and not a valid number.
    Literal,
    /// It removes the field, whatever the field's kind.
    Unset,
}

impl Values {
    /// Checks `data` against the declared fields. The warnings name the fields that are accepted but not used.
    ///
    /// # Errors
    /// `BadRequest` for unknown fields (with the nearest known name), for values that have the wrong type or are not
    /// allowed, and for a field that differs from its own alias. The error names all such fields, but never a
    /// sensitive value.
    pub fn parse(
        data: &Map<String, Json>,
        declared: &[&'static Field],
        ignored_fields: &[IgnoredFields],
    ) -> Result<(Self, Vec<String>), Error> {
        check(data, declared, ignored_fields, EmptyText::Literal)
    }
}

/// See [`Values::parse`].
pub fn check(
    data: &Map<String, Json>,
    declared: &[&'static Field],
    ignored_fields: &[IgnoredFields],
    empty_text: EmptyText,
) -> Result<(Values, Vec<String>), Error> {
    let mut problems = unknown(data, declared, ignored_fields);
    let mut values = Values::default();
    let mut warnings = Vec::new();

    for field in declared {
        let given: Vec<_> = spellings(field)
            .filter_map(|name| Some((name, data.get(name).filter(|json| !json.is_null())?)))
            .collect();
        if let (Some(why), Some((name, _))) = (field.ignored, given.first()) {
            warnings.push(format!("{name} is not used: {why}"));
            continue;
        }
        if empty_text == EmptyText::Unset
            && !given.is_empty()
            && given.iter().all(|(_, json)| *json == "")
        {
            values.clear(field);
            continue;
        }
        given
            .iter()
            .for_each(|(name, _)| values.note_spelling(name));
        match one_value(field, &given) {
            Ok(Some(value)) => values.insert(field, value),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    warnings.extend(unused(data, declared, ignored_fields));

    if problems.is_empty() {
        Ok((values, warnings))
    } else {
        Err(Error::bad_request(sentence(problems)))
    }
}

pub fn spellings(field: &Field) -> impl Iterator<Item = &'static str> + use<> {
    std::iter::once(field.name).chain(field.aliases.iter().copied())
}

/// The value of a field that may be given under several names.
fn one_value(field: &Field, given: &[(&'static str, &Json)]) -> Result<Option<Value>, String> {
    let mut kept: Option<(&str, Value)> = None;
    for (name, json) in given {
        let value = read(field, name, json)?;
        match &kept {
            Some((other, first)) if *first != value => {
                return Err(format!(
                    "{other} and {name} are the same field and are given different values: give one of them"
                ));
            }
            _ => kept = Some((name, value)),
        }
    }
    Ok(kept.map(|(_, value)| value))
}

/// Reads a value. The error uses the name that the caller used.
pub fn read(field: &Field, name: &str, json: &Json) -> Result<Value, String> {
    Value::read(field.kind, json)
        .map_err(|fault| refused(field, name, json, fault))
        .and_then(|value| allowed(field, name, json, value))
}

/// Replaces the value by its declared spelling; upper and lower case do not matter.
fn allowed(field: &Field, name: &str, json: &Json, mut value: Value) -> Result<Value, String> {
    if field.allowed.is_empty() {
        return Ok(value);
    }
    let declared = |text: &str| {
        let exact = field.allowed.iter().find(|word| **word == text);
        exact.or_else(|| {
            field
                .allowed
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
        })
    };
    let known = match &mut value {
        Value::Text(text) => canonicalize(text, declared),
        Value::TextList(texts) => texts.iter_mut().all(|text| canonicalize(text, declared)),
        Value::Integer(number) => declared(&number.to_string()).is_some(),
        Value::Seconds(seconds) => declared(&seconds.to_string()).is_some(),
        Value::Boolean(_) | Value::NameValues(_) => true,
    };
    if known {
        Ok(value)
    } else {
        Err(format!(
            "{name} is {}: use one of {}",
            shown(field, json),
            field.allowed.join(", ")
        ))
    }
}

fn canonicalize<'a>(
    text: &mut String,
    declared: impl Fn(&str) -> Option<&'a &'static str>,
) -> bool {
    match declared(text) {
        Some(word) => {
            *text = (*word).to_owned();
            true
        }
        None => false,
    }
}

fn refused(field: &Field, name: &str, json: &Json, fault: Fault) -> String {
    match fault {
        Fault::Kind => format!(
            "{name} is {}: {} is expected",
            shown(field, json),
            expectation(field.kind)
        ),
        Fault::Long(bytes) => format!("{name} is {bytes} bytes long: {LONGEST} are the most"),
        Fault::Twice(_) if field.sensitive => format!("{name} holds one name twice"),
        Fault::Twice(twice) => format!("{name} holds the name {} twice", quoted(&twice)),
    }
}

/// Describes a value of this kind. A comma at the end closes a parenthesis.
fn expectation(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "a text",
        FieldKind::Integer => "a whole number",
        FieldKind::Boolean => "true or false",
        FieldKind::Seconds => "a number of seconds, or a duration such as 90s, 5m, 1h30m or 2d,",
        FieldKind::TextList => "a list of texts, or one text with commas between them,",
        FieldKind::NameValues => {
            r#"a list such as [{"name": "a", "value": "1"}], or an object such as {"a": "1"}, with each name once,"#
        }
    }
}

/// The given value, shortened. For a sensitive field, only its type.
fn shown(field: &Field, json: &Json) -> String {
    let (kind, value) = match json {
        Json::Null => ("null", String::new()),
        Json::Bool(flag) => ("a boolean", flag.to_string()),
        Json::Number(number) => ("a number", shortened(&number.to_string())),
        Json::String(text) if text.is_empty() => return "empty".to_owned(),
        Json::String(text) => ("a text", quoted(text)),
        Json::Array(_) => ("a list", String::new()),
        Json::Object(_) => ("an object", String::new()),
    };
    if field.sensitive || value.is_empty() {
        kind.to_owned()
    } else {
        value
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn unknown(
    data: &Map<String, Json>,
    declared: &[&'static Field],
    ignored_fields: &[IgnoredFields],
) -> Vec<String> {
    let declared_names: BTreeSet<_> = declared.iter().flat_map(|field| spellings(field)).collect();
    let tolerated_names: BTreeSet<_> = ignored_fields
        .iter()
        .flat_map(IgnoredFields::fields)
        .flat_map(spellings)
        .collect();
    data.keys()
        .filter(|name| {
            !declared_names.contains(name.as_str()) && !tolerated_names.contains(name.as_str())
        })
        .enumerate()
        .map(|(nth, name)| match nth {
            // Finding the nearest name takes time, and only the first few problems are shown.
            0..NAMED_PROBLEMS => {
                format!(
                    "unknown field {}{}",
                    quoted(name),
                    hint(name, &declared_names)
                )
            }
            _ => String::new(),
        })
        .collect()
}

fn hint(name: &str, known: &BTreeSet<&'static str>) -> String {
    /// A name that is less similar probably means something else.
    const NEAR: f64 = 0.5;
    if known.is_empty() {
        return ": this operation takes no fields".to_owned();
    }
    let name = shortened(name).to_ascii_lowercase().replace('-', "_");
    let nearest = known
        .iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(&name, word), *word))
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match nearest {
        Some((nearness, word)) if nearness >= NEAR => format!(": did you mean {word}?"),
        _ if known.len() <= 12 => {
            let words: Vec<_> = known.iter().copied().collect();
            format!(": known here are {}", words.join(", "))
        }
        Some(_) => ": path-help lists the fields that are known".to_owned(),
        None => String::new(),
    }
}

/// One warning for each group of fields that are accepted but not used.
fn unused(
    data: &Map<String, Json>,
    declared: &[&'static Field],
    ignored_fields: &[IgnoredFields],
) -> Vec<String> {
    let mut seen: BTreeSet<_> = declared.iter().flat_map(|field| spellings(field)).collect();
    let mut warnings = Vec::new();
    for group in ignored_fields {
        let mut names = group.fields().flat_map(spellings).collect::<Vec<_>>();
        names.retain(|name| {
            data.get(*name).is_some_and(|json| !json.is_null()) && seen.insert(name)
        });
        if !names.is_empty() {
            warnings.push(format!("not used: {} ({})", names.join(", "), group.why));
        }
    }
    warnings
}

fn sentence(mut problems: Vec<String>) -> String {
    let more = problems.len().saturating_sub(NAMED_PROBLEMS);
    problems.truncate(NAMED_PROBLEMS);
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    problems.join("; ")
}
