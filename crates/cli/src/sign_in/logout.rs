//! `mlflow-shell logout`

use clap::Args;
use shell_core::oauth::{
    Unanswered,
    logout::{Revocation, revoke as revocation, revoked},
    native_app::NativeSession,
};

use super::{
    SiteOptions,
    client::Client,
    failure::{Failure, FailureResult},
    lock::Lock,
    session_store::{Passphrase, SessionStore},
    site,
};

/// Sign out: revoke the refresh token, and forget the session on this machine
#[derive(Debug, Args)]
pub(crate) struct LogoutCommand {
    #[command(flatten)]
    site: SiteOptions,
}

pub(crate) async fn run(command: &LogoutCommand) -> FailureResult<()> {
    let store = SessionStore::open(Passphrase::FromEnvironment)?;
    let origin = site::find(command.site.url.as_deref(), || store.entries())?;
    let client = command.site.client();
    // Before the lock, as a keyring may ask its user to unlock it.
    drop(store.read(&store.entry(&origin)?));
    let lock = Lock::wait(&store.lock(&origin))?;
    let entry = store.entry(&origin)?;
    let session = store.read(&entry);
    store.remove(&entry)?;
    drop(lock);
    let left = |why: &dyn std::fmt::Display| {
        Failure::other(format!(
            "signed out of {origin} on this machine. The refresh token could not be revoked, so at \
             the provider it stays valid until it ends: {why}"
        ))
    };
    let session = session.map_err(|error| left(&error))?;
    match revoke(&session, &client.map_err(|error| left(&error))?).await {
        Revocation::Done => {
            eprintln!("Signed out of {origin}.");
            Ok(())
        }
        Revocation::Refused => Err(left(&"the provider takes none back")),
        Revocation::Unconfirmed => Err(left(&"the provider did not confirm it")),
    }
}

/// Revokes the refresh token of a session.
pub(crate) async fn revoke(session: &NativeSession, client: &Client) -> Revocation {
    let Some(refresh) = &session.grant.refresh else {
        return Revocation::Done;
    };
    let Some(request) = revocation(refresh, &session.config) else {
        return Revocation::Refused;
    };
    let answer = client.post(&request, None).await;
    revoked(match &answer {
        Ok(answer) => Ok(answer.as_response().status),
        Err(_) => Err(Unanswered::Unreachable),
    })
}
