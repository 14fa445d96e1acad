use std::sync::LazyLock;

use Algorithm::{EdDsa, Es256, Ps256, Rs256, Rs512};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;
use crate::SigningKey;

static RSA: LazyLock<Value> = LazyLock::new(|| key(Algorithm::Rs256));
static EC: LazyLock<Value> = LazyLock::new(|| key(Algorithm::Es256));
static ED: LazyLock<Value> = LazyLock::new(|| key(Algorithm::EdDsa));

/// What is special, the member that is replaced, and by what.
type Change = (&'static str, &'static str, Value);

#[test]
fn keys_that_can_be_used_are() {
    let rsa = || RSA.clone();
    let table = [
        ("one key", json!([rsa()])),
        ("no use, no alg", json!([without(&RSA, &["use", "alg"])])),
        ("no kid", json!([without(&RSA, &["kid"])])),
        ("null members", json!([with(&RSA, "key_ops", Value::Null)])),
        (
            "key_ops",
            json!([with(&RSA, "key_ops", json!(["verify", "sign"]))]),
        ),
        (
            "others beside it",
            json!([{"kty": "EC"}, 7, rsa(), {"kty": "x"}]),
        ),
        ("unknown members", json!([with(&RSA, "x5t", json!("?"))])),
        ("a certificate", json!([with(&RSA, "x5c", json!(["!"]))])),
        ("3072 bits", json!([with(&RSA, "n", modulus(3072))])),
        ("8192 bits", json!([with(&RSA, "n", modulus(8192))])),
        ("P-256", json!([EC.clone()])),
        ("P-384", json!([key(Algorithm::Es384)])),
        ("Ed25519", json!([ED.clone()])),
        (
            "Ed25519, as RFC 9864 calls it",
            json!([with(&ED, "alg", json!("Ed25519"))]),
        ),
        ("the last of as many as there may be", json!(among(KEYS))),
    ];
    for (case, keys) in table {
        let found = parse(&keys).map(|set| set.count());
        assert_eq!(found, Ok(1), "{case}");
    }
}

#[test]
fn a_key_that_cannot_be_used_says_why() {
    let table: [(&LazyLock<Value>, Change); 22] = [
        (&RSA, ("is for another use (`enc`)", "use", json!("enc"))),
        (
            &RSA,
            ("`verify` among its `key_ops`", "key_ops", json!(["sign"])),
        ),
        (
            &RSA,
            ("`verify` among its `key_ops`", "key_ops", json!("verify")),
        ),
        (&RSA, ("is for `RSA-OAEP`", "alg", json!("RSA-OAEP"))),
        (&RSA, ("is for `ES256`", "alg", json!("ES256"))),
        (&RSA, ("is for `HS256`", "alg", json!("HS256"))),
        (&RSA, ("`alg` that is not a text", "alg", json!(7))),
        (&RSA, ("`kid` that is not a text", "kid", json!(7))),
        (&RSA, ("has 1024 bits", "n", modulus(1024))),
        (&RSA, ("has 2047 bits", "n", modulus(2047))),
        (&RSA, ("has 8193 bits", "n", modulus(8193))),
        (&RSA, ("make no RSA key", "e", json!("AQ"))),
        (&RSA, ("make no RSA key", "e", json!("AQAC"))),
        (&RSA, ("cannot be read", "n", json!("!"))),
        (&RSA, ("private half (`d`)", "d", json!("AQ"))),
        (&RSA, ("unknown kind `AKP`", "kty", json!("AKP"))),
        (&RSA, ("symmetric", "kty", json!("oct"))),
        (&EC, ("the curve `P-521`", "crv", json!("P-521"))),
        (&EC, ("the curve `secp256k1`", "crv", json!("secp256k1"))),
        (&EC, ("another length than P-384's", "crv", json!("P-384"))),
        (&ED, ("the curve `X25519`", "crv", json!("X25519"))),
        (&ED, ("another length than Ed25519's", "x", json!("AQ"))),
    ];
    for (key, (reason, member, value)) in table {
        let odd = with(key, member, value);
        let refused = parse(&json!([odd])).unwrap_err().to_string();
        assert!(
            refused.starts_with("none of the keys can be used: key "),
            "{refused}"
        );
        assert!(refused.contains(reason), "{reason}: {refused}");

        // It is as if it were not there.
        let set = parse(&json!([odd, **key])).unwrap();
        assert_eq!((set.count(), set.ignored().len()), (1, 1), "{reason}");
        assert!(set.ignored()[0].reason.contains(reason), "{reason}");
    }
}

