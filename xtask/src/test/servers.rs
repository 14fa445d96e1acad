//! The MLflow servers of a run: one of each version and kind of store, for all
//! steps.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    failure::{Explain, Result},
    mlflow::{self, DEMO, Mlflow},
    places,
};

/// What is in an MLflow's store at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Store {
    /// Nothing; tests may put anything there.
    Empty,
    /// As `Empty`, and the server has workspaces.
    Workspaces,
    /// As `Empty`, and the server's AI gateway may ask models on this machine.
    Models,
    /// The demo data, and what earlier runs have left beside it.
    Demo,
}

/// A server that answers.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) version: String,
    pub(super) url: String,
    pub(super) folder: PathBuf,
    pub(super) python: PathBuf,
}

/// Started when they are first asked for, stopped when dropped.
#[derive(Debug, Default)]
pub(super) struct Servers {
    slots: Mutex<BTreeMap<(String, Store), Slot>>,
    /// Held until the servers have stopped: these folders are used.
    used: Mutex<Vec<File>>,
}

type Slot = Arc<Mutex<Option<Mlflow>>>;

impl Servers {
    /// Starts a server without waiting for it.
    pub(super) fn launch(&self, version: &str, store: Store) -> Result<()> {
        self.with(version, store, |_| Ok(()))
    }

    /// Waits until the server answers.
    pub(super) fn get(&self, version: &str, store: Store) -> Result<Server> {
        self.with(version, store, |mlflow| {
            match store {
                Store::Empty | Store::Workspaces | Store::Models => mlflow.wait()?,
                Store::Demo => mlflow.make_ready()?,
            }
            Ok(Server {
                version: version.to_owned(),
                url: mlflow.url.clone(),
                folder: mlflow.folder().to_owned(),
                python: mlflow.python(),
            })
        })
    }

    /// Waits for empty servers of these versions, all started at once.
    pub(super) fn all_empty(&self, versions: &[&str]) -> Result<Vec<Server>> {
        for version in versions {
            self.launch(version, Store::Empty)?;
        }
        let get = |version: &&str| self.get(version, Store::Empty);
        versions.iter().map(get).collect()
    }

    /// The folder of the UI that was released with a version.
    pub(super) fn ui(&self, version: &str) -> Result<PathBuf> {
        self.with(version, Store::Demo, |mlflow| mlflow.ui())
    }

    fn with<T>(
        &self,
        version: &str,
        store: Store,
        act: impl FnOnce(&mut Mlflow) -> Result<T>,
    ) -> Result<T> {
        let slot = {
            let mut all = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry((version.to_owned(), store)).or_default().clone()
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(match store {
                Store::Empty => mlflow::launch_empty(version, &self.folder(version)?, &[])?,
                Store::Workspaces => {
                    let folder = self.folder(&format!("{version}-workspaces"))?;
                    mlflow::launch_empty(version, &folder, &["--enable-workspaces"])?
                }
                Store::Models => {
                    let folder = self.folder(&format!("{version}-models"))?;
                    mlflow::launch_for_models(version, &folder)?
                }
                Store::Demo => mlflow::launch(version, &places::test_data(version)?)?,
            });
        }
        act(slot.as_mut().expect("it was started"))
    }

    /// Takes a folder for the data of this run that no run at the same time uses.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        for number in 1.. {
            let folder = places::passing_data(name, number)?;
            if let Some(lock) = take(&folder)? {
                let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
                used.push(lock);
                return Ok(folder);
            }
        }
        unreachable!("there are more numbers than runs")
    }
}

/// Locks a folder, unless another run has.
fn take(folder: &Path) -> Result<Option<File>> {
    let path = folder.with_added_extension("lock");
    let problem = || format!("cannot lock {}", path.display());
    fs::create_dir_all(folder).explain(problem)?;
    let file = File::create(&path).explain(problem)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).explain(problem),
    }
}

impl Server {
    /// How the tests are told of it.
    pub(super) fn listed(&self) -> String {
        format!("{} {} {}", self.version, self.url, self.folder.display())
    }

    /// The file that names the demo data.
    pub(super) fn demo(&self) -> OsString {
        self.folder.join(DEMO).into()
    }
}

/// How the tests are told of several.
pub(super) fn listed(servers: &[Server]) -> OsString {
    let lines: Vec<_> = servers.iter().map(Server::listed).collect();
    lines.join("\n").into()
}

/// The Python of each, which has the client of its version.
pub(super) fn clients(servers: &[Server]) -> OsString {
    let client = |server: &Server| format!("{} {}", server.version, server.python.display());
    let lines: Vec<_> = servers.iter().map(client).collect();
    lines.join("\n").into()
}
