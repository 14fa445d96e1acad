//! Reading one key of a set (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use jwt_compact::jwk::JsonWebKey;
use serde::Deserialize;
use serde_json::Value;
use shell_core::algorithm::Algorithm;

use super::{VerifyingKey, verifying::Numbers};

/// The shortest RSA key (RFC 7518 §3.3) and the longest that ring takes, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The longest exponent that ring takes, in bits.
const EXPONENT_BITS: usize = 33;

/// How much of a published text is repeated in a reason, in characters.
const SHOWN: usize = 40;

/// Reads a key; or else what makes it unusable, as the rest of a sentence that
/// begins with its name. Texts of the document may be in it, numbers never.
pub(super) fn read(jwk: &Value) -> Result<VerifyingKey, String> {
    check_purpose(jwk)?;
    let numbers = numbers(jwk)?;
    Ok(VerifyingKey {
        kid: text(jwk, "kid")?.map(ToOwned::to_owned),
        only: only(jwk, &numbers)?,
        numbers,
    })
}

/// What to call it in a log.
pub(super) fn title(jwk: &Value, place: usize) -> String {
    match jwk["kid"].as_str() {
        Some(kid) => format!("key `{}`", shown(kid)),
        None => format!("key {}", place + 1),
    }
}

/// Signatures are to be verified with it, and its private half is private.
fn check_purpose(jwk: &Value) -> Result<(), String> {
    if !jwk.is_object() {
        return Err("is not a JSON object".to_owned());
    }
    match text(jwk, "use")? {
        None | Some("sig") => {}
        Some(other) => return Err(format!("is for another use (`{}`)", shown(other))),
    }
    let operations = &jwk["key_ops"];
    let verifies = |all: &Vec<Value>| all.iter().any(|operation| operation == "verify");
    if !operations.is_null() && !operations.as_array().is_some_and(verifies) {
        return Err("does not have `verify` among its `key_ops`".to_owned());
    }
    if !jwk["d"].is_null() {
        return Err("is published with its private half (`d`): anyone can sign with it".to_owned());
    }
    Ok(())
}

fn numbers(jwk: &Value) -> Result<Numbers, String> {
    let kty = text(jwk, "kty")?.unwrap_or_default();
    match kty {
        "RSA" | "EC" | "OKP" => {}
        "oct" => return Err("is symmetric: who could check with it could also sign".to_owned()),
        other => return Err(format!("is of the unknown kind `{}`", shown(other))),
    }
    let unreadable = || "has numbers that cannot be read".to_owned();
    match JsonWebKey::deserialize(jwk).map_err(|_| unreadable())? {
        JsonWebKey::Rsa {
            modulus,
            public_exponent,
            ..
        } => rsa(&modulus, &public_exponent),
        JsonWebKey::EllipticCurve { curve, x, y, .. } => on_curve(&curve, &x, &y),
        JsonWebKey::KeyPair { curve, x, .. } => edwards(&curve, &x),
        JsonWebKey::Symmetric { .. } | _ => Err(unreadable()),
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Numbers, String> {
    let (n, e) = (without_zeros(modulus), without_zeros(exponent));
    let length = bits(n);
    if !RSA_BITS.contains(&length) {
        let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
        return Err(format!(
            "has {length} bits, and RSA needs from {least} to {most}"
        ));
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !is_odd(n) || !is_odd(e) || e == [1] || bits(e) > EXPONENT_BITS {
        return Err("has numbers that make no RSA key".to_owned());
    }
    Ok(Numbers::Rsa {
        n: n.to_owned(),
        e: e.to_owned(),
    })
}

fn on_curve(curve: &str, x: &[u8], y: &[u8]) -> Result<Numbers, String> {
    let point = || [&[4], x, y].concat();
    match (curve, x.len(), y.len()) {
        ("P-256", 32, 32) => Ok(Numbers::P256(point())),
        ("P-384", 48, 48) => Ok(Numbers::P384(point())),
        ("P-256" | "P-384", ..) => Err(format!("has a point of another length than {curve}'s")),
        _ => Err(unknown_curve(curve)),
    }
}

fn edwards(curve: &str, x: &[u8]) -> Result<Numbers, String> {
    match (curve, x.len()) {
        ("Ed25519", 32) => Ok(Numbers::Ed25519(x.to_owned())),
        ("Ed25519", _) => Err("has a point of another length than Ed25519's".to_owned()),
        _ => Err(unknown_curve(curve)),
    }
}

fn unknown_curve(curve: &str) -> String {
    format!(
        "is on the curve `{}`, which is not known here",
        shown(curve)
    )
}

/// The one algorithm that the key is for, if it says so.
fn only(jwk: &Value, numbers: &Numbers) -> Result<Option<Algorithm>, String> {
    let Some(name) = text(jwk, "alg")? else {
        return Ok(None);
    };
    let known = Algorithm::named(name).filter(|known| numbers.permit(*known));
    let wrong = || {
        format!(
            "is for `{}`, which no key of its kind signs tokens with",
            shown(name)
        )
    };
    known.map(Some).ok_or_else(wrong)
}

/// A member that is a text or is not there.
fn text<'a>(jwk: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    let member = &jwk[name];
    if member.is_null() {
        return Ok(None);
    }
    let text = member.as_str().map(Some);
    text.ok_or_else(|| format!("has a `{name}` that is not a text"))
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0);
    start.map_or(&[], |start| &number[start..])
}

/// The length of a number without zeros before it.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| {
        let unused = usize::try_from(first.leading_zeros()).unwrap_or_default();
        number.len() * 8 - unused
    })
}
