//! The text armour around DER (RFC 7468), read more tolerantly than it is written.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use zeroize::Zeroizing;

const LINE: usize = 64;

/// As found in the wild: with or without padding.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One `-----BEGIN label-----` block.
pub(super) struct Block {
    pub(super) label: String,
    /// May be a private key, hence wiped.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// Why a text is no armour: a fragment that follows "the text …".
pub(super) type Damage = String;

pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// PEM as environment variables and JSON files often hold it, with the two characters `\\n` in place of line ends, as it
/// was meant. No PEM holds a backslash.
pub fn with_line_ends(pem: &str) -> Zeroizing<String> {
    Zeroizing::new(pem.replace("\\r\\n", "\n").replace("\\n", "\n"))
}

/// All blocks, in order. Text around them is ignored, line ends and blanks inside do not matter, and header lines
/// (`Key: value`) are skipped. A block that does not end, or whose body is not base64, is an error.
pub(super) fn parse_blocks(text: &str) -> Result<Vec<Block>, Damage> {
    let mut found = Vec::new();
    let text = with_line_ends(text);
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else {
            return Err("has a BEGIN line that is cut off".into());
        };
        if label.len() > 60 || label.contains(['\n', '\r']) {
            return Err("has a BEGIN line that is cut off".into());
        }
        let end = format!("-----END {label}-----");
        let Some((body, after)) = after.split_once(&end) else {
            return Err(format!("has no {end:?} line: it is cut off"));
        };
        let body: Zeroizing<String> = Zeroizing::new(
            body.lines()
                .filter(|line| !line.contains(':'))
                .collect::<String>(),
        );
        let der =
            base64(&body).ok_or_else(|| format!("has a {label:?} block that is no base64"))?;
        found.push(Block {
            label: label.to_owned(),
            der,
        });
        rest = after;
    }
    Ok(found)
}

/// Decodes base64 with blanks and line ends anywhere; `None` when it is empty or something else.
pub(super) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    if compact.is_empty() {
        return None;
    }
    TOLERANT.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

/// Writes one block, with lines of 64 characters and a line end after the last.
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(general_purpose::STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / LINE + 80));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_what_others_write() {
        let der: Vec<u8> = (0..=255).collect();
        let text = encode("CERTIFICATE", &der);
        assert!(text.lines().all(|line| line.len() <= 64));
        let messy = format!(
            "\u{feff}subject=/CN=x\r\n{}\r\n junk",
            text.replace('\n', "\r\n")
        );
        for text in [text.to_string(), messy] {
            let blocks = parse_blocks(&text).unwrap();
            assert_eq!(blocks.len(), 1);
            assert_eq!(blocks[0].label, "CERTIFICATE");
            assert_eq!(*blocks[0].der, der);
        }
    }

    #[test]
    fn line_ends_written_as_two_characters_are_read() {
        let der: Vec<u8> = (0..=255).collect();
        let text = encode("PRIVATE KEY", &der);
        for end in ["\\n", "\\r\\n", "\\n\n", " "] {
            let flat = text.replace('\n', end);
            let blocks = parse_blocks(&flat).unwrap();
            assert_eq!(*blocks[0].der, der, "{end:?}");
        }
    }

    #[test]
    fn damage_is_named() {
        let damage = |text: &str| parse_blocks(text).err().unwrap();
        assert!(damage("-----BEGIN X-----\nAAAA").contains("cut off"));
        assert!(damage("-----BEGIN X").contains("cut off"));
        assert!(damage("-----BEGIN X-----\n!!\n-----END X-----").contains("no base64"));
    }
}
