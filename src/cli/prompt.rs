//! Reads a line from the terminal, with the usual editing keys: arrows, Home and End, Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-W.
//! Also reads a secret, which is not shown.

use std::io::{self, Write};

use nix::errno::Errno;
use nix::unistd::read;
use rustyline::config::{Behavior, Config};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, Editor};

use super::CliError;
use super::prompt_guard::PromptGuard;
use svpki_types::Secret;

/// Shows the prompt on the terminal, even when standard output is redirected, and reads a line.
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

/// Reads a line that is not shown. The echo is turned off before the prompt appears, so that nothing typed early is
/// shown. Text that was typed before the prompt is used, too.
pub fn secret(prompt: &str) -> Result<Secret, CliError> {
    let guard = PromptGuard::open();
    guard.hide()?;
    let mut err = io::stderr().lock();
    err.write_all(prompt.as_bytes())?;
    err.flush()?;
    drop(err);
    // Allocate the full capacity, because a buffer that grows leaves copies of the secret in memory.
    let mut typed = zeroize::Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
    let mut part = zeroize::Zeroizing::new([0; LONGEST_LINE]);
    while !typed.ends_with(b"\n") {
        match read(io::stdin(), part.as_mut_slice()) {
            Ok(0) => return Err(CliError::interrupted()),
            Ok(count) => typed.extend_from_slice(&part[..count]),
            Err(Errno::EINTR) => {}
            Err(why) => return Err(io::Error::from(why).into()),
        }
    }
    let text = std::str::from_utf8(&typed)
        .map_err(|_| CliError::usage("what was typed is not text in UTF-8"))?;
    Ok(secret_of_line(text))
}

/// A secret without the line break at its end.
pub fn secret_of_line(text: &str) -> Secret {
    Secret::new(text.trim_end_matches(['\r', '\n']))
}

/// The longest line that a terminal delivers.
const LONGEST_LINE: usize = 4096;
