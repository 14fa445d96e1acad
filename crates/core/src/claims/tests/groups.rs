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

const DOTS: &str = r#"[{"claim": "realm_access.roles"}]"#;
const OBJECTS: &str = r#"[{"claim": "groups[].name"}]"#;
const DEEP: &str = r#"[{"claim": ["a.b", "c[]", "d"], "value": "x", "group": "admins"}]"#;
const URL: &str = r#"[{"claim": "https://example.com/roles"}]"#;
const COMMA: &str = r#"[{"claim": "groups", "separator": ","}]"#;
const SEMICOLON: &str =
    r#"[{"claim": "groups", "separator": ";", "value": "ml admins", "group": "admins"}]"#;

const RULES: [(&str, &str); 11] = [
    ("DOTS", DOTS),
    ("OBJECTS", OBJECTS),
    ("DEEP", DEEP),
    ("URL", URL),
    ("COMMA", COMMA),
    ("SEMICOLON", SEMICOLON),
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
COGNITO | "cognito:groups": "admins" | admins
COGNITO | "cognito:groups": "admins; readers" | admins; readers
COGNITO | "cognito:groups": null |
COGNITO | "cognito:groups": "" |
COGNITO | "cognito:groups": [] |
COGNITO | "cognito:groups": 7 | cognito:groups is a number
COGNITO | "cognito:groups": true | cognito:groups is true or false
COGNITO | "cognito:groups": {"admins": true} | cognito:groups is an object
COGNITO | "cognito:groups": [["admins"]] | cognito:groups is a list with something else than texts in it
COGNITO | "cognito:groups": ["admins", null] | cognito:groups is a list with something else than texts in it
COGNITO | "cognito:groups": [{"name": "admins"}] | cognito:groups is a list of objects (a rule reads their names with `groups[].name`)
DOTS | "realm_access": {"roles": ["admins", "x"]} | admins; x
DOTS | "realm_access.roles": ["admins"], "realm_access": {"roles": ["x"]} | admins
DOTS | "realm_access": {"roles": 7} | realm_access.roles is a number
DOTS | "realm_access": "roles" |
OBJECTS | "groups": [{"name": "a", "id": 1}, {"name": "b"}] | a; b
OBJECTS | "groups": [{"name": ["a", "b"]}, {"id": 1}, {"name": null}] | a; b
OBJECTS | "groups": [] |
OBJECTS | "groups": null |
OBJECTS | "x": 1 |
OBJECTS | "groups": ["a"] |
OBJECTS | "groups": "a" | groups[].name is a text
OBJECTS | "groups": {"name": "a"} | groups[].name is an object
OBJECTS | "groups": [{"name": "a"}, {"name": 7}] | groups[].name is a number
DEEP | "a.b": {"c": [{"d": "x"}, {"d": "y"}]} | admins
DEEP | "a": {"b": {"c": [{"d": "x"}]}} |
URL | "https://example.com/roles": ["a"] | a
URL | "https://example": {"com/roles": ["a"]} | a
COMMA | "groups": "a, b ,, c d" | a; b; c d
COMMA | "groups": "a" | a
COMMA | "groups": ["a, b"] | a, b
SEMICOLON | "groups": "x; ml admins" | admins
SEMICOLON | "groups": "ml admins, x" |
NESTED | "realm_access": {"roles": ["admins"]} | admins
NESTED | "realm_access": {"role": ["admins"]} |
NESTED | "realm_access": [{"roles": ["admins"]}] |
NESTED | "realm_access": "roles" |
NESTED | "realm_access.roles": ["admins"] |
NESTED | "realm_access": {"roles": {"admins": true}} | realm_access.roles is an object
MAPPED | "groups": ["x", "ml-admins"] | admins
MAPPED | "groups": ["ml-admins"], "roles": ["Boss"] | admins
MAPPED | "groups": ["admins", "ML-ADMINS", "ml-admins2"] |
MAPPED | "groups": "ml-admins" | admins
MAPPED | "groups": {"ml-admins": 1} | groups is an object
MAPPED | "groups": 7, "roles": ["Boss"] | groups is a number
SCOPE | "scope": "openid mlflow/read" | readers
SCOPE | "scope": "mlflow/reader mlflow/rea" |
SCOPE | "scope": "" |
SCOPE | "scope": ["mlflow/read"] | readers
SCOPE | "scope": 7 | scope is a number
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
EMAIL | "email": ["a@example.com"], "email_verified": true | email is a list
EMAIL | "email": ["a@example.com"] |
"#;

#[test]
fn groups_are_what_the_rules_find_and_no_more() {
    for row in TABLE.trim().lines() {
        let mut parts = row.splitn(3, '|').map(str::trim);
        let [rules, claims, expected] = [(); 3].map(|()| parts.next().unwrap());
        let (_, rules) = RULES.iter().find(|(name, _)| *name == rules).unwrap();
        let claims = check(rules, claims);
        let found = match claims.groups_error {
            Some(error) => {
                assert_eq!(claims.groups, [""; 0], "{row}");
                error.to_string()
            }
            None => claims.groups.join("; "),
        };
        let sentence = expected.split_once(" is ").map(|(claim, found)| {
            format!("the claim `{claim}` is {found}, a list of texts is needed")
        });
        assert_eq!(found, sentence.as_deref().unwrap_or(expected), "{row}");
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

fn check(rules: &str, claims: &str) -> Claims {
    let payload = format!(
        r#"{{"iss": "https://issuer.example", "sub": "s", "exp": 5000, "aud": "client", {claims}}}"#
    );
    let config = configure(rules).unwrap();
    let claims = read(serde_json::from_str(&payload).unwrap());
    claims.check(Expected::of(&config), NOW).unwrap()
}

fn configure(rules: &str) -> Result<Config, crate::config::ConfigError> {
    let text = format!(
        r#"{{"origin": "https://mlflow.example.com", "provider": {{"domain": "https://login.example.com",
            "issuer": "https://issuer.example", "client_id": "client", "groups": {rules}}}}}"#
    );
    Config::parse(&text)
}
