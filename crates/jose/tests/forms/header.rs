//! The token and its header (RFC 7515, RFC 7516, RFC 7519 §5).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{KEY, KEYS, Row, becomes, compare, good, judge, signed, usual};

#[test]
fn tokens_and_headers() {
    let with = |name: &str, value: Value| {
        let mut header = json!({ "alg": "RS256", "kid": KEY.kid() });
        header[name] = value;
        of_header(&header.to_string())
    };
    let plain = signed(&good());
    let parts: Vec<&str> = plain.split('.').collect();
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let rows: Vec<(&'static str, String)> = vec![
        ("the compact form", plain.clone()),
        ("the JSON form", json!({ "payload": parts[1] }).to_string()),
        ("five parts: encrypted (JWE)", format!("{plain}.a.b")),
        ("padding with `=`", format!("{plain}=")),
        (
            "no `alg`",
            of_header(&json!({ "kid": KEY.kid() }).to_string()),
        ),
        ("`alg`: `none`", with("alg", "none".into())),
        ("`alg`: HMAC (`HS256`)", with("alg", "HS256".into())),
        ("`alg`: unknown (`ES512`)", with("alg", "ES512".into())),
        ("`alg`: another than the key's", with("alg", "PS256".into())),
        ("no `kid`", of_header(r#"{"alg":"RS256"}"#)),
        ("`kid`: unknown", with("kid", "other".into())),
        ("`kid`: not a text", with("kid", 7.into())),
        ("no `typ`, or `JWT` in any case", with("typ", "jWt".into())),
        (
            "`typ`: `application/jwt`",
            with("typ", "application/jwt".into()),
        ),
        ("`typ`: unknown (`JOSE`)", with("typ", "JOSE".into())),
        (
            "`typ`: `at+jwt` on an ID token",
            with("typ", "at+jwt".into()),
        ),
        (
            "`typ`: `logout+jwt`, and others with `+jwt`",
            with("typ", "logout+jwt".into()),
        ),
        ("`cty`", with("cty", "JSON".into())),
        (
            "`jwk`, `jku`, `x5u`: a key to use",
            with("jku", "https://attacker.example".into()),
        ),
        (
            "`x5c`, `x5t`, `x5t#S256`: a certificate",
            with("x5c", json!(["!"])),
        ),
        ("`crit`, whatever it lists", with("crit", json!(["exp"]))),
        ("`b64`, `zip`, `enc`", with("b64", true.into())),
        ("unknown members", with("x", json!({ "y": 1 }))),
        (
            "a member twice",
            of_header(r#"{"alg":"RS256","kid":"key+/1=","kid":"key+/1="}"#),
        ),
        (
            "a payload that is no JSON object",
            format!("{}.{}.{}", parts[0], encode("[]"), parts[2]),
        ),
        (
            "longer than 61,440 bytes",
            signed(&json!({ "x": "x".repeat(61_440) })),
        ),
    ];
    let judged =
        |(form, token): (&'static str, String)| (form, becomes(judge(&token, &KEYS, &usual())));
    let rows: Vec<Row> = rows.into_iter().map(judged).collect();
    compare("The token and its header", &rows);
}

fn of_header(header: &str) -> String {
    let token = KEY.sign_unchecked(header, &good().to_string());
    token.expose().to_owned()
}
