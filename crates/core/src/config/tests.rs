use super::*;
use crate::testing::parse;

const GOOD: &str = r#"{
    "origin": "https://mlflow.example.com",
    "provider": {
        "domain": "https://login.example.com",
        "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
        "client_id": "client"
    }
}"#;

#[test]
fn defaults_are_the_ones_documented() {
    let config = Config::parse(GOOD, parse).unwrap();

    assert_eq!(config.bearer, Bearer::Id);
    assert_eq!(config.provider.scopes, ["openid", "email", "profile"]);
    assert_eq!(config.logout_uri(), "https://mlflow.example.com/");
    assert_eq!(config.session, Session::default());
}

#[test]
fn a_session_kept_on_the_device_ends_after_half_a_day_unless_said() {
    let (open, device) = (Keep::WhileOpen, Keep::OnDevice);
    let table = [
        ("{}", open, None),
        (r#"{"max_age": 60}"#, open, Some(60)),
        (r#"{"keep": "on-device"}"#, device, Some(43_200)),
        (r#"{"keep": "on-device", "max_age": 60}"#, device, Some(60)),
    ];
    for (session, keep, max_age) in table {
        let config = Config::parse(&with_session(session), parse).unwrap();
        assert_eq!(config.session, Session { keep, max_age }, "{session}");
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(Config::parse(&written, parse).unwrap(), config);
    }
}

fn with_session(session: &str) -> String {
    GOOD.replacen('{', &format!(r#"{{"session": {session},"#), 1)
}

#[test]
fn what_is_written_can_be_read_again() {
    let config = Config::parse(GOOD, parse).unwrap();

    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written, parse).unwrap(), config);
}

#[test]
fn every_refusal_names_the_key_or_the_place() {
    let change = |from: &str, to: &str| GOOD.replace(from, to);
    let table = [
        (
            change("\"origin\"", "\"orgin\""),
            "config.json: `orgin` is not a known key; expected origin, provider, bearer, session",
        ),
        (
            change("client_id", "clientId"),
            "config.json: `provider.clientId` is not a known key",
        ),
        (
            change("\"client\"", "\" \""),
            "config.json: `provider.client_id` is empty",
        ),
        (
            change("\"client\"", "7"),
            "config.json: `provider.client_id` is not a text",
        ),
        (
            change("https://login.example.com", "http://login.example.com"),
            "config.json: `provider.domain` is `http://login.example.com`, which must use https:// unless the host is localhost",
        ),
        (
            change("https://login.example.com", "http://localhost:8081"),
            "config.json: `provider.domain` is a local address, but `origin` is not",
        ),
        (
            change("https://cognito-idp", "cognito-idp"),
            "config.json: `provider.issuer` must be an https URL",
        ),
        (
            change("\"client\"", "\"client\", \"scopes\": [\"email\"]"),
            "config.json: `provider.scopes` must have `openid` among them",
        ),
        (
            change("{\n    \"origin\"", "{\"bearer\": \"Id\",\"origin\""),
            "config.json: `bearer` must be \"id\" or \"access\"",
        ),
        (
            change("\"provider\": {", "\"provider\": 1, \"p\": {"),
            "config.json: `p` is not a known key",
        ),
        (
            with_session(r#"{"keep": "for-ever"}"#),
            "config.json: `session.keep` must be \"while-open\" or \"on-device\"",
        ),
        (
            with_session(r#"{"max_age": 0}"#),
            "config.json: `session.max_age` must be more than 0",
        ),
        (
            with_session(r#"{"maxAge": 1}"#),
            "config.json: `session.maxAge` is not a known key; expected keep, max_age",
        ),
        (
            with_session("true"),
            "config.json: `session` is not an object",
        ),
        ("{".to_owned(), "config.json is not JSON: "),
        ("<!doctype html>".to_owned(), "config.json is not JSON: "),
        ("[]".to_owned(), "config.json is not an object"),
        ("{}".to_owned(), "config.json: `origin` is missing"),
    ];
    for (json, expected) in table {
        let error = Config::parse(&json, parse).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
