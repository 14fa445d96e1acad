//! What rules find in claims.

use serde_json::json;

use super::*;

const COGNITO: &str = "[]";
const NESTED: &str = r#"[{"claim": ["realm_access", "roles"]}]"#;
const MAPPED: &str = r#"[{"claim": "groups", "value": "ml-admins", "group": "admins"},
    {"claim": "roles", "value": "Boss", "group": "admins"}]"#;
const SCOPE: &str = r#"[{"claim": "scope", "value": "mlflow/read", "group": "readers"}]"#;
const EMAIL: &str = r#"[{"claim": "email", "value": "@Example.com", "group": "readers"},
    {"claim": "email", "value": "boss@example.com", "group": "admins"}]"#;

const RULES: [(&str, &str); 5] = [
    ("COGNITO", COGNITO),
    ("NESTED", NESTED),
    ("MAPPED", MAPPED),
    ("SCOPE", SCOPE),
    ("EMAIL", EMAIL),
];

/// Rules, claims, and the groups they give, with `;` between them.
const TABLE: &str = r#"
COGNITO | "cognito:groups": ["a, b", "c"] | a, b; c
COGNITO | "cognito:groups": ["c", "c", ""] | c
COGNITO | "x": 1 |
COGNITO | "groups": ["admins"] |
COGNITO | "cognito:groups": "admins" | refused
COGNITO | "cognito:groups": null | refused
COGNITO | "cognito:groups": [["admins"]] | refused
COGNITO | "cognito:groups": ["admins", null] | refused
NESTED | "realm_access": {"roles": ["admins"]} | admins
NESTED | "realm_access": {"role": ["admins"]} |
NESTED | "realm_access": [{"roles": ["admins"]}] |
NESTED | "realm_access": "roles" |
NESTED | "realm_access.roles": ["admins"] |
NESTED | "realm_access": {"roles": {"admins": true}} | refused
MAPPED | "groups": ["x", "ml-admins"] | admins
MAPPED | "groups": ["ml-admins"], "roles": ["Boss"] | admins
MAPPED | "groups": ["admins", "ML-ADMINS", "ml-admins2"] |
MAPPED | "groups": "ml-admins" | admins
MAPPED | "groups": {"ml-admins": 1} | refused
SCOPE | "scope": "openid mlflow/read" | readers
SCOPE | "scope": "mlflow/reader mlflow/rea" |
SCOPE | "scope": "" |
SCOPE | "scope": ["mlflow/read"] | readers
SCOPE | "scope": 7 | refused
EMAIL | "email": "a@EXAMPLE.com", "email_verified": true | readers
EMAIL | "email": "Boss@example.com", "email_verified": true | readers; admins
EMAIL | "email": "theboss@example.com", "email_verified": true | readers
EMAIL | "email": "a@example.com" |
EMAIL | "email": "a@example.com", "email_verified": false |
EMAIL | "email": "a@example.com", "email_verified": "true" |
EMAIL | "email": "a@example.com", "email_verified": 1 |
EMAIL | "email": "a@sub.example.com", "email_verified": true |
EMAIL | "email": "a@example.com.evil.org", "email_verified": true |
EMAIL | "email": "a@evilexample.com", "email_verified": true |
EMAIL | "email": "\"a@example.com \"@evil.org", "email_verified": true |
EMAIL | "email": "example.com", "email_verified": true |
"#;

#[test]
fn groups_are_what_the_rules_find_and_no_more() {
    for row in TABLE.trim().lines() {
        let mut parts = row.split('|').map(str::trim);
        let [rules, claims, expected] = [(); 3].map(|()| parts.next().unwrap());
        let (_, rules) = RULES.iter().find(|(name, _)| *name == rules).unwrap();
        let found = match check(rules, claims) {
            Ok(claims) => claims.groups.join("; "),
            Err(ClaimsError::Groups) => "refused".to_owned(),
            Err(error) => panic!("{error}: {row}"),
        };
        assert_eq!(found, expected, "{row}");
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
    for (_, rules) in RULES {
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
