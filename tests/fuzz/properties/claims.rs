//! Claims are believed only if a reader of another make finds them to be ours.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use shell_core::{
    Timestamp,
    claims::{CLOCK_LEEWAY, Claims, Expected, RawClaims},
    config::{Bearer, Groups},
};

/// `{"alg":"RS256"}`
const HEADER: &str = "eyJhbGciOiJSUzI1NiJ9";

const NOW: u64 = 1_700_000_000;

/// The input is a payload, and also a whole token.
///
/// # Panics
/// If the property does not hold.
pub fn claims(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        // Whatever it is: there is no key here.
        RawClaims::unverified(text);
    }
    let payload = BASE64_URL_SAFE_NO_PAD.encode(input);
    let token = format!("{HEADER}.{payload}.AA");
    let Some(raw) = RawClaims::unverified(&token) else {
        return;
    };
    let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
    for bearer in [Bearer::Id, Bearer::Access] {
        let expected = Expected {
            issuer: "https://issuer.example/pool",
            client_ids: &["client".to_owned()],
            audiences: &["https://api.example".to_owned()],
            bearer,
            groups: &Groups::default(),
        };
        let timeless = raw.clone().check_skipping_time(expected);
        let checked = raw.clone().check(expected, Timestamp(NOW));
        assert_eq!(timeless.is_ok(), are_for(&said, expected), "{said}");
        let is_now = timeless.is_ok() && are_current(&said);
        assert_eq!(checked.is_ok(), is_now, "{said}");
        if let Ok(claims) = checked {
            assert_eq!(timeless, Ok(claims.clone()), "{said}");
            say_no_more(&claims, &said);
        }
    }
}

fn are_for(said: &Value, expected: Expected<'_>) -> bool {
    let (client, audience) = (&expected.client_ids[0], &expected.audiences[0]);
    let wanted = match expected.bearer {
        Bearer::Id => ("id", has(&said["aud"], client)),
        Bearer::Access => (
            "access",
            said["client_id"] == client.as_str() || has(&said["aud"], audience),
        ),
    };
    let kind = &said["token_use"];
    said["iss"] == expected.issuer
        && (kind.is_null() || *kind == wanted.0)
        && wanted.1
        && groups(said).is_some()
}

/// Each group once; `None` if the claim is no list of texts.
fn groups(said: &Value) -> Option<Vec<&str>> {
    let Some(claim) = said.get("cognito:groups") else {
        return Some(Vec::new());
    };
    let mut groups: Vec<&str> = Vec::new();
    for group in claim.as_array()? {
        let group = group.as_str()?;
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    Some(groups)
}

fn has(audience: &Value, client: &str) -> bool {
    let among = |all: &Vec<Value>| all.iter().any(|one| *one == client);
    *audience == client || audience.as_array().is_some_and(among)
}

fn are_current(said: &Value) -> bool {
    let ends = said["exp"].as_u64().expect("a time");
    let begins = said["nbf"].as_u64().unwrap_or_default();
    NOW < ends.saturating_add(CLOCK_LEEWAY) && begins <= NOW + CLOCK_LEEWAY
}

fn say_no_more(claims: &Claims, said: &Value) {
    assert_eq!(said["sub"], claims.subject.as_str(), "{said}");
    assert_eq!(said["exp"], claims.expires_at.0, "{said}");
    assert_eq!(
        groups(said),
        Some(claims.groups.iter().map(String::as_str).collect()),
        "{said}"
    );
    let names = ["email", "cognito:username", "username", "sub"];
    assert!(
        names.iter().any(|name| said[name] == claims.name.as_str()),
        "{said}"
    );
}
