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
    let mut found = Found::default();
    for (_, operation) in document.operations.iter() {
        found.collect(&document, &operation.node.selection_set.node)?;
    }
    Some(found.fields)
}

#[derive(Default)]
struct Found {
    fields: Vec<String>,
    /// Fragments that were looked into: they may name each other.
    fragments: HashSet<String>,
}

impl Found {
    fn collect(&mut self, document: &ExecutableDocument, set: &SelectionSet) -> Option<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.fields.push(field.node.name.node.to_string()),
                Selection::InlineFragment(fragment) => {
                    self.collect(document, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = document.fragments.get(name)?;
                    if self.fragments.insert(name.to_string()) {
                        self.collect(document, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Some(())
    }
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
    fn a_document_without_bottom_is_not_read() {
        let deep = ["{a".repeat(5_000), "}".repeat(5_000)].concat();
        let field = ("query".to_owned(), Value::Text(deep));
        assert_eq!(root_fields(&Value::Object(vec![field])), None);
    }
}
