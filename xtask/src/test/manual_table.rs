//! Tables in the manual that tests write, between two marks.

use std::{fs, path::Path};

use crate::failure::{Explain, Failure, Result};

/// Puts `table` between the marks `<!-- NAME -->` and `<!-- /NAME -->` in `file`.
///
/// # Errors
/// If the file cannot be read or written, or has no such marks.
pub(super) fn write(file: &Path, name: &str, table: &str) -> Result<()> {
    let text = fs::read_to_string(file).explain(|| format!("cannot read {}", file.display()))?;
    let text = replace(&text, name, table).ok_or_else(|| {
        let file = file.display();
        Failure::because(format!(
            "{file} has no <!-- {name} --> and <!-- /{name} -->"
        ))
    })?;
    fs::write(file, text).explain(|| format!("cannot write {}", file.display()))
}

/// Returns `text` with `table` between the marks.
fn replace(text: &str, name: &str, table: &str) -> Option<String> {
    let [begin, end] = [format!("<!-- {name} -->\n"), format!("<!-- /{name} -->")];
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_marks_is_replaced() {
        let text = |table: &str| format!("a\n<!-- n -->\n{table}\n<!-- /n -->\nb\n");
        assert_eq!(replace(&text("old"), "n", "new\n"), Some(text("new")));
        assert_eq!(replace("no marks", "n", "new\n"), None);
        assert_eq!(replace(&text("old"), "other", "new\n"), None);
    }
}
