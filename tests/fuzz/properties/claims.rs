//! Claims are believed only if a reader of another make finds them to be ours.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use shell_core::{
    Timestamp,
    algorithm::Algorithms,
    claims::{Claims, Expected, RawClaims},
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
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
        drop(RawClaims::unverified(text, &Algorithms::all()));
    }
    let payload = BASE64_URL_SAFE_NO_PAD.encode(input);
    let token = format!("{HEADER}.{payload}.AA");
    let Ok(raw) = RawClaims::unverified(&token, &Algorithms::all()) else {
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
            names: &NameClaims::default(),
            leeway: CLOCK_LEEWAY,
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
        && said.get("events").is_none()
        && wanted.1
        && (expected.bearer == Bearer::Access || are_presented_by(said, client))
}

/// Of several audiences, one that was issued to us, if it says to whom.
fn are_presented_by(said: &Value, client: &str) -> bool {
    let is_for_several = said["aud"].as_array().is_some_and(|all| all.len() > 1);
    !is_for_several || said["azp"].is_null() || said["azp"] == client
}

/// Each group once; `None` if the claim is neither a text nor a list of texts.
fn groups(said: &Value) -> Option<Vec<&str>> {
    let all = match &said["cognito:groups"] {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().collect(),
        text @ Value::String(_) => vec![text],
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let mut groups: Vec<&str> = Vec::new();
    for group in all {
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
    let ends = seconds(&said["exp"]).expect("a time");
    let begins = seconds(&said["nbf"]).unwrap_or_default();
    NOW < ends.saturating_add(CLOCK_LEEWAY) && begins <= NOW + CLOCK_LEEWAY
}

/// A whole number, or what is before the fraction.
fn seconds(time: &Value) -> Option<u64> {
    let cut = || Some(format!("{:.0}", time.as_f64()?.floor()));
    time.as_u64().or_else(|| cut()?.parse().ok())
}

fn say_no_more(claims: &Claims, said: &Value) {
    assert_eq!(said["sub"], claims.subject.as_str(), "{said}");
    assert_eq!(seconds(&said["exp"]), Some(claims.expires_at.0), "{said}");
    let found: Vec<&str> = claims.groups.iter().map(String::as_str).collect();
    assert_eq!(
        claims.groups_error.is_some(),
        groups(said).is_none(),
        "{said}"
    );
    assert_eq!(groups(said).unwrap_or_default(), found, "{said}");
    let names = [
        "email",
        "cognito:username",
        "preferred_username",
        "username",
        "name",
        "sub",
    ];
    let texts = names.iter().filter_map(|name| said[name].as_str());
    let is_among = texts.map(str::trim).any(|text| text == claims.name.trim());
    assert!(is_among, "{said}");
}
