//! The list of API tokens that are valid, without the tokens: whose each is, what
//! its user calls it, and when it ends. With it tokens can be listed and revoked
//! singly.
//!
//! 1. It is a file, which several gateways may share over a folder: a database
//!    would be one more thing to run, for some kilobytes that change a few times
//!    an hour.
//! 2. A token with an id is good if the list has it, and has not revoked it. So a
//!    file that is lost ends tokens, and brings none back.
//! 3. It is read again when it has changed, which is looked for once a second and
//!    for each id that is not known yet. If it cannot be read, no token with an id
//!    is taken until it can.
//! 4. A writer locks a file beside it, appends one line, and waits until that is on
//!    the disk. Lines of tokens that have ended are dropped once they are many.

mod file;

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use shell_core::{Timestamp, credentials::Reason};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub use self::file::RegistryError;
use self::file::{Line, RegistryFile, Stamp};

/// How old what is known may be.
const FRESH: Duration = Duration::from_secs(1);

/// How long the file may take, on a folder of another machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most valid tokens of one user.
pub(crate) const MOST_PER_USER: usize = 100;

/// A token of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Its id, by which it is revoked.
    pub id: String,
    /// The issuer of its user.
    pub issuer: String,
    /// The user, as the issuer calls them.
    pub subject: String,
    /// What people call the user.
    pub user: String,
    /// What the user calls the token.
    pub name: String,
    /// When it was issued.
    pub created: u64,
    /// When it ends.
    pub ends: u64,
}

/// Why a token is not issued or revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotListed {
    /// The file cannot be read or written.
    Unavailable,
    /// The user has as many as there may be.
    TooMany,
    /// There is none of that id that is valid, or it is another user's.
    Unknown,
}

/// The list, as this gateway knows it.
#[derive(Clone)]
pub struct TokenRegistry(Arc<Inner>);

struct Inner {
    file: RegistryFile,
    known: RwLock<Known>,
    /// Held by the thread that reads, and by the one that writes: where the folder of
    /// another machine does not answer, one thread of each waits, and no more.
    reading: Arc<Mutex<()>>,
    writing: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Known {
    stamp: Option<Stamp>,
    read_at: Option<Instant>,
    /// When it could not be read.
    failed_at: Option<Instant>,
    tokens: HashMap<String, Listed>,
}

struct Listed {
    record: TokenRecord,
    is_revoked: bool,
}

impl TokenRegistry {
    /// The list in this file, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be read or made, or others than its owner may write it.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        Self::new(RegistryFile::open(path)?)
    }

    /// The list in this file, which has to be there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn existing(path: &Path) -> Result<Self, RegistryError> {
        Self::new(RegistryFile::existing(path)?)
    }

    fn new(file: RegistryFile) -> Result<Self, RegistryError> {
        let (lines, stamp) = file.read()?;
        let known = Known::new(lines, stamp);
        Ok(Self(Arc::new(Inner {
            file,
            known: RwLock::new(known),
            reading: Arc::default(),
            writing: Arc::default(),
        })))
    }

    /// Whether the token of this id is valid, as far as the list says.
    ///
    /// # Errors
    /// With why not.
    pub(crate) async fn check(&self, id: &str) -> Result<(), Reason> {
        let unavailable = |_: NotListed| Reason::Unverifiable;
        self.refresh(FRESH).await.map_err(unavailable)?;
        if let Some(known) = self.standing(id) {
            return known;
        }
        // Another gateway may have issued it just now.
        self.refresh(Duration::ZERO).await.map_err(unavailable)?;
        self.standing(id).unwrap_or(Err(Reason::Unknown))
    }

    fn standing(&self, id: &str) -> Option<Result<(), Reason>> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        let listed = known.tokens.get(id)?;
        Some(if listed.is_revoked {
            Err(Reason::Revoked)
        } else {
            Ok(())
        })
    }

    /// Adds a token before it is handed out.
    ///
    /// # Errors
    /// If there is no room, or the file cannot be written.
    pub(crate) async fn add(&self, record: TokenRecord, now: Timestamp) -> Result<(), NotListed> {
        let (issuer, subject) = (&record.issuer, &record.subject);
        let owned = self.valid(Some((issuer, subject)), now).await?;
        if owned.len() >= MOST_PER_USER {
            return Err(NotListed::TooMany);
        }
        self.append(Line::Issued(record), now).await
    }

    /// The valid tokens, of one user or of all, the newest first.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) async fn valid(
        &self,
        of: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<Vec<TokenRecord>, NotListed> {
        self.refresh(Duration::ZERO).await?;
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(known.valid(of, now))
    }

    /// Revokes the token of this id, of this user or of any, in the name of `by`.
    ///
    /// # Errors
    /// If there is none, or the file cannot be written.
    pub(crate) async fn revoke(
        &self,
        id: &str,
        of: Option<(&str, &str)>,
        by: &str,
        now: Timestamp,
    ) -> Result<TokenRecord, NotListed> {
        let valid = self.valid(of, now).await?;
        let record = valid.into_iter().find(|record| record.id == id);
        let record = record.ok_or(NotListed::Unknown)?;
        let line = Line::Revoked {
            id: record.id.clone(),
            at: now.0,
            by: by.to_owned(),
        };
        self.append(line, now).await?;
        self.refresh(Duration::ZERO).await?;
        Ok(record)
    }

    /// As [`valid`](Self::valid) and [`revoke`](Self::revoke), for a command, which may
    /// wait for the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn list_blocking(&self, now: Timestamp) -> Result<Vec<TokenRecord>, RegistryError> {
        let (lines, stamp) = self.0.file.read()?;
        Ok(Known::new(lines, stamp).valid(None, now))
    }

    /// Revokes the token of this id; `None` if there is none that is valid.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn revoke_blocking(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<TokenRecord>, RegistryError> {
        let mut valid = self.list_blocking(now)?.into_iter();
        let Some(record) = valid.find(|record| record.id == id) else {
            return Ok(None);
        };
        let line = Line::Revoked {
            id: id.to_owned(),
            at: now.0,
            by: "mlflow-shell tokens".to_owned(),
        };
        self.0.file.append(&line)?;
        Ok(Some(record))
    }

    async fn append(&self, line: Line, now: Timestamp) -> Result<(), NotListed> {
        let inner = self.0.clone();
        in_time(async {
            let turn = self.0.writing.clone().lock_owned().await;
            on_a_thread(turn, move || {
                let written = inner.file.append_compacting(&line, now);
                written.map_err(|error| unavailable(&error))
            })
            .await
        })
        .await
    }

    /// Reads the file again, if what is known is older than `age` and the file has
    /// changed.
    async fn refresh(&self, age: Duration) -> Result<(), NotListed> {
        let asked_at = Instant::now();
        if self.is_known_since(asked_at.checked_sub(age)) {
            return Ok(());
        }
        let inner = self.0.clone();
        in_time(async {
            let turn = self.0.reading.clone().lock_owned().await;
            if self.is_known_since(asked_at.checked_sub(age)) {
                return Ok(());
            }
            // Who waited while it could not be read does not wait for the next attempt:
            // the failure is theirs, too.
            if self.has_failed_since(asked_at) {
                return Err(NotListed::Unavailable);
            }
            on_a_thread(turn, move || inner.read_if_changed()).await
        })
        .await
    }

    fn has_failed_since(&self, time: Instant) -> bool {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        known.failed_at.is_some_and(|failed| failed >= time)
    }

    fn is_known_since(&self, time: Option<Instant>) -> bool {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        known.read_at.is_some() && known.read_at >= time
    }
}

