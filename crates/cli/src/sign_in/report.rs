//! `mlflow-shell whoami` and `mlflow-shell status`: what is stored, without a token.

use std::io::{self, Write};

use clap::Args;
use shell_core::{Timestamp, oauth::native_app::Next, site::Site};
use shell_gateway::now;

use super::{
    SiteOptions,
    failure::{Failure, FailureResult},
    session_store::{Entry, Passphrase, SessionStore, StoreKind},
    site,
};
use crate::terminal::printable;

/// Show who is signed in to a site, without asking anyone
#[derive(Debug, Args)]
pub(crate) struct WhoamiCommand {
    #[command(flatten)]
    site: SiteOptions,
}

/// List the sites that you are signed in to
#[derive(Debug, Args)]
pub(crate) struct StatusCommand {}

pub(crate) fn whoami(command: &WhoamiCommand) -> FailureResult<()> {
    let store = SessionStore::open(Passphrase::asked())?;
    let origin = site::find(command.site.url.as_deref(), || store.entries())?;
    let session = store.read(&store.entry(&origin)?)?;
    if session.next(false, now()) == Next::Over {
        return Err(Failure::signed_out(format!(
            "the session at {origin} is over: mlflow-shell login {origin}"
        )));
    }
    let user = &session.grant.user;
    let Site {
        rights, refusal, ..
    } = Site::of(&session.config, user);
    print(&format!(
        "{}\ngroups: {}\nrights: {}\nissuer: {}\nsubject: {}\n",
        printable(&user.name),
        printable(&user.groups.join(", ")),
        printable(&refusal.unwrap_or(rights)),
        printable(&session.config.provider.issuer),
        printable(&session.grant.subject),
    ))
}

pub(crate) fn status(_: &StatusCommand) -> FailureResult<()> {
    let entries = SessionStore::open(Passphrase::FromEnvironment)?.entries()?;
    if entries.is_empty() {
        return print("You are signed in to no site: mlflow-shell login URL\n");
    }
    let now = now();
    let lines = entries.iter().map(|entry| line(entry, now));
    print(&lines.collect::<String>())
}

fn line(entry: &Entry, now: Timestamp) -> String {
    let store = match entry.store {
        StoreKind::Keyring => "in the keyring",
        StoreKind::File => "in an encrypted file",
    };
    let end = match entry.ends_at {
        None => "renewed until the provider or you end it".to_owned(),
        Some(end) if end <= now => "over".to_owned(),
        Some(end) => format!("ends in {}", in_words(end.since(now))),
    };
    format!(
        "{}  {}  {end}, {store}\n",
        entry.site,
        printable(&entry.user)
    )
}

/// A time in its two greatest units.
fn in_words(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

fn print(text: &str) -> FailureResult<()> {
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units_at_most() {
        let table = [
            (59, "0 min"),
            (3_599, "59 min"),
            (3_600, "1 h 0 min"),
            (86_399, "23 h 59 min"),
            (90_000, "1 d 1 h"),
        ];
        for (seconds, expected) in table {
            assert_eq!(in_words(seconds), expected);
        }
    }
}
