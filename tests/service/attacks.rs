//! The attacks on tokens of `crates/jose/tests/attacks`, over HTTP.

#[path = "../../crates/jose/tests/attacks/list/mod.rs"]
pub(crate) mod list;

use axum::http::HeaderValue;
use serde_json::json;
use shell_jose::SigningKey;
use shell_tests::{client::Answer, issuer::now};

use self::list::{Attack, Forge, Reason};
use crate::fixture::{Fixture, SCRIPT};

/// For a page, and for a program.
const PATHS: [&str; 2] = [
    "/mlflow/ajax-api/2.0/mlflow/experiments/search",
    "/api/2.0/mlflow/experiments/search",
];

/// A longer head of a request is not looked at (`limits.head_bytes`): 431. The
/// other fields need some of it.
const LONGEST_HEAD: usize = 60 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_refused_before_anything_is_forwarded() {
    let python = json!({ "access": "token" });
    let fixture = Fixture::configured(&[("python", python)]).await;
    let key = fixture.issuer.key();
    let impostor = SigningKey::generate(key.kid()).expect("a key can be made");
    let forge = Forge {
        key: &key,
        impostor: &impostor,
        claims: fixture.claims(),
        now: now(),
    };
    let mut attacks = list::all(&forge);
    attacks.retain(is_sendable);
    assert!(attacks.len() > 200, "{} attacks", attacks.len());
    for attack in attacks {
        for path in PATHS {
            let answer = fixture.get_with(path, &attack.token, SCRIPT).await;
            assert_refused(&attack, &answer);
        }
    }
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());

    let good = fixture.get_with(PATHS[0], &forge.good(), SCRIPT).await;
    assert_eq!(good.status, 200);
    for (name, token) in list::harmless(&forge) {
        let answer = fixture.get_with(PATHS[0], &token, SCRIPT).await;
        assert_eq!(answer.status, 200, "{name}");
    }
}

fn assert_refused(attack: &Attack, answer: &Answer) {
    let name = format!("{} ({:?})", attack.name, attack.reason);
    if attack.token.len() > LONGEST_HEAD {
        assert_eq!(answer.status, 431, "{name}");
        return;
    }
    if attack.reason == Reason::Groups {
        assert_eq!(answer.status, 403, "{name}: {}", answer.text());
        return;
    }
    assert_eq!(answer.status, 401, "{name}: {}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer"), "{name}: {challenge}");
    let told = answer.json();
    assert_eq!(told["error_code"], "UNAUTHENTICATED", "{name}");
    assert!(told["message"].is_string(), "{name}: {told}");
}

/// Whether a header can have it as it is: no line ends, and no spaces around it.
fn is_sendable(attack: &Attack) -> bool {
    attack.token.trim() == attack.token && HeaderValue::from_str(&attack.token).is_ok()
}
