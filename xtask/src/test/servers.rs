//! The MLflow servers of a run: one of each version and kind of store, for all
//! steps.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    failure::Result,
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
pub(super) struct Servers(Mutex<BTreeMap<(String, Store), Slot>>);

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
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry((version.to_owned(), store)).or_default().clone()
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(match store {
                Store::Empty => {
                    mlflow::launch_empty(version, &places::passing_data(version)?, &[])?
                }
                Store::Workspaces => {
                    let folder = places::passing_data(&format!("{version}-workspaces"))?;
                    mlflow::launch_empty(version, &folder, &["--enable-workspaces"])?
                }
                Store::Models => {
                    let folder = places::passing_data(&format!("{version}-models"))?;
                    mlflow::launch_for_models(version, &folder)?
                }
                Store::Demo => mlflow::launch(version, &places::test_data(version)?)?,
            });
        }
        act(slot.as_mut().expect("it was started"))
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
