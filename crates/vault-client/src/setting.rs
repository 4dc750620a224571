//! Where settings come from: flags, the environment, files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of the command line. Secrets cannot be given there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flags {
    pub address: Option<String>,
    pub namespace: Option<String>,
    pub ca_cert: Option<PathBuf>,
    pub ca_path: Option<PathBuf>,
    pub client_cert: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub tls_server_name: Option<String>,
    pub timeout: Option<Duration>,
    /// A file that holds the token.
    pub token_file: Option<PathBuf>,
}

/// Environment variables and the home directory, in one place, so that tests can give their own.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    pub home: Option<PathBuf>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    Flag(&'static str),
    Variable(String),
    File(PathBuf),
    /// The program that the CLI's configuration names.
    Helper(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Helper(path) => write!(f, "token helper {}", path.display()),
        }
    }
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// What the person changes to change it: the flag or variable that was used, else the vendors' variable.
    pub fn name(&self, variable: &str) -> String {
        match &self.origin {
            Origin::Default => format!("BAO_{variable} or VAULT_{variable}"),
            origin => origin.to_string(),
        }
    }

    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting::new(change(self.value), self.origin)
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct SettingsError {
    /// The variable, flag or file.
    pub what: String,
    pub why: String,
    pub hint: Option<String>,
}

impl SettingsError {
    pub(super) fn new(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            why: why.to_string(),
            hint: None,
        }
    }

    pub(super) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Environment {
    /// The process's own. A variable that is not UTF-8 counts as absent.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
            home: std::env::home_dir(),
        }
    }

    pub fn of(variables: &[(&str, &str)], home: Option<PathBuf>) -> Self {
        Self {
            variables: variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            home,
        }
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// `BAO_<name>` when it is set at all, else `VAULT_<name>`; empty means not set.
    pub(super) fn server_variable(&self, name: &str) -> Option<Setting<String>> {
        ["BAO_", "VAULT_"]
            .into_iter()
            .find_map(|prefix| {
                let name = format!("{prefix}{name}");
                let value = self.variables.get(&name)?;
                Some(Setting::new(value.clone(), Origin::Variable(name)))
            })
            .filter(|setting| !setting.value.is_empty())
    }
}
