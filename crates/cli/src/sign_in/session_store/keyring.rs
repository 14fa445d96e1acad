//! The keyring of the system: the Secret Service of a Linux desktop, the Keychain of
//! macOS.

use std::thread;

use keyring::{Entry, Error};
use shell_core::{Origin, Secret};

use super::super::failure::{Failure, FailureResult};

/// What our entries are called.
const SERVICE: &str = "mlflow-auth-shell";

/// An account that no site has, to see whether there is a keyring.
const CHECK: &str = "check";

/// Checks that a keyring keeps what it is given. One that is locked asks its user to
/// unlock it now, and not while other processes wait.
pub(super) fn check() -> FailureResult<()> {
    with(CHECK, |entry| {
        entry.set_password(CHECK)?;
        entry.delete_credential()
    })
}

/// Reads the secret of a site.
pub(super) fn read(site: &Origin) -> FailureResult<Option<Secret>> {
    with(site.as_str(), |entry| match entry.get_password() {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Keeps the secret of a site.
pub(super) fn write(site: &Origin, text: &Secret) -> FailureResult<()> {
    let text = text.clone();
    with(site.as_str(), move |entry| {
        entry.set_password(text.expose())
    })
}

/// Forgets the secret of a site.
pub(super) fn remove(site: &Origin) -> FailureResult<()> {
    with(site.as_str(), |entry| match entry.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        other => other,
    })
}

/// Acts on an entry, on a thread of its own: the crate waits for D-Bus, which must not
/// be done where the runtime's tasks run.
fn with<T: Send + 'static>(
    account: &str,
    act: impl FnOnce(Entry) -> Result<T, Error> + Send + 'static,
) -> FailureResult<T> {
    let account = account.to_owned();
    let acting = thread::spawn(move || Entry::new(SERVICE, &account).and_then(act));
    match acting.join() {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(unusable(&error)),
        Err(_) => Err(unusable(&Error::NoEntry)),
    }
}

/// The error's own text names causes; the entry's bytes, which one variant has, are
/// not shown.
fn unusable(error: &Error) -> Failure {
    let why = if let Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) = error {
        cause.to_string()
    } else {
        "it has no such entry that can be read".to_owned()
    };
    Failure::other(format!(
        "this machine's keyring cannot be used: {why}. Unlock it, or keep the session in an \
         encrypted file: mlflow-shell login URL --store file"
    ))
}
