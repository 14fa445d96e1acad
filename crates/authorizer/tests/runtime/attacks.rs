//! Forged tokens: each is unauthorized.

mod spellings;

use serde_json::{Value, json};

use crate::{
    forgery::{KID, Key, deep, header, unsigned},
    lambda::{Lambda, claims, event, events, now},
};

#[tokio::test]
async fn each_is_unauthorized() {
    let key = Key::generate();
    let mut lambda = Lambda::start(Some(key.jwks()), &[]).await;
    let (kind, _) = lambda.invoke(&event(Some(&key.good()))).await;
    assert_eq!(
        kind, "response",
        "the forgeries are forgeries of something good"
    );

    let attacks = [
        headers(&key),
        bodies(&key),
        times(&key),
        spellings::of(&key),
    ];
    for (case, token) in attacks.into_iter().flatten() {
        let failure = lambda.failure(&event(Some(&token))).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"), "{case}");
    }
    let forged = key.forged();
    for event in events(Some(&forged)) {
        let failure = lambda.failure(&event).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"), "{event}");
    }
    let (kind, _) = lambda.invoke(&event(Some(&key.good()))).await;
    assert_eq!(kind, "response", "it is still there");
    assert_eq!(
        lambda.loads(),
        1,
        "no token makes the function ask for anything"
    );

    let log = lambda.stop();
    assert!(!format!("{log:?}").contains("eyJ"), "a token in the log");
}

