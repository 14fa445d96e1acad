//! What rules find in claims.

use serde_json::json;

use super::*;

/// Rules, claims, and the groups they give; `None` if the claims are refused.
type Row = (&'static str, &'static str, Option<&'static [&'static str]>);

const COGNITO: &str = "[]";
const NESTED: &str = r#"[{"claim": ["realm_access", "roles"]}]"#;
const MAPPED: &str = r#"[{"claim": "groups", "value": "ml-admins", "group": "admins"},
    {"claim": "roles", "value": "Boss", "group": "admins"}]"#;
const SCOPE: &str = r#"[{"claim": "scope", "value": "mlflow/read", "group": "readers"}]"#;
const EMAIL: &str = r#"[{"claim": "email", "value": "@Example.com", "group": "readers"},
    {"claim": "email", "value": "boss@example.com", "group": "admins"}]"#;

const TABLE: [Row; 36] = [
    (
        COGNITO,
        r#""cognito:groups": ["a, b", "c"]"#,
        Some(&["a, b", "c"]),
    ),
    (COGNITO, r#""cognito:groups": ["c", "c", ""]"#, Some(&["c"])),
    (COGNITO, r#""x": 1"#, Some(&[])),
    (COGNITO, r#""groups": ["admins"]"#, Some(&[])),
    (COGNITO, r#""cognito:groups": "admins""#, None),
    (COGNITO, r#""cognito:groups": null"#, None),
    (COGNITO, r#""cognito:groups": [["admins"]]"#, None),
    (COGNITO, r#""cognito:groups": ["admins", null]"#, None),
    (
        NESTED,
        r#""realm_access": {"roles": ["admins"]}"#,
        Some(&["admins"]),
    ),
    (NESTED, r#""realm_access": {"role": ["admins"]}"#, Some(&[])),
    (
        NESTED,
        r#""realm_access": [{"roles": ["admins"]}]"#,
        Some(&[]),
    ),
    (NESTED, r#""realm_access": "roles""#, Some(&[])),
    (NESTED, r#""realm_access.roles": ["admins"]"#, Some(&[])),
    (
        NESTED,
        r#""realm_access": {"roles": {"admins": true}}"#,
        None,
    ),
    (MAPPED, r#""groups": ["x", "ml-admins"]"#, Some(&["admins"])),
    (
        MAPPED,
        r#""groups": ["ml-admins"], "roles": ["Boss"]"#,
        Some(&["admins"]),
    ),
    (
        MAPPED,
        r#""groups": ["admins", "ML-ADMINS", "ml-admins2"]"#,
        Some(&[]),
    ),
    (MAPPED, r#""groups": "ml-admins""#, Some(&["admins"])),
    (MAPPED, r#""groups": {"ml-admins": 1}"#, None),
    (
        SCOPE,
        r#""scope": "openid mlflow/read""#,
        Some(&["readers"]),
    ),
    (SCOPE, r#""scope": "mlflow/reader mlflow/rea""#, Some(&[])),
    (SCOPE, r#""scope": """#, Some(&[])),
    (SCOPE, r#""scope": ["mlflow/read"]"#, Some(&["readers"])),
    (SCOPE, r#""scope": 7"#, None),
    (
        EMAIL,
        r#""email": "a@EXAMPLE.com", "email_verified": true"#,
        Some(&["readers"]),
    ),
    (
        EMAIL,
        r#""email": "Boss@example.com", "email_verified": true"#,
        Some(&["readers", "admins"]),
    ),
    (
        EMAIL,
        r#""email": "theboss@example.com", "email_verified": true"#,
        Some(&["readers"]),
    ),
    (EMAIL, r#""email": "a@example.com""#, Some(&[])),
    (
        EMAIL,
        r#""email": "a@example.com", "email_verified": false"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "a@example.com", "email_verified": "true""#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "a@example.com", "email_verified": 1"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "a@sub.example.com", "email_verified": true"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "a@example.com.evil.org", "email_verified": true"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "a@evilexample.com", "email_verified": true"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "\"a@example.com \"@evil.org", "email_verified": true"#,
        Some(&[]),
    ),
    (
        EMAIL,
        r#""email": "example.com", "email_verified": true"#,
        Some(&[]),
    ),
];

#[test]
fn groups_are_what_the_rules_find_and_no_more() {
    for (rules, claims, expected) in TABLE {
        let found = check(rules, claims).map(|claims| claims.groups);
        let expected = expected.map(|groups| groups.iter().map(|&group| group.into()).collect());
        assert_eq!(
            found,
            expected.ok_or(ClaimsError::Groups),
            "{rules} {claims}"
        );
    }
}

#[test]
fn rules_are_refused_by_the_key() {
    let table = [
        (
            "{}",
            "config.json: `provider.groups` has an invalid type: map, expected a sequence",
        ),
        ("[{}]", "config.json: `provider.groups[0].claim` is missing"),
        (
            r#"[{"claim": []}]"#,
            "config.json: `provider.groups[0].claim` is missing",
        ),
        (
            r#"[{"claim": [7]}]"#,
            "config.json: `provider.groups[0].claim[0]` has an invalid type: integer `7`, expected a string",
        ),
        (
            r#"[{"claim": "a", "vlue": "b"}]"#,
            "config.json: `provider.groups[0].vlue` is not a known key",
        ),
        (
            r#"[{"claim": "a", "value": "b"}]"#,
            "config.json: `provider.groups[0].value` and `group` belong together",
        ),
        (
            r#"[{"claim": "a", "group": "b"}]"#,
            "config.json: `provider.groups[0].value` and `group` belong together",
        ),
    ];
    for (rules, expected) in table {
        let error = configure(rules).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn rules_that_are_written_can_be_read_again() {
    for rules in [COGNITO, NESTED, MAPPED, SCOPE, EMAIL] {
        let config = configure(rules).unwrap();
        let written = json!(config).to_string();
        assert_eq!(Config::parse(&written), Ok(config));
    }
}

fn check(rules: &str, claims: &str) -> Result<Claims, ClaimsError> {
    let payload = format!(
        r#"{{"iss": "https://issuer.example", "sub": "s", "exp": 5000, "aud": "client", {claims}}}"#
    );
    let config = configure(rules).unwrap();
    let claims = RawClaims::read(serde_json::from_str(&payload).unwrap()).unwrap();
    claims.check(Expected::of(&config), NOW)
}

fn configure(rules: &str) -> Result<Config, crate::config::ConfigError> {
    let text = format!(
        r#"{{"origin": "https://mlflow.example.com", "provider": {{"domain": "https://login.example.com",
            "issuer": "https://issuer.example", "client_id": "client", "groups": {rules}}}}}"#
    );
    Config::parse(&text)
}
