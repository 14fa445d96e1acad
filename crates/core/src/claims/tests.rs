use std::sync::LazyLock;

use serde_json::json;

use super::*;

mod groups;
mod reading;

const NOW: Timestamp = Timestamp(1_000);

const ISSUER: &str = "https://issuer.example/pool";

static CLIENTS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["client".to_owned()]);
static GROUPS: LazyLock<Groups> = LazyLock::new(Groups::default);
static NAMES: LazyLock<NameClaims> = LazyLock::new(NameClaims::default);

const LEEWAY: u64 = 10;

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_ids: &CLIENTS,
        audiences: &[],
        bearer: Bearer::Id,
        groups: &GROUPS,
        names: &NAMES,
        leeway: LEEWAY,
    }
}

/// What is special, the claims that replace those of a good token, and the
/// verdict; null leaves a claim out.
const OF_ADDRESSEES: &str = r#"
as issued | {} | Ok
other issuer | {"iss": "https://evil.example/pool"} | Issuer
issuer with a slash | {"iss": "https://issuer.example/pool/"} | Issuer
issuer with something before it | {"iss": " https://issuer.example/pool"} | Issuer
issuer in other letters | {"iss": "HTTPS://ISSUER.EXAMPLE/POOL"} | Issuer
issuer cut short | {"iss": "https://issuer.examp"} | Issuer
no issuer | {"iss": ""} | Issuer
no token_use | {"token_use": null} | Ok
access token | {"token_use": "access"} | Use
refresh token | {"token_use": "refresh"} | Use
token_use in other letters | {"token_use": "Id"} | Use
empty token_use | {"token_use": ""} | Use
aud among several | {"aud": ["other", "client"]} | Ok
other client | {"aud": ["other", "clients"]} | Client
aud in other letters | {"aud": "Client"} | Client
aud that begins so | {"aud": "client2"} | Client
aud that ours begins with | {"aud": "clien"} | Client
aud of several in one text | {"aud": "client other"} | Client
aud of nobody | {"aud": []} | Client
no aud | {"aud": null} | Client
client_id in place of aud | {"aud": null, "client_id": "client", "token_use": null} | Client
aud of several, issued to us | {"aud": ["client", "other"], "azp": "client"} | Ok
aud of several, issued to another | {"aud": ["client", "other"], "azp": "other"} | Presenter
aud of ours only, as Google issues it to a device | {"aud": "client", "azp": "device"} | Ok
the same as a list | {"aud": ["client"], "azp": "device"} | Ok
a notice of a sign-out | {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}} | Use
"#;

/// The same at the second 1000, with a leeway of ten.
const OF_TIMES: &str = r#"
expired within the leeway | {"exp": 991} | Ok
expired | {"exp": 990} | Expired
expired long ago | {"exp": 0} | Expired
never expires | {"exp": 18446744073709551615} | Ok
nbf now | {"nbf": 1000} | Ok
nbf within the leeway | {"nbf": 1010} | Ok
nbf later | {"nbf": 1011} | NotYetValid { ahead: 11 }
nbf never | {"nbf": 18446744073709551615} | NotYetValid { ahead: 18446744073709550615 }
nbf with a fraction | {"nbf": 1011.5} | NotYetValid { ahead: 11 }
exp with a fraction, of which the whole seconds count | {"exp": 990.9} | Expired
exp with a fraction within the leeway | {"exp": 991.9} | Ok
nbf after exp | {"exp": 400, "nbf": 18446744073709551615} | Expired
iat later, which is for the display of clocks that differ | {"iat": 18446744073709551615} | Ok
no iat | {"iat": null} | Ok
"#;

/// The same for an access token.
const OF_ACCESS: &str = r#"
as issued | {} | Ok
no token_use | {"token_use": null} | Ok
aud of a resource | {"aud": "https://api.example"} | Ok
ID token | {"token_use": "id"} | Use
other client | {"client_id": "clients"} | Client
empty client_id | {"client_id": ""} | Client
no client_id | {"client_id": null} | Client
aud in place of client_id | {"aud": "client", "client_id": null} | Client
"#;

#[test]
fn a_token_is_believed_if_it_is_ours() {
    compare(expected(), &id_token(), OF_ADDRESSEES);
}

#[test]
fn a_token_is_believed_in_its_time() {
    assert_eq!((NOW.0, LEEWAY), (1000, 10));
    compare(expected(), &id_token(), OF_TIMES);
}

#[test]
fn access_tokens_are_addressed_by_client_id() {
    let of_access = Expected {
        bearer: Bearer::Access,
        ..expected()
    };
    let changes = r#"{"token_use": "access", "client_id": "client", "aud": null}"#;
    let access = changed(&id_token(), changes);
    compare(of_access, &access, OF_ACCESS);
    compare(expected(), &access, "an access token | {} | Use");
}

#[test]
fn a_user_is_called_by_the_friendliest_name_there_is() {
    let table = [
        (
            r#"{"email": "a@b.example", "username": "a"}"#,
            "a@b.example",
        ),
        (r#"{"cognito:username": "b", "username": "a"}"#, "b"),
        (r#"{"username": "a"}"#, "a"),
        (r#"{"name": "Ann B", "preferred_username": "ann"}"#, "ann"),
        (r#"{"name": "Ann B"}"#, "Ann B"),
        // As Cognito has them, whatever its users may set themselves.
        (
            r#"{"cognito:username": "b", "preferred_username": "a"}"#,
            "b",
        ),
        (
            r#"{"email": "", "preferred_username": "  ", "name": " Ann "}"#,
            "Ann",
        ),
        (
            r#"{"email": ["a@b.example"], "username": 7, "name": null}"#,
            "subject",
        ),
        ("{}", "subject"),
    ];
    for (changes, name) in table {
        let claims = read(changed(&id_token(), changes));
        assert_eq!(claims.check(expected(), NOW).unwrap().name, name);
    }
}

#[test]
fn a_site_says_which_claim_is_the_name() {
    let names = NameClaims::new(vec!["upn".to_owned(), "name".to_owned()]).unwrap();
    let table = [
        (r#"{"upn": "a@corp", "email": "a@b.example"}"#, "a@corp"),
        (r#"{"name": "Ann", "email": "a@b.example"}"#, "Ann"),
        (r#"{"email": "a@b.example"}"#, "subject"),
    ];
    for (changes, name) in table {
        let claims = read(changed(&id_token(), changes));
        let expected = Expected {
            names: &names,
            ..expected()
        };
        assert_eq!(claims.check(expected, NOW).unwrap().name, name);
    }
}

/// Changes a good token by each row, and compares the verdicts.
fn compare(expected: Expected<'_>, good: &Value, table: &str) {
    for row in table.trim().lines() {
        let mut parts = row.split('|').map(str::trim);
        let [_, changes, verdict] = [(); 3].map(|()| parts.next().unwrap());
        let claims = read(changed(good, changes));
        let found = match claims.check(expected, NOW) {
            Ok(_) => "Ok".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(found, verdict, "{row}");
    }
}

fn read(claims: Value) -> RawClaims {
    let Value::Object(claims) = claims else {
        panic!("claims are an object");
    };
    RawClaims::read(claims).unwrap()
}

fn changed(good: &Value, changes: &str) -> Value {
    let mut claims = good.clone();
    let changes: Map<String, Value> = serde_json::from_str(changes).unwrap();
    for (name, value) in changes {
        claims[name] = value;
    }
    claims
}

fn id_token() -> Value {
    json!({"iss": ISSUER, "sub": "subject", "aud": "client", "token_use": "id", "exp": 2_000})
}
