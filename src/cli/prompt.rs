//! A line typed at a terminal, edited as people's hands know it: arrows, Home and End, Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-W.

use rustyline::config::{Behavior, Config};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, Editor};

use super::CliError;

/// Shows the prompt on the terminal, whatever standard output is, and reads a line.
pub fn line(prompt: &str) -> Result<String, CliError> {
    let config = Config::builder()
        .behavior(Behavior::PreferTerm)
        .color_mode(ColorMode::Disabled)
        .auto_add_history(false)
        .build();
    let failed = |why: ReadlineError| match why {
        ReadlineError::Interrupted | ReadlineError::Eof => CliError::interrupted(),
        ReadlineError::Io(why) => why.into(),
        other => CliError::failed(format!("the terminal cannot be read: {other}")),
    };
    let mut editor =
        Editor::<(), MemHistory>::with_history(config, MemHistory::new()).map_err(failed)?;
    editor.readline(prompt).map_err(failed)
}
