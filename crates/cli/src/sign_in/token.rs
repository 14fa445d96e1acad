//! `mlflow-shell token`

use std::{
    env,
    io::{self, Write},
};

use clap::Args;
use serde_json::json;
use sha2::{Digest, Sha256};
use shell_core::{Secret, Timestamp};

use super::{
    SiteOptions,
    failure::{Failure, FailureResult},
    machine::{self, MachineSettings},
    renewal,
    session_store::{Passphrase, SessionStore},
    site,
};

/// The variable with the SHA-256 of the token that a server refused.
const REJECTED: &str = "MLFLOW_SHELL_REJECTED";

/// Print a token that MLflow's API takes as `Authorization: Bearer`, and renew it
/// before that if it is due
#[derive(Debug, Args)]
pub(crate) struct TokenCommand {
    #[command(flatten)]
    site: SiteOptions,
    /// Print JSON: the token, and when it ends, in seconds since 1970
    #[arg(long)]
    json: bool,
    /// A server has answered 401 to the token whose SHA-256 is in
    /// `MLFLOW_SHELL_REJECTED`, in lowercase hexadecimal: print another one
    #[arg(long)]
    rejected: bool,
}

/// A token for a program.
#[derive(Debug)]
pub(crate) struct Token {
    /// Sent as `Authorization: Bearer`.
    pub(crate) bearer: Secret,
    /// When it ends, by this machine's clock.
    pub(crate) expires_at: Timestamp,
}

/// The token that a server refused, if it did, by its digest.
#[derive(Debug)]
pub(crate) struct Rejected(Option<String>);

pub(crate) async fn run(command: &TokenCommand) -> FailureResult<()> {
    let rejected = Rejected::read(command.rejected)?;
    // JSON is for a program, so that no person is there to be asked.
    let store = || {
        SessionStore::open(if command.json {
            Passphrase::FromEnvironment
        } else {
            Passphrase::asked()
        })
    };
    let site = site::find(command.site.url.as_deref(), || store()?.entries())?;
    let client = command.site.client()?;
    let token = match MachineSettings::read()? {
        Some(machine) => {
            machine.check_site(&site, site::tracked().as_ref())?;
            machine::token(&machine, &site, &client, &rejected).await?
        }
        None => renewal::token(&store()?, &site, &client, &rejected).await?,
    };
    print(&token, command.json)
}

fn print(token: &Token, as_json: bool) -> FailureResult<()> {
    let bearer = token.bearer.expose();
    // RFC 6749 §A.12, without the space: another would end the header, or the line.
    if !bearer.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::other(
            "the identity provider gave a token with characters that no header takes",
        ));
    }
    let line = if as_json {
        json!({ "token": bearer, "expires_at": token.expires_at }).to_string()
    } else {
        bearer.to_owned()
    };
    writeln!(io::stdout(), "{line}").map_err(Failure::other)
}

impl Rejected {
    fn read(is_rejected: bool) -> FailureResult<Self> {
        if !is_rejected {
            return Ok(Self(None));
        }
        let digest = env::var(REJECTED).unwrap_or_default();
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digest.len() != 2 * 32 || !digest.bytes().all(is_hex) {
            return Err(Failure::other(format!(
                "--rejected needs the SHA-256 of the refused token in {REJECTED}, as 64 lowercase \
                 hexadecimal digits"
            )));
        }
        Ok(Self(Some(digest)))
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, bearer: &Secret) -> bool {
        let Self(Some(rejected)) = self else {
            return false;
        };
        *rejected == format!("{:x}", Sha256::digest(bearer.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn a_refused_token_is_known_by_its_digest() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let rejected = Rejected(Some(digest.to_owned()));
        assert!(rejected.is(&Secret::new("abc")));
        assert!(!rejected.is(&Secret::new("abd")));
        assert!(!Rejected(None).is(&Secret::new("abc")));
    }
}
