//! Checks the non-ASCII letters in host names.
//!
//! IDNA maps many characters to others: `a\u{ff0e}b` becomes `a.b`, `com\u{b9}` becomes `com1`. The name that is
//! ordered must be the name in the sheet, so only letters are accepted that IDNA leaves as they are, apart from their
//! case.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::uts46::Uts46MapperBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

/// Checks that IDNA does not change the name. The error is a phrase to be written after the name.
pub(super) fn check_letters(name: &str) -> Result<(), String> {
    for character in name.chars().filter(|c| !c.is_ascii()) {
        let mapped = mapped(character);
        // An invisible character: without it the name still looks the same.
        if mapped.is_empty() {
            continue;
        }
        let shown = || format!("{character} (U+{:04X})", u32::from(character));
        if mapped != lower(character) && !mapped.contains(char::REPLACEMENT_CHARACTER) {
            return Err(format!(
                "is not a valid domain name: its character {} would become {mapped:?}: type the name again",
                shown()
            ));
        }
        if !is_letter(character) {
            return Err(format!(
                "is not a valid domain name: its character {} is no letter: type the name again without it",
                shown()
            ));
        }
    }
    Ok(())
}

/// The result of IDNA's mapping of a character.
fn mapped(character: char) -> String {
    let mapper = Uts46MapperBorrowed::new();
    mapper.map_normalize(std::iter::once(character)).collect()
}

fn lower(character: char) -> String {
    let lower: String = character.to_lowercase().collect();
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(&lower)
        .into_owned()
}

/// Letters, digits and marks, and the further characters of RFC 5892 (sections 2.6 and 2.8).
fn is_letter(character: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LowercaseLetter, ModifierLetter, NonspacingMark, OtherLetter, SpacingMark,
        TitlecaseLetter, UppercaseLetter,
    };
    const OTHERS: [char; 6] = [
        '\u{3007}', '\u{6fd}', '\u{6fe}', '\u{f0b}', '\u{200c}', '\u{200d}',
    ];
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    OTHERS.contains(&character)
        || matches!(
            category,
            UppercaseLetter
                | LowercaseLetter
                | TitlecaseLetter
                | ModifierLetter
                | OtherLetter
                | DecimalNumber
                | NonspacingMark
                | SpacingMark
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_scripts_stay() {
        for name in [
            "*.Köln.example.",
            "k\u{f6}ln.ko\u{308}ln.example",
            "STRASSE.stra\u{df}e.\u{1e9e}.example",
            "例え.テスト.한국.中国",
            "пример.рф",
            "ΠΑΡΆΔΕΙΓΜΑ.δοκιμή",
            "हिन्दी.भारत",
            "مثال.إختبار",
            "ไทย.คอม",
            "Ñandú.ŁÓDŹ.İstanbul.example",
            // Invisible characters, which IDNA removes.
            "a\u{200b}b\u{ad}.example\u{feff}",
        ] {
            assert_eq!(check_letters(name), Ok(()), "{name}");
        }
    }

    /// Regression: all of these were ordered, most of them as other names.
    #[test]
    fn characters_that_are_no_letters_or_become_others_are_named() {
        for (name, words) in [
            ("a.example.com\u{3001}b.example.com", "U+3001) is no letter"),
            ("\u{2022}st7b.example.com", "U+2022"),
            ("\u{2039}st6b.example.com\u{203a}", "U+2039"),
            ("a\u{2192}b.example.com", "U+2192"),
            ("a\u{a6}.example.com", "U+00A6"),
            ("\u{2713}.example.com", "U+2713"),
            ("a\u{2032}.example.com", "U+2032"),
            ("a\u{2033}.example.com", "(U+2033) would become \"′′\""),
            ("\u{201b}a\u{201f}.example.com", "U+201B"),
            ("a\u{2043}b.example.com", "U+2043"),
            ("com\u{b9}.example.com", "¹ (U+00B9) would become \"1\""),
            ("a\u{2122}.example.com", "would become \"tm\""),
            ("\u{ff41}.example.com", "would become \"a\""),
            ("a\u{3002}example\u{ff0e}com", "would become \".\""),
            ("\u{fb01}.example.com", "would become \"fi\""),
            ("☃.example.com", "is no letter"),
            ("a\u{b7}b.example.com", "is no letter"),
            ("a\u{fffd}.example.com", "is no letter"),
            ("🙂.example.com", "is no letter"),
        ] {
            let reason = check_letters(name).unwrap_err();
            assert!(reason.contains(words), "{name}: {reason}");
        }
    }
}
