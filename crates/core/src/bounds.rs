//! Upper bounds of what parsers are given, from clients and from other servers.
//!
//! Parsers recurse: a text that is nested deeply enough ends a process whose
//! stack is too short for it, and a long one holds its thread. So each is
//! measured before a parser sees it, or the parser has a bound of its own. `docs/SECURITY.md` has the table of all
//! bounds, the libraries' own among them; `tests/workspace/bounds.rs` compares
//! it with the constants.

use std::fmt;

/// The longest JSON text, in bytes: configuration, policy, a provider's answer.
/// A `config.json` has about 1 KiB, a policy of a hundred rules about 20.
pub const JSON_LENGTH: usize = 1024 * 1024;

/// How deeply lists and objects of a JSON text may be nested: `serde_json`, which
/// reads all of them, refuses more by itself.
pub const JSON_DEPTH: usize = 127;

/// The longest document that is read of an identity provider, in bytes.
/// Cognito's key set has less than 1 KiB, Entra's less than 16.
pub const PROVIDER_DOCUMENT: usize = 256 * 1024;

/// The longest token, in bytes: what `limits.head_bytes` of the gateway, 64 KiB
/// unless said, leaves beside the other fields of a request. A token with 152 groups
/// of a hundred characters has about 22 KiB.
pub const TOKEN_LENGTH: usize = 60 * 1024;

/// The most keys in an issuer's key set. Entra ID, which has the most of the
/// known ones, publishes about ten.
pub const KEYS: usize = 100;

/// The longest body of a GraphQL request, in bytes: the document with its
/// variables. The longest of MLflow's pages has [`GRAPHQL_BODY_OF_UI`].
pub const GRAPHQL_BODY: usize = 32 * 1024;

/// The longest GraphQL document, in bytes. The longest of MLflow's pages
/// (`GetRun`, as they send it) has [`GRAPHQL_LENGTH_OF_UI`].
pub const GRAPHQL_LENGTH: usize = 8 * 1024;

/// The most opening brackets (`{`, `[`, `(`) in a GraphQL document, wherever
/// they stand, in texts and comments too: nothing is nested more deeply than
/// there are brackets, however a document is read. `GetRun` has
/// [`GRAPHQL_BRACKETS_OF_UI`].
pub const GRAPHQL_BRACKETS: usize = 128;

/// The longest GraphQL body of MLflow's own pages, in bytes: the ids of a hundred
/// runs, the most that MLflow compares. Measured with the documents of the
/// released pages (2.22.5 and 3.18.0; 2.12.2 has none) as Apollo sends them,
/// with `__typename` in every set.
pub const GRAPHQL_BODY_OF_UI: usize = 4409;

/// The longest document of MLflow's own pages, in bytes.
pub const GRAPHQL_LENGTH_OF_UI: usize = 1651;

/// The most brackets in a document of MLflow's own pages.
pub const GRAPHQL_BRACKETS_OF_UI: usize = 22;

/// The longest body of a `GET`, in bytes: it becomes the query, and gunicorn takes
/// no line over 4094.
pub const GET_BODY: usize = 4 * 1024;

/// The longest body that is looked at for names, in bytes. What creates, tags
/// or deletes something is far shorter.
pub const NAMES_BODY: usize = 64 * 1024;

/// The longest body that is looked at for what it refers to, in bytes, where a policy
/// has limits: MLflow takes no longer batch of metrics (1 MB).
pub const REFERENCES_BODY: usize = 1024 * 1024;

/// The longest body of OTLP's spans that is looked at for traces, in bytes.
pub const SPANS_BODY: usize = 4 * 1024 * 1024;

/// The most entities that MLflow is asked about for one request. MLflow itself
/// compares a hundred runs, and gets five hundred traces at once.
pub const REFERENCES: usize = 1000;

/// The longest answer that is filtered for a user with limited rights, in bytes: a
/// page of a thousand experiments with twenty tags each has less than 4 MiB.
pub const FILTERED_ANSWER: usize = 16 * 1024 * 1024;

