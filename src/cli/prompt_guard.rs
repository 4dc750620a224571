//! A question on the terminal blocks everything else, so Ctrl-C is answered from beside it: the terminal gets back its
//! ways, and the process ends. After an answer, too, the terminal is as it was before.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

/// How the terminal was before the open question.
static OPEN: Mutex<Option<Termios>> = Mutex::new(None);

/// A question is on the terminal for as long as this lives.
pub struct PromptGuard(());

impl PromptGuard {
    pub fn open() -> Self {
        *open_question() = tcgetattr(io::stdin()).ok();
        Self(())
    }

    /// Shows no more of what is typed, apart from the end of the line.
    pub fn hide(&self) -> io::Result<()> {
        let mut hidden = tcgetattr(io::stdin())?;
        hidden.local_flags.remove(LocalFlags::ECHO);
        hidden
            .local_flags
            .insert(LocalFlags::ECHONL | LocalFlags::ICANON);
        // Not the way that throws away what was typed already.
        Ok(tcsetattr(io::stdin(), SetArg::TCSANOW, &hidden)?)
    }
}

impl Drop for PromptGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// After Ctrl-C: with a question open, mends the terminal and says that the process may end.
pub fn abandon() -> bool {
    if !restore() {
        return false;
    }
    // Nothing more can be done where this fails.
    let _ = writeln!(io::stderr().lock(), "\u{1b}[?25h\ninterrupted");
    true
}

/// Gives the terminal back its ways, if a question is open.
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
