//! Checks of the provider: the hosted login, the issuer of the tokens, its keys,
//! and whether pages can ask it for tokens.

mod issuer;
mod keys;
mod sign_in;
mod token_endpoint;

use shell_core::Config;
use shell_jose::KeySet;

use super::{Report, probe::Probe};

/// Most characters of a provider's message that are shown.
const WORDS: usize = 80;

/// A provider under check, as this configuration names it.
#[derive(Debug, Clone, Copy)]
struct Checked<'a> {
    probe: &'a Probe,
    config: &'a Config,
}

/// Checks the provider of `config`, and returns the issuer's keys.
pub(super) async fn check(probe: &Probe, config: &Config, report: &mut Report) -> Option<KeySet> {
    let checked = Checked { probe, config };
    report.add("sign-in", checked.sign_in().await);
    report.add("token-endpoint", checked.token_endpoint().await);
    let document = checked.document().await;
    report.add(
        "issuer",
        document
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|document| document.judge(&config.provider.algorithms)),
    );
    let (keys, found) = checked.keys(document.ok().as_ref()).await;
    report.add("keys", found);
    keys
}

/// A provider's message, made safe for a terminal.
fn plain(words: &str) -> String {
    let plain = words.chars().map(|character| match character {
        ' '..='~' => character,
        _ => '?',
    });
    plain.take(WORDS).collect()
}
