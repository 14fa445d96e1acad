//! How paths and queries are spelt on their way.

use std::fmt::Write;

/// What stays as it is in a path parameter, besides letters and digits.
const PATH: &[u8] = b"-._~/!$&'()*+,;=:@";

/// What stays as it is in a query, besides letters and digits.
const QUERY: &[u8] = b"-._~";

/// Decodes a path parameter and encodes it again: `%2F` becomes `/`, and `%25`
/// stays `%25`.
pub(super) fn again(parameter: &str) -> String {
    encode(&decode(parameter), PATH)
}

/// Takes a query apart: names and values, decoded. A `;` separates as `&` does.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let query = query.replace(';', "&");
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Puts a query together again.
pub(super) fn query(pairs: &[(String, String)]) -> String {
    let encode = |text: &str| encode(text.as_bytes(), QUERY);
    let pairs = pairs.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    bytes
}

fn encode(bytes: &[u8], kept: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a text takes anything");
        }
    }
    text
}
