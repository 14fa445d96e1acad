//! The key set (RFC 7517, RFC 7518 §6, RFC 8037).

use serde_json::{Value, json};
use shell_core::algorithm::Algorithm;
use shell_jose::{KeySet, SigningKey};

use super::{KEY, Row, becomes, compare, good, judge, signed, usual};

#[test]
fn key_sets() {
    let own = || KEY.public_jwk();
    let with = |name: &str, value: Value| {
        let mut jwk = own();
        jwk[name] = value;
        jwk
    };
    let without = |name: &str| {
        let mut jwk = own();
        jwk.as_object_mut().expect("an object").remove(name);
        jwk
    };
    let unknown = || json!({ "kty": "AKP", "kid": "k" });
    let rows: Vec<(&'static str, Value)> = vec![
        ("no `kid`", json!([without("kid")])),
        ("`kid` twice", json!([other(), own()])),
        ("no `alg`", json!([without("alg")])),
        (
            "`alg`: not of its kind, unknown, or for encryption",
            json!([with("alg", "RSA-OAEP".into())]),
        ),
        ("no `use`", json!([without("use")])),
        ("`use`: `enc`", json!([with("use", "enc".into())])),
        (
            "`key_ops` with `verify`",
            json!([with("key_ops", json!(["verify"]))]),
        ),
        (
            "`key_ops` without `verify`",
            json!([with("key_ops", json!(["sign"]))]),
        ),
        (
            "`x5c`, `x5t`, `x5u`: certificates",
            json!([with("x5c", json!(["!"]))]),
        ),
        ("unknown members", json!([with("x", 7.into())])),
        (
            "`kty`: unknown, beside a good key",
            json!([unknown(), own()]),
        ),
        ("`kty`: unknown, alone", json!([unknown()])),
        (
            "`kty`: `oct`",
            json!([{ "kty": "oct", "kid": "k", "k": "AA" }]),
        ),
        (
            "`crv`: unknown (`P-521`, `secp256k1`, `Ed448`)",
            json!([{ "kty": "EC", "kid": "k", "crv": "P-521", "x": "AA", "y": "AA" }]),
        ),
        (
            "RSA of fewer than 2,048 or more than 8,192 bits",
            json!([with("n", short())]),
        ),
        (
            "numbers that are not base64url",
            json!([with("n", "!".into())]),
        ),
        ("a private half (`d`)", json!([with("d", "AQ".into())])),
        ("an entry that is no object", json!([7, own()])),
        ("no keys at all", json!([])),
        ("more than 100 keys", json!(vec![own(); 101])),
    ];
    let token = signed(&good());
    let judged = |(form, keys): (&'static str, Value)| {
        let keys = KeySet::parse(&json!({ "keys": keys }).to_string());
        let judged = keys.map(|keys| becomes(judge(&token, &keys, &usual())));
        (form, judged.unwrap_or_else(|error| error.to_string()))
    };
    let rows: Vec<Row> = rows.into_iter().map(judged).collect();
    compare("The key set", &rows);
}

/// A modulus of 1,024 bits, in base64url.
fn short() -> Value {
    format!("{}8", "_".repeat(170)).into()
}

/// Another key of the same name.
fn other() -> Value {
    let key = SigningKey::generate_for(KEY.kid(), Algorithm::Rs256);
    key.expect("a key can be made").public_jwk()
}
