//! The commands and their keys. The `[keys]` table of the settings file refers to the commands by name.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Self {
        // The case of the letter says whether Shift was held. Terminals disagree about reporting Shift as well.
        let modifiers = match key.code {
            KeyCode::Char(_) | KeyCode::BackTab => key.modifiers - KeyModifiers::SHIFT,
            _ => key.modifiers,
        };
        Self {
            code: key.code,
            modifiers,
        }
    }
}

impl From<Chord> for KeyEvent {
    fn from(chord: Chord) -> Self {
        Self::new(chord.code, chord.modifiers)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    #[error(
        "{0:?} is no key: write a letter, a name such as enter, tab, space, f5, pageup, or ctrl-r, alt-x"
    )]
    UnknownKey(String),
    #[error("unknown action {0:?}: use one of {known}", known = Command::names())]
    UnknownCommand(String),
    #[error("the key {0} cannot be given: ctrl-c always quits, ctrl-z always suspends")]
    Reserved(String),
    #[error("the key {chord} is given to both {first} and {second}")]
    Twice {
        chord: String,
        first: &'static str,
        second: &'static str,
    },
}

impl Chord {
    /// Whether the key has a fixed meaning, so that it cannot be given to a command.
    pub fn is_reserved(self) -> bool {
        self.modifiers.contains(KeyModifiers::CONTROL)
            && matches!(self.code, KeyCode::Char('c' | 'z'))
    }

    /// Parses a key that the user gave to a command or a filter.
    pub fn chosen(text: &str) -> Result<Self, KeysError> {
        let chord: Self = text.parse()?;
        if chord.is_reserved() {
            return Err(KeysError::Reserved(chord.to_string()));
        }
        Ok(chord)
    }
}

impl FromStr for Chord {
    type Err = KeysError;
    fn from_str(text: &str) -> Result<Self, KeysError> {
        let unknown = || KeysError::UnknownKey(text.chars().take(40).collect());
        let (mut rest, mut modifiers) = (text, KeyModifiers::NONE);
        loop {
            let (more, modifier) = match rest.split_once('-') {
                Some(("ctrl", more)) if !more.is_empty() => (more, KeyModifiers::CONTROL),
                Some(("alt", more)) if !more.is_empty() => (more, KeyModifiers::ALT),
                _ => break,
            };
            rest = more;
            modifiers |= modifier;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => named(rest).ok_or_else(unknown)?,
        };
        Ok(Self { code, modifiers })
    }
}

const NAMED: [(&str, KeyCode); 14] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("delete", KeyCode::Delete),
];

fn named(text: &str) -> Option<KeyCode> {
    if let Some(number) = text.strip_prefix('f') {
        return number
            .parse()
            .ok()
            .filter(|n| (1..=12).contains(n))
            .map(KeyCode::F);
    }
    NAMED
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, code)| *code)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt-")?;
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, KeyCode::F(n)) => write!(f, "f{n}"),
            (None, other) => write!(f, "{other}"),
        }
    }
}

macro_rules! commands {
    ($($variant:ident $name:literal $keys:literal $meaning:literal;)*) => {
        /// A command that a key outside dialogs can run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command { $($variant),* }

        impl Command {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of the command in the settings file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }

            fn default_keys(self) -> &'static str {
                match self { $(Self::$variant => $keys),* }
            }
        }
    };
}

commands! {
    Up "up" "up k" "one row up";
    Down "down" "down j" "one row down";
    Left "left" "left h" "scroll columns left; in details: the earlier certificate";
    Right "right" "right l" "scroll columns right; in details: the later certificate";
    PageUp "page-up" "pageup ctrl-b" "a page up";
    PageDown "page-down" "pagedown ctrl-f" "a page down";
    Top "top" "home g" "first row";
    Bottom "bottom" "end G" "last row";
    Today "today" "1 t" "Today: what needs you now";
    Certificates "certificates" "2" "Certificates";
    Orders "orders" "3" "Orders";
    Health "health" "4" "Health";
    Forecast "forecast" "5" "Forecast: renewals of the year to come, by weeks";
    NextPage "next-page" "tab" "next page";
    PreviousPage "previous-page" "backtab" "previous page";
    Detail "detail" "enter" "open details";
    Back "back" "esc" "back; clear the filter, then the marks";
    Filter "filter" "/" "filter Certificates, Orders or Today; search Help";
    Sort "sort" "s" "sort by the next column";
    Reverse "reverse" "S" "reverse the order";
    Columns "columns" "c" "choose columns";
    Group "group" "b" "count the rows shown by config, mount, owner, team, ...";
    Fold "fold" "z" "show or hide certificates that were renewed";
    Mark "mark" "space" "mark or unmark";
    MarkAll "mark-all" "a" "mark all rows shown, and no others";
    Unmark "unmark" "A" "unmark all";
    Renew "renew" "r" "renew (y confirms one; for more, type their number)";
    Revoke "revoke" "R" "revoke (type the name)";
    Replace "replace" "p" "replace (type the name)";
    Fetch "fetch" "f" "fetch from SCM; on Orders and Health: check SCM now";
    Cancel "cancel" "x" "stop a running mass action; on Orders: cancel an order (type the name)";
    Enroll "enroll" "n" "order a new certificate";
    Undo "undo" "u" "bring back marks, filter, columns, sort and folding of before";
    Jobs "jobs" "J" "what was done here, with its results";
    Prompt "prompt" ":" "type a command (Tab completes it)";
    Copy "copy" "y" "copy the name (list) or the PEM (details)";
    CopyLine "copy-line" "Y" "copy the read command";
    Export "export" "e" "write the rows shown to a CSV or JSON file";
    Refresh "refresh" "ctrl-l f5" "refresh";
    Mouse "mouse" "m" "mouse on or off (off: the terminal selects text)";
    Help "help" "?" "this page";
    Quit "quit" "q" "quit";
}

