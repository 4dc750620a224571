//! Reads the values of cells.

use serde_json::Value;

use super::letters::check_letters;

/// Folds a name for comparisons, as the engine does: lower case, IDNA, no dot at the end.
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

/// Checks whether a public CA could issue a certificate for a name. The engine makes the more detailed checks.
pub(super) fn check_name(name: &str, allow_private: bool) -> Result<(), String> {
    const QUOTES: [char; 8] = [
        '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{ab}', '\u{bb}',
    ];
    let foreign = || name.chars().filter(|c| !c.is_ascii());
    if let Some(quote) = foreign().find(|c| QUOTES.contains(c)) {
        return Err(format!(
            "has a typographic quotation mark ({quote}): type the name again without it"
        ));
    }
    if let Some(dash) = foreign().find(|c| {
        matches!(
            c,
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{ff0d}'
        )
    }) {
        return Err(format!(
            "has a typographic hyphen ({dash}, U+{:04X}), which programs put in by themselves: type a plain - again",
            u32::from(dash)
        ));
    }
    if name.contains('@') {
        return Err("is an e-mail address, and this config orders SSL certificates".to_owned());
    }
    check_letters(name)?;
    if allow_private {
        return Ok(());
    }
    if let Ok(address) = name.parse::<std::net::Ipv4Addr>() {
        if address.is_private() || address.is_loopback() || address.is_link_local() {
            return Err("is a private address, for which no public CA issues".to_owned());
        }
        return Ok(());
    }
    let is_address = name.parse::<std::net::Ipv6Addr>().is_ok();
    if !is_address && !name.trim_end_matches('.').contains('.') {
        return Err(
            "has no dot, so no public CA issues for it: a word of a heading, or a line of totals?"
                .to_owned(),
        );
    }
    Ok(())
}

/// The CSR in a cell, or in the file that the cell names.
pub(super) fn csr_text(text: &str, folder: Option<&std::path::Path>) -> Result<String, String> {
    const LARGEST: u64 = 64 << 10;
    let looks_like_a_path = !text.contains('\n')
        && text.len() < 1024
        && [".csr", ".pem", ".req", ".p10", ".der"]
            .iter()
            .any(|end| text.to_lowercase().ends_with(end));
    let Some(folder) = folder.filter(|_| looks_like_a_path) else {
        return Ok(text.to_owned());
    };
    let path = folder.join(text);
    let failed = |why: std::io::Error| format!("{}: {why}", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(failed)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, LARGEST + 1), &mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!(
            "{} is longer than 64 KiB, and no CSR",
            path.display()
        ));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| format!("{} is no text: convert the CSR to PEM", path.display()))?;
    if text.contains("PRIVATE KEY") {
        return Err(format!(
            "{} holds a private key: name the CSR's file",
            path.display()
        ));
    }
    if !text.contains("CERTIFICATE REQUEST") {
        return Err(format!("{} holds no CSR in PEM", path.display()));
    }
    Ok(text.trim().to_owned())
}

/// A number of days: `365`, `365 days`, `1 year`, `2y`, and the forms of programs and other languages: `90.0`, `90,0`,
/// `9.0E+01`, `90 Tage`, `90 day(s)`, `90-day`. `None` when there is anything else beside the number, such as in
/// `90/199`.
pub(super) fn days(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let (number, rest) = whole_number(&text)?;
    let rest = rest.trim_start();
    let unit = rest.strip_prefix('-').unwrap_or(rest).trim_end_matches('.');
    let unit = unit.strip_suffix("(s)").unwrap_or(unit);
    let factor = match unit {
        "" if !rest.is_empty() => return None,
        "" | "d" | "day" | "days" | "t" | "tag" | "tage" | "tagen" | "jour" | "jours" | "j"
        | "día" | "días" | "dia" | "dias" | "giorni" => 1,
        "y" | "yr" | "yrs" | "year" | "years" | "jahr" | "jahre" | "an" | "ans" | "año"
        | "años" | "anno" | "anni" => 365,
        _ => return None,
    };
    let days = number.checked_mul(factor)?;
    (1..100_000).contains(&days).then_some(days)
}

