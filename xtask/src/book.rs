//! `cargo xtask book`: the manual in `docs` as a book with search.

use std::process::Command;

use crate::{
    console::say,
    failure::Result,
    places, process,
    tools::{self, MDBOOK},
};

/// Builds the book into `target/book`.
pub(crate) fn build() -> Result<()> {
    let mut command = Command::new(tools::ensure(&MDBOOK)?);
    command.arg("build").current_dir(places::workspace());
    process::run("`mdbook build`", &mut command)?;
    let page = places::workspace().join("target/book/index.html");
    say(format!("the book begins at {}", page.display()));
    Ok(())
}
