//! The file of the list: JSON lines, of which the last may be torn.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde::{Deserialize, Serialize};
use shell_core::Timestamp;

use super::TokenRecord;

/// The longest list that is read, in bytes: some fifty thousand tokens.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// How long a list may be before lines are dropped that say nothing any more.
const COMPACT_BYTES: u64 = 256 * 1024;

/// How long another process may hold the lock: threads that waited for ever would be
/// all that there are, in the end. It is less than what the caller waits.
const LOCK_PATIENCE: Duration = Duration::from_secs(4);

/// Between two attempts to take the lock.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Who may not write but the owner.
const FORBIDDEN: u32 = 0o022;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// A token is handed out.
    Issued(TokenRecord),
    /// One is revoked.
    Revoked { id: String, at: u64, by: String },
}

/// What tells a file from the same file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    changed: Option<SystemTime>,
    length: u64,
    inode: u64,
}

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The file cannot be read or written.
    #[error("the list of tokens `{0}` (tokens.registry) cannot be read or written: {1}")]
    File(String, io::Error),
    /// Others can write it.
    #[error(
        "the list of tokens `{0}` (tokens.registry) has the mode {1:03o}: who can write it can \
         bring revoked tokens back. `chmod 600` it"
    )]
    Open(String, u32),
    /// A line is none of ours.
    #[error(
        "the list of tokens `{0}` (tokens.registry), line {1}, is not a line of it. Delete the \
         file to end all tokens"
    )]
    Line(String, usize),
    /// It is too long.
    #[error(
        "the list of tokens `{0}` (tokens.registry) is longer than {MAX_BYTES} bytes. Delete \
         the file to end all tokens, or shorten `python.lifetime`"
    )]
    TooLong(String),
}

#[derive(Debug)]
pub(super) struct RegistryFile {
    path: PathBuf,
}

impl RegistryFile {
    /// The file, which is made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, RegistryError> {
        let file = Self {
            path: path.to_owned(),
        };
        for path in [path, &file.beside("lock")] {
            let made = options().create(true).append(true).open(path);
            made.map_err(|error| file.failure(error))?;
        }
        file.check()?;
        Ok(file)
    }

    /// The file, which has to be there: one that another user made could not be used
    /// by the gateway.
    pub(super) fn existing(path: &Path) -> Result<Self, RegistryError> {
        let path = path.to_owned();
        let file = Self { path };
        file.check()?;
        Ok(file)
    }

    /// Checks who may write the file.
    fn check(&self) -> Result<(), RegistryError> {
        let metadata = fs::metadata(&self.path).map_err(|error| self.failure(error))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & FORBIDDEN == 0 {
            Ok(())
        } else {
            Err(RegistryError::Open(self.name(), mode))
        }
    }

    /// What is in the file, and which state of it that is.
    pub(super) fn read(&self) -> Result<(Vec<Line>, Stamp), RegistryError> {
        // What is read is never older than its stamp.
        let mut file = File::open(&self.path).map_err(|error| self.failure(error))?;
        let stamp = stamp(&file).map_err(|error| self.failure(error))?;
        Ok((self.parse(&self.bytes(&mut file)?)?, stamp))
    }

    /// The same, unless the file is in this state.
    pub(super) fn read_if_changed(
        &self,
        known: Option<Stamp>,
    ) -> Result<Option<(Vec<Line>, Stamp)>, RegistryError> {
        // Opening it asks a server of files for the newest state, and `stat` may not.
        let file = File::open(&self.path).map_err(|error| self.failure(error))?;
        let stamp = stamp(&file).map_err(|error| self.failure(error))?;
        if known == Some(stamp) {
            return Ok(None);
        }
        self.read().map(Some)
    }

    /// Adds a line.
    pub(super) fn append(&self, line: &Line) -> Result<(), RegistryError> {
        let _lock = self.lock()?;
        self.write_line(line).map_err(|error| self.failure(error))
    }

    /// Adds a line, and drops those that say nothing at `now`, if they are many. The
    /// file is another one afterwards, of the user who does this.
    pub(super) fn append_compacting(
        &self,
        line: &Line,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let _lock = self.lock()?;
        self.write_line(line).map_err(|error| self.failure(error))?;
        let length = fs::metadata(&self.path).map(|found| found.len());
        if length.map_err(|error| self.failure(error))? > COMPACT_BYTES {
            self.compact(now)?;
        }
        Ok(())
    }

    fn write_line(&self, line: &Line) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        let mut bytes = Vec::new();
        (&mut file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        // A line that was not finished was never confirmed.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let end = whole.map_or(0, |place| place + 1) as u64;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_data()
    }

    /// Puts a shorter file in its place, if half of its lines or more say nothing.
    fn compact(&self, now: Timestamp) -> Result<(), RegistryError> {
        let (lines, _) = self.read()?;
        let all = lines.len();
        let kept = current(lines, now);
        if kept.len() * 2 > all {
            return Ok(());
        }
        let replaced = self.replace(&kept);
        replaced.map_err(|error| self.failure(error))
    }

    fn replace(&self, lines: &[Line]) -> io::Result<()> {
        let new = self.beside("new");
        let mut file = options()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&new)?;
        for line in lines {
            serde_json::to_writer(&mut file, line)?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Vec<Line>, RegistryError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = &bytes[..whole.unwrap_or(0)];
        let lines = whole.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty());
        lines
            .map(|(number, line)| {
                let wrong = |_| RegistryError::Line(self.name(), number + 1);
                serde_json::from_slice(line).map_err(wrong)
            })
            .collect()
    }

    fn bytes(&self, file: &mut File) -> Result<Vec<u8>, RegistryError> {
        let mut bytes = Vec::new();
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.failure(error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(RegistryError::TooLong(self.name()));
        }
        Ok(bytes)
    }

    /// The lock of all who write. It is a file of its own, because the list's is
    /// replaced.
    fn lock(&self) -> Result<File, RegistryError> {
        let file = OpenOptions::new().append(true).open(self.beside("lock"));
        let file = file.map_err(|error| self.failure(error))?;
        self.wait_for(&file, Instant::now() + LOCK_PATIENCE)?;
        Ok(file)
    }

    fn wait_for(&self, lock: &File, end: Instant) -> Result<(), RegistryError> {
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(self.failure(error)),
                Err(TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let held = "another process holds its lock, and does not let it go";
                    return Err(self.failure(io::Error::new(ErrorKind::TimedOut, held)));
                }
            }
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(ending);
        name.into()
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn failure(&self, error: io::Error) -> RegistryError {
        RegistryError::File(self.name(), error)
    }
}

/// The lines that say something at `now`: those of tokens that are good. One that was
/// revoked is not good without its line either, and a user may make and revoke any
/// number in the time of one.
fn current(mut lines: Vec<Line>, now: Timestamp) -> Vec<Line> {
    let revoked: HashSet<String> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Revoked { id, .. } => Some(id.clone()),
            Line::Issued(_) => None,
        })
        .collect();
    lines.retain(|line| match line {
        Line::Issued(record) => now.0 < record.ends && !revoked.contains(&record.id),
        Line::Revoked { .. } => false,
    });
    lines
}

/// For its owner only.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok(Stamp {
        changed: metadata.modified().ok(),
        length: metadata.len(),
        inode: metadata.ino(),
    })
}