/// The whole number at the beginning of a text, and the rest of the text: `2048`, `2048.0`, `90,0`, `9.0E+01`. `None`
/// for three digits behind a point or comma, because they may be thousands.
fn whole_number(text: &str) -> Option<(i64, &str)> {
    let end = |text: &str, at: usize| {
        let rest = &text[at..];
        let digits = rest.find(|c: char| !c.is_ascii_digit());
        at + digits.unwrap_or(rest.len())
    };
    let mut at = end(text, 0);
    if text[at..].starts_with(['.', ',']) {
        let fraction = at + 1;
        at = end(text, fraction);
        if matches!(at - fraction, 0 | 3) {
            return None;
        }
    }
    // The exponent is a part of the number.
    if text[at..].starts_with(['e', 'E']) {
        let signed = text[at + 1..].starts_with(['+', '-']);
        let exponent = at + 1 + usize::from(signed);
        let end = end(text, exponent);
        if end > exponent {
            at = end;
        }
    }
    let number: f64 = text[..at].replace(',', ".").parse().ok()?;
    let is_whole = number.fract() == 0.0 && (0.0..1e15).contains(&number);
    is_whole.then_some((number as i64, &text[at..]))
}

/// The whole number that a text consists of. Programs also write `51.0`.
pub(super) fn as_whole_number(text: &str) -> Option<i64> {
    let (number, rest) = whole_number(text.trim())?;
    rest.is_empty().then_some(number)
}

/// Pairs of names and values: `Name=value; Name=value`, or, as for the engine, a JSON object or an array of `{name,
/// value}`.
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
        for text in [
            "90",
            "90.0",
            "90,0",
            "9.0E+01",
            "90 Tage",
            "90 day(s)",
            "90 jours",
        ] {
            assert_eq!(days(text), Some(90), "{text}");
        }
        assert_eq!(days("1 Yr"), Some(365));
        assert_eq!(days("90.5"), None);
        assert_eq!(days("90 e"), None);
        assert_eq!(days("one"), None);
        for text in [
            "365 d.",
            "365-day",
            "1 year(s)",
            "1-Jahr",
            "3.65E2",
            "365.00",
        ] {
            assert_eq!(days(text), Some(365), "{text}");
        }
        assert_eq!(as_whole_number("2048.0"), Some(2048));
        assert_eq!(as_whole_number("P-256"), None);
    }

    /// Regression: the first number of each of these was ordered.
    #[test]
    fn a_term_is_one_number() {
        for text in [
            "90/199",
            "199-2027",
            "199 %",
            "90-199",
            "90 199",
            "1 year 90 days",
            "2027-11-30",
            "199*",
            "90-",
            "(90)",
            "1,000",
            "1.000",
            "90..0",
            "-90",
            "90 \u{b1} 5",
            "365 days (1 year)",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    /// Regression: all of these were ordered, some of them as other names.
    #[test]
    fn names_that_no_public_ca_issues_are_told() {
        for (name, word) in [
            ("\u{201c}smart.example.com\u{201d}", "quotation mark"),
            ("ex\u{2013}dash.example.com", "typographic hyphen"),
            ("ex\u{2011}dash.example.com", "U+2011"),
            ("total", "no dot"),
            ("localhost", "no dot"),
            ("2027-11-01", "no dot"),
            ("10.1.2.3", "private address"),
            ("jane@example.com", "e-mail"),
        ] {
            let reason = check_name(name, false).unwrap_err();
            assert!(reason.contains(word), "{name}: {reason}");
        }
        for name in [
            "a.example.com",
            "*.example.com",
            "köln.example.",
            "192.0.2.1",
        ] {
            assert_eq!(check_name(name, false), Ok(()), "{name}");
        }
        assert_eq!(check_name("intranet", true), Ok(()));
    }
}
