//! The dialogs that open over a page and take the keys.

use std::sync::Arc;

use crate::tui::source::{CertKey, SourceError, Verb};
use crate::tui::text_input::TextInput;

use super::groups::Groups;
use super::job::{Facts, Target};

#[derive(Debug, Clone)]
pub enum Dialog {
    /// For an action on one certificate, or one that costs nothing: `y` confirms.
    Ask(Ask),
    /// For an action that destroys something or places several orders: the name or the number must be typed.
    Typed(TypedForm),
    Columns {
        index: usize,
    },
    Groups(Groups),
    /// All jobs of this run.
    History {
        index: usize,
    },
    Enroll(EnrollForm),
    Export(ExportForm),
    /// The progress of the running job and the result of each item.
    Progress,
    /// The token is no longer valid; asks for another one.
    Token {
        field: TextInput,
        error: Option<SourceError>,
        busy: bool,
    },
}

/// The action that is about to be done, and its targets.
#[derive(Debug, Clone)]
pub struct Ask {
    pub verb: Verb,
    pub targets: Vec<Target>,
    /// Targets that were left out, with the reason.
    pub left_out: Vec<(String, String)>,
    /// The number of targets that are marked but not shown by the filter.
    pub hidden: usize,
    /// Other loaded certificates with the name of the only target.
    pub namesakes: Vec<(CertKey, Facts)>,
    /// Open orders for the name of the only target.
    pub open_orders: Vec<String>,
    /// The fields of the request besides the path.
    pub fields: Vec<(&'static str, String)>,
}

impl Ask {
    pub fn new(verb: Verb, targets: Vec<Target>) -> Self {
        Self {
            verb,
            targets,
            left_out: Vec::new(),
            hidden: 0,
            namesakes: Vec::new(),
            open_orders: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// The dialog that asks for confirmation: a key for a harmless action, the typed name or number for one that costs
    /// more or cannot be undone.
    pub fn dialog(self) -> Dialog {
        if self.verb.is_destructive() || (self.verb.orders() && self.targets.len() > 1) {
            Dialog::Typed(TypedForm::new(self))
        } else {
            Dialog::Ask(self)
        }
    }

    /// The number of targets whose renewal is not due, so that ordering them now is early.
    pub fn early(&self) -> usize {
        let early = |target: &&Target| target.facts.as_ref().is_some_and(|facts| !facts.due);
        self.targets.iter().filter(early).count()
    }

    /// Leaves out the targets whose renewal is not due.
    pub fn keep_due(&mut self) {
        let targets = std::mem::take(&mut self.targets);
        for target in targets {
            if target.facts.as_ref().is_some_and(|facts| !facts.due) {
                let why = "its renewal is not due".to_owned();
                self.left_out.push((target.name.to_string(), why));
            } else {
                self.targets.push(target);
            }
        }
    }
}

/// For a name that is longer than this, the ID has to be typed instead.
const LONGEST_TYPED: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedFocus {
    Name,
    Reason,
    Code,
    /// The alternative names of the replacement.
    Names,
}

/// The revocation reasons of RFC 5280 that the plugin accepts.
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
    /// The alternative names of the replacement.
    pub names: TextInput,
    /// The alternative names that the certificate has now.
    names_now: String,
    /// Index into [`REASON_CODES`]; `None` until one is chosen.
    pub code: Option<usize>,
    pub focus: TypedFocus,
}

impl TypedForm {
    pub fn new(ask: Ask) -> Self {
        let names_now = match &ask.targets[..] {
            [one] => one.alt_names.to_string(),
            _ => String::new(),
        };
        Self {
            ask,
            name: TextInput::default(),
            reason: TextInput::default(),
            names: TextInput::new(names_now.as_str()),
            names_now,
            code: None,
            focus: TypedFocus::Name,
        }
    }

