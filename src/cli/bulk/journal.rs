//! The journal beside the input records what was sent and what the outcome was.
//!
//! The journal consists of lines of JSON and is only ever appended to. A line is on the disk before its request is
//! sent, so after an interruption the next run knows which rows may have been ordered. It sends those rows again under
//! the same idempotency key, so nothing is ordered twice. No line holds a key, a password or a token.

mod history;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::error::BulkError;
use super::input::fingerprint;
use super::keys::RowId;
use super::outcome::Outcome;
use super::request::Digest;

pub use history::{History, Past};

/// Written before the result: the digest of the file is not known yet. See [`Journal::claim`].
const CLAIMED: Digest = [0; 16];

fn result_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
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
    /// A result file was written. A later run may replace a file with this name and digest.
    Result {
        name: String,
        digest: Digest,
    },
}

/// Describes a run. Written when the run begins.
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

/// An open journal. It is locked, so only this process can append to it.
pub struct Journal {
    pub path: PathBuf,
    entries: mpsc::Sender<Entry>,
}

/// A line to be written by the journal's thread.
struct Entry {
    line: Vec<u8>,
    /// The line must survive a power cut before [`Entry::written`] is answered.
    durable: bool,
    written: oneshot::Sender<io::Result<()>>,
}

/// Where the lines are written to: a file, or a fake in tests.
trait Disk: Write + Send + 'static {
    /// Returns once everything that was written would survive a power cut.
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

    /// Opens or creates the journal, and reads what earlier runs did.
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
        // `History::read` opens the file a second time. The lock belongs to `journal` and ends with the writing thread.
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

    /// Returns once the line is on the disk. The request must not be sent before that.
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
    /// the same key, and the engine answers with the same order.
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

    /// Records the path of the result before the result is written. If the run is killed before it calls
    /// [`Journal::result`], the next run still knows that the file is its own.
    pub async fn claim(&self, path: &Path) -> Result<(), BulkError> {
        let name = result_name(path);
        let digest = CLAIMED;
        self.add(&Line::Result { name, digest }, false).await
    }

    /// Records that this run has written the file `path`, with the digest of its content.
    pub async fn result(&self, path: &Path) -> Result<(), BulkError> {
        let digest = fingerprint(path).map_err(BulkError::file(path))?;
        let name = result_name(path);
        self.add(&Line::Result { name, digest }, false).await
    }

    async fn add(&self, line: &Line, durable: bool) -> Result<(), BulkError> {
        self.hand_over(line, durable)?
            .await
            .map_err(|_| self.gone())?
            .map_err(BulkError::file(&self.path))
    }

    fn hand_over(
        &self,
        line: &Line,
        durable: bool,
    ) -> Result<oneshot::Receiver<io::Result<()>>, BulkError> {
        let mut line = serde_json::to_vec(line)
            .map_err(|error| BulkError::file(&self.path)(io::Error::other(error)))?;
        line.push(b'\n');
        let (written, receiver) = oneshot::channel();
        let entry = Entry {
            line,
            durable,
            written,
        };
        self.entries.send(entry).map_err(|_| self.gone())?;
        Ok(receiver)
    }

    fn gone(&self) -> BulkError {
        BulkError::file(&self.path)(io::Error::other("the journal is closed after an error"))
    }
}

/// An interruption may leave half a line at the end. Ends that line, so that the next one does not continue it.
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

/// Writes all lines that are waiting at once, with a single flush if one of them needs it.
fn write_all(disk: &mut impl Disk, received: &mpsc::Receiver<Entry>) {
    while let Ok(first) = received.recv() {
        let mut waiting = vec![first];
        waiting.extend(received.try_iter().take(1000));
        let lines: Vec<u8> = waiting
            .iter()
            .flat_map(|entry| entry.line.iter().copied())
            .collect();
        let durable = waiting.iter().any(|entry| entry.durable);
        let result = disk
            .write_all(&lines)
            .and_then(|()| if durable { disk.sync() } else { Ok(()) });
        let failed = result.is_err();
        for entry in waiting {
            // The receiver may be gone; then nobody needs the result.
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
    use crate::cli::bulk::outcome::State;
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

    /// Counts the bytes that were written, and how many of them would survive a power cut.
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

    /// After a kill, the kernel still writes its buffers to disk. After a power cut they are lost, and with them the
    /// record of a paid order.
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
        // The lock is released when the writing thread ends, which may take a moment.
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
