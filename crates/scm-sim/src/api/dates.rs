//! Dates as SCM writes them: in details in the US format, unless the caller asks for another one.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::http::Ask;
use crate::settings::DateStyle;

/// The style that `dateFormat` names by its constant or its pattern, in any case.
pub fn style(ask: &Ask, default: DateStyle) -> DateStyle {
    let asked = ask.query("dateFormat").unwrap_or_default();
    STYLES
        .iter()
        .find(|(_, name, pattern, _)| {
            name.eq_ignore_ascii_case(asked) || pattern.eq_ignore_ascii_case(asked)
        })
        .map_or(default, |(style, ..)| *style)
}

pub fn written(at: Timestamp, style: DateStyle) -> String {
    let format = STYLES
        .iter()
        .find(|(known, ..)| *known == style)
        .map_or("%m/%d/%Y", |(.., format)| *format);
    at.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

pub fn iso_millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

type Style = (DateStyle, &'static str, &'static str, &'static str);

/// The style, its documented constant and pattern, and our format string.
const STYLES: &[Style] = &[
    (DateStyle::Us, "US", "MM/dd/yyyy", "%m/%d/%Y"),
    (
        DateStyle::UsHms,
        "US_HMS",
        "MM/dd/yyyy HH:mm:ss",
        "%m/%d/%Y %H:%M:%S",
    ),
    (DateStyle::Iso, "ISO", "yyyy-MM-dd", "%Y-%m-%d"),
    (
        DateStyle::IsoHms,
        "ISO_HMS",
        "yyyy-MM-dd HH:mm:ss",
        "%Y-%m-%d %H:%M:%S",
    ),
    (DateStyle::Eu, "EU", "dd.MM.yyyy", "%d.%m.%Y"),
    (
        DateStyle::EuHms,
        "EU_HMS",
        "dd.MM.yyyy HH:mm:ss",
        "%d.%m.%Y %H:%M:%S",
    ),
    (DateStyle::Uk, "UK", "dd/MM/yyyy", "%d/%m/%Y"),
    (
        DateStyle::UkHms,
        "UK_HMS",
        "dd/MM/yyyy HH:mm:ss",
        "%d/%m/%Y %H:%M:%S",
    ),
    (DateStyle::Jp, "JP", "yyyy/MM/dd", "%Y/%m/%d"),
    (
        DateStyle::JpHms,
        "JP_HMS",
        "yyyy/MM/dd HH:mm:ss",
        "%Y/%m/%d %H:%M:%S",
    ),
];
