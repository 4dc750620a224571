//! The state file: a header, then one line with a checksum for each change.
//!
//! The header is `scm-sim-state 1`; each line is `<first 16 hex digits of the line's SHA-256> <JSON>`. A later line
//! for the same object replaces the earlier one. One thread writes and synchronises lines in groups, and an answer is
//! sent only after its lines are on the disk: a `kill -9` loses nothing that was answered. It may leave an incomplete
//! last line, which is dropped at the next start. Any other line whose checksum does not match is damage: the file is
//! refused and not changed.
//!
//! If most lines are out of date at the start, the file is rewritten ([`StateLog::compact`]): the new file is written
//! and synchronised beside the old one and then renamed, so that there is a complete file at every moment.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use aws_lc_rs::digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

const HEADER: &str = "scm-sim-state 1\n";
const CHECK_LENGTH: usize = 16;

/// Appends to the state file in one thread. Counts the lines that it got, and those that are safely written.
pub struct StateLog {
    path: PathBuf,
    /// Locked against other processes, also while a new file takes over the name.
    locked: File,
    lines: Option<mpsc::Sender<Vec<u8>>>,
    writer: Option<JoinHandle<()>>,
    given: u64,
    written: watch::Receiver<u64>,
}

const LOCK_TRIES: u32 = 15;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum StateLogError {
    #[error("cannot open the state file {path}: {source}")]
    Unreachable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the state file {path} is in use by another scm-sim: stop that one, or name another file"
    )]
    InUse { path: PathBuf },
    #[error("{path} is not a state file of scm-sim: its first line is not {:?}; it was left as it is", HEADER.trim_end())]
    Foreign { path: PathBuf },
    #[error(
        "the state file {path} is damaged at line {line} (byte {offset}): {reason}; it was left as it is: \
         restore a copy, or start with another file"
    )]
    Damaged {
        path: PathBuf,
        line: usize,
        offset: usize,
        reason: String,
    },
}

/// The state file could not be written: changes since then may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state file can no longer be written")]
pub struct Unwritable;

impl StateLog {
    /// Opens or creates the file, locks it for this process, and answers its records in the order of writing.
    pub fn open<R: DeserializeOwned>(path: &Path) -> Result<(Self, Vec<R>), StateLogError> {
        let unreachable = |source| StateLogError::Unreachable {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(unreachable)?;
        // A simulator that has just ended may still hold the lock for a moment, and so may a program that was started
        // at the same time.
        let mut tries = 0;
        let locked = loop {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => tries += 1,
                locked => break locked,
            }
            std::thread::sleep(LOCK_PAUSE);
        };
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StateLogError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unreachable(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreachable)?;
        let (records, sound_length) = read_records(path, &bytes)?;
        if sound_length < bytes.len() {
            file.set_len(sound_length as u64).map_err(unreachable)?;
        }
        if sound_length == 0 {
            file.write_all(HEADER.as_bytes()).map_err(unreachable)?;
        }
        file.seek(SeekFrom::End(0)).map_err(unreachable)?;
        let locked = file.try_clone().map_err(unreachable)?;
        Ok((Self::start(path, locked, file), records))
    }

    fn start(path: &Path, locked: File, file: File) -> Self {
        let (lines, queue) = mpsc::channel::<Vec<u8>>();
        let (announce, written) = watch::channel(0);
        let writer = std::thread::spawn(move || write_groups(file, &queue, &announce));
        Self {
            path: path.to_owned(),
            locked,
            lines: Some(lines),
            writer: Some(writer),
            given: 0,
            written,
        }
    }

    /// Rewrites the file with only these records. If this is interrupted, either the old or the new file is there.
    pub fn compact<R: Serialize>(self, records: &[R]) -> Result<Self, StateLogError> {
        let path = self.path.clone();
        let unreachable = |source| StateLogError::Unreachable {
            path: path.clone(),
            source,
        };
        let mut text = HEADER.as_bytes().to_vec();
        for record in records {
            text.extend(
                line(record).map_err(|_| unreachable(std::io::ErrorKind::InvalidData.into()))?,
            );
        }
        let beside = beside(&path);
        let fresh = || -> std::io::Result<File> {
            // Left by an earlier start that was interrupted.
            match std::fs::remove_file(&beside) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(&beside)?;
            file.set_permissions(self.locked.metadata()?.permissions())?;
            file.try_lock()?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(file)
        };
        let file = fresh().map_err(unreachable)?;
        let locked = file.try_clone().map_err(unreachable)?;
        // The old file's lock is released with `self`, after the new file was locked and renamed.
        Ok(Self::start(&path, locked, file))
    }

    /// Queues a record for writing; [`StateLog::ticket`] says when it is safe.
    pub fn append<R: Serialize>(&mut self, record: &R) -> Result<(), Unwritable> {
        let line = line(record)?;
        self.given += 1;
        let lines = self.lines.as_ref().ok_or(Unwritable)?;
        lines.send(line).map_err(|_| Unwritable)
    }

    /// A ticket to wait for all records that were queued so far.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            until: self.given,
            written: self.written.clone(),
        }
    }
}

/// Waits until the last lines are written, so that the file is free once the log is gone.
impl Drop for StateLog {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the thread that writes the state file panicked");
        }
    }
}

/// An answer waits for this ticket before it is sent.
pub struct Ticket {
    until: u64,
    written: watch::Receiver<u64>,
}

impl Ticket {
    pub async fn safe(mut self) -> Result<(), Unwritable> {
        self.written
            .wait_for(|written| *written >= self.until)
            .await
            .map(drop)
            .map_err(|_| Unwritable)
    }
}

