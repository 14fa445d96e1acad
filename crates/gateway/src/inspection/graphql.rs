//! Which fields of the schema a GraphQL request asks for.
//!
//! MLflow executes one operation of a document; here all of them count, and
//! what cannot be read counts as unknown. The judgement is the policy's.

use std::collections::HashSet;

use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use serde_json::Value;
use shell_core::bounds::{GraphQlExcess, check_graphql};

/// The fields of the schema's root types that the document in `body` asks for;
/// `None` if it cannot be read.
///
/// # Errors
/// If there is too much of it for a parser.
pub(crate) fn root_fields(body: &Value) -> Result<Option<Vec<String>>, GraphQlExcess> {
    let Some(document) = document(body) else {
        return Ok(None);
    };
    // The parser recurses into values and types without a bound of its own.
    check_graphql(document)?;
    Ok(fields(document))
}

/// MLflow reads `query` of a JSON object, whatever the method.
fn document(body: &Value) -> Option<&str> {
    body.get("query")?.as_str()
}

fn fields(document: &str) -> Option<Vec<String>> {
    let document = parse_query(document).ok()?;
    let operations = document.operations.iter();
    fields_of(
        &document,
        operations
            .map(|(_, it)| &it.node.selection_set.node)
            .collect(),
    )
}

/// The fields in these sets and in the fragments that they name. There is no
/// recursion: a chain of fragments may be as long as the document.
fn fields_of<'a>(
    document: &'a ExecutableDocument,
    mut sets: Vec<&'a SelectionSet>,
) -> Option<Vec<String>> {
    let (mut fields, mut seen) = (Vec::new(), HashSet::new());
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(field.node.name.node.to_string()),
                Selection::InlineFragment(fragment) => {
                    sets.push(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = document.fragments.get(name)?;
                    // Fragments may name each other.
                    if seen.insert(name.as_str()) {
                        sets.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shell_core::bounds::GRAPHQL_BRACKETS;

    use super::*;

    #[test]
    fn the_fields_of_every_operation_count() {
        let table: [(&str, Option<&[&str]>); 13] = [
            ("{ a b: c { d } }", Some(&["a", "c"])),
            ("query Q($x: X) { a(input: $x) { b } }", Some(&["a"])),
            ("mutation { a }", Some(&["a"])),
            ("query A { a } mutation B { b }", Some(&["a", "b"])),
            (
                "{ ...F } fragment F on Query { a ...G } fragment G on Query { b }",
                Some(&["a", "b"]),
            ),
            (
                "{ ... on Query { a } ... @include(if: true) { b } }",
                Some(&["a", "b"]),
            ),
            ("{ ...F } fragment F on Query { a ...F }", Some(&["a"])),
            ("{ # } { mutation\n a }", Some(&["a"])),
            ("{ a(text: \"} mutation { b }\") }", Some(&["a"])),
            ("{ ...F }", None),
            ("{ a", None),
            ("", None),
            ("fragment F on Query { a }", None),
        ];
        for (query, expected) in table {
            let found = root_fields(&body(query)).unwrap();
            let mut found = found.map(|mut fields| {
                fields.sort();
                fields
            });
            if found.as_deref() == Some(&[]) {
                found = None;
            }
            let expected = expected.map(|fields| fields.iter().map(ToString::to_string).collect());
            assert_eq!(found, expected, "{query}");
        }
        let others = [
            Value::Null,
            json!("{a}"),
            json!({}),
            json!({"query": ["{a}"]}),
        ];
        for body in others {
            assert_eq!(root_fields(&body), Ok(None), "{body:?}");
        }
    }

    #[test]
    fn a_chain_of_fragments_has_an_end() {
        let links = GRAPHQL_BRACKETS - 2;
        let link = |number| format!("fragment f{number} on Q{{...f{}}}", number + 1);
        let chain: String = (0..links).map(link).collect();
        let query = format!("{{ ...f0 }} {chain} fragment f{links} on Q{{a}}");
        let found = root_fields(&body(&query));
        assert_eq!(found, Ok(Some(vec!["a".to_owned()])));
    }

    #[test]
    fn what_is_nested_in_whatever_brackets_is_refused_unread() {
        let over = GRAPHQL_BRACKETS;
        let table = [
            ("sets", "{a".repeat(over + 1) + &"}".repeat(over + 1)),
            (
                "lists",
                format!("{{a(b: {}{})}}", "[".repeat(over), "]".repeat(over)),
            ),
            (
                "objects",
                format!("{{a(b: {}1{})}}", "{c: ".repeat(over), "}".repeat(over)),
            ),
            (
                "lists of variables",
                format!(
                    "query($v: [A] = {}{}) {{a}}",
                    "[".repeat(over),
                    "]".repeat(over)
                ),
            ),
            (
                "types",
                format!("query($v: {}A{}) {{a}}", "[".repeat(over), "]".repeat(over)),
            ),
            (
                "fragments",
                format!("{{{}a{}}}", "...{".repeat(over), "}".repeat(over)),
            ),
            ("directives", format!("{{a{}}}", "@b(c: 1)".repeat(over))),
            ("texts", format!("{{a(b: \"{}\")}}", "[".repeat(over))),
            ("comments", format!("{{a}}#{}", "[".repeat(over))),
            ("nothing", "(".repeat(over + 1)),
        ];
        for (case, document) in table {
            let found = root_fields(&body(&document));
            assert_eq!(found, Err(GraphQlExcess::Brackets), "{case}");
        }
    }

    #[test]
    fn what_is_as_deep_as_may_be_is_read_on_a_small_stack() {
        let most = GRAPHQL_BRACKETS - 3;
        let (open, close) = ("[".repeat(most), "]".repeat(most));
        let documents = [
            format!("{{a(b: {open}{close})}}"),
            format!("{{a(b: {}1{})}}", "{c: ".repeat(most), "}".repeat(most)),
            format!("query($v: A = {open}{close}) {{a}}"),
            format!("query($v: {open}A{close}) {{a}}"),
            format!("query($v: A @d(e: {open}{close})) {{a}}"),
        ];
        for document in documents {
            let small = std::thread::Builder::new().stack_size(512 * 1024);
            let read = {
                let document = document.clone();
                small.spawn(move || root_fields(&body(&document)))
            };
            let found = read.unwrap().join().unwrap();
            assert_eq!(found, Ok(Some(vec!["a".to_owned()])), "{document}");
        }
    }

    fn body(query: &str) -> Value {
        json!({ "query": query })
    }
}
