//! Which fields of the schema a GraphQL request asks for.
//!
//! MLflow executes one operation of a document; here all of them count, and
//! what cannot be read counts as unknown. The judgement is the policy's.

use std::collections::HashSet;

use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Name};
use serde_json::Value;
use shell_core::{
    bounds::{GraphQlExcess, check_graphql},
    policy::graphql::RootField,
};

/// The most signs of a variable in a document whose arguments are read; those of
/// MLflow's pages have two.
const MOST_VARIABLES: usize = 16;

/// A GraphQL request, as far as a policy looks at it.
#[derive(Debug, PartialEq)]
pub(crate) struct Document {
    /// The fields of the schema's root types that it asks for.
    pub(crate) fields: Vec<RootField>,
    /// Whether it has one operation and gives no field another name, so that its
    /// arguments and its answer can be read.
    pub(crate) is_plain: bool,
}

/// Reads the document in `body`; `None` if that cannot be done.
///
/// # Errors
/// If there is too much of it for a parser.
pub(crate) fn read(body: &Value) -> Result<Option<Document>, GraphQlExcess> {
    let Some(text) = text(body) else {
        return Ok(None);
    };
    // The parser recurses into values and types without a bound of its own.
    check_graphql(text)?;
    // Each use of a variable is a copy of it.
    let is_small = text.matches('$').count() <= MOST_VARIABLES;
    let variables = body.get("variables").filter(|_| is_small);
    Ok(parsed(text, variables.unwrap_or(&Value::Null)))
}

/// MLflow reads `query` of a JSON object, whatever the method.
fn text(body: &Value) -> Option<&str> {
    body.get("query")?.as_str()
}

fn parsed(text: &str, variables: &Value) -> Option<Document> {
    let document = parse_query(text).ok()?;
    let operations: Vec<&OperationDefinition> =
        document.operations.iter().map(|(_, it)| &it.node).collect();
    let sets = operations.iter().map(|it| &it.selection_set.node).collect();
    let first = operations.first()?;
    let roots = root_fields(&document, sets)?.into_iter();
    let inputs = roots.map(|field| (field.name.node.to_string(), input(field, first, variables)));
    let inputs: Vec<(String, Option<Value>)> = inputs.collect();
    let is_readable = inputs.iter().all(|(_, input)| input.is_some());
    let fields = inputs.into_iter().map(|(name, input)| RootField {
        name,
        input: input.unwrap_or_default(),
    });
    Some(Document {
        fields: fields.collect(),
        is_plain: is_readable && operations.len() == 1 && !has_aliases(&document),
    })
}

/// The argument `input` of a field, which is the only one that MLflow's fields have;
/// `None` if it cannot be read.
fn input(field: &Field, operation: &OperationDefinition, variables: &Value) -> Option<Value> {
    let Some(argument) = field.get_argument("input") else {
        return Some(Value::Null);
    };
    let variable = |name: Name| variable(&name, operation, variables).ok_or(());
    let value = argument.node.clone().into_const_with(variable);
    value.ok()?.into_json().ok()
}

/// What a variable stands for: what the request gives, or its default.
fn variable(name: &Name, operation: &OperationDefinition, given: &Value) -> Option<ConstValue> {
    if let Some(value) = given.get(name.as_str()) {
        return ConstValue::from_json(value.clone()).ok();
    }
    let mut definitions = operation.variable_definitions.iter();
    let definition = definitions.find(|it| it.node.name.node == *name)?;
    let default = definition.node.default_value.as_ref()?;
    Some(default.node.clone())
}

/// The fields in these sets and in the fragments that they name. There is no
/// recursion: a chain of fragments may be as long as the document.
fn root_fields<'a>(
    document: &'a ExecutableDocument,
    mut sets: Vec<&'a SelectionSet>,
) -> Option<Vec<&'a Field>> {
    let (mut fields, mut seen) = (Vec::new(), HashSet::new());
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(&field.node),
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

/// Whether some field, however deep, is given another name in the answer.
fn has_aliases(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter();
    let operations = operations.map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values();
    let fragments = fragments.map(|it| &it.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.alias.is_some() => return true,
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => {
                    sets.push(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
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
            let found = names(&body(query)).unwrap();
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
            assert_eq!(names(&body), Ok(None), "{body:?}");
        }
    }

    #[test]
    fn arguments_are_read_of_documents_with_one_reading() {
        let run = json!({"runId": "r"});
        let run_id = "r";
        let many = format!("query Q($v: A) {{ a(input: [{}]) }}", "$v,".repeat(16));
        let table = [
            (
                "query Q($d: I!) { a(input: $d) { b } }",
                json!({"d": run}),
                Some(run.clone()),
            ),
            (
                "query Q($d: I = {runId: \"r\"}) { a(input: $d) }",
                json!({}),
                Some(run.clone()),
            ),
            (
                "query Q($r: String) { a(input: {runId: $r}) }",
                json!({"r": "r"}),
                Some(run.clone()),
            ),
            ("{ a(input: {runId: \"r\"}) }", Value::Null, Some(run)),
            ("{ a }", Value::Null, Some(Value::Null)),
            ("query Q($d: I!) { a(input: $d) }", json!({}), None),
            ("{ a { c: b } }", Value::Null, None),
            ("{ ...F } fragment F on Q { a { c: b } }", Value::Null, None),
            ("{ b: a }", Value::Null, None),
            ("query A { a } query B { a }", Value::Null, None),
            (&*many, json!({"v": run_id}), None),
        ];
        for (query, variables, expected) in table {
            let body = json!({"query": query, "variables": variables});
            let found = read(&body).unwrap().unwrap();
            let input = found.fields.first().map(|field| field.input.clone());
            let input = input.filter(|_| found.is_plain);
            assert_eq!(input, expected, "{query}");
        }
    }

    /// The names of the root fields.
    fn names(body: &Value) -> Result<Option<Vec<String>>, GraphQlExcess> {
        let fields = read(body)?.map(|document| document.fields);
        Ok(fields.map(|fields| fields.into_iter().map(|field| field.name).collect()))
    }

    #[test]
    fn a_chain_of_fragments_has_an_end() {
        let links = GRAPHQL_BRACKETS - 2;
        let link = |number| format!("fragment f{number} on Q{{...f{}}}", number + 1);
        let chain: String = (0..links).map(link).collect();
        let query = format!("{{ ...f0 }} {chain} fragment f{links} on Q{{a}}");
        let found = names(&body(&query));
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
            let found = names(&body(&document));
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
                small.spawn(move || names(&body(&document)))
            };
            let found = read.unwrap().join().unwrap();
            assert_eq!(found, Ok(Some(vec!["a".to_owned()])), "{document}");
        }
    }

    fn body(query: &str) -> Value {
        json!({ "query": query })
    }
}
