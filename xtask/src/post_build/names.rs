//! Short names for what a module and its glue have in common.
//!
//! wasm-bindgen names each import by a hash, which does not compress, and writes
//! it twice. wasm-opt gives short names and says which; the glue is told here.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::{read_text, write};
use crate::{
    failure::{Explain, Failure, Result},
    process, wasm_opt,
};

/// What wasm-opt calls the one module that everything is imported from.
const MODULE: &str = "a";

/// What rustc's modules use, and no more: of later features wasm-opt would write
/// forms that browsers do not read yet.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Shortens the names in a module and in its glue.
///
/// # Errors
/// Fails if the glue does not have a name as wasm-bindgen writes it: then neither
/// file is changed.
pub(super) fn shorten(glue: &Path, module: &Path) -> Result<()> {
    let short = module.with_extension("short");
    let mut command = Command::new(wasm_opt::ensure()?);
    command
        .args(FEATURES)
        .arg("--minify-imports-and-exports-and-modules")
        .arg(module)
        .arg("-o")
        .arg(&short);
    let names = process::answer(&mut command).unwrap_or_default();
    let names: Value = serde_json::from_str(&names)
        .explain(|| "wasm-opt does not say which names it gave".to_owned())?;
    write(glue, renamed(&read_text(glue)?, &names)?.as_bytes())?;
    fs::rename(&short, module).explain(|| format!("cannot write {}", module.display()))
}

fn renamed(glue: &str, names: &Value) -> Result<String> {
    let mut glue = glue.to_owned();
    for import in names["imports"].as_array().into_iter().flatten() {
        let [module, old, new] = [0, 1, 2].map(|index| import[index].as_str().unwrap_or_default());
        glue = glue.replace(&format!("\"{module}\""), &format!("\"{MODULE}\""));
        glue = replaced(&glue, &format!(" {old}: "), &format!(" {new}: "))?;
    }
    for export in names["exports"].as_array().into_iter().flatten() {
        let [old, new] = [0, 1].map(|index| export[index].as_str().unwrap_or_default());
        // The glue does not use all of them.
        for end in ["(", ".", ";", ",", ")"] {
            glue = glue.replace(&format!("wasm.{old}{end}"), &format!("wasm.{new}{end}"));
        }
    }
    Ok(glue)
}

fn replaced(glue: &str, old: &str, new: &str) -> Result<String> {
    if glue.matches(old).count() == 1 {
        Ok(glue.replacen(old, new, 1))
    } else {
        let name = old.trim();
        Err(Failure::because(format!(
            "the glue does not say {name} once"
        )))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_glue_says_the_names_that_the_module_has() {
        let names = json!({
            "imports": [["./m_bg.js", "__wbg_get_1", "A"], ["./m_bg.js", "__wbg_get_12", "B"]],
            "exports": [["memory", "C"], ["on_fetch", "D"], ["__unused", "E"]],
        });
        let glue = "const i = {\n __wbg_get_1: function() { wasm.memory.buffer; },\n \
             __wbg_get_12: function() {} };\nreturn { \"./m_bg.js\": i };\n\
             function on_fetch(e) { wasm.on_fetch(e); }";
        let expected = "const i = {\n A: function() { wasm.C.buffer; },\n \
             B: function() {} };\nreturn { \"a\": i };\n\
             function on_fetch(e) { wasm.D(e); }";
        assert_eq!(renamed(glue, &names).unwrap(), expected);

        let other = json!({ "imports": [["./m_bg.js", "__wbg_set_1", "A"]] });
        assert!(renamed(glue, &other).is_err());
    }
}
