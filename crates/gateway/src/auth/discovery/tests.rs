use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example.com/realms/ml";

#[test]
fn a_document_speaks_for_its_issuer_and_names_secure_places_only() {
    let table: [(&str, Value, &str); 11] = [
        ("its own", json!({}), ""),
        (
            "another's",
            json!({"issuer": "https://id.example.com/realms/other"}),
            "is that of `https://id.example.com/realms/other`",
        ),
        (
            "with a slash more",
            json!({"issuer": "https://id.example.com/realms/ml/"}),
            "is that of",
        ),
        (
            "in upper case",
            json!({"issuer": "https://ID.example.com/realms/ml"}),
            "is that of",
        ),
        (
            "Entra's for everybody",
            json!({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
            "is that of",
        ),
        (
            "nobody's",
            json!({"issuer": null}),
            "is not one of OpenID Connect Discovery",
        ),
        (
            "without keys",
            json!({"jwks_uri": null}),
            "is not one of OpenID Connect Discovery",
        ),
        (
            "keys in the clear",
            json!({"jwks_uri": "http://id.example.com/keys"}),
            "has a `jwks_uri` that must use https://",
        ),
        (
            "keys on this machine",
            json!({"jwks_uri": "http://localhost:9/keys"}),
            "has a `jwks_uri` that is on this machine",
        ),
        (
            "a token endpoint that is no URL",
            json!({"token_endpoint": "/token"}),
            "has a `token_endpoint` that is not an absolute URL",
        ),
        (
            "a sign-out in the clear",
            json!({"end_session_endpoint": "http://id.example.com/out"}),
            "has a `end_session_endpoint` that must use https://",
        ),
    ];
    for (case, changes, problem) in table {
        let found = accept(ISSUER, &document(&changes));
        let found = found.err().map(|error| error.to_string());
        let said = found.unwrap_or_default();
        let expected = format!("the document of `{ISSUER}` {problem}");
        let fits = if problem.is_empty() {
            said.is_empty()
        } else {
            said.starts_with(&expected)
        };
        assert!(fits, "{case}: {said}");
    }
}

#[test]
fn who_signs_in_otherwise_than_we_do_is_told_so() {
    let table = [
        (json!({}), ""),
        (
            json!({"id_token_signing_alg_values_supported": ["HS256", "none"]}),
            "has HS256, none as the algorithms that sign ID tokens, and this site takes RS256, \
             RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA: choose another",
        ),
        (
            json!({"id_token_signing_alg_values_supported": ["HS256", "EdDSA"]}),
            "",
        ),
        (
            json!({"code_challenge_methods_supported": ["plain"]}),
            "S256",
        ),
        (
            json!({"code_challenge_methods_supported": ["plain", "S256"]}),
            "",
        ),
        (
            json!({"authorization_endpoint": null}),
            "`authorization_endpoint`",
        ),
        (json!({"token_endpoint": null}), "`token_endpoint`"),
    ];
    for (changes, problem) in table {
        let found = accept(ISSUER, &document(&changes)).unwrap();
        let said = found
            .check_sign_in(&Algorithms::all())
            .err()
            .map(|error| error.to_string());
        let fits = said.as_ref().map_or(problem.is_empty(), |said| {
            !problem.is_empty() && said.contains(problem)
        });
        assert!(fits, "{changes}: {said:?}");
    }
}

#[test]
fn what_the_site_takes_is_what_counts() {
    let found = accept(ISSUER, &document(&json!({}))).unwrap();
    let only = |name: &str| Algorithms::parse([name]).unwrap();
    assert!(found.check_sign_in(&only("PS256")).is_ok());
    let refused = found.check_sign_in(&only("EdDSA")).unwrap_err().to_string();
    assert!(
        refused.contains(
            "has PS256, RS256 as the algorithms that sign ID tokens, and this site takes EdDSA"
        ),
        "{refused}"
    );
}

/// A good document, as Keycloak writes it, with `changes`.
fn document(changes: &Value) -> String {
    let mut document = json!({
        "issuer": ISSUER,
        "jwks_uri": "https://id.example.com/realms/ml/protocol/openid-connect/certs",
        "authorization_endpoint": "https://id.example.com/realms/ml/protocol/openid-connect/auth",
        "token_endpoint": "https://id.example.com/realms/ml/protocol/openid-connect/token",
        "end_session_endpoint": "https://id.example.com/realms/ml/protocol/openid-connect/logout",
        "id_token_signing_alg_values_supported": ["PS256", "RS256"],
        "unknown": {"a": [1, null]},
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.to_string()
}
