//! Which module of a crate uses which: edges point down, and never in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use shell_tests::environment;

/// The top-level modules of a crate, each with those that it names. The crate's
/// root is called `main` or `lib`.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The crates in which no two top-level modules use each other, on any way round.
const LAYERED: &[&str] = &[
    "app",
    "crates/authorizer",
    "crates/cli",
    "crates/core",
    "crates/gateway",
    "crates/idp",
    "crates/jose",
    "crates/web",
    "crates/worker",
];

/// How high each module of the page stands: views, context, services. An edge
/// goes down, or to a neighbour of the same height.
const PAGE: &[(&str, u8)] = &[
    ("main", 3),
    ("lib", 3),
    ("app", 2),
    ("components", 2),
    ("context", 1),
    ("services", 0),
];

#[test]
fn no_modules_of_a_crate_use_each_other_in_a_circle() {
    for package in LAYERED {
        let graph = graph(&environment::workspace().join(package).join("src"));
        assert!(graph.len() >= 5, "{package}: {graph:?}");
        assert_eq!(cycles(&graph), Vec::<Vec<String>>::new(), "{package}");
    }
}

#[test]
fn the_page_is_made_of_layers() {
    let graph = graph(&environment::workspace().join("app/src"));
    let heights: BTreeMap<_, _> = PAGE.iter().copied().collect();
    let height = |name: &String| {
        let found = heights.get(name.as_str());
        found.unwrap_or_else(|| panic!("`{name}` is missing from PAGE"))
    };
    for (name, others) in &graph {
        for other in others {
            assert!(
                height(name) >= height(other),
                "`{name}` must not use `{other}`"
            );
        }
    }
}

/// Reads the graph of the crate whose sources are in `folder`.
///
/// An edge is a path that begins with `crate::`, or with as many `super::` as
/// lead there, alone or in a group of imports; and in the root a path that
/// begins with the module's name. A name that the root re-exports stands for the
/// module that has it. Tests, in files called `tests` or at a file's end, may name
/// anything.
fn graph(folder: &Path) -> Graph {
    let files = sources(folder);
    let modules: BTreeSet<_> = files.iter().map(|file| module(folder, file)).collect();
    let mut graph: Graph = modules
        .iter()
        .map(|name| (name.clone(), BTreeSet::new()))
        .collect();
    let read = |file: &PathBuf| code(&fs::read_to_string(file).expect("a source can be read"));
    let roots = files.iter().filter(|file| is_root(&module(folder, file)));
    let exports: BTreeMap<_, _> = roots
        .flat_map(|root| exports(&read(root), &modules))
        .collect();
    for file in &files {
        let name = module(folder, file);
        let code = read(file);
        let mut used = names_after(&code, "crate::");
        if is_root(&name) {
            used.extend(
                modules
                    .iter()
                    .filter(|other| is_used(&code, other))
                    .cloned(),
            );
        } else {
            used.extend(names_after(&code, &"super::".repeat(depth(folder, file))));
        }
        let used = used
            .into_iter()
            .map(|name| exports.get(&name).cloned().unwrap_or(name));
        let used: Vec<_> = used
            .filter(|other| *other != name && modules.contains(other))
            .collect();
        graph.entry(name).or_default().extend(used);
    }
    graph
}

/// Returns what `code`, a crate's root, re-exports, by its name, and the module
/// that has it: the last one named before.
fn exports(code: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in code.split("use self::").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let mut owner = None;
        for name in statement.split(|c: char| !is_part(c)) {
            match (modules.contains(name), owner) {
                (true, _) => owner = Some(name),
                (false, Some(owner)) => drop(found.insert(name.to_owned(), owner.to_owned())),
                (false, None) => {}
            }
        }
    }
    found
}

