//! The number formats of a workbook. In XLSX only the format distinguishes a date from a number.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use crate::cli::bulk::sheet::ReadError;
use crate::cli::bulk::sheet::xml::{Xml, attribute, is};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shown {
    #[default]
    AsNumber,
    /// With leading zeros, up to this number of digits.
    Padded(usize),
    AsDate,
    /// A duration in hours, minutes or seconds, which may be longer than a day.
    AsDuration,
}

/// The most styles in a workbook; Excel itself allows fewer.
const MOST: usize = 65_536;

#[derive(Default)]
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    pub(super) fn read(part: impl BufRead) -> Result<Self, ReadError> {
        let mut formats = HashMap::new();
        let mut styles = Vec::new();
        let mut inside = false;
        let mut xml = Xml::new(part);
        loop {
            match xml.event()? {
                Event::Start(start) | Event::Empty(start) if is(&start, "numFmt") => {
                    let code = attribute(&start, "formatCode")?.unwrap_or_default();
                    if let Some(id) = number(attribute(&start, "numFmtId")?) {
                        formats.insert(id, shown(&code));
                    }
                }
                Event::Start(start) if is(&start, "cellXfs") => inside = true,
                Event::End(end) if end.local_name().as_ref() == "cellXfs" => inside = false,
                Event::Start(start) | Event::Empty(start) if inside && is(&start, "xf") => {
                    let id = number(attribute(&start, "numFmtId")?).unwrap_or_default();
                    let own = formats.get(&id).copied();
                    styles.push(own.unwrap_or_else(|| built_in(id)));
                }
                Event::Eof => return Ok(Self(styles)),
                _ => {}
            }
            if styles.len() > MOST || formats.len() > MOST {
                return Err(ReadError::Damaged("it has more than 65,536 styles".into()));
            }
        }
    }

    pub(super) fn get(&self, style: Option<usize>) -> Shown {
        let style = style.and_then(|style| self.0.get(style));
        style.copied().unwrap_or_default()
    }
}

fn number(text: Option<String>) -> Option<u32> {
    text?.trim().parse().ok()
}

/// The built-in formats, which are not written into the file.
fn built_in(id: u32) -> Shown {
    match id {
        46 => Shown::AsDuration,
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::AsDate,
        _ => Shown::AsNumber,
    }
}

fn shown(code: &str) -> Shown {
    if !code.is_empty() && code.len() <= 32 && code.bytes().all(|byte| byte == b'0') {
        return Shown::Padded(code.len());
    }
    // The first section is for positive numbers.
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ';' => break,
            '"' => while letters.next().is_some_and(|other| other != '"') {},
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|other| *other != ']').collect();
                let unit = inside.to_ascii_lowercase();
                // `[h]` counts hours. Other brackets, such as `[Red]` and `[$-407]`, are colours and locales.
                if !unit.is_empty()
                    && ['h', 'm', 's']
                        .iter()
                        .any(|u| unit.chars().all(|c| c == *u))
                {
                    return Shown::AsDuration;
                }
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => return Shown::AsDate,
            _ => {}
        }
    }
    Shown::AsNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_what_a_number_is() {
        for (code, expected) in [
            ("General", Shown::AsNumber),
            ("0.00E+00", Shown::AsNumber),
            ("#,##0.00 \"days\"", Shown::AsNumber),
            ("[Red]0;[Blue]-0", Shown::AsNumber),
            ("00000", Shown::Padded(5)),
            ("yyyy\\-mm\\-dd", Shown::AsDate),
            ("[$-407]d. mmmm yyyy;@", Shown::AsDate),
            ("[h]:mm", Shown::AsDuration),
        ] {
            assert_eq!(shown(code), expected, "{code}");
        }
        assert_eq!(built_in(14), Shown::AsDate);
        assert_eq!(built_in(2), Shown::AsNumber);
    }
}