    /// The form for another attempt, filled in with the fields of the last one.
    pub fn again(ask: Ask, fields: &[(&'static str, String)]) -> Self {
        let mut form = Self::new(ask);
        for (name, value) in fields {
            match *name {
                "reason_code" => {
                    let known = REASON_CODES
                        .iter()
                        .position(|(c, _)| c.to_string() == *value);
                    form.code = known;
                }
                "alt_names" => form.names = TextInput::new(value.replace(',', " ")),
                _ => form.reason = TextInput::new(value),
            }
        }
        form
    }

    /// The text to type: the name of a single target, its ID if other certificates have the same name or the name is
    /// long, or the number of several targets.
    pub fn expected(&self) -> String {
        match &self.ask.targets[..] {
            [one] if !self.ask.namesakes.is_empty() || one.name.len() > LONGEST_TYPED => {
                one.key.id.to_string()
            }
            [one] => one.name.to_string(),
            many => many.len().to_string(),
        }
    }

    pub fn is_confirmed(&self) -> bool {
        !self.ask.targets.is_empty() && self.name.text().trim() == self.expected()
    }

    /// The first field that is still missing, besides the name or number.
    pub fn lacks(&self) -> Option<(TypedFocus, &'static str)> {
        let empty = self.reason.text().trim().is_empty();
        if empty && self.stops().contains(&TypedFocus::Reason) {
            return Some((TypedFocus::Reason, "a reason"));
        }
        if self.code.is_none() && self.stops().contains(&TypedFocus::Code) {
            return Some((TypedFocus::Code, "a reason code (left, right)"));
        }
        if self.new_names().is_some_and(|names| names.is_empty()) {
            return Some((TypedFocus::Names, "at least one name"));
        }
        None
    }

    /// The alternative names of the replacement if they are to change. The plugin reads an empty list as no list and
    /// keeps the old names, so the common name is sent for a list that was cleared.
    fn new_names(&self) -> Option<String> {
        let names = joined(self.names.text());
        let [one] = &self.ask.targets[..] else {
            return None;
        };
        if !self.stops().contains(&TypedFocus::Names) || names == joined(&self.names_now) {
            return None;
        }
        // The name of a target without a common name is its ID, which is not valid in this list.
        let unnamed = one.name == one.key.id;
        Some(if names.is_empty() && !unnamed {
            one.name.to_string()
        } else {
            names
        })
    }

    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let reason = self.reason.text().trim().to_owned();
        match self.ask.verb {
            Verb::Revoke => vec![
                ("sectigo_revoke_reason", reason),
                (
                    "reason_code",
                    self.code
                        .and_then(|at| REASON_CODES.get(at))
                        .map_or_else(|| "...".to_owned(), |(code, _)| code.to_string()),
                ),
            ],
            Verb::Replace => {
                let mut fields = vec![("sectigo_replace_reason", reason)];
                fields.extend(self.new_names().map(|names| ("alt_names", names)));
                fields
            }
            _ => Vec::new(),
        }
    }

    /// The fields of this form in the order of Tab. The names are asked for only if the current ones are known;
    /// otherwise typing one name would remove all others.
    pub fn stops(&self) -> &'static [TypedFocus] {
        let known = |one: &Target| {
            let facts = one.facts.as_ref();
            facts.is_some_and(|facts| !facts.serial.is_empty())
        };
        match self.ask.verb {
            Verb::Revoke => &[TypedFocus::Name, TypedFocus::Reason, TypedFocus::Code],
            Verb::Replace if matches!(&self.ask.targets[..], [one] if known(one)) => {
                &[TypedFocus::Name, TypedFocus::Reason, TypedFocus::Names]
            }
            Verb::Replace => &[TypedFocus::Name, TypedFocus::Reason],
            _ => &[TypedFocus::Name],
        }
    }
}

/// Joins names separated by spaces or commas with commas, as the plugin expects them.
fn joined(names: &str) -> String {
    let names = names.split([' ', ',']).filter(|name| !name.is_empty());
    names.collect::<Vec<_>>().join(",")
}

/// The form for ordering a new certificate.
#[derive(Debug, Clone)]
pub struct EnrollForm {
    /// Mount and config of each choice.
    pub places: Vec<(Arc<str>, String)>,
    pub place: usize,
    /// In the order of [`EnrollForm::LABELS`].
    pub fields: [TextInput; 4],
    /// 0 is the choice of the config, followed by the fields.
    pub focus: usize,
}

impl EnrollForm {
    pub const LABELS: [&str; 4] = ["common name", "alt names", "profile ID", "term in days"];
    const NAMES: [&str; 4] = ["common_name", "alt_names", "profile_id", "term"];

    /// `place` is the index of the config to start with.
    pub fn new(places: Vec<(Arc<str>, String)>, place: Option<usize>) -> Self {
        Self {
            places,
            place: place.unwrap_or(0),
            fields: Default::default(),
            focus: usize::from(place.is_some()),
        }
    }

    /// The order to confirm, or the reason why the form is not complete.
    pub fn ask(&self) -> Result<Ask, String> {
        let Some((mount, config)) = self.places.get(self.place) else {
            return Err("choose a config".to_owned());
        };
        let values = self.fields.each_ref().map(|field| joined(field.text()));
        if values[0].is_empty() {
            return Err("type the common name".to_owned());
        }
        for (label, value) in Self::LABELS.iter().zip(&values).skip(2) {
            if !value.is_empty() && value.parse::<u32>().is_err() {
                return Err(format!("{label}: {value:?} is not a number"));
            }
        }
        let name = values[0].clone();
        let filled = Self::NAMES.into_iter().zip(values);
        let fields: Vec<_> = filled.filter(|(_, value)| !value.is_empty()).collect();
        let key = CertKey {
            mount: Arc::clone(mount),
            config: config.as_str().into(),
            // A new certificate has no ID yet. The fields serve as ID, so that different orders get different
            // idempotency keys.
            id: format!("{fields:?}").into(),
        };
        let mut ask = Ask::new(Verb::Enroll, vec![Target::new(key, &name)]);
        ask.fields = fields;
        Ok(ask)
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
    /// Enter was pressed: the file is written as soon as all rows are loaded.
    pub waiting: bool,
}
