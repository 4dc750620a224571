//! Finds the field for a header: the headers of the portal's bulk form, our own field names, and common other words.

mod names;

use std::collections::HashMap;
use std::sync::LazyLock;

use self::names::NAMES;

/// The meaning of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    CommonName,
    AltNames,
    Profile,
    Term,
    KeyType,
    KeySize,
    Csr,
    Comments,
    ExternalRequester,
    /// Several custom fields in one cell: `Name=value; Name=value`.
    CustomFields,
    /// One custom field, by its name in SCM.
    Custom(String),
    FirstName,
    MiddleName,
    LastName,
    Email,
    Country,
    Province,
    Locality,
    Organization,
    Unit,
    /// The certificate to renew, replace or revoke.
    CertId,
    Reason,
    ReasonCode,
    /// The config through which the row is ordered.
    Config,
    /// The mount of that config.
    Mount,
    /// The password of the row's keystores.
    ExportPassword,
    /// A field that SCM no longer has. It is recognised, so that old files can be read, but not used.
    Retired,
}

impl Field {
    /// The title of the column in a template.
    pub fn title(&self) -> &str {
        match self {
            Self::Custom(name) => name,
            _ => self.title_of(),
        }
    }

    /// The parameter of the request that the column feeds.
    pub fn parameter(&self) -> &str {
        match self {
            Self::CommonName => "common_name",
            Self::AltNames => "alt_names",
            Self::Profile => "profile_id",
            Self::Term => "term",
            Self::KeyType => "key_type",
            Self::KeySize => "key_bits",
            Self::Csr => "csr",
            Self::Comments => "comments",
            Self::ExternalRequester => "external_requester",
            Self::CustomFields | Self::Custom(_) => "custom_fields",
            Self::FirstName => "first_name",
            Self::MiddleName => "middle_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Country => "country",
            Self::Province => "province",
            Self::Locality => "locality",
            Self::Organization => "organization",
            Self::Unit => "ou",
            Self::CertId => "certificate id",
            Self::Reason => "reason",
            Self::ReasonCode => "reason_code",
            Self::Config => "config",
            Self::Mount => "mount",
            Self::ExportPassword => "export password",
            Self::Retired => "not sent",
        }
    }

    fn title_of(&self) -> &'static str {
        NAMES
            .iter()
            .find(|(field, ..)| field == self)
            .map_or("", |(_, title, _)| title)
    }

    pub(super) fn of(header: &str) -> Option<Self> {
        if let Some(name) = custom_name(header) {
            return Some(Self::Custom(name.to_owned()));
        }
        let whole = known(&fold(header)).cloned();
        whole.or_else(|| known_or_numbered(&fold(&clean(header))).cloned())
    }
}

/// Also accepts a number at the end for alternative names: `SAN 1`, `SAN 2`, …
fn known_or_numbered(folded: &str) -> Option<&'static Field> {
    known(folded).or_else(|| {
        let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit());
        let field = known(bare).filter(|_| bare.len() < folded.len());
        field.filter(|field| **field == Field::AltNames)
    })
}

fn known(folded: &str) -> Option<&'static Field> {
    static BY_NAME: LazyLock<HashMap<String, &'static Field>> = LazyLock::new(|| {
        let names = NAMES.iter().flat_map(|(field, title, others)| {
            let others = others.iter().map(|other| (*other).to_owned());
            let names = std::iter::once(fold(title)).chain(others);
            names.map(move |name| (name, field))
        });
        names.collect()
    });
    BY_NAME.get(folded).copied()
}

/// A header without explanations, which are in brackets or on further lines.
pub(super) fn clean(header: &str) -> String {
    let line = header.trim().lines().next().unwrap_or_default();
    let mut depth = 0_u32;
    let outside = |c: &char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    let cleaned: String = line.chars().filter(outside).collect();
    cleaned
        .trim()
        .trim_end_matches([':', '*'])
        .trim()
        .to_owned()
}

/// Whether a cell below the header is only a remark such as `required`, or repeats the header. This is called for every
/// row, so the cell is folded only once.
pub(super) fn is_remark_or(field: &Field, text: &str) -> bool {
    let text = clean(text);
    let folded = fold(&text);
    is_remark(&folded)
        || match custom_name(&text) {
            Some(name) => matches!(field, Field::Custom(own) if own == name),
            None => known_or_numbered(&folded) == Some(field),
        }
}

