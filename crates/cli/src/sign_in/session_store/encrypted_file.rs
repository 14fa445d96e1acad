//! Sessions in a file, sealed with AES-256-GCM under a key that Argon2id makes of a
//! passphrase (RFC 9106).

use std::{env, io::IsTerminal};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use shell_core::{Origin, Secret};

use super::super::failure::{Failure, FailureResult};

const VARIABLE: &str = "MLFLOW_SHELL_PASSPHRASE";

/// The version of the form below.
const VERSION: u8 = 1;

/// What OWASP's Password Storage Cheat Sheet has as the least for Argon2id: 19 MiB of
/// memory, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// The shortest passphrase, in characters: a shorter one would be guessed.
const SHORTEST: usize = 8;

/// What opens encrypted files.
#[derive(Debug)]
pub(crate) enum Passphrase {
    /// The variable's, or the one that is asked for.
    Asked(std::cell::OnceCell<Secret>),
    /// The variable's only: no person waits.
    FromEnvironment,
}

/// A sealed file. All but `version` is base64.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    version: u8,
    salt: String,
    nonce: String,
    ciphertext: String,
}

impl Passphrase {
    /// One that is asked for, if the variable has none.
    pub(crate) fn asked() -> Self {
        Self::Asked(std::cell::OnceCell::new())
    }

    /// Checks that there is one that is long enough.
    pub(super) fn check(&self) -> FailureResult<()> {
        if self.read()?.expose().chars().count() < SHORTEST {
            return Err(Failure::other(format!(
                "the passphrase of the session file is too short: take {SHORTEST} characters or \
                 more"
            )));
        }
        Ok(())
    }

    /// Seals the session of a site.
    pub(super) fn seal(&self, site: &Origin, text: &Secret) -> FailureResult<String> {
        let (salt, nonce) = (draw::<SALT_BYTES>()?, draw::<NONCE_LEN>()?);
        let key = key(&self.read()?, &salt)?;
        let mut sealed = text.expose().as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(unique, bound_to(site), &mut sealed)
            .map_err(|_| Failure::other("the session cannot be encrypted"))?;
        let [salt, nonce, ciphertext] =
            [&salt[..], &nonce[..], &sealed[..]].map(|bytes| BASE64_STANDARD.encode(bytes));
        let file = Sealed {
            version: VERSION,
            salt,
            nonce,
            ciphertext,
        };
        serde_json::to_string(&file).map_err(Failure::other)
    }

    /// Opens what [`seal`](Self::seal) made.
    pub(super) fn unseal(&self, site: &Origin, file: &str) -> FailureResult<Secret> {
        let (salt, nonce, mut sealed) = take_apart(file).ok_or_else(|| {
            Failure::signed_out(format!(
                "the session file of {site} is damaged, or is of another version: mlflow-shell \
                 login {site}"
            ))
        })?;
        let key = key(&self.read()?, &salt)?;
        let opened = key.open_in_place(nonce, bound_to(site), &mut sealed);
        let opened = opened.ok().and_then(|text| std::str::from_utf8(text).ok());
        opened.map(Secret::new).ok_or_else(|| {
            Failure::other(format!(
                "the passphrase ({VARIABLE}) does not open the session file of {site}: correct it, \
                 or begin anew: mlflow-shell logout --url {site}"
            ))
        })
    }

    fn read(&self) -> FailureResult<Secret> {
        if let Some(given) = env::var(VARIABLE).ok().filter(|text| !text.is_empty()) {
            return Ok(Secret::new(given));
        }
        let Self::Asked(known) = self else {
            return Err(missing());
        };
        if let Some(known) = known.get() {
            return Ok(known.clone());
        }
        if !std::io::stdin().is_terminal() {
            return Err(missing());
        }
        let typed = rpassword::prompt_password("Passphrase of the session file: ");
        let typed = typed.map_err(|error| Failure::other(format!("no passphrase: {error}")))?;
        Ok(known.get_or_init(|| Secret::new(typed)).clone())
    }
}

fn missing() -> Failure {
    Failure::other(format!(
        "the session is in an encrypted file: give its passphrase in the variable {VARIABLE}"
    ))
}

fn take_apart(file: &str) -> Option<(Vec<u8>, Nonce, Vec<u8>)> {
    let file: Sealed = serde_json::from_str(file).ok()?;
    let decode = |text: &str| BASE64_STANDARD.decode(text).ok();
    let nonce: [u8; NONCE_LEN] = decode(&file.nonce)?.try_into().ok()?;
    let nonce = Nonce::assume_unique_for_key(nonce);
    let (salt, sealed) = (decode(&file.salt)?, decode(&file.ciphertext)?);
    (file.version == VERSION && salt.len() == SALT_BYTES).then_some((salt, nonce, sealed))
}

/// The session of one site is none of another's.
fn bound_to(site: &Origin) -> Aad<String> {
    Aad::from(format!("{VERSION} {site}"))
}

fn key(passphrase: &Secret, salt: &[u8]) -> FailureResult<LessSafeKey> {
    let mut key = [0; KEY_BYTES];
    let derived = Params::new(MEMORY_KIB, PASSES, LANES, Some(KEY_BYTES)).and_then(|params| {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(passphrase.expose().as_bytes(), salt, &mut key)
    });
    derived.map_err(|error| Failure::other(format!("no key from the passphrase: {error}")))?;
    let key = UnboundKey::new(&AES_256_GCM, &key);
    let key = key.map_err(|_| Failure::other("no key from the passphrase"))?;
    Ok(LessSafeKey::new(key))
}

fn draw<const LENGTH: usize>() -> FailureResult<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let drawn = getrandom::fill(&mut bytes);
    drawn
        .map_err(|error| Failure::other(format!("this machine gives no random bytes: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
