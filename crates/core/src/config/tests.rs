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
            "config.json: `orgin` is not a known key; expected origin, provider, bearer",
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
