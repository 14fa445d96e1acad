//! The table of what is parsed, in `docs/SECURITY.md`, says what the code does.

use std::{collections::HashMap, fs, path::Path};

use serde_json::Value;
use shell_core::bounds::{
    GRAPHQL_BODY, GRAPHQL_BODY_OF_UI, GRAPHQL_BRACKETS, GRAPHQL_BRACKETS_OF_UI, GRAPHQL_LENGTH,
    GRAPHQL_LENGTH_OF_UI,
};
use shell_tests::environment;

/// Where a bound is that the table says without a file.
const CORE: &str = "core/bounds.rs";

/// The first and the last words of the table's part of the document.
const HEADING: &str = "## Bounds of what is parsed";
const NEXT: &str = "\n## ";

#[test]
fn the_table_of_bounds_has_the_codes_own_numbers() {
    let stated = stated();
    assert!(stated.len() > 15, "{stated:?}");
    for (place, value) in &stated {
        let (file, name) = place.rsplit_once(": ").expect("a file and a name");
        assert_eq!(constants(file).get(name), Some(value), "`{place}`");
    }
}

#[test]
fn the_table_has_every_bound_of_core() {
    let stated = stated();
    for name in constants(CORE).into_keys() {
        // What MLflow's pages send is no bound.
        let is_stated = stated
            .iter()
            .any(|(place, _)| *place == format!("{CORE}: {name}"));
        assert!(is_stated || name.ends_with("_OF_UI"), "`{name}` is missing");
    }
}

/// What MLflow's pages send is among the fuzzer's seeds.
#[test]
fn the_bounds_of_graphql_are_small_multiples_of_what_mlflows_pages_send() {
    const SENT: [&str; 5] = [
        "get-experiment-2",
        "get-experiment-3",
        "get-metric-history-bulk-interval",
        "get-run",
        "search-runs",
    ];
    let folder = environment::workspace().join("tests/fuzz/seeds/graphql");
    let document = |name| {
        let body = fs::read(folder.join(name)).expect("it can be read");
        let body: Value = serde_json::from_slice(&body).expect("it is JSON");
        body["query"].as_str().expect("a document").to_owned()
    };
    let documents = SENT.map(document);
    let longest = documents.iter().map(String::len).max();
    let brackets = |document: &String| document.matches(['{', '[', '(']).count();
    let most = documents.iter().map(brackets).max();
    assert_eq!(longest, Some(GRAPHQL_LENGTH_OF_UI));
    assert_eq!(most, Some(GRAPHQL_BRACKETS_OF_UI));
    for (bound, sent) in [
        (GRAPHQL_BODY, GRAPHQL_BODY_OF_UI),
        (GRAPHQL_LENGTH, GRAPHQL_LENGTH_OF_UI),
        (GRAPHQL_BRACKETS, GRAPHQL_BRACKETS_OF_UI),
    ] {
        assert!((4 * sent..=8 * sent).contains(&bound), "{bound}, {sent}");
    }
}

/// Each number that the table has with a constant after it: `128 (`NAME`)`, or
/// `16 KiB (`jose/verify.rs: NAME`)`.
fn stated() -> Vec<(String, usize)> {
    let document = environment::workspace().join("docs/SECURITY.md");
    let document = fs::read_to_string(document).expect("it can be read");
    let (_, table) = document.split_once(HEADING).expect("it has the table");
    let table = table.split(NEXT).next().unwrap_or_default();
    let mut stated = Vec::new();
    let mut pieces = table.split(" (`");
    let mut before = pieces.next().unwrap_or_default();
    for piece in pieces {
        let (name, after) = piece.split_once('`').expect("the name ends");
        let place = if name.contains(": ") {
            name.to_owned()
        } else {
            format!("{CORE}: {name}")
        };
        stated.push((place, number(before)));
        before = after;
    }
    stated
}

/// The number at the end of a text, in its unit.
fn number(text: &str) -> usize {
    let units = [(" KiB", 1024), (" MiB", 1024 * 1024), ("", 1)];
    let mut units = units.into_iter();
    let unit = units.find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)));
    let (text, factor) = unit.expect("the last fits all");
    let digits = text.rsplit(|letter: char| !letter.is_ascii_digit() && letter != ',');
    let digits = digits
        .into_iter()
        .next()
        .unwrap_or_default()
        .replace(',', "");
    factor
        * digits
            .parse::<usize>()
            .unwrap_or_else(|_| panic!("no number: {text}"))
}

/// The constants of a file below `crates`, by their names, as far as they are
/// products of numbers, or seconds.
fn constants(file: &str) -> HashMap<String, usize> {
    let (package, file) = file.split_once('/').expect("a package and a file");
    let path = Path::new("crates").join(package).join("src").join(file);
    let code = fs::read_to_string(environment::workspace().join(&path));
    let code = code.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    code.lines().filter_map(constant).collect()
}

fn constant(line: &str) -> Option<(String, usize)> {
    let (_, constant) = line.split_once("const ")?;
    let (name, constant) = constant.split_once(": ")?;
    let (_, value) = constant.split_once(" = ")?;
    let value = value.trim_end().strip_suffix(';')?;
    let seconds = value.strip_prefix("Duration::from_secs(");
    let value = seconds.map_or(value, |seconds| seconds.trim_end_matches(')'));
    let factors = value.split(" * ");
    let factors = factors.map(|factor| factor.replace('_', "").parse::<usize>().ok());
    Some((name.to_owned(), factors.product::<Option<usize>>()?))
}
