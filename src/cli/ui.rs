//! The only access to the terminal: data goes to standard output and everything else to standard error. Questions are
//! asked only on a terminal.

use std::io::{self, BufWriter, IsTerminal, Read, Stdout, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Select};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::UnicodeWidthStr;

use super::prompt_guard::PromptGuard;
use super::{CliError, prompt};
use svpki_types::text::{for_terminal, json_for_terminal};
use svpki_types::{Secret, Status};

/// How data is written to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    Yaml,
    Csv,
    /// A workbook, for `bulk plan` only
    Xlsx,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The meaning of a colour. The same is always said in words, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Bad,
    Dim,
    Good,
    Plain,
    Strong,
    Warn,
}

/// Options for the output, from the command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct UiOptions {
    pub format: Format,
    pub color: Color,
    /// Hides status lines and hints, but not warnings and errors.
    pub quiet: bool,
    /// Never asks, as if there were no terminal.
    pub no_input: bool,
}

pub struct Ui {
    format: Format,
    quiet: bool,
    asks: bool,
    color_out: bool,
    color_err: bool,
    animates: bool,
    width: Option<usize>,
    unfinished: Mutex<Option<String>>,
    out: Mutex<BufWriter<Stdout>>,
}

impl Ui {
    pub fn new(options: UiOptions) -> Self {
        let out = io::stdout().is_terminal();
        let err = io::stderr().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = |terminal: bool| match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !set("NO_COLOR"),
        };
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse().ok());
        let of_terminal = || {
            let size = crossterm::terminal::size().ok()?;
            (out && size.0 > 0).then_some(usize::from(size.0))
        };
        Self {
            format: options.format,
            quiet: options.quiet,
            asks: !options.no_input && err && io::stdin().is_terminal(),
            color_out: color(out),
            color_err: color(err),
            animates: err && !dumb && !options.quiet,
            width: columns.filter(|columns| *columns > 0).or_else(of_terminal),
            unfinished: Mutex::new(None),
            out: Mutex::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// The available width, from `COLUMNS` or from the terminal. `None` for a pipe, where nothing is cut.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether a person can be asked.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Whether standard output is a terminal.
    pub fn shows(&self) -> bool {
        io::stdout().is_terminal()
    }

    // --- data

    /// Writes data as it is.
    pub fn data(&self, bytes: &[u8]) -> Result<(), CliError> {
        Ok(self.out().write_all(bytes)?)
    }

    pub fn line(&self, text: &str) -> Result<(), CliError> {
        let mut out = self.out();
        out.write_all(text.as_bytes())?;
        Ok(out.write_all(b"\n")?)
    }

    pub fn flush(&self) -> Result<(), CliError> {
        Ok(self.out().flush()?)
    }

    pub fn paint(&self, tone: Tone, text: &str) -> String {
        paint(self.color_out, tone, text)
    }

    // --- messages on standard error

    /// Prints what is happening or has happened.
    pub fn status(&self, text: &str) {
        if !self.quiet {
            self.say(&clean(text));
        }
    }

    /// Prints sentences before a question, with line breaks between words.
    pub fn explain(&self, text: &str) {
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        self.status(&wrapped(text, width.clamp(20, 100)));
    }

    pub fn hint(&self, text: &str) {
        if !self.quiet {
            self.say(&format!(
                "{} {}",
                paint(self.color_err, Tone::Dim, "hint:"),
                clean(text)
            ));
        }
    }

    pub fn warning(&self, text: &str) {
        self.say(&format!(
            "{} {}",
            paint(self.color_err, Tone::Warn, "warning:"),
            clean(text)
        ));
    }

    pub fn warnings(&self, texts: &[String]) {
        for text in texts {
            self.warning(text);
        }
    }

    pub fn error(&self, error: &CliError) {
        if self.format == Format::Json {
            self.say(&json_for_terminal(&error.to_json().to_string()));
            return;
        }
        self.say(&format!(
            "{} {}",
            paint(self.color_err, Tone::Bad, "error:"),
            clean(&error.message)
        ));
        if let Some(hint) = &error.hint {
            self.say(&format!(
                "{} {}",
                paint(self.color_err, Tone::Dim, "hint:"),
                clean(hint)
            ));
        }
    }

    /// Sets the note about what would be left unfinished. It is shown if the command fails or is interrupted.
    pub fn unfinished(&self, note: Option<String>) {
        *self
            .unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = note;
    }

    pub fn take_unfinished(&self) -> Option<String> {
        self.unfinished
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    // --- questions

    /// Asks for a line. `flag` names the flag that a script uses instead.
    pub fn ask(
        &self,
        question: &str,
        default: Option<&str>,
        flag: &str,
    ) -> Result<String, CliError> {
        self.may_ask(question, flag)?;
        let _open = PromptGuard::open();
        // Output that was written before must appear before the question.
        let _ = self.out().flush();
        let shown = match default.filter(|text| !text.is_empty()) {
            Some(default) => format!("{} [{}]: ", clean(question), clean(default)),
            None => format!("{}: ", clean(question)),
        };
        let typed = prompt::line(&shown)?;
        Ok(match typed.trim() {
            "" => default.unwrap_or_default().to_owned(),
            typed => typed.to_owned(),
        })
    }

    /// Asks for a secret, which is not shown.
    pub fn ask_secret(&self, question: &str, flag: &str) -> Result<Secret, CliError> {
        self.may_ask(question, flag)?;
        prompt::secret(&format!("{}: ", clean(question)))
    }

    pub fn choose(
        &self,
        question: &str,
        items: &[String],
        default: usize,
        flag: &str,
    ) -> Result<usize, CliError> {
        self.may_ask(question, flag)?;
        let _open = PromptGuard::open();
        let theme = self.theme();
        Ok(select(theme.as_ref(), question, items, default).interact()?)
    }

    /// Like [`Ui::choose`]; `None` after Esc.
    pub fn choose_or_leave(
        &self,
        question: &str,
        items: &[String],
        default: usize,
        flag: &str,
    ) -> Result<Option<usize>, CliError> {
        self.may_ask(question, flag)?;
        let _open = PromptGuard::open();
        let theme = self.theme();
        Ok(select(theme.as_ref(), question, items, default).interact_opt()?)
    }

    /// Asks a yes-or-no question. `flag` names the flag by which a script says yes.
    pub fn confirm(&self, question: &str, default: bool, flag: &str) -> Result<bool, CliError> {
        self.may_ask(question, flag)?;
        let _open = PromptGuard::open();
        let theme = self.theme();
        Ok(yes_or_no(theme.as_ref(), question, default).interact()?)
    }

    /// Like [`Ui::confirm`]; `None` after Esc.
    pub fn confirm_or_leave(
        &self,
        question: &str,
        default: bool,
        flag: &str,
    ) -> Result<Option<bool>, CliError> {
        self.may_ask(question, flag)?;
        let _open = PromptGuard::open();
        let theme = self.theme();
        Ok(yes_or_no(theme.as_ref(), question, default).interact_opt()?)
    }

    /// Asks for the name before something that cannot be undone. `yes` is the flag `--yes`.
    pub fn confirm_name(&self, question: &str, name: &str, yes: bool) -> Result<(), CliError> {
        if yes {
            return Ok(());
        }
        let name = clean(name);
        if !self.asks {
            return Err(CliError::usage(format!(
                "{question} Not a terminal: pass --yes to confirm"
            )));
        }
        self.explain(question);
        let typed = self.ask(&format!("Type {name} to go on"), None, "--yes")?;
        if typed == name {
            return Ok(());
        }
        Err(CliError::failed(format!(
            "{typed:?} does not match {name:?}: nothing was done"
        )))
    }

    // --- progress

    /// A progress bar of known length. It is shown on a terminal only.
    pub fn bar(&self, length: u64, what: &str) -> ProgressBar {
        self.progress(
            Some(length),
            "{msg} {wide_bar} {pos}/{len} {eta} left",
            what,
        )
    }

    /// A spinner for work of unknown length.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        let bar = self.progress(None, "{spinner} {msg} {elapsed}", what);
        if self.animates {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        bar
    }

    fn progress(&self, length: Option<u64>, template: &str, what: &str) -> ProgressBar {
        let target = if self.animates {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(length, target)
            .with_style(style)
            .with_message(clean(what))
    }

    fn may_ask(&self, question: &str, flag: &str) -> Result<(), CliError> {
        if self.asks {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "{}: not a terminal, so pass {flag}",
            question.trim_end_matches(['?', '.', ':'])
        )))
    }

    fn theme(&self) -> Box<dyn Theme> {
        if self.color_err {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        }
    }

    fn say(&self, text: &str) {
        // Output that was written before must appear before this text. Errors are ignored: standard error may be
        // closed.
        let _ = self.out().flush();
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    fn out(&self) -> MutexGuard<'_, BufWriter<Stdout>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn select<'theme>(
    theme: &'theme dyn Theme,
    question: &str,
    items: &[String],
    default: usize,
) -> Select<'theme> {
    let items: Vec<String> = items.iter().map(|item| clean(item)).collect();
    Select::with_theme(theme)
        .with_prompt(clean(question))
        .items(&items)
        .default(default)
}

fn yes_or_no<'theme>(theme: &'theme dyn Theme, question: &str, default: bool) -> Confirm<'theme> {
    Confirm::with_theme(theme)
        .with_prompt(clean(question))
        .default(default)
}

