//! `tui.toml` in the settings folder: theme, ASCII, mouse, refresh, columns, sort, filters and keys.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::keys::{Chord, Keymap, KeysError};
use super::model::{Column, Sort, Start};
use super::theme::{Palette, UnknownTheme};
use crate::filter::Filter;

/// The settings of a user. Flags of the command line take precedence.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsFile {
    /// `neutral`, `dark`, `light`, `high-contrast` or `mono`.
    pub theme: Option<String>,
    pub ascii: bool,
    pub mouse: bool,
    /// Seconds between two refreshes.
    pub refresh: Option<u64>,
    /// The columns of the certificates, by their names in an export.
    pub columns: Vec<String>,
    /// The column to sort by; `-` before it for descending order.
    pub sort: Option<String>,
    /// The initial filter.
    pub filter: Option<String>,
    /// Key to filter line: `f2 = "renewal:failed"`.
    pub filters: BTreeMap<String, String>,
    /// Command to keys: `renew = ["ctrl-r"]`.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl SettingsFile {
    /// The initial columns, sort and filter; an error says what is wrong.
    fn start(&self) -> Result<Start, String> {
        let column = |name: &str| {
            Column::of(name).ok_or_else(|| {
                let known = Column::ALL.map(Column::name).join(", ");
                format!("unknown column {name:?}: use {known}")
            })
        };
        let mut columns = Vec::new();
        for name in &self.columns {
            columns.push(column(name)?);
        }
        if !columns.is_empty() && !columns.contains(&Column::Name) {
            return Err("columns: common_name must be one of them".to_owned());
        }
        let sort = match self.sort.as_deref() {
            None => Sort::default(),
            Some(name) => Sort {
                column: column(name.trim_start_matches('-'))?,
                descending: name.starts_with('-'),
            },
        };
        Ok(Start {
            columns,
            sort,
            filter: checked(self.filter.as_deref().unwrap_or_default())?,
            saved: Vec::new(),
        })
    }

    /// The saved filters with their keys.
    fn saved(&self, keymap: &Keymap) -> Result<Vec<(Chord, String)>, String> {
        let mut saved = Vec::new();
        for (key, line) in &self.filters {
            let chord = Chord::chosen(key).map_err(|why| format!("filters: {why}"))?;
            if keymap.is_bound(chord) {
                return Err(format!("filters: the key {key} has a meaning already"));
            }
            saved.push((chord, checked(line)?));
        }
        Ok(saved)
    }
}

fn checked(line: &str) -> Result<String, String> {
    match line.parse::<Filter>() {
        Ok(_) => Ok(line.to_owned()),
        Err(why) => Err(format!("filter {line:?}: {why}")),
    }
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
    #[error("{path}: {why}")]
    Start { path: PathBuf, why: String },
    #[error("{path}, theme: {why}")]
    Theme { path: PathBuf, why: UnknownTheme },
}

/// The path of the settings file: `$XDG_CONFIG_HOME/svpki/tui.toml`.
pub fn path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("svpki").join("tui.toml"))
}

/// The text of a file; `None` if the file does not exist.
fn text_of(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(FileError::Read {
            path: path.to_owned(),
            why,
        }),
    }
}

/// Reads the settings with keys and theme checked; the defaults if there is no file.
pub fn read(path: &Path) -> Result<(SettingsFile, Keymap, Option<Palette>, Start), FileError> {
    let text = text_of(path)?.unwrap_or_default();
    let mut file: SettingsFile = toml::from_str(&text).map_err(|why| FileError::Syntax {
        path: path.to_owned(),
        why: Box::new(why),
    })?;
    // The file that columns, sort and filter come from, for error messages.
    let mut begins = path.to_owned();
    let beside = kept_beside(path);
    if let Some(text) = text_of(&beside)? {
        begins = beside;
        let kept: Kept = toml::from_str(&text).map_err(|why| FileError::Syntax {
            path: begins.clone(),
            why: Box::new(why),
        })?;
        file.columns = kept.columns;
        file.sort = kept.sort;
        file.filter = kept.filter;
    }
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
    let mut start = file
        .start()
        .map_err(|why| FileError::Start { path: begins, why })?;
    start.saved = file.saved(&keymap).map_err(|why| FileError::Start {
        path: path.to_owned(),
        why,
    })?;
    Ok((file, keymap, palette, start))
}

/// The columns, sort and filter that the command `save` keeps in a file beside the settings. They take precedence over
/// the settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    columns: Vec<String>,
    sort: Option<String>,
    filter: Option<String>,
}

fn kept_beside(path: &Path) -> PathBuf {
    path.with_file_name("tui-start.toml")
}