impl Command {
    /// Whether the command ignores keys that arrive faster than by hand. A pasted host name may contain its key.
    pub fn needs_hand(self) -> bool {
        matches!(
            self,
            Self::Renew
                | Self::Revoke
                | Self::Replace
                | Self::Fetch
                | Self::Enroll
                | Self::Cancel
                | Self::MarkAll
                | Self::Export
                | Self::Columns
                | Self::Group
                | Self::Jobs
        )
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|command| command.name() == name)
    }

    fn names() -> String {
        let names: Vec<_> = Self::ALL.iter().map(|c| c.name()).collect();
        names.join(", ")
    }
}

/// The keys in use.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    bindings: Vec<(Chord, Command)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = Command::ALL
            .iter()
            .flat_map(|&command| {
                command
                    .default_keys()
                    .split(' ')
                    .filter_map(move |key| Some((key.parse().ok()?, command)))
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// The default keys with changes. A command named in `changes` loses its default keys.
    pub fn with(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeysError> {
        let mut keymap = Self::default();
        let mut fresh: Vec<(Chord, Command)> = Vec::new();
        for (name, keys) in changes {
            let command = Command::of(name)
                .ok_or_else(|| KeysError::UnknownCommand(name.chars().take(40).collect()))?;
            keymap.bindings.retain(|(_, c)| *c != command);
            for key in keys {
                fresh.push((Chord::chosen(key)?, command));
            }
        }
        for (at, (chord, command)) in fresh.iter().enumerate() {
            let others = fresh[..at].iter().chain(&keymap.bindings);
            if let Some((_, other)) = others
                .into_iter()
                .find(|(c, other)| c == chord && other != command)
            {
                return Err(KeysError::Twice {
                    chord: chord.to_string(),
                    first: other.name(),
                    second: command.name(),
                });
            }
        }
        keymap.bindings.extend(fresh);
        Ok(keymap)
    }

    pub fn command(&self, key: KeyEvent) -> Option<Command> {
        let chord = Chord::from(key);
        self.bindings
            .iter()
            .find(|(c, _)| *c == chord)
            .map(|(_, command)| *command)
    }

    pub fn is_bound(&self, chord: Chord) -> bool {
        self.bindings.iter().any(|(known, _)| *known == chord)
    }

    /// The first key of a command, as it is shown; empty if the command has none.
    pub fn hint(&self, command: Command) -> String {
        self.keys(command).next().unwrap_or_default()
    }

    pub fn keys(&self, command: Command) -> impl Iterator<Item = String> {
        self.bindings
            .iter()
            .filter(move |(_, c)| *c == command)
            .map(|(chord, _)| chord.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        pairs
            .iter()
            .map(|(name, keys)| {
                (
                    (*name).to_owned(),
                    keys.iter().map(|k| (*k).to_owned()).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn every_default_key_is_a_key_and_has_one_meaning() {
        let given: usize = Command::ALL
            .iter()
            .map(|c| c.default_keys().split(' ').count())
            .sum();
        let keymap = Keymap::default();
        assert_eq!(keymap.bindings.len(), given);
        for (at, (chord, _)) in keymap.bindings.iter().enumerate() {
            assert!(
                keymap.bindings[..at]
                    .iter()
                    .all(|(other, _)| other != chord),
                "{chord} twice"
            );
            assert_eq!(chord.to_string().parse::<Chord>().unwrap(), *chord);
        }
    }

    #[test]
    fn the_manual_has_every_key() {
        let manual = include_str!("../../docs/dashboard.md");
        for command in Command::ALL {
            let keys: Vec<_> = command
                .default_keys()
                .split(' ')
                .map(|key| format!("`{key}`"))
                .collect();
            let row = format!(
                "| {} | `{}` | {} |\n",
                keys.join(" "),
                command.name(),
                command.meaning()
            );
            assert!(manual.contains(&row), "docs/dashboard.md lacks {row}");
        }
    }

    #[test]
    fn shift_is_in_the_letter() {
        let keymap = Keymap::default();
        let shifted = KeyEvent::new(KeyCode::Char('R'), KeyModifiers::SHIFT);
        assert_eq!(keymap.command(shifted), Some(Command::Revoke));
        assert_eq!(
            keymap.command(KeyEvent::from(KeyCode::Char('r'))),
            Some(Command::Renew)
        );
    }

    #[test]
    fn keys_can_be_changed_but_not_given_twice() {
        let keymap = Keymap::with(&changes(&[("renew", &["ctrl-r", "w"])])).unwrap();
        assert_eq!(keymap.hint(Command::Renew), "ctrl-r");
        assert_eq!(keymap.command(KeyEvent::from(KeyCode::Char('r'))), None);
        assert!(matches!(
            Keymap::with(&changes(&[("renew", &["q"])])),
            Err(KeysError::Twice { .. })
        ));
        assert!(matches!(
            Keymap::with(&changes(&[("renw", &["q"])])),
            Err(KeysError::UnknownCommand(_))
        ));
        for key in ["ctrl-c", "ctrl-z", "ctrl-alt-c"] {
            assert!(matches!(
                Keymap::with(&changes(&[("renew", &[key])])),
                Err(KeysError::Reserved(_))
            ));
        }
        assert!(matches!(
            Keymap::with(&changes(&[("renew", &["hyper-q"])])),
            Err(KeysError::UnknownKey(_))
        ));
    }
}