/// The tone for a certificate's status.
pub fn tone_of(status: Status) -> Tone {
    match status {
        Status::Issued => Tone::Good,
        Status::Pending | Status::Expiring => Tone::Warn,
        Status::Expired
        | Status::Revoked
        | Status::Declined
        | Status::Rejected
        | Status::Failed => Tone::Bad,
        Status::Replaced | Status::Superseded => Tone::Dim,
    }
}

/// Reads a secret from standard input, without its last line break.
pub fn secret_from_stdin() -> Result<Secret, CliError> {
    let mut text = zeroize::Zeroizing::new(String::new());
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(prompt::secret_of_line(&text))
}

/// Reads a secret from a file, without its last line break.
pub fn secret_from_file(path: &Path) -> Result<Secret, CliError> {
    let text = std::fs::read_to_string(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|why| CliError::named_file(path, &why))?;
    Ok(prompt::secret_of_line(&text))
}

/// Text from outside without control characters, for the terminal.
pub fn clean(text: &str) -> String {
    for_terminal(text).into_owned()
}

/// The text in lines of at most `width` characters, broken at spaces.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let needs = word.width();
        if used > 0 && used + 1 + needs > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used = match word.rsplit_once('\n') {
            Some((_, last)) => last.width(),
            None => used + needs,
        };
    }
    out
}

fn paint(on: bool, tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        _ if !on => return text.to_owned(),
        Tone::Bad => "31",
        Tone::Dim => "2",
        Tone::Good => "32",
        Tone::Strong => "1",
        Tone::Warn => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_passes() {
        assert_eq!(
            clean("a\u{1b}[2Jb\r\n\u{202e}c\t\rd"),
            "a\u{fffd}[2Jb\n\u{fffd}c \u{fffd}d"
        );
    }

    #[test]
    fn lines_break_between_words() {
        let text = "\nA name stands in every path: enroll/NAME.";
        assert_eq!(
            wrapped(text, 20),
            "\nA name stands in\nevery path:\nenroll/NAME."
        );
        assert_eq!(wrapped(text, 80), text);
        assert_eq!(
            wrapped("a-word-that-is-longer than", 10),
            "a-word-that-is-longer\nthan"
        );
    }

    #[test]
    fn colour_can_be_off() {
        assert_eq!(paint(false, Tone::Bad, "x"), "x");
        assert_eq!(paint(true, Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