/// Saves columns, sort and filter for the next start; returns the path of the file.
pub fn save(start: &Start) -> Result<String, String> {
    let path = path().ok_or("there is no home folder")?;
    save_beside(&path, start)
}

fn save_beside(path: &Path, start: &Start) -> Result<String, String> {
    let path = kept_beside(path);
    let sign = if start.sort.descending { "-" } else { "" };
    let kept = Kept {
        columns: start.columns.iter().map(|column| column.name()).collect(),
        sort: Some(format!("{sign}{}", start.sort.column.name())),
        filter: Some(start.filter.clone()),
    };
    let text = toml::to_string(&kept).map_err(|why| why.to_string())?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let failed = |why: io::Error| format!("{}: {why}", path.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(&path, text).map_err(failed)?;
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::Command;

    fn read_text(text: &str) -> Result<(SettingsFile, Keymap, Option<Palette>, Start), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tui.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn no_file_is_no_mistake() {
        let (file, keymap, palette, start) = read(Path::new("/nonexistent/tui.toml")).unwrap();
        assert_eq!(
            (file, keymap, palette, start),
            (
                SettingsFile::default(),
                Keymap::default(),
                None,
                Start::default()
            )
        );
    }

    #[test]
    fn columns_sort_and_filters_are_kept_in_the_file() {
        let text = "columns = [\"common_name\", \"renews\"]\nsort = \"-expires\"\nfilter = \"exp<30d\"\n\
                    [filters]\nf2 = \"renewal:failed\"";
        let start = read_text(text).unwrap().3;
        assert_eq!(start.columns, [Column::Name, Column::Renews]);
        assert!(start.sort.column == Column::Expires && start.sort.descending);
        assert_eq!(start.filter, "exp<30d");
        assert_eq!(
            start.saved[0],
            ("f2".parse().unwrap(), "renewal:failed".to_owned())
        );
    }

    #[test]
    fn what_was_saved_comes_before_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("svpki").join("tui.toml");
        let start = Start {
            columns: vec![Column::Name, Column::AltNames],
            sort: Sort {
                column: Column::Expires,
                descending: true,
            },
            filter: "exp<30d".to_owned(),
            saved: Vec::new(),
        };
        save_beside(&path, &start).unwrap();
        std::fs::write(
            &path,
            "sort = \"status\"\n[filters]\nf2 = \"renewal:failed\"",
        )
        .unwrap();
        let read = read(&path).unwrap().3;
        assert_eq!(read.saved.len(), 1);
        assert_eq!(
            Start {
                saved: Vec::new(),
                ..read
            },
            start
        );
    }

    #[test]
    fn a_mistake_in_what_was_saved_is_looked_for_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tui.toml");
        let beside = folder.path().join("tui-start.toml");
        let why = |text: &str| {
            std::fs::write(&beside, text).unwrap();
            read(&path).unwrap_err().to_string()
        };
        for text in ["columns = [\"colour\"]", "sort = \"size\"", "colour = 1"] {
            assert!(why(text).contains("tui-start.toml"), "{}", why(text));
        }
        // Keys of filters come from the settings file only.
        std::fs::write(&path, "[filters]\nq = \"a\"").unwrap();
        let said = why("sort = \"status\"");
        assert!(said.contains("tui.toml"), "{said}");
        // A file that cannot be read must not be taken for a missing one.
        std::fs::remove_file(&beside).unwrap();
        std::fs::create_dir(&beside).unwrap();
        let error = read(&path).unwrap_err();
        assert!(
            matches!(&error, FileError::Read { path, .. } if *path == beside),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let (_, keymap, palette, _) =
            read_text("theme = \"light\"\n[keys]\nrenew = [\"ctrl-r\"]").unwrap();
        assert_eq!(
            (keymap.hint(Command::Renew).as_str(), palette),
            ("ctrl-r", Some(Palette::Light))
        );
        for (text, words) in [
            ("colour = 1", "unknown field"),
            ("theme = \"pink\"", "use neutral, dark"),
            ("[keys]\nrenw = [\"x\"]", "unknown action"),
            ("[keys]\nrenew = [\"q\"]", "given to both"),
            ("columns = [\"colour\"]", "unknown column"),
            ("columns = [\"status\"]", "common_name must be"),
            ("sort = \"-size\"", "unknown column"),
            ("filter = \"exp<30\"", "is not a duration"),
            ("[filters]\nf2 = \"statsu:x\"", "Unknown field"),
            ("[filters]\nq = \"a\"", "has a meaning already"),
            ("[filters]\nctrl-z = \"a\"", "always suspends"),
            ("[keys]\nrenew = [\"ctrl-c\"]", "always quits"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(
                error.contains("tui.toml") && error.contains(words),
                "{error}"
            );
        }
    }
}
