//! Claims are believed only if a reader of another make finds them to be ours.

use serde_json::Value;
use shell_core::{
    Timestamp, base64url,
    claims::{CLOCK_LEEWAY, Claims, Expected, RawClaims},
    config::Bearer,
};
use shell_jose::parse_json;

const NOW: u64 = 1_700_000_000;

/// The input is a payload, and also a whole token.
///
/// # Panics
/// If the property does not hold.
pub fn claims(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        // Whatever it is: there is no key here.
        RawClaims::unverified(text, parse_json);
    }
    let token = ["e30", &base64url::encode(input), "AA"].join(".");
    let Some(raw) = RawClaims::unverified(&token, parse_json) else {
        return;
    };
    let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
    for bearer in [Bearer::Id, Bearer::Access] {
        let expected = Expected {
            issuer: "https://issuer.example/pool",
            client_id: "client",
            bearer,
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
    let wanted = match expected.bearer {
        Bearer::Id => ("id", has(&said["aud"], expected.client_id)),
        Bearer::Access => ("access", said["client_id"] == expected.client_id),
    };
    let kind = &said["token_use"];
    said["iss"] == expected.issuer && (kind.is_null() || *kind == wanted.0) && wanted.1
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
    let groups = said["cognito:groups"].as_array().cloned();
    let groups = groups.unwrap_or_default();
    assert_eq!(claims.groups, groups, "{said}");
    let names = ["email", "cognito:username", "username", "sub"];
    assert!(
        names.iter().any(|name| said[name] == claims.name.as_str()),
        "{said}"
    );
}
