//! `mlflow-shell tokens`: lists and revokes tokens for programs, for users of the host
//! who may write the gateway's list of them.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use shell_gateway::{TokenRecord, TokenRegistry, now};

use crate::{assemble, flags::Flags, terminal::printable};

/// List and revoke tokens for programs
#[derive(Debug, Args)]
pub(crate) struct TokensCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the tokens that have not ended: id, end, user and name
    List(Place),
    /// Revoke a token; gateways take it no longer within a second
    Revoke {
        /// The token's id, as `tokens list` has it
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// The list itself [default: `tokens.registry`, or the one in the state folder]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

/// Runs the command.
///
/// # Errors
/// If there is no list, or no token of that id.
pub(crate) fn run(command: &TokensCommand) -> Result<()> {
    match &command.action {
        Action::List(place) => {
            let valid = open(place)?.list_blocking(now())?;
            io::stdout().write_all(table(&valid).as_bytes())?;
        }
        Action::Revoke { id, place } => {
            let Some(record) = open(place)?.revoke_blocking(id, now())? else {
                bail!("there is no valid token `{id}`: see `mlflow-shell tokens list`");
            };
            let user = printable(&record.user);
            writeln!(io::stdout(), "revoked {} of {user}", record.id)?;
        }
    }
    Ok(())
}

fn open(place: &Place) -> Result<TokenRegistry> {
    let path = match &place.registry {
        Some(path) => path.clone(),
        None => of_settings(&place.flags)?,
    };
    Ok(TokenRegistry::existing(&path)?)
}

/// Where the gateway with these settings has its list.
fn of_settings(flags: &Flags) -> Result<PathBuf> {
    let settings = flags.read()?.settings;
    if let Some(path) = settings.tokens.registry {
        return Ok(path);
    }
    let pending = assemble::config(&settings)?;
    let tokens = assemble::tokens(&settings.tokens, pending.config());
    tokens.registry.context(
        "this gateway keeps no list of tokens: name its file with --registry, or with \
         `tokens.registry` for the gateway",
    )
}

fn table(records: &[TokenRecord]) -> String {
    let line = |record: &TokenRecord| {
        let TokenRecord {
            id,
            user,
            name,
            ends,
            ..
        } = record;
        let left = ends.saturating_sub(now().0);
        let (user, name) = (printable(user), printable(name));
        format!("{id}  ends in {left:>6} s  {user}  {name}\n")
    };
    records.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_a_token_is_revoked_by() {
        let record = TokenRecord {
            id: "0123456789abcdef".to_owned(),
            issuer: "https://issuer.example".to_owned(),
            subject: "8f1c".to_owned(),
            user: "anna\u{1b}[2J@example.com".to_owned(),
            name: "nightly".to_owned(),
            created: 0,
            ends: 1,
        };
        assert_eq!(
            table(&[record]),
            "0123456789abcdef  ends in      0 s  anna\u{fffd}[2J@example.com  nightly\n"
        );
    }
}