/// Returns each set of two or more modules of which every one leads to every other.
fn cycles(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<_, _> = graph
        .keys()
        .map(|name| (name, reachable(graph, name)))
        .collect();
    let circles = graph.keys().map(|name| {
        let back = reach[name]
            .iter()
            .filter(|other| reach[other].contains(name));
        back.cloned().collect::<Vec<_>>()
    });
    let found: BTreeSet<_> = circles.filter(|circle| circle.len() > 1).collect();
    found.into_iter().collect()
}

/// Returns what `start` leads to in one step or more.
fn reachable(graph: &Graph, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![start.to_owned()];
    while let Some(name) = next.pop() {
        for used in graph.get(&name).into_iter().flatten() {
            if found.insert(used.clone()) {
                next.push(used.clone());
            }
        }
    }
    found
}

/// Returns every source file below `folder`, without its tests.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources can be read") {
        let path = entry.expect("an entry can be read").path();
        let stem = path.file_stem().expect("a name");
        if stem == "tests" {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// Returns the top-level module that `file` belongs to.
fn module(folder: &Path, file: &Path) -> String {
    let path = file.strip_prefix(folder).expect("a file of the folder");
    let first = path.iter().next().expect("a name");
    let stem = Path::new(first).file_stem().expect("a name");
    stem.to_string_lossy().into_owned()
}

/// Returns how many modules lead from the crate's root to that of `file`.
fn depth(folder: &Path, file: &Path) -> usize {
    let path = file.strip_prefix(folder).expect("a file of the folder");
    path.iter().filter(|part| *part != "mod.rs").count()
}

fn is_root(module: &str) -> bool {
    matches!(module, "main" | "lib")
}

/// Whether a path in `code`, the crate's root, begins with `module`.
fn is_used(code: &str, module: &str) -> bool {
    let path = format!("{module}::");
    let mut places = code.match_indices(&path);
    places.any(|(at, _)| !code[..at].ends_with(|c: char| c == ':' || is_part(c)))
}

/// Returns `text` without comments, and without the tests at its end.
fn code(text: &str) -> String {
    let (code, _) = text
        .split_once("#[cfg(test)]\nmod tests")
        .unwrap_or((text, ""));
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let lines = lines.map(|line| line.split(" // ").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the first name of each path that follows `start`: one, or those of
/// the group in braces.
fn names_after(code: &str, start: &str) -> BTreeSet<String> {
    let rests = code
        .match_indices(start)
        .map(|(at, _)| &code[at + start.len()..]);
    rests
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => first_names(group),
            None => vec![identifier(rest)],
        })
        .collect()
}

/// Returns the first name of each path in a group, up to the brace that ends it.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && !character.is_whitespace() => {
                names.push(identifier(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

/// Returns the identifier with which `text` begins; empty if there is none.
fn identifier(text: &str) -> String {
    text.chars().take_while(|c| is_part(*c)).collect()
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn edges_are_read_from_imports_and_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "main.rs",
            "mod a; mod b; mod c; mod d;\nuse self::{b::Other, d::{self, X}};\nfn main() { a::start(); }",
        ),
        ("a.rs", "use crate::{\n    b::{self, d},\n    c, X,\n};"),
        (
            "a/deep.rs",
            "use super::super::d;\nuse super::c;\n// crate::main",
        ),
        (
            "b.rs",
            "use std::fmt;\n#[cfg(test)]\nmod tests { use crate::a; }",
        ),
        ("c.rs", "use super::b;\nuse crate::d; // super::a"),
        ("c/tests.rs", "use crate::a;"),
        ("d.rs", "pub(crate) use crate::c::Y;"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    let graph = graph(folder.path());

    let edges = [
        ("a", "b c d"),
        ("b", ""),
        ("c", "b d"),
        ("d", "c"),
        ("main", "a b d"),
    ];
    for (name, others) in edges {
        let found: Vec<_> = graph[name].iter().map(String::as_str).collect();
        assert_eq!(found.join(" "), others, "{name}");
    }
    assert_eq!(graph.len(), edges.len());
    assert_eq!(cycles(&graph), [["c", "d"]]);
}
