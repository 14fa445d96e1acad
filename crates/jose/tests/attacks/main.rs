//! Attacks on tokens, before the signature check and the check of the claims.

mod list;

use std::sync::LazyLock;

use serde_json::json;
use shell_core::{
    Timestamp,
    algorithm::Algorithms,
    claims::{Expected, RawClaims},
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
};
use shell_jose::{KeySet, SigningKey, UnverifiedToken, VerifyError, jwks};

use self::list::{Forge, Reason};

const NOW: u64 = 1_700_000_000;

const ISSUER: &str = "https://issuer.example/pool";

static CLIENTS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["client".to_owned()]);
static GROUPS: LazyLock<Groups> = LazyLock::new(Groups::default);
static NAMES: LazyLock<NameClaims> = LazyLock::new(NameClaims::default);

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_ids: &CLIENTS,
        audiences: &[],
        bearer: Bearer::Id,
        groups: &GROUPS,
        names: &NAMES,
        leeway: CLOCK_LEEWAY,
    }
}

static KEY: LazyLock<SigningKey> = LazyLock::new(key);
static IMPOSTOR: LazyLock<SigningKey> = LazyLock::new(key);
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let published = jwks([&*KEY]).to_string();
    KeySet::parse(&published).expect("a key set")
});

#[test]
fn each_attack_is_refused_for_its_own_reason() {
    for attack in list::all(&forge()) {
        let found = check(&attack.token);
        assert_eq!(found, Err(attack.reason), "{}", attack.name);
    }
}

#[test]
fn what_is_odd_and_harmless_changes_nothing() {
    assert_eq!(check(&forge().good()), Ok(()));
    for (name, token) in list::harmless(&forge()) {
        assert_eq!(check(&token), Ok(()), "{name}");
    }
}

#[test]
fn a_token_is_refused_wherever_it_ends() {
    let good = forge().good();
    for end in 0..good.len() {
        assert!(verify(&good[..end], &KEYS).is_err(), "cut at {end}");
        assert!(verify(&good[end + 1..], &KEYS).is_err(), "begun at {end}");
    }
}

/// So that a token has one text, and a copy of it can be recognised.
#[test]
fn every_other_letter_is_another_token() {
    let good = forge().good();
    for at in 0..good.len() {
        for letter in ["A", "g", "w", "_"] {
            let (before, after) = good.split_at(at);
            let other = [before, letter, &after[1..]].concat();
            assert!(
                other == good || verify(&other, &KEYS).is_err(),
                "{letter} at {at}"
            );
        }
    }
}

/// What a token says of its key is read first, and decides whether keys are loaded
/// again.
#[test]
fn the_key_of_an_attack_is_a_hint_or_an_error() {
    for attack in list::all(&forge()) {
        let token = UnverifiedToken::read(&attack.token);
        let hint = token.and_then(|token| token.key_hint(&Algorithms::all()));
        if let Reason::Token(error) = attack.reason
            && let Err(found) = hint
        {
            assert_eq!(found, error, "{}", attack.name);
        }
    }
}

fn check(token: &str) -> Result<(), Reason> {
    let claims = verify(token, &KEYS).map_err(Reason::Token)?;
    let claims = claims.check(expected(), Timestamp(NOW));
    let claims = claims.map_err(Reason::Claims)?;
    match claims.groups_error {
        Some(_) if claims.groups.is_empty() => Err(Reason::Groups),
        _ => Ok(()),
    }
}

fn verify(token: &str, keys: &KeySet) -> Result<RawClaims, VerifyError> {
    shell_jose::verify(token, keys, &Algorithms::all())
}

fn forge() -> Forge<'static> {
    Forge {
        key: &KEY,
        impostor: &IMPOSTOR,
        claims: json!({
            "iss": ISSUER,
            "sub": "subject",
            "aud": CLIENTS[0],
            "token_use": "id",
            "cognito:groups": ["readers"],
            "iat": NOW,
            "exp": NOW + 600,
        }),
        now: NOW,
    }
}

fn key() -> SigningKey {
    SigningKey::generate("key+/1=").expect("a key can be made")
}