/// Ends when the log is dropped or a write fails. Both close the channel on which tickets wait.
fn write_groups(mut file: File, queue: &mpsc::Receiver<Vec<u8>>, announce: &watch::Sender<u64>) {
    let mut written = 0;
    let mut group = Vec::new();
    while let Ok(first) = queue.recv() {
        group.clear();
        group.extend_from_slice(&first);
        written += 1;
        for line in queue.try_iter() {
            group.extend_from_slice(&line);
            written += 1;
        }
        if let Err(error) = file.write_all(&group).and_then(|()| file.sync_data()) {
            tracing::error!(%error, "the state file cannot be written");
            return;
        }
        announce.send_replace(written);
    }
}

fn line<R: Serialize>(record: &R) -> Result<Vec<u8>, Unwritable> {
    let json = serde_json::to_vec(record).map_err(|_| Unwritable)?;
    let mut line = check(&json).into_bytes();
    line.push(b' ');
    line.extend_from_slice(&json);
    line.push(b'\n');
    Ok(line)
}

/// The path to which the new file is written.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// The records, and the length up to which the file is valid: shorter than the file if the last line is incomplete.
fn read_records<R: DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<(Vec<R>, usize), StateLogError> {
    if HEADER.as_bytes().starts_with(bytes) && bytes.len() < HEADER.len() {
        return Ok((Vec::new(), 0));
    }
    let Some(body) = bytes.strip_prefix(HEADER.as_bytes()) else {
        return Err(StateLogError::Foreign {
            path: path.to_owned(),
        });
    };
    let mut records = Vec::new();
    let mut offset = HEADER.len();
    for (index, line) in body.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let damaged = |reason: &str| StateLogError::Damaged {
            path: path.to_owned(),
            line: index + 2,
            offset,
            reason: reason.to_owned(),
        };
        let Some(whole) = line.strip_suffix(b"\n") else {
            if !could_begin_a_line(line) {
                return Err(damaged("the rest of the file is not ours"));
            }
            tracing::warn!(offset, "dropped a last line that was cut short");
            break;
        };
        let (sum, json) = whole
            .split_at_checked(CHECK_LENGTH)
            .and_then(|(sum, rest)| Some((sum, rest.strip_prefix(b" ")?)))
            .ok_or_else(|| damaged("it has no checksum"))?;
        if sum != check(json).as_bytes() {
            return Err(damaged("its checksum does not match"));
        }
        let record = serde_json::from_slice(json)
            .map_err(|error| damaged(&format!("it cannot be read: {error}")))?;
        records.push(record);
        offset += line.len();
    }
    Ok((records, offset))
}

fn could_begin_a_line(cut: &[u8]) -> bool {
    let (sum, rest) = cut.split_at(cut.len().min(CHECK_LENGTH));
    sum.iter().all(u8::is_ascii_hexdigit) && b" {".starts_with(&rest[..rest.len().min(2)])
}

fn check(json: &[u8]) -> String {
    hex::encode(&digest::digest(&digest::SHA256, json).as_ref()[..CHECK_LENGTH / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(path: &Path) -> Result<(StateLog, Vec<serde_json::Value>), StateLogError> {
        StateLog::open(path)
    }

    #[tokio::test]
    async fn what_was_safe_is_read_again_and_a_cut_line_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (mut journal, records) = opened(&path).unwrap();
        assert!(records.is_empty());
        for n in 0..3 {
            journal.append(&serde_json::json!({ "n": n })).unwrap();
        }
        journal.ticket().safe().await.unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..20 {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let (_, records) = opened(&path).unwrap();
            assert_eq!(records.len(), 2, "cut by {cut}");
        }
    }

    #[test]
    fn damage_is_refused_and_the_file_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let line = |json: &str| format!("{} {json}\n", check(json.as_bytes()));
        let sound = format!("{HEADER}{}{}", line("{\"a\":1}"), line("{\"a\":2}"));
        for damaged in [
            "garbage".to_owned(),
            format!("{sound}garbage"),
            sound.replace("\"a\":1", "\"a\":7"),
            sound.replacen(' ', "  ", 1),
            sound.replace("\n", ""),
        ] {
            std::fs::write(&path, &damaged).unwrap();
            assert!(opened(&path).is_err(), "{damaged}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[tokio::test]
    async fn a_file_that_is_written_anew_holds_what_it_was_given_and_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        // As an interrupted start leaves it.
        std::fs::write(beside(&path), "half a fi").unwrap();
        let (mut journal, _) = opened(&path).unwrap();
        for n in 0..100 {
            journal.append(&serde_json::json!({ "n": n })).unwrap();
        }
        journal.ticket().safe().await.unwrap();
        drop(journal);
        let long = std::fs::metadata(&path).unwrap().len();
        let (journal, records) = opened(&path).unwrap();
        let mut journal = journal.compact(&records[99..]).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < long / 10);
        assert!(!beside(&path).exists());
        assert!(matches!(opened(&path), Err(StateLogError::InUse { .. })));
        journal.append(&serde_json::json!({ "n": 100 })).unwrap();
        journal.ticket().safe().await.unwrap();
        drop(journal);
        let (_, records) = opened(&path).unwrap();
        assert_eq!(
            records,
            [
                serde_json::json!({ "n": 99 }),
                serde_json::json!({ "n": 100 })
            ]
        );
    }

    #[test]
    fn a_second_opener_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let _first = opened(&path).unwrap();
        assert!(matches!(opened(&path), Err(StateLogError::InUse { .. })));
    }
}
