//! Why a bulk run cannot begin or continue. A problem of a single row is not an error but a verdict.

use std::io;
use std::path::PathBuf;

use super::columns::HeaderError;
use super::sheet::{ReadError, WriteError};
use crate::cli::CliError;
use vault_client::VaultError;

#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("another svpki works on this file: its journal {path} is locked", path = path.display())]
    Busy { path: PathBuf },
    #[error("{path} changed while svpki worked on it: run the command again", path = path.display())]
    Changed { path: PathBuf },
    #[error("cannot write temporary rows to {folder}: {0}", folder = std::env::temp_dir().display())]
    Spill(io::Error),
    /// The command cannot be carried out with these arguments and files.
    #[error("{message}")]
    Refused { message: String, hint: String },
}

impl BulkError {
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl From<BulkError> for CliError {
    fn from(error: BulkError) -> Self {
        let message = error.to_string();
        match error {
            BulkError::Vault(error) => error.into(),
            BulkError::Refused { hint, .. } => Self::usage(message).hinted(hint),
            BulkError::Read(ReadError::Io { path, source })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Self::named_file(&path, &source)
            }
            BulkError::Read(_) | BulkError::Header(_) => Self::usage(message),
            BulkError::Write(_)
            | BulkError::File { .. }
            | BulkError::Spill(_)
            | BulkError::Busy { .. }
            | BulkError::Changed { .. } => Self::failed(message),
        }
    }
}
