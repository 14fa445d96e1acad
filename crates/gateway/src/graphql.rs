//! Which fields of the schema a GraphQL request asks for.
//!
//! MLflow executes one operation of a document; here all of them count, and
//! what cannot be read counts as unknown. The judgement is the policy's.

use std::collections::HashSet;

use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use shell_core::json::Value;

/// The fields of the schema's root types that the document in `body` asks for;
/// `None` if it cannot be read.
///
/// MLflow reads `query` of a JSON object, whatever the method.
pub(crate) fn root_fields(body: &Value) -> Option<Vec<String>> {
    let Value::Object(fields) = body else {
        return None;
    };
    let (_, query) = fields.iter().find(|(name, _)| name == "query")?;
    let Value::Text(query) = query else {
        return None;
    };
    let document = parse_query(query).ok()?;
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
            let field = ("query".to_owned(), Value::Text(query.to_owned()));
            let found = root_fields(&Value::Object(vec![field]));
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
            Value::Text("{a}".into()),
            Value::Object(vec![]),
        ];
        for body in others {
            assert_eq!(root_fields(&body), None, "{body:?}");
        }
    }

    #[test]
    fn a_chain_of_fragments_has_an_end() {
        let link = |number| format!("fragment f{number} on Q{{...f{}}}", number + 1);
        let chain: String = (0..20_000).map(link).collect();
        let query = ["{ ...f0 }", &chain, "fragment f20000 on Q{a}"].concat();
        let field = ("query".to_owned(), Value::Text(query));
        let found = root_fields(&Value::Object(vec![field]));
        assert_eq!(found, Some(vec!["a".to_owned()]));
    }

    #[test]
    fn a_document_without_bottom_is_not_read() {
        let deep = ["{a".repeat(5_000), "}".repeat(5_000)].concat();
        let field = ("query".to_owned(), Value::Text(deep));
        assert_eq!(root_fields(&Value::Object(vec![field])), None);
    }
}
