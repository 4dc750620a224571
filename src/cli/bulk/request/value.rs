//! Texts of cells as the values that people mean by them.

use serde_json::Value;

/// As the engine folds it, for comparing: lower case, IDNA, no dot at the end.
pub fn fold_name(name: &str) -> String {
    let name = name.trim().trim_end_matches('.').to_lowercase();
    let (star, base) = match name.strip_prefix("*.") {
        Some(base) => ("*.", base),
        None => ("", name.as_str()),
    };
    if base.is_ascii() {
        return name;
    }
    idna::domain_to_ascii(base).map_or(name.clone(), |ascii| format!("{star}{ascii}"))
}

/// `365`, `365 days`, `1 year`, `2y`.
pub(super) fn days(text: &str) -> Option<i64> {
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: i64 = text[..at].parse().ok()?;
    let factor = match text[at..].trim().to_lowercase().as_str() {
        "" | "d" | "day" | "days" => 1,
        "y" | "year" | "years" => 365,
        _ => return None,
    };
    number.checked_mul(factor).filter(|days| *days > 0)
}

/// `Name=value; Name=value`, or what the engine takes: a JSON object, or an array of `{name, value}`.
pub(super) fn named_values(text: &str) -> Result<Vec<(String, String)>, String> {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => {
            return Ok(members
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect());
        }
        Ok(Value::Array(items)) => {
            return items
                .iter()
                .map(|item| match (item["name"].as_str(), item.get("value")) {
                    (Some(name), Some(value)) => Ok((name.to_owned(), plain(value))),
                    _ => Err(item.to_string()),
                })
                .collect();
        }
        _ => {}
    }
    text.split([';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(part.to_owned()),
        })
        .collect()
}

pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_as_the_engine_folds_them() {
        assert_eq!(fold_name(" *.Köln.example. "), "*.xn--kln-sna.example");
        assert_eq!(days("398d"), Some(398));
        assert_eq!(days("0"), None);
        assert_eq!(days("one"), None);
    }
}
