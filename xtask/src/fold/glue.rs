//! The JavaScript that wasm-bindgen writes, without what the site does not need.
//!
//! Its text is known to the letter, because its version is pinned. What is not
//! found where it is expected fails the build.

use super::module::{MODULE, Renamed};
use crate::failure::{Failure, Result};

/// Starts the page's module. Streams it, unless the server calls it by another
/// type, which engines refuse to stream.
const START_PAGE: &str = r#"
export default async function (path) {
    const answer = await fetch(path), imports = __wbg_get_imports();
    const streams = answer.headers.get("content-type") === "application/wasm";
    const { instance } = await (streams
        ? WebAssembly.instantiateStreaming(answer, imports)
        : WebAssembly.instantiate(await answer.arrayBuffer(), imports));
    __wbg_finalize_init(instance);
}
"#;

/// Starts the worker's module before the script's first evaluation ends.
const START_WORKER: &str = r"
exports.initSync = ({ module }) =>
    __wbg_finalize_init(new WebAssembly.Instance(new WebAssembly.Module(module), __wbg_get_imports()));
return exports;
})({ __proto__: null });
";

/// For which of the two modules the glue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ECMAScript module.
    Page,
    /// A classic script, for a classic worker.
    Worker,
}

/// Leaves one way to start the module out of wasm-bindgen's many.
pub(super) fn with_one_start(glue: &str, kind: Kind) -> Result<String> {
    let starts = glue.find("async function __wbg_load(").ok_or_else(|| {
        Failure::because("the glue starts its module in a new way: see xtask/src/fold/glue.rs")
    })?;
    let start = match kind {
        Kind::Page => START_PAGE,
        Kind::Worker => START_WORKER,
    };
    Ok([&glue[..starts], start].concat())
}

/// Drops the classes that dependencies export, for nobody here to use.
pub(super) fn without_classes(glue: &str) -> String {
    let glue = without(
        glue,
        |line| line.starts_with("export class "),
        |_, line| line == "}",
    );
    without(
        &glue,
        |line| line.starts_with("if (Symbol.dispose)") || is_finalization(line),
        |_, line| line.ends_with(';'),
    )
}

fn is_finalization(line: &str) -> bool {
    let name = line.strip_prefix("const ");
    let name = name.and_then(|line| line.split(' ').next());
    name.is_some_and(|name| name.ends_with("Finalization"))
}

/// Keeps the imports that are among `names`.
pub(super) fn with_imports(glue: &str, names: &[String]) -> String {
    let is_unused = |line: &str| {
        let name = line.trim_start().split_once(": function(");
        name.is_some_and(|(name, _)| name.starts_with("__wb") && !names.iter().any(|n| n == name))
    };
    without(glue, is_unused, |first, line| {
        indentation(line) == indentation(first) && line.ends_with("},")
    })
}

/// Drops each stretch of lines from one that is `first` to one that is `last`,
/// which is asked about both.
fn without(glue: &str, first: impl Fn(&str) -> bool, last: impl Fn(&str, &str) -> bool) -> String {
    let mut kept = String::with_capacity(glue.len());
    let mut dropping = None;
    for line in glue.lines() {
        dropping = dropping.or_else(|| first(line).then_some(line));
        match dropping {
            None => kept.extend([line, "\n"]),
            Some(first) if last(first, line) => dropping = None,
            Some(_) => {}
        }
    }
    kept
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether wasm-bindgen made up `name`, so that nothing but the glue knows it.
pub(super) fn is_own_name(name: &str) -> bool {
    ["__wb", "__externref", "wasm_bindgen__"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Whether the glue uses the module's export `name`.
pub(super) fn uses(glue: &str, name: &str) -> bool {
    let mut places = glue.match_indices("wasm.");
    places.any(|(start, dot)| identifier(&glue[start + dot.len()..]) == name)
}

/// Gives what the module imports and exports its new names.
pub(super) fn renamed(glue: &str, names: &[Renamed]) -> String {
    let mut written = String::with_capacity(glue.len());
    let mut rest = glue;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(identifier(rest).len());
        let (between, next) = after.split_at(after.find(is_part).unwrap_or(after.len()));
        let new = names.iter().find(|(old, _)| old == word);
        written.extend([new.map_or(word, |(_, new)| new), between]);
        rest = next;
    }
    written
}

/// Gives what the module is offered the name by which it asks.
pub(super) fn offering(glue: &str) -> Result<String> {
    let (before, rest) = glue.split_once("\"./shell-").ok_or_else(nothing_offered)?;
    let (_, after) = rest.split_once('"').ok_or_else(nothing_offered)?;
    Ok([before, "\"", MODULE, "\"", after].concat())
}

fn nothing_offered() -> Failure {
    Failure::because("the glue offers its imports in a new way: see xtask/src/fold/glue.rs")
}

/// The identifier with which `text` begins; empty if there is none.
fn identifier(text: &str) -> &str {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    &text[..end]
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '$'
}

/// Drops blank lines, indentation, and lines that are nothing but comment.
///
/// wasm-bindgen puts each comment on lines of its own and writes no text that
/// spans lines, so nothing else is touched.
pub(super) fn slim(glue: &str) -> String {
    let mut slim = String::with_capacity(glue.len());
    for line in glue.lines().map(str::trim) {
        if !is_comment(line) {
            slim.extend([line, "\n"]);
        }
    }
    slim
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with("//") || line.starts_with("/*") || line.starts_with('*')
}
