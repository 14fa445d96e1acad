//! One renewal at a time: a lock that all processes of a user share.
//!
//! 1. Read, renew and write are done under the lock, and nothing that waits for a
//!    person.
//! 2. A process that waited for the lock reads the session once more: it may have
//!    been renewed meanwhile.
//! 3. A process that waited while a renewal failed fails in the same way, and does not
//!    try again at once. So a provider that is away is not asked by each in turn.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use super::failure::{Failure, FailureKind, FailureResult};

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    wanted_at: u128,
}

impl Lock {
    /// Waits for the lock.
    pub(crate) fn wait(path: &Path) -> FailureResult<Self> {
        let wanted_at = now();
        let locked = || {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            file.lock()?;
            Ok(file)
        };
        let file = locked().map_err(|error: std::io::Error| {
            Failure::other(format!("`{}` cannot be locked: {error}", path.display()))
        })?;
        Ok(Self { file, wanted_at })
    }

    /// Attempts a renewal, unless one failed while this process waited.
    ///
    /// # Errors
    /// As that one, or as this.
    pub(crate) async fn attempt<T>(
        &mut self,
        renew: impl AsyncFnOnce() -> FailureResult<T>,
    ) -> FailureResult<T> {
        if let Some(failure) = self.failure_meanwhile() {
            return Err(failure);
        }
        let result = renew().await;
        if let Err(failure) = &result
            && failure.kind() == FailureKind::Unreachable
        {
            self.note(failure);
        }
        result
    }

    /// Why a renewal failed while this process waited, if one did.
    fn failure_meanwhile(&mut self) -> Option<Failure> {
        let mut text = String::new();
        self.file.rewind().ok()?;
        self.file.read_to_string(&mut text).ok()?;
        let (at, sentence) = text.split_once(' ')?;
        let at: u128 = at.parse().ok()?;
        // One of the future is of a clock that was wrong, and would hold for as long.
        let is_recent = (self.wanted_at..=now()).contains(&at);
        is_recent.then(|| Failure::unreachable(sentence))
    }

    /// Notes that a renewal failed. That others learn of it saves requests, and is not
    /// needed for anything else.
    fn note(&mut self, failure: &Failure) {
        let note = format!("{} {failure}", now());
        let _ = self
            .file
            .rewind()
            .and_then(|()| self.file.set_len(0))
            .and_then(|()| self.file.write_all(note.as_bytes()));
    }
}

/// Nanoseconds since 1970.
fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_nanos()
}

/// Ignores SIGINT, SIGTERM and SIGHUP from now on: a renewed session would be lost
/// between the provider's answer and the disk. What is left takes as long as one
/// request.
pub(crate) fn hold_signals() {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        // A handler replaces what the signal would do, and stays.
        drop(signal(kind));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_failure_counts_for_who_waited_and_not_after_the_clock_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let waited = |at: u128| {
            let mut lock = Lock::wait(&path).unwrap();
            fs::write(&path, format!("{at} away")).unwrap();
            lock.wanted_at = now() - 1_000_000_000;
            lock.failure_meanwhile()
        };
        let minute = 60_000_000_000;
        assert_eq!(waited(now()), Some(Failure::unreachable("away")));
        assert_eq!(waited(now() - minute), None);
        assert_eq!(waited(now() + minute), None);
    }
}
