//! The JavaScript that wasm-bindgen writes, without what only readers need.

/// Drops blank lines, indentation, and lines that are nothing but comment.
///
/// wasm-bindgen puts each comment on lines of its own and writes no text that
/// spans lines, so nothing else is touched.
pub(super) fn slim(glue: &str) -> String {
    let mut slim = String::with_capacity(glue.len());
    for line in glue.lines().map(str::trim) {
        if !is_comment(line) {
            slim.push_str(line);
            slim.push('\n');
        }
    }
    slim
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with("//") || line.starts_with("/*") || line.starts_with('*')
}
