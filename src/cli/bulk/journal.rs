//! The journal beside the input: what was sent, and what became of it.
//!
//! Lines of JSON, only ever added. A line is on the disk before its request leaves, so that a run that was cut knows
//! which rows it may have ordered; it sends those again under the same idempotency key, which orders nothing twice.
//! No line holds a key, a password or a token.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::error::BulkError;
use super::input::fingerprint;
use super::keys::RowId;
use super::request::Digest;
use super::spill::DiskMap;

/// How a row's order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The certificate is there.
    Done,
    /// Accepted; it waits for somebody.
    Pending,
    /// It will never become a certificate.
    Failed,
    /// Sent, and no answer was heard.
    Unknown,
}

/// What became of a row: what the result file says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub state: State,
    /// The certificate's id, once there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order_id: String,
    /// The engine's word: `issued`, `pending`, `declined`, …
    pub status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_after: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scm_code: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Which order for the row it is, from 1; 0 when nobody said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// What was done: `enroll`, `renew`, `replace` or `revoke`. Empty in journals of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The role that the certificate was ordered by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Why the files that were asked for are not there.
    #[serde(default, rename = "unfiled", skip_serializing_if = "Option::is_none")]
    pub file_error: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Outcome {
    pub fn of(state: State, status: &str, message: impl Into<String>) -> Self {
        Self {
            state,
            id: String::new(),
            order_id: String::new(),
            status: status.to_owned(),
            serial: String::new(),
            not_after: String::new(),
            scm_code: None,
            message: message.into(),
            attempt: 0,
            action: String::new(),
            role: String::new(),
            file_error: None,
        }
    }

    /// All that is to be said of it.
    pub fn words(&self) -> String {
        let both = [
            self.message.as_str(),
            self.file_error.as_deref().unwrap_or_default(),
        ];
        let said: Vec<&str> = both.into_iter().filter(|text| !text.is_empty()).collect();
        said.join("; ")
    }
}

/// What earlier runs did with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub attempt: u32,
    /// Its key stands for the names, not for the row's content as in older versions.
    pub by_names: bool,
    /// Absent when the run was cut before it heard an answer.
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
                    "an earlier run heard no answer ({}): it goes on under the same key",
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

/// What a journal tells of one place. It stays in its file; only where each row was last told of is remembered.
pub struct History {
    journal: Option<File>,
    /// By row: where its last line begins.
    lines: DiskMap,
    /// Lines that could not be read.
    pub damaged: usize,
    /// Runs against another cluster, namespace or mount, which do not count.
    pub elsewhere: usize,
    /// Result files that runs here have written: name and digest.
    results: Vec<(String, Digest)>,
    /// What the last run did here.
    pub last_action: Option<String>,
}

impl History {
    /// Reads the journal as far as it goes; none is an empty one.
    pub fn read(path: &Path, location: &str) -> Result<Self, BulkError> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(BulkError::file(path)(error)),
        };
        Self::parse(file, location).map_err(BulkError::file(path))
    }

    /// Whether a run here has written a file of this name.
    pub fn knows(&self, path: &Path) -> bool {
        let name = result_name(path);
        self.results.iter().any(|(known, _)| *known == name)
    }

    /// Whether this file is one that a run wrote, and nobody changed since.
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
                    // What was done elsewhere is not replaced by what was not done here.
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

/// Stands for a file whose content no run could note any more.
const CLAIMED: Digest = [0; 16];

fn result_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The line that begins there.
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

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    Run(Run),
    Sent {
        id: RowId,
        row: u32,
        attempt: u32,
        #[serde(default)]
        by_names: bool,
    },
    Ended {
        id: RowId,
        attempt: u32,
        #[serde(default)]
        by_names: bool,
        outcome: Outcome,
    },
    /// A result file was written: this one may be written over.
    Result {
        name: String,
        digest: Digest,
    },
}

/// The beginning of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub version: u32,
    /// RFC 3339.
    pub at: String,
    #[serde(rename = "place")]
    pub location: String,
    pub config: String,
    pub action: String,
}

