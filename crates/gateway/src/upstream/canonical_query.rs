//! The one spelling of a query.
//!
//! A signature is over the query as AWS spells it, and signers differ in what
//! they make of `+`, of a key without `=`, and of bytes that need no escape. A
//! query that is sent in AWS's own spelling leaves them nothing to differ in;
//! to MLflow it says the same.

use std::fmt::Write;

use shell_core::refusal::Problem;

/// A presigned URL's keys all begin so. AWS takes one way to authenticate.
const SIGNATURE: &str = "x-amz-";

/// Returns `query` with every byte escaped that RFC 3986 does not call
/// unreserved, no other, a `=` in each pair, and no empty pairs.
///
/// # Errors
/// If it is not text, or carries a signature.
pub(super) fn canonicalize(query: &str) -> Result<String, Problem> {
    let mut spelled = String::with_capacity(query.len());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decode(key)?, decode(value)?);
        if key.to_ascii_lowercase().starts_with(SIGNATURE) {
            return Err(Problem::signature_in_query());
        }
        if !spelled.is_empty() {
            spelled.push('&');
        }
        encode(&key, &mut spelled);
        spelled.push('=');
        encode(&value, &mut spelled);
    }
    Ok(spelled)
}

/// As a form is decoded: `+` is a space, and an escape that is none is itself.
fn decode(text: &str) -> Result<String, Problem> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, length) = match bytes[at] {
            b'+' => (b' ', 1),
            b'%' => escaped(&bytes[at + 1..]).map_or((b'%', 1), |byte| (byte, 3)),
            plain => (plain, 1),
        };
        decoded.push(byte);
        at += length;
    }
    String::from_utf8(decoded).map_err(|_| Problem::query_not_text())
}

fn escaped(rest: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*rest.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn encode(text: &str, spelled: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            spelled.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            write!(spelled, "%{byte:02X}").unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_query_is_sent_in_one() {
        let table = [
            ("", ""),
            ("a=b", "a=b"),
            ("a", "a="),
            ("a=&b", "a=&b="),
            ("&&a=1&", "a=1"),
            ("=b", "=b"),
            ("a=b=c", "a=b%3Dc"),
            ("a+b=c+d", "a%20b=c%20d"),
            ("a=%2b%2B", "a=%2B%2B"),
            ("a=%7E~!*'()", "a=~~%21%2A%27%28%29"),
            ("a=1&a=2&a=1", "a=1&a=2&a=1"),
            ("z=1&a=2", "z=1&a=2"),
            ("a=gr%c3%bc%C3%9fe", "a=gr%C3%BC%C3%9Fe"),
            ("a=100%&b=%zz%4", "a=100%25&b=%25zz%254"),
        ];
        for (query, expected) in table {
            let spelled = canonicalize(query).unwrap();
            assert_eq!(spelled, expected, "{query}");
            assert_eq!(canonicalize(&spelled).unwrap(), spelled, "{query}");
        }
    }

    #[test]
    fn what_cannot_be_signed_is_refused() {
        for query in ["a=%FF", "X-Amz-Signature=1", "a=1&x%2Damz-Date=2"] {
            assert_eq!(canonicalize(query).unwrap_err().status(), 400, "{query}");
        }
    }
}
