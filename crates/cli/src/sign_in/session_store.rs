//! The sessions of this user: which there are, and where their tokens are kept.
//!
//! Beside each site's tokens a small file says whose session it is and where they
//! are. It holds no secret.

mod encrypted_file;
mod keyring;

use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use shell_core::{Origin, Timestamp, oauth::native_app::NativeSession};

pub(crate) use self::encrypted_file::Passphrase;
use super::{
    failure::{Failure, FailureResult},
    state_folder::{self, StateFolder},
};

/// Where the tokens of a session are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// In the keyring of the system.
    Keyring,
    /// In an encrypted file.
    File,
}

/// A session without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Where it was signed in.
    pub(crate) site: Origin,
    /// Who did.
    pub(crate) user: String,
    /// Where its tokens are.
    pub(crate) store: StoreKind,
    /// When it ends however often it is renewed, if the site says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ends_at: Option<Timestamp>,
}

/// The sessions of this user.
#[derive(Debug)]
pub(crate) struct SessionStore {
    folder: StateFolder,
    passphrase: Passphrase,
}

impl SessionStore {
    /// The sessions; what opens encrypted files is the `passphrase`.
    pub(crate) fn open(passphrase: Passphrase) -> FailureResult<Self> {
        let folder = StateFolder::of_sessions()?;
        Ok(Self { folder, passphrase })
    }

    /// Every session there is.
    pub(crate) fn entries(&self) -> FailureResult<Vec<Entry>> {
        let mut entries = Vec::new();
        for path in self.folder.files("json")? {
            let text = state_folder::read(&path)?;
            entries.extend(text.and_then(|text| serde_json::from_str(&text).ok()));
        }
        Ok(entries)
    }

    /// The session at a site.
    ///
    /// # Errors
    /// [`FailureKind::SignedOut`](super::failure::FailureKind::SignedOut) if there is
    /// none.
    pub(crate) fn entry(&self, site: &Origin) -> FailureResult<Entry> {
        let text = state_folder::read(&self.folder.of_site(site, "json"))?;
        let entry = text.and_then(|text| serde_json::from_str(&text).ok());
        entry.ok_or_else(|| {
            Failure::signed_out(format!(
                "you are not signed in to {site}: mlflow-shell login {site}"
            ))
        })
    }

    /// The lock of a site.
    pub(crate) fn lock(&self, site: &Origin) -> PathBuf {
        self.folder.of_site(site, "lock")
    }

    /// Checks that tokens can be kept there, before anybody signs in.
    pub(crate) fn check(&self, store: StoreKind) -> FailureResult<()> {
        match store {
            StoreKind::Keyring => keyring::check(),
            StoreKind::File => self.passphrase.check(),
        }
    }

    /// Reads a session.
    ///
    /// # Errors
    /// If it is gone, or cannot be opened.
    pub(crate) fn read(&self, entry: &Entry) -> FailureResult<NativeSession> {
        let site = &entry.site;
        let text = match entry.store {
            StoreKind::Keyring => keyring::read(site)?,
            StoreKind::File => {
                let sealed = state_folder::read(&self.sealed(site))?;
                let opened = sealed.map(|sealed| self.passphrase.unseal(site, &sealed));
                opened.transpose()?
            }
        };
        let session = text.and_then(|text| NativeSession::read(text.expose()));
        session.ok_or_else(|| {
            Failure::signed_out(format!(
                "the session at {site} is gone, or is of another version: mlflow-shell login {site}"
            ))
        })
    }

    /// Keeps a session in place of the one before.
    pub(crate) fn write(&self, entry: &Entry, session: &NativeSession) -> FailureResult<()> {
        let (site, text) = (&entry.site, session.write());
        match entry.store {
            StoreKind::Keyring => keyring::write(site, &text)?,
            StoreKind::File => {
                let sealed = self.passphrase.seal(site, &text)?;
                state_folder::write(&self.sealed(site), &sealed)?;
            }
        }
        let entry = serde_json::to_string(entry).map_err(Failure::other)?;
        state_folder::write(&self.folder.of_site(site, "json"), &entry)
    }

    /// Forgets a session.
    pub(crate) fn remove(&self, entry: &Entry) -> FailureResult<()> {
        // The rest goes in any case: a keyring may be locked.
        let removed = self.remove_secret(entry);
        state_folder::remove(&self.folder.of_site(&entry.site, "json"))?;
        removed
    }

    /// Forgets the tokens of a session that are kept there.
    pub(crate) fn remove_secret(&self, entry: &Entry) -> FailureResult<()> {
        let site = &entry.site;
        match entry.store {
            StoreKind::Keyring => keyring::remove(site),
            StoreKind::File => state_folder::remove(&self.sealed(site)),
        }
    }

    fn sealed(&self, site: &Origin) -> PathBuf {
        self.folder.of_site(site, "sealed")
    }
}