/// An open journal: this process alone may add to it.
pub struct Journal {
    pub path: PathBuf,
    entries: mpsc::Sender<Entry>,
}

/// A line on its way to the file.
struct Entry {
    line: Vec<u8>,
    /// It must outlast a power cut before anybody goes on.
    lasts: bool,
    written: oneshot::Sender<io::Result<()>>,
}

/// What the lines are written to: a file, but in tests.
trait Disk: Write + Send + 'static {
    /// Returns once everything written outlasts a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Journal {
    fn over(path: &Path, mut disk: impl Disk) -> Self {
        let (entries, received) = mpsc::channel();
        thread::spawn(move || write_all(&mut disk, &received));
        Self {
            path: path.to_owned(),
            entries,
        }
    }

    /// Opens or begins the journal, and tells what earlier runs did.
    pub fn open(path: &Path, run: &Run) -> Result<(Self, History), BulkError> {
        let file = || BulkError::file(path);
        let mut journal = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(file())?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(BulkError::Busy {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(file()(error)),
        }
        // A file of its own: the lock is this one's, and must end with the thread that writes.
        let history = History::read(path, &run.location)?;
        end_torn_line(&mut journal).map_err(file())?;
        let this = Self::over(path, journal);
        let written = this.hand_over(&Line::Run(run.clone()), true)?;
        written
            .blocking_recv()
            .map_err(|_| this.gone())?
            .map_err(file())?;
        Ok((this, history))
    }

    /// Returns once the line is on the disk: only then may the request leave.
    pub async fn sent(
        &self,
        id: RowId,
        row: u32,
        attempt: u32,
        by_names: bool,
    ) -> Result<(), BulkError> {
        let line = Line::Sent {
            id,
            row,
            attempt,
            by_names,
        };
        self.add(&line, true).await
    }

    /// Returns once the line is in the file. It need not be on the disk: after a power cut the row is sent again under
    /// the same key, and answered with the same order.
    pub async fn ended(
        &self,
        id: RowId,
        attempt: u32,
        by_names: bool,
        outcome: &Outcome,
    ) -> Result<(), BulkError> {
        let outcome = outcome.clone();
        let line = Line::Ended {
            id,
            attempt,
            by_names,
            outcome,
        };
        self.add(&line, false).await
    }

    /// Remembers where the result is going to be: a run that is cut before it can say more has written it.
    pub async fn claim(&self, path: &Path) -> Result<(), BulkError> {
        let name = result_name(path);
        let digest = CLAIMED;
        self.add(&Line::Result { name, digest }, false).await
    }

    /// Remembers a result file as ours.
    pub async fn result(&self, path: &Path) -> Result<(), BulkError> {
        let digest = fingerprint(path).map_err(BulkError::file(path))?;
        let name = result_name(path);
        self.add(&Line::Result { name, digest }, false).await
    }

    async fn add(&self, line: &Line, lasts: bool) -> Result<(), BulkError> {
        self.hand_over(line, lasts)?
            .await
            .map_err(|_| self.gone())?
            .map_err(BulkError::file(&self.path))
    }

    fn hand_over(
        &self,
        line: &Line,
        lasts: bool,
    ) -> Result<oneshot::Receiver<io::Result<()>>, BulkError> {
        let mut line = serde_json::to_vec(line)
            .map_err(|error| BulkError::file(&self.path)(io::Error::other(error)))?;
        line.push(b'\n');
        let (written, receiver) = oneshot::channel();
        let entry = Entry {
            line,
            lasts,
            written,
        };
        self.entries.send(entry).map_err(|_| self.gone())?;
        Ok(receiver)
    }

    fn gone(&self) -> BulkError {
        BulkError::file(&self.path)(io::Error::other("the journal is closed after an error"))
    }
}

