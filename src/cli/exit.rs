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

impl Exit {
    /// Every code, with its words in `svpki --help`.
    pub const ALL: [(Self, &str); 9] = [
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Usage, "usage"),
        (Self::NotFound, "not found"),
        (Self::Denied, "denied"),
        (Self::Pending, "accepted but pending"),
        (Self::SomeFailed, "some rows failed"),
        (Self::Findings, "findings"),
        (Self::Interrupted, "interrupted"),
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_the_documents_has_every_code() {
        let index = include_str!("../../docs/README.md");
        let rows: Vec<&str> = index
            .lines()
            .skip_while(|line| !line.starts_with("| exit code |"))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        assert_eq!(rows.len(), Exit::ALL.len());
        for (row, (exit, words)) in rows.iter().zip(Exit::ALL) {
            let begin = format!("| {} | {words}", exit as u8);
            assert!(row.starts_with(&begin), "{row}: {begin}");
        }
    }
}