type Attacks = Vec<(&'static str, String)>;

fn headers(key: &Key) -> Attacks {
    let body = claims("admins").to_string();
    let signed = |header: &str| key.sign(header, &body);
    let other = Key::generate();
    let confused = other.sign(&header(&json!({})), &body);
    let elsewhere = |name: &str| {
        let value = if name == "jwk" {
            other.jwk()
        } else {
            "https://evil.example/jwks.json".into()
        };
        other.sign(&header(&json!({ name: value })), &body)
    };
    vec![
        (
            "alg none",
            unsigned(&header(&json!({"alg": "none"})), &body),
        ),
        (
            "alg none, with a signature",
            signed(&header(&json!({"alg": "none"}))),
        ),
        (
            "alg None",
            unsigned(&header(&json!({"alg": "None"})), &body),
        ),
        ("alg missing", signed(&json!({ "kid": KID }).to_string())),
        ("alg null", signed(&header(&json!({"alg": null})))),
        ("alg a list", signed(&header(&json!({"alg": ["RS256"]})))),
        ("alg rs256", signed(&header(&json!({"alg": "rs256"})))),
        ("alg RS384", signed(&header(&json!({"alg": "RS384"})))),
        ("alg PS256", signed(&header(&json!({"alg": "PS256"})))),
        ("alg ES256", signed(&header(&json!({"alg": "ES256"})))),
        ("HS256 with the public key", key.hs256(&body)),
        ("no kid", signed(&json!({"alg": "RS256"}).to_string())),
        ("kid null", signed(&header(&json!({"kid": null})))),
        ("kid a number", signed(&header(&json!({"kid": 1})))),
        ("kid a list", signed(&header(&json!({"kid": [KID]})))),
        ("kid empty", signed(&header(&json!({"kid": ""})))),
        (
            "kid traversal",
            signed(&header(&json!({"kid": "../../../../dev/null"}))),
        ),
        (
            "kid a URL",
            signed(&header(&json!({"kid": "https://evil.example/jwks.json"}))),
        ),
        (
            "kid injection",
            signed(&header(&json!({"kid": "a' UNION SELECT 'k'--"}))),
        ),
        (
            "kid with a line end",
            signed(&header(&json!({"kid": "a\r\nX: y\u{0}"}))),
        ),
        (
            "kid in another case",
            signed(&header(&json!({"kid": KID.to_uppercase()}))),
        ),
        ("another's key by our name", confused),
        ("jwk", elsewhere("jwk")),
        ("jku", elsewhere("jku")),
        ("x5u", elsewhere("x5u")),
        ("x5c", elsewhere("x5c")),
        (
            "unknown crit",
            signed(&header(&json!({"crit": ["b64"], "b64": false}))),
        ),
        ("empty crit", signed(&header(&json!({"crit": []})))),
        (
            "crit null",
            signed(&header(&json!({"crit": null, "b64": false}))),
        ),
        (
            "alg twice",
            signed(&format!(r#"{{"alg":"none","alg":"RS256","kid":"{KID}"}}"#)),
        ),
        (
            "kid twice",
            signed(&format!(r#"{{"alg":"RS256","kid":"evil","kid":"{KID}"}}"#)),
        ),
        (
            "crit twice",
            signed(&format!(
                r#"{{"alg":"RS256","kid":"{KID}","crit":["a"],"crit":null}}"#
            )),
        ),
        (
            "deep header",
            signed(&format!(
                r#"{{"alg":"RS256","kid":"{KID}","a":{}}}"#,
                deep()
            )),
        ),
        ("header a list", signed(r#"["RS256"]"#)),
        ("header not JSON", signed("RS256")),
    ]
}

fn bodies(key: &Key) -> Attacks {
    let with = |changes: Value| key.claiming(&changes);
    let text = |text: &str| key.sign(&header(&json!({})), text);
    let doubled = |name: &str, value: &str| {
        let body = claims("admins").to_string();
        text(&format!(r#"{{"{name}":{value},{}"#, &body[1..]))
    };
    vec![
        ("wrong iss", with(json!({"iss": "https://evil.example"}))),
        (
            "iss with a slash more",
            with(json!({"iss": "https://issuer.example/"})),
        ),
        (
            "iss in another case",
            with(json!({"iss": "https://ISSUER.example"})),
        ),
        (
            "iss a list",
            with(json!({"iss": ["https://issuer.example"]})),
        ),
        ("no iss", with(json!({"iss": null}))),
        ("no sub", with(json!({"sub": null}))),
        ("wrong aud", with(json!({"aud": "other"}))),
        ("aud almost", with(json!({"aud": "client "}))),
        ("no aud", with(json!({"aud": null}))),
        ("aud a number", with(json!({"aud": 1}))),
        ("aud a map", with(json!({"aud": {"client": true}}))),
        (
            "wrong client_id",
            with(json!({"aud": null, "client_id": "other"})),
        ),
        (
            "access token",
            with(json!({"token_use": "access", "client_id": "client"})),
        ),
        ("wrong token_use", with(json!({"token_use": "refresh"}))),
        ("token_use a list", with(json!({"token_use": ["id"]}))),
        ("groups a text", with(json!({"cognito:groups": "admins"}))),
        (
            "groups a map",
            with(json!({"cognito:groups": {"admins": true}})),
        ),
        ("iss twice", doubled("iss", r#""https://evil.example""#)),
        ("exp twice", doubled("exp", "1")),
        ("groups twice", doubled("cognito:groups", r#"["readers"]"#)),
        ("a stranger twice", doubled("x", "1,\"x\":2")),
        ("deep claims", doubled("x", &deep())),
        ("claims a list", text("[]")),
        ("claims not JSON", text("alice")),
        ("claims empty", text("")),
        ("two documents", text(&format!("{0}{0}", claims("admins")))),
    ]
}

fn times(key: &Key) -> Attacks {
    let with = |changes: Value| key.claiming(&changes);
    vec![
        ("expired", with(json!({"exp": now() - 11}))),
        ("no exp", with(json!({"exp": null}))),
        ("exp a text", with(json!({"exp": "9999999999"}))),
        ("exp a fraction", with(json!({"exp": 9_999_999_999.5}))),
        ("exp negative", with(json!({"exp": -1}))),
        ("exp too large", with(json!({"exp": 1e300}))),
        ("not yet valid", with(json!({"nbf": now() + 60}))),
        ("nbf a text", with(json!({"nbf": "0"}))),
        ("nbf at the end of time", with(json!({"nbf": u64::MAX}))),
    ]
}
