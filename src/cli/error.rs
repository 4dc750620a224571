//! Why a command failed: a kind, a message, a hint, and an exit code.

use std::fmt;
use std::io;

use serde_json::{Value, json};

use super::Exit;
use svpki_types::InvalidName;
use vault_client::{SettingsError, VaultError, VaultErrorKind};

/// The error type of the command line. Its JSON form is `{"error":{"kind","message","hint","scm_code"}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError {
    /// A stable word for programs.
    pub kind: &'static str,
    pub message: String,
    pub hint: Option<String>,
    pub scm_code: Option<i64>,
    pub exit: Exit,
}

impl CliError {
    /// The command ran but did not succeed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new("failed", message, Exit::Failed)
    }

    /// The command cannot be carried out with these arguments.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new("usage", message, Exit::Usage)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("not_found", message, Exit::NotFound)
    }

    /// A check before the action found that the token may not do it.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new("denied", message, Exit::Denied)
    }

    /// Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new("interrupted", "interrupted", Exit::Interrupted)
    }

    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path, why: &io::Error) -> Self {
        let words = vault_client::io_words(why);
        Self::new("file", format!("{}: {words}", path.display()), Exit::Failed)
    }

    /// A file to be read that the operator named.
    pub fn named_file(path: &std::path::Path, why: &io::Error) -> Self {
        let exit = match why.kind() {
            // Exit code 3 is reserved for things that the server does not have; monitors rely on it.
            io::ErrorKind::NotFound => Exit::Usage,
            _ => Exit::Failed,
        };
        Self {
            exit,
            ..Self::file(path, why)
        }
    }

    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The reader of our output has closed the pipe, which is not an error.
    pub fn is_broken_pipe(&self) -> bool {
        self.kind == BROKEN_PIPE
    }

    pub fn to_json(&self) -> Value {
        json!({"error": {
            "kind": self.kind,
            "message": self.message,
            "hint": self.hint,
            "scm_code": self.scm_code,
        }})
    }

    fn new(kind: &'static str, message: impl Into<String>, exit: Exit) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            scm_code: None,
            exit,
        }
    }
}

const BROKEN_PIPE: &str = "broken_pipe";

impl std::error::Error for CliError {}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let exit = match error.kind {
            VaultErrorKind::NotFound => Exit::NotFound,
            VaultErrorKind::Denied => Exit::Denied,
            _ => Exit::Failed,
        };
        Self {
            kind: error.kind.as_str(),
            message: error.to_string(),
            hint: error.hint,
            scm_code: error.scm_code,
            exit,
        }
    }
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        Self {
            hint: error.hint.clone(),
            ..Self::new("settings", error.to_string(), Exit::Usage)
        }
    }
}

impl From<InvalidName> for CliError {
    fn from(error: InvalidName) -> Self {
        Self::usage(error.to_string())
    }
}

/// An error of standard output or of a prompt. For files use [`CliError::file`], which names the path.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => {
                Self::new(BROKEN_PIPE, "nobody reads the output", Exit::Done)
            }
            io::ErrorKind::Interrupted => Self::interrupted(),
            _ => Self::failed(vault_client::io_words(&error)),
        }
    }
}

impl From<dialoguer::Error> for CliError {
    fn from(error: dialoguer::Error) -> Self {
        let dialoguer::Error::IO(error) = error;
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_a_mistake_of_the_call_and_an_unreadable_one_has_failed() {
        let path = std::path::Path::new("hosts.csr");
        for (kind, exit) in [
            (io::ErrorKind::NotFound, Exit::Usage),
            (io::ErrorKind::PermissionDenied, Exit::Failed),
        ] {
            let error = CliError::named_file(path, &kind.into());
            assert_eq!((error.kind, error.exit), ("file", exit));
            assert!(error.message.starts_with("hosts.csr: "), "{error:?}");
        }
    }
}