/// A cut can leave half a line; the next one must not become its other half.
fn end_torn_line(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last != *b"\n" {
        file.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes what has gathered, and brings it to the disk with one flush for all who wait for that.
fn write_all(disk: &mut impl Disk, received: &mpsc::Receiver<Entry>) {
    while let Ok(first) = received.recv() {
        let mut waiting = vec![first];
        waiting.extend(received.try_iter().take(1000));
        let lines: Vec<u8> = waiting
            .iter()
            .flat_map(|entry| entry.line.iter().copied())
            .collect();
        let lasts = waiting.iter().any(|entry| entry.lasts);
        let result = disk
            .write_all(&lines)
            .and_then(|()| if lasts { disk.sync() } else { Ok(()) });
        let failed = result.is_err();
        for entry in waiting {
            // Who does not wait any more need not be told.
            let _ = entry.written.send(match &result {
                Ok(()) => Ok(()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            });
        }
        if failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::keys::RowIds;
    use serde_json::{Map, json};
    use std::sync::{Arc, Mutex};

    fn run(location: &str) -> Run {
        Run {
            version: 1,
            at: "2026-11-23T16:00:00Z".into(),
            location: location.into(),
            config: "web".into(),
            action: "enroll".into(),
        }
    }

    /// Counts the bytes that were written, and those of them that would outlast a power cut.
    #[derive(Clone, Default)]
    struct PowerCut(Arc<Mutex<(usize, usize)>>);

    impl Write for PowerCut {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Disk for PowerCut {
        fn sync(&mut self) -> io::Result<()> {
            let mut bytes = self.0.lock().unwrap();
            bytes.1 = bytes.0;
            Ok(())
        }
    }

    /// A kill keeps what the kernel has; a power cut does not, and then a paid order would be unknown.
    #[tokio::test]
    async fn a_row_is_on_the_disk_before_its_request_leaves() {
        let disk = PowerCut::default();
        let journal = Journal::over(Path::new("journal"), disk.clone());
        for (number, id) in (1..).zip(ids()) {
            journal.sent(id, number, 1, true).await.unwrap();
            let (written, lasting) = *disk.0.lock().unwrap();
            assert!(written > 0);
            assert_eq!(lasting, written, "row {number}");
            let done = Outcome::of(State::Done, "issued", "");
            journal.ended(id, 1, true, &done).await.unwrap();
        }
    }

    fn ids() -> [RowId; 3] {
        let mut ids = RowIds::new("enroll", "web").unwrap();
        [1, 2, 3].map(|n| {
            let body: Map<_, _> = [("common_name".to_owned(), json!(n.to_string()))]
                .into_iter()
                .collect();
            ids.next("", &body).unwrap()
        })
    }

    #[test]
    fn a_cut_run_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts.csv.svpki-journal");
        let [a, b, c] = ids();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (journal, history) = Journal::open(&path, &run("here")).unwrap();
        assert!(history.of(a).unwrap().is_none());
        let done = Outcome::of(State::Done, "issued", "");
        runtime.block_on(async {
            journal.sent(a, 2, 1, true).await.unwrap();
            journal.sent(b, 3, 1, true).await.unwrap();
            journal.ended(a, 1, true, &done).await.unwrap();
        });
        assert!(matches!(
            Journal::open(&path, &run("here")),
            Err(BulkError::Busy { .. })
        ));
        drop(journal);
        // The lock goes with the thread that writes, which ends in its own time.
        while matches!(
            Journal::open(&path, &run("there")),
            Err(BulkError::Busy { .. })
        ) {
            thread::yield_now();
        }
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"event\":\"sent\",\"id\":\"00").unwrap();
        drop(torn);
        let history = History::read(&path, "here").unwrap();
        assert_eq!(history.of(a).unwrap().unwrap().state(), State::Done);
        assert_eq!(
            history.of(b).unwrap(),
            Some(Past {
                attempt: 1,
                by_names: true,
                outcome: None
            })
        );
        assert_eq!(history.of(c).unwrap(), None);
        assert_eq!((history.damaged, history.elsewhere), (1, 1));
        let journal = loop {
            match Journal::open(&path, &run("here")) {
                Err(BulkError::Busy { .. }) => thread::yield_now(),
                opened => break opened.unwrap().0,
            }
        };
        runtime.block_on(journal.sent(c, 4, 2, true)).unwrap();
        let history = History::read(&path, "here").unwrap();
        assert_eq!(history.of(c).unwrap().unwrap().attempt, 2);
        assert_eq!(history.damaged, 1);
    }
}
