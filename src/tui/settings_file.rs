//! `tui.toml` in the settings folder: theme, ASCII, mouse, refresh, columns, sort, filters and keys.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::keys::{Chord, Keymap, KeysError};
use super::model::{Column, Sort, Start};
use super::theme::{Palette, UnknownTheme};

/// What a person may set once for all; flags of the command line come before it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsFile {
    /// `neutral`, `dark`, `light`, `high-contrast` or `mono`.
    pub theme: Option<String>,
    pub ascii: bool,
    pub mouse: bool,
    /// Seconds between two readings.
    pub refresh: Option<u64>,
    /// Columns of the certificates, by the names that an export gives them.
    pub columns: Vec<String>,
    /// The column to sort by, `-` before it for the other direction.
    pub sort: Option<String>,
    /// The filter to begin with.
    pub filter: Option<String>,
    /// Key to filter line: `f2 = "renewal:failed"`.
    pub filters: BTreeMap<String, String>,
    /// Command to keys: `renew = ["ctrl-r"]`.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl SettingsFile {
    /// What the certificates begin with; an error names what is wrong.
    fn start(&self, keymap: &Keymap) -> Result<Start, String> {
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
        let checked = |line: &str| match line.parse::<Filter>() {
            Ok(_) => Ok(line.to_owned()),
            Err(why) => Err(format!("filter {line:?}: {why}")),
        };
        let mut saved = Vec::new();
        for (key, line) in &self.filters {
            let chord: Chord = key.parse().map_err(|why: KeysError| why.to_string())?;
            if keymap.is_bound(chord) {
                return Err(format!("filters: the key {key} has a meaning already"));
            }
            saved.push((chord, checked(line)?));
        }
        Ok(Start {
            columns,
            sort,
            filter: checked(self.filter.as_deref().unwrap_or_default())?,
            saved,
        })
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

/// Where the file is looked for: `$XDG_CONFIG_HOME/svpki/tui.toml`.
pub fn path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("svpki").join("tui.toml"))
}

/// The file's settings with keys and theme checked; the defaults when there is no file.
pub fn read(path: &Path) -> Result<(SettingsFile, Keymap, Option<Palette>, Start), FileError> {
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
    let mut file: SettingsFile = toml::from_str(&text).map_err(|why| FileError::Syntax {
        path: path.to_owned(),
        why: Box::new(why),
    })?;
    let beside = kept_beside(path);
    if let Ok(text) = std::fs::read_to_string(&beside) {
        let kept: Kept = toml::from_str(&text).map_err(|why| FileError::Syntax {
            path: beside,
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
    let start = file.start(&keymap).map_err(|why| FileError::Start {
        path: path.to_owned(),
        why,
    })?;
    Ok((file, keymap, palette, start))
}

/// How the table is to begin, kept by the command `save` beside the settings, which it comes before.
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

/// Keeps columns, sort and filter for the next time; gives the file.
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
        ] {
            let error = read_text(text).unwrap_err();
            assert!(
                error.contains("tui.toml") && error.contains(words),
                "{error}"
            );
        }
    }
}
