//! Suggestions for what can be typed next in a filter line.

use std::borrow::Cow;

use super::Renewal;
use super::parse::FIELDS;
use super::words::{METADATA, pieces, spans};
use svpki_types::Status;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Byte offset where the replaced text starts; it ends at the cursor.
    pub from: usize,
    pub text: String,
    pub meaning: &'static str,
}

/// Returns the values that a field has in the known rows. It is called only for the field being typed. For the field
/// `metadata.` it returns the names of the entries.
pub type Known<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// Puts quotes around a value if a filter line needs them.
pub fn quoted(value: &str) -> Cow<'_, str> {
    if value.contains([' ', ',']) {
        format!("\"{value}\"").into()
    } else {
        value.into()
    }
}

/// Suggestions for the word that ends at the cursor, best first. `before` is the line up to the cursor.
pub fn suggest(before: &str, known: Known<'_>) -> Vec<Suggestion> {
    let start = match spans(before).last() {
        Some(span) if span.end == before.len() => span.start,
        _ => before.len(),
    };
    let start = start + usize::from(before[start..].starts_with('!'));
    let word = &before[start..];
    match word.split_once(':') {
        Some((key, values)) => {
            let typed = match pieces(values, |c| c == ',').pop() {
                Some(span) if span.end == values.len() => span.len(),
                _ => 0,
            };
            let from = before.len() - typed;
            values_of(key, &before[from..], from, known)
        }
        None if word.to_lowercase().starts_with(METADATA) => entries(word, start, known),
        None => keys(word, start),
    }
}

fn keys(word: &str, from: usize) -> Vec<Suggestion> {
    let meaning = |key: &str| match key {
        "status" => "certificate status",
        "renewal" => "failed, blocked, off, due or planned",
        "changes" => "differs from the one before: issuer, names, eku, lifetime",
        "role" => "ordered by this role, * allowed",
        "id" => "certificate ID contains",
        "profile" => "profile ID",
        "host" => "serves this host, wildcards too",
        "issuer" => "issuer contains",
        "cn" => "common name contains; with * or = the whole name",
        "san" => "any alternative name",
        "missing" => "SCM left out this name; * for any",
        "config" | "mount" | "owner" | "team" | "ticket" => "exact match, * allowed",
        _ => "with or without colons",
    };
    let mut found: Vec<Suggestion> = FIELDS
        .into_iter()
        .filter(|key| *key != "exp")
        .map(|key| Suggestion {
            from,
            text: format!("{key}:"),
            meaning: meaning(key),
        })
        .chain([
            Suggestion {
                from,
                text: METADATA.to_owned(),
                meaning: "an entry of metadata",
            },
            Suggestion {
                from,
                text: "exp<30d".to_owned(),
                meaning: "expires within 30 days",
            },
            Suggestion {
                from,
                text: "exp>2027-01-31".to_owned(),
                meaning: "expires after that day",
            },
        ])
        .filter(|s| s.text.starts_with(&word.to_lowercase()) && s.text != word)
        .collect();
    if word.is_empty() {
        found.push(Suggestion {
            from,
            text: "!".to_owned(),
            meaning: "exclude",
        });
    }
    found
}

/// Suggests the names of the metadata entries that occur.
fn entries(word: &str, from: usize, known: Known<'_>) -> Vec<Suggestion> {
    let names = known(METADATA).into_iter();
    names
        .map(|name| Suggestion {
            from,
            text: format!("{METADATA}{}:", quoted(&name)),
            meaning: "",
        })
        .filter(|s| s.text.to_lowercase().starts_with(&word.to_lowercase()))
        .collect()
}

fn values_of(key: &str, typed: &str, from: usize, known: Known<'_>) -> Vec<Suggestion> {
    let start = typed.trim_start_matches('"').to_lowercase();
    let offer = |values: Vec<String>| {
        values
            .into_iter()
            .filter(|v| v.to_lowercase().starts_with(&start) && v != typed)
            .map(|v| quoted(&v).into_owned())
            .filter(|v| v != typed)
            .map(|text| Suggestion {
                from,
                text,
                meaning: "",
            })
            .collect()
    };
    match key.to_lowercase().as_str() {
        "status" => offer(
            Status::ALL
                .iter()
                .filter(|status| !status.is_of_orders())
                .map(ToString::to_string)
                .collect(),
        ),
        "renewal" => offer(Renewal::ALL.map(|r| r.word().to_owned()).to_vec()),
        field => offer(known(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(before: &str) -> Vec<String> {
        let known = |field: &str| {
            let values: &[&str] = match field {
                "config" => &["prod", "lab"],
                "mount" => &["sectigo"],
                "owner" => &["Anna Meier", "anna@example.com", "Bo"],
                "metadata." => &["Room"],
                "metadata.room" => &["1"],
                _ => &[],
            };
            values.iter().map(|value| (*value).to_owned()).collect()
        };
        suggest(before, &known)
            .into_iter()
            .map(|s| s.text)
            .collect()
    }

    #[test]
    fn offers_keys_then_values() {
        assert_eq!(texts("cn:a s"), ["status:", "san:", "serial:"]);
        assert_eq!(texts("!status:ex"), ["expiring", "expired"]);
        assert_eq!(texts("status:issued,rev"), ["revoked"]);
        assert_eq!(texts("config:"), ["prod", "lab"]);
        assert_eq!(texts("mount:x"), Vec::<String>::new());
        assert!(texts("").contains(&"!".to_owned()));
        assert_eq!(texts("owner:an"), ["\"Anna Meier\"", "anna@example.com"]);
        assert_eq!(texts("owner:Bo,\"Anna M"), ["\"Anna Meier\""]);
        assert_eq!(texts("meta"), ["metadata."]);
        assert_eq!(texts("metadata.r"), ["metadata.Room:"]);
        assert_eq!(texts("metadata.Room:"), ["1"]);
    }

    proptest! {
        #[test]
        fn any_line_can_be_completed(before in "\\PC{0,40}") {
            for suggestion in suggest(&before, &|_| Vec::new()) {
                prop_assert!(before.is_char_boundary(suggestion.from));
            }
        }
    }
}
