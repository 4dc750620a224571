//! The declaration of a field.

/// The kind of a field's value, and how it is read from JSON or from the text of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text. Numbers and booleans are accepted as text, as in Vault's own field parser.
    Text,
    /// A whole number, or its text.
    Integer,
    /// `true`/`false`, their text, or 1/0.
    Boolean,
    /// Seconds as a number, or a duration such as `90s`, `5m`, `24h`.
    Seconds,
    /// An array of texts, or one text separated by commas.
    TextList,
    /// An array of `{name, value}`, an object of texts, or either as JSON text: SCM's custom fields.
    NameValues,
}

/// A field of one or more paths. Built at compile time and shared by everything that uses the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub kind: FieldKind,
    pub description: &'static str,
    /// Written as in a request.
    pub default: Option<&'static str>,
    /// The allowed values; empty if any value is allowed.
    pub allowed: &'static [&'static str],
    /// The value is never shown in help examples, errors or logs.
    pub sensitive: bool,
    /// If set, the field is accepted with a warning and not used; the text is the reason.
    pub ignored: Option<&'static str>,
}

impl Field {
    pub const fn new(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            kind,
            description,
            default: None,
            allowed: &[],
            sensitive: false,
            ignored: None,
        }
    }

    pub const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::Text, description)
    }

    pub const fn integer(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::Integer, description)
    }

    pub const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::Boolean, description)
    }

    pub const fn seconds(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::Seconds, description)
    }

    pub const fn text_list(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::TextList, description)
    }

    pub const fn name_values(name: &'static str, description: &'static str) -> Self {
        Self::new(name, FieldKind::NameValues, description)
    }

    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    pub const fn allow(mut self, allowed: &'static [&'static str]) -> Self {
        self.allowed = allowed;
        self
    }

    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub const fn ignore(mut self, why: &'static str) -> Self {
        self.ignored = Some(why);
        self
    }
}
