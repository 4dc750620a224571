//! Restores the terminal after a question, and also when Ctrl-C ends the process during a question. A question blocks
//! its thread, so Ctrl-C is handled in another task.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

/// The terminal's settings before the open question.
static OPEN: Mutex<Option<Termios>> = Mutex::new(None);

/// A question is open as long as this guard lives.
pub struct PromptGuard(());

impl PromptGuard {
    pub fn open() -> Self {
        *open_question() = tcgetattr(io::stdin()).ok();
        Self(())
    }

    /// Turns off the echo of what is typed, except for the line break at the end.
    pub fn hide(&self) -> io::Result<()> {
        let mut hidden = tcgetattr(io::stdin())?;
        hidden.local_flags.remove(LocalFlags::ECHO);
        hidden
            .local_flags
            .insert(LocalFlags::ECHONL | LocalFlags::ICANON);
        // `TCSANOW` keeps what was typed already; `TCSAFLUSH` would discard it.
        Ok(tcsetattr(io::stdin(), SetArg::TCSANOW, &hidden)?)
    }
}

impl Drop for PromptGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// Called after Ctrl-C. If a question is open, restores the terminal and returns true: the process may end.
pub fn abandon() -> bool {
    if !restore() {
        return false;
    }
    // Ignore the error: nothing more can be done.
    let _ = writeln!(io::stderr().lock(), "\u{1b}[?25h\ninterrupted");
    true
}

/// Restores the terminal's settings, if a question is open.
fn restore() -> bool {
    let Some(before) = open_question().take() else {
        return false;
    };
    let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
    true
}

fn open_question() -> MutexGuard<'static, Option<Termios>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