#[test]
fn a_set_without_keys_and_a_text_that_is_none_are_refused() {
    use KeySetError::{Malformed, NoUsableKey, TooMany};
    assert_eq!(parse(&json!([])), Err(NoUsableKey(Vec::new())));
    assert_eq!(parse(&json!("keys")), Err(Malformed));
    assert_eq!(parse(&json!(among(KEYS + 1))), Err(TooMany));
    for text in ["", "[]", "{}", "<html>", r#"{"keys":null}"#] {
        assert_eq!(KeySet::parse(text), Err(Malformed), "{text}");
    }
}

/// By name, by kind and by what its issuer says of it.
#[test]
fn a_key_is_found_for_a_token_that_it_may_have_signed() {
    let named = |kid: &str| with(&RSA, "kid", json!(kid));
    let any = |kid: &str| without(&named(kid), &["alg"]);
    let unnamed = || without(&RSA, &["kid"]);
    let set = |keys: Vec<Value>| parse(&json!(keys)).unwrap();
    let many = (0..20).map(|number| named(&number.to_string())).collect();
    let table = [
        (
            "by name",
            set(vec![named("a"), named("b")]),
            Some("b"),
            Rs256,
            1,
        ),
        ("no such name", set(vec![named("a")]), Some("b"), Rs256, 0),
        (
            "for another algorithm",
            set(vec![named("a")]),
            Some("a"),
            Ps256,
            0,
        ),
        (
            "for any of its kind",
            set(vec![any("a")]),
            Some("a"),
            Rs512,
            1,
        ),
        ("of another kind", set(vec![any("a")]), Some("a"), Es256, 0),
        (
            "a name twice",
            set(vec![named("a"), named("a")]),
            Some("a"),
            Rs256,
            2,
        ),
        (
            "a name twice, of two kinds",
            set(vec![named("a"), with(&EC, "kid", json!("a"))]),
            Some("a"),
            Es256,
            1,
        ),
        (
            "no names in the set",
            set(vec![unnamed(), unnamed()]),
            Some("a"),
            Rs256,
            2,
        ),
        (
            "some names in the set",
            set(vec![named("a"), unnamed()]),
            Some("a"),
            Rs256,
            1,
        ),
        (
            "none in the token",
            set(vec![named("a"), unnamed()]),
            None,
            Rs256,
            2,
        ),
        (
            "none in the token, of another kind",
            set(vec![named("a")]),
            None,
            EdDsa,
            0,
        ),
        (
            "none in the token, and many keys",
            set(many),
            None,
            Rs256,
            MOST_TRIES,
        ),
    ];
    for (case, keys, kid, algorithm, count) in table {
        let hint = KeyHint::new(kid.map(ToOwned::to_owned), algorithm);
        assert_eq!(keys.candidates(&hint).count(), count, "{case}");
        let is_named = kid.is_some_and(|kid| keys.key_ids().any(|name| name == kid));
        assert_eq!(keys.has(&hint), count > 0 || is_named, "{case}");
    }
}

#[test]
fn algorithms_are_those_of_the_keys() {
    let algorithms = |keys: Value| {
        let set = parse(&keys).unwrap();
        let names: Vec<_> = set.algorithms().map(Algorithm::name).collect();
        names.join(" ")
    };
    assert_eq!(algorithms(json!([RSA.clone(), ED.clone()])), "RS256 EdDSA");
    assert_eq!(
        algorithms(json!([without(&RSA, &["alg"])])),
        "RS256 RS384 RS512 PS256 PS384 PS512"
    );
}

fn parse(keys: &Value) -> Result<KeySet, KeySetError> {
    KeySet::parse(&json!({ "keys": keys }).to_string())
}

/// The one key, last of so many.
fn among(keys: usize) -> Vec<Value> {
    let mut all = vec![json!({"kty": "EC"}); keys - 1];
    all.push(RSA.clone());
    all
}

fn key(algorithm: Algorithm) -> Value {
    let key = SigningKey::generate_for("a+/b=", algorithm).unwrap();
    key.public_jwk()
}

fn with(key: &Value, member: &str, value: Value) -> Value {
    let mut jwk = key.clone();
    jwk[member] = value;
    jwk
}

fn without(key: &Value, members: &[&str]) -> Value {
    let mut jwk = key.clone();
    let object = jwk.as_object_mut().unwrap();
    object.retain(|member, _| !members.contains(&member.as_str()));
    jwk
}

/// An odd number of that many bits, in base64url.
fn modulus(bits: usize) -> Value {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    BASE64_URL_SAFE_NO_PAD.encode(bytes).into()
}
