use std::sync::LazyLock;

use serde_json::json;
use shell_core::{
    algorithm::Algorithms,
    bounds::TOKEN_LENGTH,
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
};

use super::*;
use crate::{Accepted, SigningKey, jwks};

const NOW: Timestamp = Timestamp(1_900_000_000);

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("key=").unwrap());

#[test]
fn what_was_verified_is_found_and_nothing_else_is() {
    let mut tokens = VerifiedTokens::default();
    let token = token("alice", 60);
    tokens.keep(&token, found(&token));

    let known = tokens.get(&token).unwrap();
    let claims = known.claims(&keys(), NOW);
    assert_eq!(
        (known.issuer(), known.key().kid.as_deref()),
        ("https://issuer.example", Some("key="))
    );
    // Two sets of the same keys are two sets: this one was loaded later.
    assert_eq!(claims, Ok(None));
    let claims = known.claims(&known.keys, NOW).unwrap().unwrap();
    assert_eq!(claims.subject, "alice");

    let (signed, signature) = token.rsplit_once('.').unwrap();
    for other in [
        signed,
        signature,
        "",
        &token[1..],
        &format!("{token}="),
        &self::token("alice", 61),
    ] {
        assert!(tokens.get(other).is_none(), "{other}");
    }
}

#[test]
fn a_known_token_is_good_for_its_time_only() {
    let token = token("alice", 60);
    let known = found(&token);
    let table = [
        (NOW, Ok(true)),
        (NOW.plus(60 + CLOCK_LEEWAY - 1), Ok(true)),
        (NOW.plus(60 + CLOCK_LEEWAY), Err(ClaimsError::Expired)),
        // The clock was set back.
        (Timestamp(NOW.0 - CLOCK_LEEWAY), Ok(true)),
        (
            Timestamp(NOW.0 - CLOCK_LEEWAY - 1),
            Err(ClaimsError::NotYetValid {
                ahead: CLOCK_LEEWAY + 1,
            }),
        ),
    ];
    for (now, expected) in table {
        let claims = known.claims(&known.keys, now);
        assert_eq!(claims.map(|claims| claims.is_some()), expected, "{now:?}");
    }
}

#[test]
fn what_is_refused_says_why() {
    let token = token("alice", 60);
    let other = Issuer {
        name: "https://other.example".to_owned(),
        ..issuer()
    };
    let refused = Verified::new(&token, keys(), &other, NOW).unwrap_err();
    assert_eq!(refused, Refused::Claims(ClaimsError::Issuer));
    let changed = token.replace('.', ".e");
    let refused = Verified::new(&changed, keys(), &issuer(), NOW).unwrap_err();
    assert!(matches!(refused, Refused::Token(_)), "{refused}");
}

/// A refusal that no new sign-in would end says what would.
#[test]
fn who_sends_a_token_is_told_what_a_new_sign_in_would_not_change() {
    let told = |refused: Refused| {
        let problem = refused.problem();
        (problem.status(), problem.message().to_owned())
    };
    let (status, message) = told(ClaimsError::NotYetValid { ahead: 95 }.into());
    assert_eq!(status, 401);
    assert!(message.contains("only in 95 s by the clock of this site's server"));

    let length = TOKEN_LENGTH + 1;
    let long = Verified::new(&"x".repeat(length), keys(), &issuer(), NOW);
    let (status, message) = told(long.unwrap_err());
    assert_eq!(status, 431);
    assert!(message.contains("the token of 61441 bytes is longer than 61440"));
    assert!(message.contains("fewer groups"), "{message}");

    let refused = told(ClaimsError::Expired.into());
    let usual = Problem::UNAUTHENTICATED;
    assert_eq!(refused, (401, usual.message().to_owned()));
}

#[test]
fn neither_many_nor_long_tokens_fill_the_memory() {
    let mut tokens = VerifiedTokens::default();
    let known = found(&token("alice", 60));
    for count in 0..=MOST_TOKENS {
        tokens.keep(&format!("token-{count}"), known.clone());
    }
    let last = format!("token-{MOST_TOKENS}");
    assert_eq!((tokens.tokens.len(), tokens.bytes), (1, last.len()));

    let long = MOST_TOKEN_BYTES / 4;
    for letter in ["a", "b", "c", "d", "e", "e"] {
        tokens.keep(&letter.repeat(long), known.clone());
        assert!(tokens.bytes <= MOST_TOKEN_BYTES);
        assert_eq!(
            tokens.tokens.keys().map(|token| token.len()).sum::<usize>(),
            tokens.bytes
        );
    }
}

fn token(subject: &str, seconds: u64) -> String {
    let claims = json!({
        "iss": "https://issuer.example", "sub": subject, "aud": "client",
        "nbf": NOW.0, "exp": NOW.plus(seconds).0,
    });
    KEY.sign(&claims).unwrap().expose().to_owned()
}

fn keys() -> KeySet {
    KeySet::parse(&jwks([&*KEY]).to_string()).unwrap()
}

fn found(token: &str) -> Arc<Verified> {
    Arc::new(Verified::new(token, keys(), &issuer(), NOW).unwrap())
}

fn issuer() -> Issuer {
    let accepted = Accepted {
        client_ids: vec!["client".to_owned()],
        audiences: Vec::new(),
        bearer: Bearer::Id,
        groups: Groups::default(),
        names: NameClaims::default(),
    };
    Issuer {
        name: "https://issuer.example".to_owned(),
        algorithms: Algorithms::all(),
        leeway: CLOCK_LEEWAY,
        accepted: vec![accepted],
    }
}
