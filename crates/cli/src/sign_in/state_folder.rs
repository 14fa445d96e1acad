//! The folder of this user in which sessions are remembered.

use std::{
    fs::{self, DirBuilder},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::process::geteuid;
use shell_core::Origin;
use tempfile::NamedTempFile;

use super::failure::{Failure, FailureResult};
use crate::xdg::{self, NAME};

/// The permissions that others than the owner have.
const OF_OTHERS: u32 = 0o077;

/// A folder that only its owner can look into.
#[derive(Debug, Clone)]
pub(crate) struct StateFolder(PathBuf);

impl StateFolder {
    /// The folder of sessions: in `XDG_STATE_HOME`, or in `~/.local/state`.
    pub(crate) fn of_sessions() -> FailureResult<Self> {
        Self::open(state_home()?.join("sessions"))
    }

    /// The folder of what ends with the login session: in `XDG_RUNTIME_DIR`, if there
    /// is one.
    pub(crate) fn of_machines() -> FailureResult<Self> {
        match xdg::folder("XDG_RUNTIME_DIR").filter(|folder| folder.is_dir()) {
            Some(folder) => Self::open(folder.join(NAME)),
            None => Self::open(state_home()?.join("machines")),
        }
    }

    fn open(folder: PathBuf) -> FailureResult<Self> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        let failed = |error: io::Error| {
            Failure::other(format!(
                "`{}` cannot be used: {error}; set XDG_STATE_HOME to a folder of your own",
                folder.display()
            ))
        };
        made.map_err(failed)?;
        let found = fs::metadata(&folder).map_err(failed)?;
        if found.uid() != geteuid().as_raw() {
            return Err(Failure::other(format!(
                "`{}` belongs to another user: set XDG_STATE_HOME, or XDG_RUNTIME_DIR, to a folder \
                 of your own",
                folder.display()
            )));
        }
        if found.permissions().mode() & OF_OTHERS != 0 {
            return Err(Failure::other(format!(
                "`{}` is open to other users: chmod 700 it",
                folder.display()
            )));
        }
        Ok(Self(folder))
    }

    /// The file of a site.
    pub(crate) fn of_site(&self, site: &Origin, ending: &str) -> PathBuf {
        // A host has neither a slash nor an underscore.
        let name = site.as_str().replace("://", "_").replace(':', "_");
        self.file(&format!("{name}.{ending}"))
    }

    /// A file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// All files of an ending.
    pub(crate) fn files(&self, ending: &str) -> FailureResult<Vec<PathBuf>> {
        let failed = |error| unusable(&self.0, &error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Reads a file; `None` if there is none.
pub(crate) fn read(path: &Path) -> FailureResult<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// Writes a file that only its owner may read: all of it, or nothing.
pub(crate) fn write(path: &Path, text: &str) -> FailureResult<()> {
    let written = || {
        let folder = path.parent().unwrap_or(path);
        // It is made with the permissions 600.
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().map_err(|error: io::Error| unusable(path, &error))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> FailureResult<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::other(format!("`{}` cannot be used: {error}", path.display()))
}

fn state_home() -> FailureResult<PathBuf> {
    let folder = xdg::state_home().map(|folder| folder.join(NAME));
    folder.ok_or_else(|| {
        Failure::other("there is no home folder to remember sessions in: set XDG_STATE_HOME")
    })
}