impl Inner {
    fn read_if_changed(&self) -> Result<(), NotListed> {
        let stamp = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.stamp
        };
        let read_at = Instant::now();
        let read = self.file.read_if_changed(stamp);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(Some((lines, stamp))) => *known = Known::new(lines, stamp),
            Ok(None) => {}
            Err(error) => {
                known.failed_at = Some(Instant::now());
                return Err(unavailable(&error));
            }
        }
        known.read_at = Some(read_at);
        Ok(())
    }
}

/// Acts on a thread for blocking work, which has the turn until it is done, whether or
/// not its request waits.
async fn on_a_thread(
    turn: OwnedMutexGuard<()>,
    act: impl FnOnce() -> Result<(), NotListed> + Send + 'static,
) -> Result<(), NotListed> {
    let acting = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        act()
    });
    let acted = acting.await;
    acted.unwrap_or_else(|error| Err(unavailable(&error)))
}

async fn in_time(done: impl Future<Output = Result<(), NotListed>>) -> Result<(), NotListed> {
    let done = tokio::time::timeout(PATIENCE, done).await;
    done.unwrap_or_else(|_| Err(unavailable(&"it took too long")))
}

impl Known {
    fn new(lines: Vec<Line>, stamp: Stamp) -> Self {
        let mut tokens = HashMap::new();
        let mut revoked = Vec::new();
        for line in lines {
            match line {
                Line::Issued(record) => {
                    let is_revoked = false;
                    tokens.insert(record.id.clone(), Listed { record, is_revoked });
                }
                Line::Revoked { id, .. } => revoked.push(id),
            }
        }
        for id in revoked {
            if let Some(listed) = tokens.get_mut(&id) {
                listed.is_revoked = true;
            }
        }
        Self {
            stamp: Some(stamp),
            read_at: Some(Instant::now()),
            failed_at: None,
            tokens,
        }
    }

    fn valid(&self, of: Option<(&str, &str)>, now: Timestamp) -> Vec<TokenRecord> {
        let is_wanted = |listed: &&Listed| {
            let record = &listed.record;
            let owner = (record.issuer.as_str(), record.subject.as_str());
            !listed.is_revoked && now.0 < record.ends && of.is_none_or(|of| of == owner)
        };
        let valid = self.tokens.values().filter(is_wanted);
        let mut records: Vec<_> = valid.map(|listed| listed.record.clone()).collect();
        records.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        records
    }
}

fn unavailable(why: &dyn fmt::Display) -> NotListed {
    tracing::error!(%why, "the list of tokens (tokens.registry) cannot be used");
    NotListed::Unavailable
}

impl fmt::Debug for TokenRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRegistry({:?})", self.0.file)
    }
}

#[cfg(test)]
mod tests;
