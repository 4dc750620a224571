//! `tui.toml` in the settings folder: theme, ASCII, mouse, refresh and keys.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use super::keys::{Keymap, KeysError};
use super::theme::{Palette, UnknownTheme};

/// What a person may set once for all; flags of the command line come before it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsFile {
    /// `dark`, `light`, `high-contrast` or `mono`.
    pub theme: Option<String>,
    pub ascii: bool,
    pub mouse: bool,
    /// Seconds between two readings.
    pub refresh: Option<u64>,
    /// Command to keys: `renew = ["ctrl-r"]`.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Why the settings file cannot be used: the file, and what is wrong in it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path}: {why}")]
    Read { path: PathBuf, why: io::Error },
    #[error("{path}: {why}")]
    Syntax {
        path: PathBuf,
        why: Box<toml::de::Error>,
    },
    #[error("{path}, keys: {why}")]
    Keys { path: PathBuf, why: KeysError },
    #[error("{path}, theme: {why}")]
    Theme { path: PathBuf, why: UnknownTheme },
}

/// Where the file is looked for: `$XDG_CONFIG_HOME/svpki/tui.toml`.
pub fn path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("svpki").join("tui.toml"))
}

/// The file's settings with keys and theme checked; the defaults when there is no file.
pub fn read(path: &Path) -> Result<(SettingsFile, Keymap, Option<Palette>), FileError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
        Err(why) => {
            return Err(FileError::Read {
                path: path.to_owned(),
                why,
            });
        }
    };
    let file: SettingsFile = toml::from_str(&text).map_err(|why| FileError::Syntax {
        path: path.to_owned(),
        why: Box::new(why),
    })?;
    let keymap = Keymap::with(&file.keys).map_err(|why| FileError::Keys {
        path: path.to_owned(),
        why,
    })?;
    let palette = file
        .theme
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|why| FileError::Theme {
            path: path.to_owned(),
            why,
        })?;
    Ok((file, keymap, palette))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::Command;

    fn read_text(text: &str) -> Result<(SettingsFile, Keymap, Option<Palette>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tui.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn no_file_is_no_mistake() {
        let (file, keymap, palette) = read(Path::new("/nonexistent/tui.toml")).unwrap();
        assert_eq!(
            (file, keymap, palette),
            (SettingsFile::default(), Keymap::default(), None)
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let (_, keymap, palette) =
            read_text("theme = \"light\"\n[keys]\nrenew = [\"ctrl-r\"]").unwrap();
        assert_eq!(
            (keymap.hint(Command::Renew).as_str(), palette),
            ("ctrl-r", Some(Palette::Light))
        );
        for (text, words) in [
            ("colour = 1", "unknown field"),
            ("theme = \"pink\"", "use dark, light"),
            ("[keys]\nrenw = [\"x\"]", "nothing that a key can do"),
            ("[keys]\nrenew = [\"q\"]", "given to both"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(
                error.contains("tui.toml") && error.contains(words),
                "{error}"
            );
        }
    }
}
