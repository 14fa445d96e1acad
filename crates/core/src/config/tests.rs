use super::*;

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
    let config = Config::parse(GOOD).unwrap();

    assert_eq!(config.bearer, Bearer::Id);
    assert_eq!(config.provider.scopes, ["openid", "email", "profile"]);
    assert_eq!(config.logout_uri(), "https://mlflow.example.com/");
}

#[test]
fn what_is_written_can_be_read_again() {
    let config = Config::parse(GOOD).unwrap();

    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written).unwrap(), config);
}

#[test]
fn every_refusal_names_the_key_or_the_place() {
    let table = [
        (
            GOOD.replace("\"origin\"", "\"orgin\""),
            "unknown field `orgin`",
        ),
        (
            GOOD.replace("client_id", "clientId"),
            "unknown field `clientId`",
        ),
        (
            GOOD.replace("\"client\"", "\" \""),
            "`provider.client_id` is empty",
        ),
        (
            GOOD.replace("https://login.example.com", "http://login.example.com"),
            "`http://login.example.com` must use https:// unless the host is localhost",
        ),
        (
            GOOD.replace("https://login.example.com", "http://localhost:8081"),
            "`provider.domain` is a local address, but `origin` is not",
        ),
        (
            GOOD.replace("https://cognito-idp", "cognito-idp"),
            "`provider.issuer` must be an https URL",
        ),
        (
            GOOD.replace("\"client\"", "\"client\", \"scopes\": [\"email\"]"),
            "`provider.scopes` must contain `openid`",
        ),
        ("{".to_owned(), "EOF while parsing"),
        (
            "<!doctype html>".to_owned(),
            "expected value at line 1 column 1",
        ),
        ("{}".to_owned(), "missing field `origin`"),
    ];
    for (json, expected) in table {
        let error = Config::parse(&json).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.starts_with("config.json: "), "{error}");
    }
}
