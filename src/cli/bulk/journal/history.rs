//! Reads what earlier runs wrote into the journal.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{CLAIMED, Line, result_name};
use crate::cli::bulk::error::BulkError;
use crate::cli::bulk::input::fingerprint;
use crate::cli::bulk::keys::RowId;
use crate::cli::bulk::outcome::{Outcome, State};
use crate::cli::bulk::request::Digest;
use crate::cli::bulk::spill::DiskMap;

/// What earlier runs did with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub attempt: u32,
    /// The idempotency key was made from the names, not from the row's content as in older versions.
    pub by_names: bool,
    /// `None` when the run ended before it got an answer.
    pub outcome: Option<Outcome>,
}

impl Past {
    pub fn state(&self) -> State {
        self.outcome
            .as_ref()
            .map_or(State::Unknown, |outcome| outcome.state)
    }

    pub fn id(&self) -> &str {
        let Some(outcome) = &self.outcome else {
            return "";
        };
        if outcome.id.is_empty() {
            &outcome.order_id
        } else {
            &outcome.id
        }
    }

    pub fn words(&self) -> String {
        match &self.outcome {
            None => "an earlier run sent it and was cut: it goes on under the same key".to_owned(),
            Some(outcome) => match outcome.state {
                State::Done => format!("an earlier run ordered it: {}", outcome.id),
                State::Pending => format!(
                    "an earlier run ordered it: order {} is pending",
                    outcome.order_id
                ),
                State::Unknown => format!(
                    "an earlier run got no answer ({}): it goes on under the same key",
                    outcome.message
                ),
                State::Failed => format!(
                    "it failed in an earlier run: {}; `svpki bulk retry` orders it anew",
                    outcome.message
                ),
            },
        }
    }
}

/// The records of a journal for one location. They stay in the file; only the offset of each row's last line is kept.
pub struct History {
    journal: Option<File>,
    /// For each row, the offset of its last line.
    lines: DiskMap,
    /// How many lines could not be read.
    pub damaged: usize,
    /// How many runs were against another cluster, namespace or mount. Their rows are ignored.
    pub elsewhere: usize,
    /// The result files that runs at this location have written: name and digest.
    results: Vec<(String, Digest)>,
    /// The action of the last run at this location.
    pub last_action: Option<String>,
}

impl History {
    /// Reads the journal. A journal that does not exist counts as empty.
    pub fn read(path: &Path, location: &str) -> Result<Self, BulkError> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(BulkError::file(path)(error)),
        };
        Self::parse(file, location).map_err(BulkError::file(path))
    }

    /// Whether a run has written a file of this name.
    pub fn knows(&self, path: &Path) -> bool {
        let name = result_name(path);
        self.results.iter().any(|(known, _)| *known == name)
    }

    /// Whether a run has written this file, and nobody has changed it since. A file that a run has only claimed counts
    /// as written: the run was interrupted before it could record the digest.
    pub fn wrote(&self, path: &Path) -> bool {
        let name = result_name(path);
        let known = self.results.iter().find(|(known, _)| *known == name);
        known.is_some_and(|(_, digest)| {
            *digest == CLAIMED || fingerprint(path).is_ok_and(|now| now == *digest)
        })
    }

    /// What earlier runs did with a row.
    pub fn of(&self, id: RowId) -> Result<Option<Past>, BulkError> {
        self.find(id).map_err(BulkError::Spill)
    }

    fn find(&self, id: RowId) -> io::Result<Option<Past>> {
        let (Some(journal), Some(at)) = (&self.journal, self.lines.get(id.digest())?) else {
            return Ok(None);
        };
        let line = serde_json::from_slice(&line_at(journal, at)?)?;
        Ok(match line {
            Line::Run(_) | Line::Result { .. } => None,
            Line::Sent {
                attempt, by_names, ..
            } => Some(Past {
                attempt,
                by_names,
                outcome: None,
            }),
            Line::Ended {
                attempt,
                by_names,
                outcome,
                ..
            } => Some(Past {
                attempt,
                by_names,
                outcome: Some(outcome),
            }),
        })
    }

    fn parse(journal: Option<File>, location: &str) -> io::Result<Self> {
        let mut history = Self {
            journal: None,
            lines: DiskMap::new()?,
            damaged: 0,
            elsewhere: 0,
            results: Vec::new(),
            last_action: None,
        };
        let Some(journal) = journal else {
            return Ok(history);
        };
        let mut here = false;
        let mut at = 0;
        let mut reader = BufReader::new(&journal);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if length == 0 {
                break;
            }
            let begins = at;
            at += length as u64;
            if line == b"\n" {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(Line::Run(run)) => {
                    here = run.location == location;
                    history.elsewhere += usize::from(!here);
                    if here {
                        history.last_action = Some(run.action);
                    }
                }
                Ok(Line::Sent { id, .. } | Line::Ended { id, .. }) if here => {
                    history.lines.set(id.digest(), begins)?;
                }
                Ok(Line::Result { name, digest }) => {
                    history.results.retain(|(known, _)| *known != name);
                    // A run at another location has replaced the file, so it is no longer the one that a run here
                    // wrote.
                    if here {
                        history.results.push((name, digest));
                    }
                }
                Ok(_) => {}
                Err(_) => history.damaged += 1,
            }
        }
        history.journal = Some(journal);
        Ok(history)
    }
}

/// The line that begins at the offset `at`.
fn line_at(file: &File, mut at: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let read = file.read_at(&mut chunk, at)?;
        let end = chunk[..read].iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&chunk[..end.unwrap_or(read)]);
        if end.is_some() || read == 0 {
            return Ok(line);
        }
        at += read as u64;
    }
}
