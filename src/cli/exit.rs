//! Exit codes. They are the same for every command and stable from the first release.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was requested is done.
    Done = 0,
    Failed = 1,
    /// The command line, or something that it names, is invalid.
    Usage = 2,
    NotFound = 3,
    Denied = 4,
    /// Accepted but not finished yet: an order is pending.
    Pending = 5,
    /// Some of several rows failed.
    SomeFailed = 6,
    /// `check`, `doctor`, `reconcile`, `domains check`, `plugin verify` or a plan of `bulk` found something.
    Findings = 7,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
