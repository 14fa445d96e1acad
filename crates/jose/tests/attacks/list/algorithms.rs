//! Other algorithms than the key's (RFC 8725 §2.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature,
    alg::{Hs256, Hs256Key},
};
use serde_json::{Value, json};
use shell_core::algorithm::{Algorithm, Algorithms};
use shell_jose::VerifyError;

use super::{Attack, Forge, MALFORMED, encode, family, parts};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = named(forge);
    attacks.extend(others(forge));
    attacks.extend(confused(forge));
    attacks.extend(family(&MALFORMED, unnamed(forge)));
    attacks
}

/// An algorithm that is not taken anywhere.
fn untaken(name: &str) -> VerifyError {
    let refused = Algorithms::all().check(name);
    let refused = refused.expect_err("it is not among all");
    VerifyError::Unreadable(refused.into())
}

/// Algorithms that are taken, for other keys than this.
fn others(forge: &Forge<'_>) -> Vec<Attack> {
    let others = Algorithm::ALL.into_iter();
    let others = others.filter(|other| *other != forge.key.algorithm());
    let attacks = others.flat_map(|algorithm| {
        let signed = forge.heading("alg", algorithm.name().into());
        let [header, payload, _] = parts(&signed);
        let tokens = [
            (format!("alg {algorithm} of RS256's key"), signed.clone()),
            (
                format!("alg {algorithm} without a signature"),
                format!("{header}.{payload}."),
            ),
        ];
        family(&VerifyError::KeyUse { algorithm }, tokens)
    });
    attacks.collect()
}

/// Headers that name another algorithm, or the right one in another spelling:
/// without a signature, and with the right one.
fn named(forge: &Forge<'_>) -> Vec<Attack> {
    let names = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "ES512",
        "ES256K",
        "Ed448",
        "eddsa",
        "rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "RS-256",
        "RSA",
        "dir",
        "RSA-OAEP",
        // Cyrillic, full width, and a letter that is upper case nowhere else.
        "RЅ256",
        "ＲＳ256",
        "R\u{17f}256",
    ];
    let tokens = names.into_iter().flat_map(|name| {
        let signed = forge.heading("alg", name.into());
        let [header, payload, _] = parts(&signed);
        let unsigned = format!("{header}.{payload}.");
        let tokens = [
            (format!("alg {name:?}"), signed.clone()),
            (format!("alg {name:?} without a signature"), unsigned),
        ];
        family(&untaken(name), tokens)
    });
    tokens.collect()
}

/// The verifier's public key, used as a shared secret.
fn confused(forge: &Forge<'_>) -> Vec<Attack> {
    let jwk = forge.key.public_jwk();
    let number = |name: &str| {
        jwk[name]
            .as_str()
            .and_then(|it| BASE64_URL_SAFE_NO_PAD.decode(it).ok())
    };
    let modulus = number("n").expect("the key has a modulus");
    let exponent = number("e").expect("the key has an exponent");
    let pkcs1 = sequence(&[integer(&modulus), integer(&exponent)].concat());
    let spki = spki(&pkcs1);
    let secrets: [(&str, Vec<u8>); 9] = [
        ("its JWK", jwk.to_string().into()),
        ("its modulus", modulus),
        (
            "its modulus in base64url",
            jwk["n"].as_str().map_or(Vec::new(), Into::into),
        ),
        ("its PEM", pem("PUBLIC KEY", &spki).into()),
        (
            "its PEM without the last line end",
            pem("PUBLIC KEY", &spki).trim_end().into(),
        ),
        ("its DER", spki),
        ("its PEM of PKCS #1", pem("RSA PUBLIC KEY", &pkcs1).into()),
        ("its DER of PKCS #1", pkcs1),
        ("nothing", Vec::new()),
    ];
    let token =
        |(name, secret): (&str, Vec<u8>)| (format!("HS256 with {name}"), hs256(forge, &secret));
    family(&untaken("HS256"), secrets.into_iter().map(token))
}

/// Headers that name none.
fn unnamed(forge: &Forge<'_>) -> Vec<(String, String)> {
    let missing = forge.with_header(&json!({ "kid": forge.key.kid() }).to_string());
    let odd = [
        Value::Null,
        json!(256),
        json!(true),
        json!(["RS256"]),
        json!({ "RS256": 1 }),
    ];
    let odd = odd.map(|alg| (format!("alg {alg}"), forge.heading("alg", alg)));
    let mut tokens = vec![("no alg".to_owned(), missing)];
    tokens.extend(odd);
    tokens
}

fn hs256(forge: &Forge<'_>, secret: &[u8]) -> String {
    let mut header = forge.header();
    header["alg"] = "HS256".into();
    let signed = [encode(header.to_string()), encode(forge.claims.to_string())].join(".");
    let signature = Hs256.sign(&Hs256Key::new(secret), signed.as_bytes());
    [signed, encode(signature.as_bytes())].join(".")
}

/// `SubjectPublicKeyInfo` of an RSA key (RFC 8017 appendix C, RFC 5280 §4.1).
fn spki(pkcs1: &[u8]) -> Vec<u8> {
    const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let key = der(3, &[&[0], pkcs1].concat());
    sequence(&[RSA, &key].concat())
}

fn sequence(content: &[u8]) -> Vec<u8> {
    der(0x30, content)
}

/// A number that is not negative.
fn integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number[0] < 0x80 { &[] } else { &[0] };
    der(2, &[sign, number].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("keys are short");
    let [high, low] = length.to_be_bytes();
    let length = match length {
        ..0x80 => vec![low],
        0x80..0x100 => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], length.as_slice(), content].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = encode(der).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}