fn is_remark(folded: &str) -> bool {
    [
        "required",
        "optional",
        "mandatory",
        "needed",
        "pflicht",
        "pflichtfeld",
        "erforderlich",
        "obligatoire",
        "facultatif",
        "obligatorio",
        "opcional",
        "text",
        "string",
        "number",
        "zahl",
    ]
    .contains(&folded)
}

/// In lower case, and only letters and digits: spaces, underscores, hyphens, asterisks and brackets do not count.
fn fold(header: &str) -> String {
    let mut folded = String::with_capacity(header.len());
    for c in header.chars() {
        if c.is_ascii() {
            folded.extend(c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()));
        } else if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        }
    }
    folded
}

/// The name in `Custom Field: Cost Centre`.
fn custom_name(header: &str) -> Option<&str> {
    let (prefix, name) = header.split_once(':')?;
    let name = name.trim();
    (matches!(fold(prefix).as_str(), "customfield" | "custom" | "cf") && !name.is_empty())
        .then_some(name)
}

/// The known header that was probably meant.
pub(super) fn nearest(header: &str) -> Option<&'static str> {
    let folded = fold(&clean(header));
    let allowed = match folded.chars().count() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    let spelled = NAMES
        .iter()
        .flat_map(|(_, title, others)| {
            others
                .iter()
                .map(|other| strsim::damerau_levenshtein(other, &folded))
                .chain([strsim::damerau_levenshtein(&fold(title), &folded)])
                .map(move |distance| (distance, *title))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, title)| title);
    spelled.or_else(|| named_in(header))
}

/// The title of a field that a longer header mentions and that would change the order.
fn named_in(header: &str) -> Option<&'static str> {
    let lower = header.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let starts = |start: &str| words.iter().any(|word| word.starts_with(start));
    if has(&["san", "sans"]) || starts("subjectalt") || starts("alternativ") || starts("altname") {
        return Some(Field::AltNames.title_of());
    }
    if has(&["term", "validity", "laufzeit", "gültigkeit"]) {
        return Some(Field::Term.title_of());
    }
    if has(&["profile", "profil", "zertifikatsprofil"]) {
        return Some(Field::Profile.title_of());
    }
    // These words count only when they are alone: a longer header may be about any key or template.
    match words.as_slice() {
        ["key"] => Some(Field::KeyType.title_of()),
        ["template"] | ["certificate" | "cert", "template"] => Some(Field::Profile.title_of()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for (field, title, others) in NAMES {
            for name in others
                .iter()
                .map(|other| (*other).to_owned())
                .chain([fold(title)])
            {
                assert_eq!(fold(&name), name);
                // `firstname` may repeat its own title, but must not belong to two fields.
                assert!(
                    seen.insert(name.clone()) || fold(title) == name,
                    "{name} of {field:?}"
                );
            }
        }
    }

    /// The shortcut in [`is_remark_or`] has the same result as reading the cell as a header.
    #[test]
    fn a_cell_repeats_its_header_as_a_header_would_be_read() {
        let custom = Field::Custom("Rack".to_owned());
        let fields = || NAMES.iter().map(|(field, ..)| field).chain([&custom]);
        let plain = NAMES
            .iter()
            .flat_map(|(_, title, others)| others.iter().chain([title]));
        let others = [
            "host.example.com",
            "365",
            "",
            ":",
            "Custom: Rack",
            "cf: other",
            "Term: 7",
        ];
        let cells: Vec<String> = plain
            .flat_map(|name| {
                ["", "*", " 2", " (text)", ":", "\nmore"].map(|end| format!("{name}{end}"))
            })
            .chain(others.map(str::to_owned))
            .collect();
        for cell in &cells {
            let read = Field::of(&clean(cell));
            let remark = is_remark(&fold(&clean(cell)));
            for field in fields() {
                let long = remark || read.as_ref() == Some(field);
                assert_eq!(is_remark_or(field, cell), long, "{cell:?} {field:?}");
            }
        }
        assert!(
            is_remark_or(&custom, "Custom field: Rack") && is_remark_or(&custom, "(required) text")
        );
    }
}
