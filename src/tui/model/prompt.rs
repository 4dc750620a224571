//! A line that is typed at the foot of the page: a command, or what a page is filtered by.

use crate::tui::text_input::TextInput;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    Command,
    /// A filter of the page that is open.
    Orders,
    Today,
    Help,
}

/// What could be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The whole line with it.
    pub line: String,
    pub word: String,
    pub meaning: String,
}

#[derive(Debug, Clone)]
pub struct Prompt {
    pub kind: PromptKind,
    pub field: TextInput,
    pub hints: Vec<Hint>,
    pub chosen: usize,
    /// Why the line cannot be run.
    pub error: Option<String>,
    /// What stood there before, for Esc.
    pub before: String,
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            field: TextInput::new(text),
            hints: Vec::new(),
            chosen: 0,
            error: None,
            before: text.to_owned(),
        }
    }
}
