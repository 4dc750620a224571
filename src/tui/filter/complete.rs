//! What could be typed next.

use super::parse::{KEYS, tokens};
use crate::tui::model::{Renewal, counts};
use svpki_types::Status;

/// Names that exist on the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub configs: Vec<String>,
    pub mounts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Byte offset where the replaced text starts; it ends at the cursor.
    pub from: usize,
    pub text: String,
    pub meaning: &'static str,
}

/// Suggestions for the word that ends at the cursor, best first. `before` is the line up to the cursor.
pub fn suggest(before: &str, known: &Known) -> Vec<Suggestion> {
    let start = match tokens(before).last() {
        Some(span) if span.end == before.len() => span.start,
        _ => before.len(),
    };
    let start = start + usize::from(before[start..].starts_with('!'));
    let word = &before[start..];
    match word.split_once(':') {
        Some((key, values)) => {
            let from = before.len() - values.rsplit(',').next().map_or(0, str::len);
            values_of(key, &before[from..], from, known)
        }
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
        "cn" => "common name contains; with * the whole name",
        "san" => "any alternative name",
        "config" | "mount" => "exact match, * allowed",
        _ => "with or without colons",
    };
    let mut found: Vec<Suggestion> = KEYS
        .into_iter()
        .map(|key| Suggestion {
            from,
            text: format!("{key}:"),
            meaning: meaning(key),
        })
        .chain([
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

fn values_of(key: &str, typed: &str, from: usize, known: &Known) -> Vec<Suggestion> {
    let offer = |values: Vec<String>| {
        values
            .into_iter()
            .filter(|v| v.starts_with(&typed.to_lowercase()) && v != typed)
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
                .filter(|status| !counts::of_orders(**status))
                .map(ToString::to_string)
                .collect(),
        ),
        "renewal" => offer(Renewal::ALL.map(|r| r.word().to_owned()).to_vec()),
        "config" => offer(known.configs.clone()),
        "mount" => offer(known.mounts.clone()),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(before: &str) -> Vec<String> {
        let known = Known {
            configs: vec!["prod".to_owned(), "lab".to_owned()],
            mounts: vec!["sectigo".to_owned()],
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
    }

    proptest! {
        #[test]
        fn any_line_can_be_completed(before in "\\PC{0,40}") {
            for suggestion in suggest(&before, &Known::default()) {
                prop_assert!(before.is_char_boundary(suggestion.from));
            }
        }
    }
}
