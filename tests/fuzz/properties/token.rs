//! No token is believed but those that the key's owner signed.

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use shell_core::algorithm::Algorithms;
use shell_jose::{KeySet, UnverifiedToken, VerifyError, verify};

/// A key whose private half is gone, and all that it has ever signed.
static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::parse(include_str!("keys.json")).expect("a key set"));
const SIGNED: [&str; 3] = [
    include_str!("../seeds/token/signed-1"),
    include_str!("../seeds/token/signed-2"),
    include_str!("../seeds/token/signed-3"),
];

/// The input is a token; or its header, its payload and its signature, one on
/// each line and not encoded, of which the last may be missing.
///
/// # Panics
/// If the property does not hold.
pub fn token(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        is_refused_unless_signed(text.trim_end_matches('\n'));
        is_refused_unless_signed(text);
    }
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    if let (Some(header), Some(payload)) = (lines.next(), lines.next()) {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let lent = SIGNED[0].rsplit('.').next().unwrap_or_default().to_owned();
        let signature = lines.next().map_or(lent, encode);
        is_refused_unless_signed(&[encode(header), encode(payload), signature].join("."));
    }
}

fn is_refused_unless_signed(token: &str) {
    let all = Algorithms::all();
    let verified = verify(token, &KEYS, &all);
    let read = UnverifiedToken::read(token);
    let hint = read.as_ref().map_err(Clone::clone);
    let hint = hint.and_then(|token| token.key_hint(&all));
    match (&hint, &verified) {
        (Ok(_), Ok(claims)) => {
            let read = read.expect("it has a hint");
            assert_eq!(read.issuer(), claims.iss, "{token}");
        }
        (Ok(hint), Err(VerifyError::UnknownKey { kid })) => {
            assert_eq!(hint.kid, *kid, "{token}");
            let is_known = |kid: &String| KEYS.key_ids().any(|name| name == kid);
            assert!(!kid.as_ref().is_some_and(is_known), "{token}");
        }
        (Ok(_), Err(VerifyError::Signature | VerifyError::KeyUse { .. })) => {}
        (Err(unread), Err(refused)) => assert_eq!(unread, refused, "{token}"),
        (hint, verified) => panic!("{hint:?}, but {verified:?}: {token}"),
    }
    let is_signed = SIGNED.contains(&token);
    assert_eq!(verified.is_ok(), is_signed, "{token}");
}
