//! `index.html` without its inline script.

use std::path::Path;

use super::digest;
use crate::failure::{Failure, Result};

/// A document and the start script that was taken out of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The document, which refers to the script by its name.
    pub(super) html: String,
    /// The script's file name.
    pub(super) boot_name: String,
    /// The script itself.
    pub(super) boot: String,
}

/// Moves trunk's inline start script into a file, reduced to what starts the
/// page: trunk's own also puts the module's bindings on `window`.
///
/// # Errors
///
/// Fails unless there is exactly one inline script and it is trunk's.
pub(super) fn fold(html: &str) -> Result<Document> {
    let inline: Vec<_> = scripts(html)
        .into_iter()
        .filter(Script::is_inline)
        .collect();
    let [script] = inline.as_slice() else {
        return Err(Failure::because(format!(
            "index.html must have one inline script, the one trunk writes, and has {}",
            inline.len()
        )));
    };
    let boot = boot(script.content).ok_or_else(|| {
        Failure::because("the inline script of index.html is not the one trunk 0.21 writes")
    })?;
    let boot_name = format!("boot-{}.js", digest(boot.as_bytes()));
    let tag = format!("<script type=\"module\" src=\"/{boot_name}\"></script>");
    let html = html.replacen(script.element, &tag, 1);
    Ok(Document {
        html,
        boot_name,
        boot,
    })
}

fn boot(script: &str) -> Option<String> {
    let file = |kind| {
        literals(script).find(|text| Path::new(text).extension().is_some_and(|end| end == kind))
    };
    let (glue, module) = (file("js")?, file("wasm")?);
    Some(format!(
        "import init from \"{glue}\";\ninit(\"{module}\");\n"
    ))
}

/// Returns the string literals of a script that has no escapes in them.
fn literals(script: &str) -> impl Iterator<Item = &str> {
    script.split(['"', '\'', '`']).skip(1).step_by(2)
}

/// A script element as it stands in the document.
#[derive(Debug)]
struct Script<'a> {
    element: &'a str,
    attributes: &'a str,
    content: &'a str,
}

impl Script<'_> {
    fn is_inline(&self) -> bool {
        !self
            .attributes
            .split_ascii_whitespace()
            .any(|attribute| attribute.starts_with("src="))
    }
}

fn scripts(html: &str) -> Vec<Script<'_>> {
    const OPEN: &str = "<script";
    const CLOSE: &str = "</script>";
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(OPEN) {
        let from_tag = &rest[start..];
        let Some((inside, after)) = from_tag[OPEN.len()..].split_once(CLOSE) else {
            break;
        };
        if let Some((attributes, content)) = inside.split_once('>') {
            found.push(Script {
                element: &from_tag[..from_tag.len() - after.len()],
                attributes,
                content,
            });
        }
        rest = after;
    }
    found
}