/// The most ranges in a `Range` header for a file of the site. Each would be
/// compared with each other, and no browser asks for several.
pub const RANGES: usize = 8;

/// Checks that a JSON text may be given to a parser: that it is not too long.
///
/// # Errors
/// With what there is too much of.
pub fn check_json(text: &str) -> Result<(), String> {
    if text.len() > JSON_LENGTH {
        return Err(format!("it is longer than {JSON_LENGTH} bytes"));
    }
    Ok(())
}

/// A token is longer than [`TOKEN_LENGTH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenTooLong {
    /// How long it is, in bytes.
    pub length: usize,
    /// The bound, in bytes.
    pub bound: usize,
}

/// Checks that a token may be looked at: that it is not too long.
///
/// # Errors
/// If it is.
pub fn check_token(token: &str) -> Result<(), TokenTooLong> {
    let length = token.len();
    let bound = TOKEN_LENGTH;
    if length > bound {
        return Err(TokenTooLong { length, bound });
    }
    Ok(())
}

impl fmt::Display for TokenTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, bound } = self;
        write!(
            f,
            "the token of {length} bytes is longer than {bound}, mostly because its user is in \
             many groups: fewer groups are needed, or a filter at the provider that puts only \
             those of MLflow into tokens"
        )
    }
}

impl std::error::Error for TokenTooLong {}

/// What there is too much of in a GraphQL request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphQlExcess {
    /// More bytes than [`GRAPHQL_BODY`], variables included.
    Body,
    /// More bytes of the document than [`GRAPHQL_LENGTH`].
    Length,
    /// More brackets in it than [`GRAPHQL_BRACKETS`].
    Brackets,
}

/// Checks that a GraphQL document may be given to a parser.
///
/// # Errors
/// With what there is too much of.
pub fn check_graphql(document: &str) -> Result<(), GraphQlExcess> {
    if document.len() > GRAPHQL_LENGTH {
        return Err(GraphQlExcess::Length);
    }
    let opens = |byte: &u8| matches!(byte, b'{' | b'[' | b'(');
    if document.bytes().filter(|byte| opens(byte)).count() > GRAPHQL_BRACKETS {
        return Err(GraphQlExcess::Brackets);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_text_is_bounded_in_length_and_depth() {
        let long = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        assert_eq!(check_json(&long(JSON_LENGTH)), Ok(()));
        let refused = check_json(&long(JSON_LENGTH + 1));
        assert_eq!(refused, Err("it is longer than 1048576 bytes".to_owned()));

        // The bound of the parser is the one that is said here.
        let is_read = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        let lists = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        let objects =
            |depth: usize| [r#"{"a":"#.repeat(depth), "1".into(), "}".repeat(depth)].concat();
        for nested in [lists, objects] {
            assert!(is_read(&nested(JSON_DEPTH)));
            assert!(!is_read(&nested(JSON_DEPTH + 1)));
        }
    }

    #[test]
    fn a_graphql_document_is_bounded_in_length_and_brackets() {
        use GraphQlExcess::{Brackets, Length};
        let table = [
            (" ".repeat(GRAPHQL_LENGTH), Ok(())),
            (" ".repeat(GRAPHQL_LENGTH + 1), Err(Length)),
            ("}])".repeat(GRAPHQL_BRACKETS), Ok(())),
            ("\"(\" #[\n".repeat(GRAPHQL_BRACKETS / 2), Ok(())),
            (
                "\"(\" #[\n".repeat(GRAPHQL_BRACKETS / 2) + "{",
                Err(Brackets),
            ),
        ];
        let each = ["{", "[", "("].into_iter().flat_map(|bracket| {
            let most = bracket.repeat(GRAPHQL_BRACKETS);
            [(most.clone(), Ok(())), (most + bracket, Err(Brackets))]
        });
        for (document, expected) in table.into_iter().chain(each) {
            assert_eq!(check_graphql(&document), expected, "{document:.20}");
        }
    }
}
