//! `sw.js` with the worker's glue and module inside.

use super::fill;
use crate::failure::Result;

const GLUE: &str = "/* @@worker-glue@@ */";
const MODULE: &str = "\"@@worker-module@@\"";

/// Returns `bootstrap` with glue and module in place of their markers.
///
/// The module is a string literal in which each byte is the character of that
/// number, after [`MASK`]. Base64 would hide from a compressor the bytes that
/// repeat; as text Brotli sees them all, and the file is smaller by a quarter
/// of what it is with base64.
///
/// # Errors
///
/// Fails, naming the marker, unless each is there exactly once.
pub(super) fn embed(bootstrap: &str, glue: &str, module: &[u8]) -> Result<String> {
    let bootstrap = fill(bootstrap, GLUE, glue.trim_end())?;
    fill(&bootstrap, MODULE, &text_literal(module))
}

/// What each byte is changed by before it is a character, and by `^` in
/// `sw.js` after.
///
/// In UTF-8, characters up to 127 take one byte and others two, and a literal
/// escapes four: line ends, its quotation mark and the backslash. Of all masks
/// this one leaves the fewest of a module's bytes among those.
const MASK: u8 = 0x76;

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
