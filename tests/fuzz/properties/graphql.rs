//! A GraphQL request is judged by all that its document asks for.

use std::{collections::HashSet, sync::LazyLock};

use apollo_parser::{
    Parser,
    cst::{Definition, Document, Selection, SelectionSet},
};
use serde_json::Value;
use shell_core::{
    bounds::{GRAPHQL_BODY, GRAPHQL_BRACKETS, GRAPHQL_LENGTH},
    policy::{Operation, Policy, graphql as schema},
};

static BUILT_IN: LazyLock<Policy> = LazyLock::new(Policy::built_in);

/// The input is the body of a reader's request.
///
/// # Panics
/// If the property does not hold.
pub fn graphql(input: &[u8]) {
    let post = "POST".parse().expect("a method");
    let document = document(input);
    let request = match shell_gateway::policy_request(&post, "/graphql", "", input) {
        Ok(request) => request,
        Err(cause) => {
            assert!(exceeds(input, document.as_deref()), "{}", cause.message());
            return;
        }
    };
    let may = BUILT_IN
        .allowing(&["readers".to_owned()], &request)
        .is_some();
    let Operation::GraphQl(fields) = request.operation() else {
        return assert!(!may, "a reader may ask for what nobody knows");
    };
    // Of two documents in one body neither is read.
    let document = document.expect("what was read is a document");
    assert!(may && !exceeds(input, Some(&document)), "{document}");
    let found: HashSet<&str> = fields.iter().map(|field| field.name).collect();
    for field in asked_for(&document).unwrap_or_default() {
        let is_found = found.contains(field.as_str()) || schema::is_introspection(&field);
        assert!(is_found, "`{field}` is asked for by {document}");
    }
}

/// What MLflow takes for the document.
fn document(input: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(input).ok()?;
    body["query"].as_str().map(ToOwned::to_owned)
}

fn exceeds(input: &[u8], document: Option<&str>) -> bool {
    let brackets = |text: &str| text.matches(['{', '[', '(']).count();
    input.len() > GRAPHQL_BODY
        || document.is_some_and(|document| {
            document.len() > GRAPHQL_LENGTH || brackets(document) > GRAPHQL_BRACKETS
        })
}

/// The fields of the schema's root types, as a parser of another make finds
/// them; `None` if it finds no document.
fn asked_for(document: &str) -> Option<Vec<String>> {
    let read = Parser::new(document).parse();
    if read.errors().len() > 0 {
        return None;
    }
    let document = read.document();
    let mut sets: Vec<SelectionSet> = document.definitions().filter_map(root).collect();
    let (mut fields, mut seen) = (Vec::new(), HashSet::new());
    while let Some(set) = sets.pop() {
        for selection in set.selections() {
            match selection {
                Selection::Field(field) => fields.push(field.name()?.text().to_string()),
                Selection::InlineFragment(fragment) => sets.push(fragment.selection_set()?),
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name()?.name()?.text().to_string();
                    if seen.insert(name.clone()) {
                        sets.extend(fragments(&document, &name));
                    }
                }
            }
        }
    }
    Some(fields)
}

fn root(definition: Definition) -> Option<SelectionSet> {
    if let Definition::OperationDefinition(operation) = definition {
        operation.selection_set()
    } else {
        None
    }
}

/// What the fragments of this name ask for.
fn fragments(document: &Document, name: &str) -> Vec<SelectionSet> {
    let named = |definition| {
        let Definition::FragmentDefinition(fragment) = definition else {
            return None;
        };
        let own = fragment.fragment_name()?.name()?;
        (own.text() == name).then(|| fragment.selection_set())?
    };
    document.definitions().filter_map(named).collect()
}
