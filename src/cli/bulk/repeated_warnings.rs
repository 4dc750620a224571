//! Collects the warnings in the engine's answers. Thousands of rows may get the same warning, so each kind is shown
//! once, with the number of its rows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub struct RepeatedWarnings {
    kinds: Mutex<BTreeMap<String, Kind>>,
}

struct Kind {
    first: String,
    count: u64,
    /// The warnings of this kind differ in a number, an id or another word that contains a digit.
    varies: bool,
}

/// Limits the memory for warnings that differ from row to row. The engine has fewer kinds than this.
const MOST_KINDS: usize = 100;

impl RepeatedWarnings {
    pub fn add(&self, warning: &str) {
        let plain = warning.split_whitespace();
        let plain = plain.filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
        let kind = plain.collect::<Vec<_>>().join(" ");
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let room = kinds.len() < MOST_KINDS;
        if let Some(known) = kinds.get_mut(&kind) {
            known.count += 1;
            known.varies |= known.first != warning;
        } else if room {
            let first = warning.to_owned();
            let (count, varies) = (1, false);
            kinds.insert(
                kind,
                Kind {
                    first,
                    count,
                    varies,
                },
            );
        }
    }

    /// One line for each kind of warning.
    pub fn summary(&self) -> Vec<String> {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let words = |kind: &Kind| match (kind.count, kind.varies) {
            (1, _) => kind.first.clone(),
            (count, false) => format!("{count} rows: {}", kind.first),
            (count, true) => format!("{count} rows, for example: {}", kind.first),
        };
        kinds.values().map(words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_once() {
        let warnings = RepeatedWarnings::default();
        for n in 0..3 {
            warnings.add("a term of 400 days is above the 200 days of today");
            warnings.add(&format!("there is no private key of 10{n}_acme here"));
        }
        warnings.add("this node may not write");
        assert_eq!(
            warnings.summary(),
            [
                "3 rows: a term of 400 days is above the 200 days of today",
                "3 rows, for example: there is no private key of 100_acme here",
                "this node may not write",
            ]
        );
    }
}
