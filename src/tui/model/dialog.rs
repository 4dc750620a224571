//! What can lie over a page and take the keys.

use crate::tui::source::{SourceError, Verb};
use crate::tui::text_input::TextInput;

use super::job::Target;

#[derive(Debug, Clone)]
pub enum Dialog {
    /// Does something that can be undone or costs only an order: one more key is enough.
    Ask(Ask),
    /// Does something that cannot be undone: the name has to be typed.
    Typed(TypedForm),
    Columns {
        index: usize,
    },
    Export(ExportForm),
    /// How far the running job has come, and what each item gave.
    Progress,
    /// The token is no longer valid: takes another.
    Token {
        field: TextInput,
        error: Option<SourceError>,
        busy: bool,
    },
}

/// What is about to be done, and to whom.
#[derive(Debug, Clone)]
pub struct Ask {
    pub verb: Verb,
    pub targets: Vec<Target>,
    /// Those that were meant and are left out, with the reason.
    pub left_out: Vec<(String, String)>,
    /// Marked, but not shown by the filter.
    pub hidden: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedFocus {
    Name,
    Reason,
    Code,
}

/// Reasons of RFC 5280 that the plugin takes.
pub const REASON_CODES: [(u8, &str); 5] = [
    (0, "unspecified"),
    (1, "key compromise"),
    (3, "affiliation changed"),
    (4, "superseded"),
    (5, "cessation of operation"),
];

#[derive(Debug, Clone)]
pub struct TypedForm {
    pub ask: Ask,
    pub name: TextInput,
    pub reason: TextInput,
    /// Index into [`REASON_CODES`].
    pub code: usize,
    pub focus: TypedFocus,
}

impl TypedForm {
    pub fn new(ask: Ask) -> Self {
        Self {
            ask,
            name: TextInput::default(),
            reason: TextInput::new("requested by operator"),
            code: 0,
            focus: TypedFocus::Name,
        }
    }

    /// The form for another try of what was asked with these fields.
    pub fn again(ask: Ask, fields: &[(&'static str, String)]) -> Self {
        let mut form = Self::new(ask);
        for (name, value) in fields {
            match *name {
                "reason_code" => {
                    let known = REASON_CODES
                        .iter()
                        .position(|(c, _)| c.to_string() == *value);
                    form.code = known.unwrap_or_default();
                }
                _ => form.reason = TextInput::new(value),
            }
        }
        form
    }

    /// What has to be typed: the name of the one, the number of the many.
    pub fn expected(&self) -> String {
        match &self.ask.targets[..] {
            [one] => one.name.to_string(),
            many => many.len().to_string(),
        }
    }

    pub fn is_confirmed(&self) -> bool {
        !self.ask.targets.is_empty() && self.name.text().trim() == self.expected()
    }

    /// Cancelling needs none.
    pub fn has_reason(&self) -> bool {
        self.ask.verb == Verb::Cancel || !self.reason.text().trim().is_empty()
    }

    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let reason = self.reason.text().trim().to_owned();
        match self.ask.verb {
            Verb::Revoke => vec![
                ("sectigo_revoke_reason", reason),
                (
                    "reason_code",
                    REASON_CODES[self.code.min(REASON_CODES.len() - 1)]
                        .0
                        .to_string(),
                ),
            ],
            Verb::Replace => vec![("sectigo_replace_reason", reason)],
            _ => Vec::new(),
        }
    }

    /// The fields that this action has, in the order of Tab.
    pub fn stops(&self) -> &'static [TypedFocus] {
        match self.ask.verb {
            Verb::Revoke => &[TypedFocus::Name, TypedFocus::Reason, TypedFocus::Code],
            Verb::Replace => &[TypedFocus::Name, TypedFocus::Reason],
            _ => &[TypedFocus::Name],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    Csv,
    Json,
}

impl ExportFormat {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

#[derive(Debug, Clone)]
pub struct ExportForm {
    pub path: TextInput,
    pub format: ExportFormat,
    /// Written as soon as all rows are here.
    pub waiting: bool,
}
