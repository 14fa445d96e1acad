//! How much of a text of a client's, or of another server's, a parser is given.
//!
//! Parsers recurse: a text that is nested deeply enough ends a process whose
//! stack is too short for it, and a long one holds its thread. So each is
//! measured before a parser sees it. `docs/SECURITY.md` has the table of all
//! bounds, the libraries' own among them; `tests/workspace/bounds.rs` compares
//! it with the constants.

/// The longest JSON text, in bytes: configuration, policy, a provider's answer.
/// A `config.json` has about 1 KiB, a policy of a hundred rules about 20.
pub const JSON_LENGTH: usize = 1024 * 1024;

/// How deeply lists and objects of a JSON text may be nested: as deeply as
/// `serde_json` reads them.
pub const JSON_DEPTH: usize = 127;

/// The longest document that is read of an identity provider, in bytes.
/// Cognito's key set has less than 1 KiB, Entra's less than 16.
pub const PROVIDER_DOCUMENT: usize = 256 * 1024;

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

/// The longest body that is looked at for names, in bytes. What creates, tags
/// or deletes something is far shorter.
pub const NAMES_BODY: usize = 64 * 1024;

/// The most ranges in a `Range` header for a file of the site. Each would be
/// compared with each other, and no browser asks for several.
pub const RANGES: usize = 8;

/// Checks that a JSON text may be given to a parser. Each [`Parse`] asks this
/// first.
///
/// # Errors
/// With what there is too much of.
///
/// [`Parse`]: crate::json::Parse
pub fn check_json(text: &str) -> Result<(), String> {
    if text.len() > JSON_LENGTH {
        return Err(too_much("it is longer than", JSON_LENGTH, "bytes"));
    }
    if depth(text) > JSON_DEPTH {
        return Err(too_much(
            "it is nested more than",
            JSON_DEPTH,
            "levels deep",
        ));
    }
    Ok(())
}

fn too_much(what: &str, bound: usize, unit: &str) -> String {
    [what, " ", &bound.to_string(), " ", unit].concat()
}

/// How deeply a JSON text is nested. Of one that is none, parsers get no
/// further than this does.
fn depth(text: &str) -> usize {
    let (mut now, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => (),
            b'[' | b'{' => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' => now = now.saturating_sub(1),
            _ => (),
        }
    }
    deepest
}

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
        let lists = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        let objects = |depth: usize| [r#"{"a":"#.repeat(depth), "}".repeat(depth)].concat();
        let too_long = Err("it is longer than 1048576 bytes");
        let too_deep = Err("it is nested more than 127 levels deep");
        let table = [
            (String::new(), Ok(())),
            (long(JSON_LENGTH), Ok(())),
            (long(JSON_LENGTH + 1), too_long),
            (lists(JSON_DEPTH), Ok(())),
            (lists(JSON_DEPTH + 1), too_deep),
            (objects(JSON_DEPTH), Ok(())),
            (objects(JSON_DEPTH + 1), too_deep),
            (["[", &"[],".repeat(500), "{}]"].concat(), Ok(())),
            (format!(r#"["{}"]"#, "[".repeat(500)), Ok(())),
            (format!(r#"["\"{}"]"#, "[".repeat(500)), Ok(())),
            (format!(r#"["\\",{}]"#, lists(JSON_DEPTH)), too_deep),
            ("]".repeat(500) + &lists(JSON_DEPTH + 1), too_deep),
        ];
        for (text, expected) in table {
            let found = check_json(&text);
            let case = &text[..text.len().min(60)];
            assert_eq!(
                found.as_ref().map_err(String::as_str),
                expected.as_ref().map_err(|why| *why),
                "{case}"
            );
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
