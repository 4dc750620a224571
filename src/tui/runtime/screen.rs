//! The terminal: taken over, drawn on, suspended, and given back whatever happens.

use std::io::{self, Write, stdout};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

/// Whether the dashboard has taken over the terminal. Whoever writes to it, takes it over or gives it back holds the
/// lock meanwhile, so that a panicking task prints its message neither into a frame nor before the terminal is given
/// back.
static TAKEN: Mutex<bool> = Mutex::new(false);
static HOOK: Once = Once::new();

fn taken() -> MutexGuard<'static, bool> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Collects output and writes it to the terminal at once, if the dashboard still has the terminal.
#[derive(Default)]
struct Output(Vec<u8>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let taken = taken();
        let bytes = std::mem::take(&mut self.0);
        if *taken {
            stdout().write_all(&bytes)?;
            stdout().flush()?;
        }
        Ok(())
    }
}

fn terminal() -> io::Result<Terminal<CrosstermBackend<Output>>> {
    Terminal::new(CrosstermBackend::new(Output::default()))
}

pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    mouse: bool,
}

impl Screen {
    pub(super) fn open(mouse: bool) -> io::Result<Self> {
        HOOK.call_once(|| {
            let next = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                next(panic);
            }));
        });
        // From here on `drop` gives the terminal back, even if a later step fails.
        let mut screen = Self {
            terminal: terminal()?,
            mouse,
        };
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&mut self) -> io::Result<()> {
        let mut taken = taken();
        *taken = true;
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        if self.mouse {
            execute!(stdout(), EnableMouseCapture)?;
        }
        // A new `Terminal` does not know what was drawn before. Its own `clear` would ask for the cursor position,
        // which not every terminal answers.
        execute!(stdout(), Clear(ClearType::All))?;
        drop(taken);
        self.terminal = terminal()?;
        Ok(())
    }

    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        size()
    }

    /// Draws one frame, which the terminal shows as a whole.
    pub(super) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Asks the terminal for its background colour. The answer arrives among the keys, or never.
    pub(super) fn ask_background(&mut self) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(super::background::QUESTION.as_bytes())?;
        Write::flush(out)
    }

    /// Copies text to the clipboard of the user's terminal (OSC 52), also through SSH.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
        Write::flush(out)
    }

    pub(super) fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        let out = self.terminal.backend_mut();
        if on {
            execute!(out, EnableMouseCapture)
        } else {
            execute!(out, DisableMouseCapture)
        }
    }

    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        Ok(())
    }

    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.enter()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, only once: at the end, on a signal or on a panic. Errors are ignored, because the terminal
/// may be gone.
fn give_back() {
    let mut taken = taken();
    if std::mem::take(&mut *taken) {
        let _ = execute!(
            stdout(),
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}
