//! `sw.js` with the worker's glue and module inside.

use super::digest;
use crate::failure::{Failure, Result};

const GLUE: &str = "/*! worker-glue */";
const MODULE: &str = "\"worker-module-text\"";
const STAMP: &str = "\"build-stamp\"";

/// Returns `bootstrap` with its three markers filled in.
///
/// The stamp names everything else in the file, so that it changes exactly
/// when the file does.
///
/// # Errors
///
/// Fails, naming the marker, unless each is there exactly once.
pub(super) fn fold(bootstrap: &str, glue: &str, module: &[u8]) -> Result<String> {
    for marker in [GLUE, MODULE, STAMP] {
        require_once(bootstrap, marker)?;
    }
    let glue_line = bootstrap
        .lines()
        .find(|line| line.contains(GLUE))
        .filter(|line| line.trim() == GLUE)
        .ok_or_else(|| Failure::because(format!("{GLUE} in sw.js must have its line to itself")))?;

    let module = text_literal(module);
    let bootstrap = without_comments(bootstrap);
    let (before, after) = split(&bootstrap, STAMP);
    let fill = |part: &str| {
        part.replacen(MODULE, &module, 1)
            .replacen(glue_line, glue, 1)
    };
    let (before, after) = (fill(before), fill(after));
    let stamp = digest(format!("{before}{after}").as_bytes());
    Ok(format!("{before}\"{stamp}\"{after}"))
}

/// What each byte is changed by (`^` in sw.js): with this one, among all, the
/// bytes that are frequent in modules are neither two bytes long in UTF-8 nor
/// among those that a literal has to escape.
const MASK: u8 = 0x76;

/// Spells each byte as the character of that number, after [`MASK`].
///
/// Brotli still sees the module's bytes, which base64 would hide from it: the
/// compressed file is a fifth smaller.
fn text_literal(module: &[u8]) -> String {
    let mut text = String::with_capacity(2 * module.len());
    for byte in module.iter().map(|byte| byte ^ MASK) {
        match byte {
            b'\'' | b'\\' => text.extend(['\\', char::from(byte)]),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            _ => text.push(char::from(byte)),
        }
    }
    format!("'{text}'")
}

/// Drops the lines that are nothing but comment.
fn without_comments(bootstrap: &str) -> String {
    let lines = bootstrap.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("//")).collect()
}

fn require_once(bootstrap: &str, marker: &str) -> Result<()> {
    match bootstrap.matches(marker).count() {
        1 => Ok(()),
        count => Err(Failure::because(format!(
            "assets/sw.js must contain {marker} once, and contains it {count} times"
        ))),
    }
}

fn split<'a>(text: &'a str, marker: &str) -> (&'a str, &'a str) {
    text.split_once(marker).unwrap_or((text, ""))
}
