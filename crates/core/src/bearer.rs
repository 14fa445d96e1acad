//! The `Authorization: Bearer` header (RFC 6750 §2.1).

/// The token in the value of an `Authorization` header.
///
/// The scheme compares without case (RFC 9110 §11.1). A caller with more than
/// one such header has none: which of them counts would be a guess.
pub fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearers_are_taken() {
        let table = [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer  a.b.c ", Some("a.b.c")),
            ("BEARER a", Some("a")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic a", None),
            ("Bearerx a", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(token(header), expected, "{header:?}");
        }
    }
}
