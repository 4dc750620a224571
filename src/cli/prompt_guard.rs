//! A question on the terminal blocks everything else, so Ctrl-C is answered from beside it: the terminal gets back its
//! ways, and the process ends.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// How the terminal was before the open question.
static OPEN: Mutex<Option<Termios>> = Mutex::new(None);

/// A question is on the terminal for as long as this lives.
pub struct PromptGuard(());

impl PromptGuard {
    pub fn open() -> Self {
        set(tcgetattr(io::stdin()).ok());
        Self(())
    }
}

impl Drop for PromptGuard {
    fn drop(&mut self) {
        set(None);
    }
}

/// After Ctrl-C: with a question open, mends the terminal and says that the process may end.
pub fn abandon() -> bool {
    let Some(before) = OPEN.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return false;
    };
    // Nothing more can be done where these fail.
    let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
    let _ = writeln!(io::stderr().lock(), "\u{1b}[?25h\ninterrupted");
    true
}

fn set(termios: Option<Termios>) {
    *OPEN.lock().unwrap_or_else(PoisonError::into_inner) = termios;
}
