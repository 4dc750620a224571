//! The line at the foot of the page: a command, or the filter of a page.

use crate::tui::text_input::TextInput;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    Command,
    /// The filter of the Orders page.
    Orders,
    Today,
    Help,
}

/// A suggestion for what can be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The whole line with the suggestion taken.
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
    /// The text before editing began, which Esc restores.
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
