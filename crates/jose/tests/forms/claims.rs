//! The claims (RFC 7519 §4, OpenID Connect Core §2, §3.1.3.7, §5).

use serde_json::{Value, json};
use shell_core::config::Bearer;

use super::{KEYS, NOW, Row, becomes, changed, compare, config, judge, lacking, signed, usual};

#[test]
fn claims_of_id_tokens() {
    let rows: Vec<(&'static str, Value)> = vec![
        ("`iss`: absent", lacking("iss")),
        (
            "`iss`: other by a final `/`",
            changed(&json!({ "iss": "https://issuer.example/" })),
        ),
        ("`sub`: absent or null", lacking("sub")),
        ("`sub`: a number", changed(&json!({ "sub": 7 }))),
        (
            "`aud`: a list with our client",
            changed(&json!({ "aud": ["client"] })),
        ),
        (
            "`aud`: a list with others, too",
            changed(&json!({ "aud": ["other", "client"] })),
        ),
        ("`aud`: absent, or of others only", lacking("aud")),
        (
            "`aud`: a list with something else than texts",
            changed(&json!({ "aud": ["client", 7] })),
        ),
        (
            "`azp`: another client, with several `aud`",
            changed(&json!({ "aud": ["other", "client"], "azp": "other" })),
        ),
        (
            "`azp`: another client, with one `aud`",
            changed(&json!({ "azp": "device" })),
        ),
        ("`exp`: absent or null", changed(&json!({ "exp": null }))),
        (
            "`exp`: a fraction",
            changed(&json!({ "exp": 1_700_000_600.5 })),
        ),
        (
            "`exp`: a text, or negative",
            changed(&json!({ "exp": "1700000600" })),
        ),
        (
            "`exp`: passed less than the leeway ago",
            changed(&json!({ "exp": NOW - 59 })),
        ),
        (
            "`exp`: passed by the leeway",
            changed(&json!({ "exp": NOW - 60 })),
        ),
        (
            "`nbf`: absent, null, or a fraction",
            changed(&json!({ "nbf": 1_699_999_999.5 })),
        ),
        (
            "`nbf`: later than the leeway allows",
            changed(&json!({ "nbf": NOW + 61 })),
        ),
        ("`iat`: absent, or a fraction", lacking("iat")),
        (
            "`iat`: in the future",
            changed(&json!({ "iat": NOW + 9_999 })),
        ),
        ("`iat`: not a number", changed(&json!({ "iat": "now" }))),
        (
            "`jti`, `auth_time`, `acr`, `amr`, `at_hash`, `c_hash`",
            changed(&json!({ "at_hash": 7 })),
        ),
        (
            "`email_verified`: absent, a text, or false",
            changed(&json!({ "email_verified": "true" })),
        ),
        (
            "`email`, `name` and the like: null, or of another kind",
            changed(&json!({ "email": ["a"], "name": null })),
        ),
        (
            "`token_use`: another kind",
            changed(&json!({ "token_use": "access" })),
        ),
        (
            "`events`: a notice of a sign-out or of security",
            changed(&json!({ "events": {} })),
        ),
        (
            "`_claim_names`: claims kept elsewhere",
            changed(&json!({ "groups": null, "_claim_names": { "groups": "src1" } })),
        ),
        (
            "unknown claims, of any kind",
            changed(&json!({ "x": [{ "y": 1 }] })),
        ),
    ];
    let judged = |(form, claims): (&'static str, Value)| {
        (form, becomes(judge(&signed(&claims), &KEYS, &usual())))
    };
    let mut rows: Vec<Row> = rows.into_iter().map(judged).collect();
    rows.push(("a claim twice", twice()));
    compare("The claims of an ID token", &rows);
}

#[test]
fn claims_of_access_tokens() {
    let rows: Vec<(&'static str, Value)> = vec![
        (
            "`client_id`: ours",
            json!({ "aud": null, "client_id": "client" }),
        ),
        (
            "`client_id`: absent, and `aud` is the client",
            json!({ "aud": "client" }),
        ),
        (
            "`aud`: an API, beside our `client_id`",
            json!({ "aud": "api", "client_id": "client" }),
        ),
        (
            "`scope`: absent, a text, or a list",
            json!({ "client_id": "client", "scope": ["a"] }),
        ),
        (
            "`token_use`: `id`",
            json!({ "client_id": "client", "token_use": "id" }),
        ),
    ];
    let of_access = config(&Value::Null, &json!({ "bearer": "access" }));
    assert_eq!(of_access.bearer, Bearer::Access);
    let judged = |(form, changes): (&'static str, Value)| {
        (
            form,
            becomes(judge(&signed(&changed(&changes)), &KEYS, &of_access)),
        )
    };
    let rows: Vec<Row> = rows.into_iter().map(judged).collect();
    compare("The claims of an access token", &rows);
}

#[test]
fn groups() {
    let rows: Vec<(&'static str, Value, Value)> = vec![
        ("a list of texts", rule("groups"), json!(["a", "b"])),
        ("a text", rule("groups"), json!("a")),
        (
            "a text with a separator",
            json!([{ "claim": "groups", "separator": ";" }]),
            json!("a; b"),
        ),
        (
            "a list of objects, by a path",
            rule("groups[].name"),
            json!([{ "name": "a" }, { "name": "b" }]),
        ),
        (
            "an object, by a path",
            rule("groups.roles"),
            json!({ "roles": ["a"] }),
        ),
        ("absent, null or empty", rule("groups"), Value::Null),
        (
            "an object without a path",
            rule("groups"),
            json!({ "a": true }),
        ),
        (
            "a list of objects without a path",
            rule("groups"),
            json!([{ "name": "a" }]),
        ),
        ("a number, or true", rule("groups"), json!(7)),
        (
            "a list with a number in it",
            rule("groups"),
            json!(["a", 7]),
        ),
    ];
    let judged = |(form, rules, groups): (&'static str, Value, Value)| {
        let config = config(&json!({ "groups": rules }), &Value::Null);
        let token = signed(&changed(&json!({ "groups": groups })));
        let claims = judge(&token, &KEYS, &config).expect("the token is good");
        let found = match claims.groups_error {
            Some(error) => error.to_string(),
            None if claims.groups.is_empty() => "in no group".to_owned(),
            None => format!("in {}", claims.groups.join(" and ")),
        };
        (form, found)
    };
    let rows: Vec<Row> = rows.into_iter().map(judged).collect();
    compare("Groups", &rows);
}

fn rule(claim: &str) -> Value {
    json!([{ "claim": claim }])
}

fn twice() -> String {
    let payload = super::good().to_string().replacen('{', r#"{"exp":1,"#, 1);
    let header = json!({ "alg": "RS256", "kid": super::KEY.kid() }).to_string();
    let token = super::KEY.sign_unchecked(&header, &payload);
    becomes(judge(token.expose(), &KEYS, &usual()))
}
