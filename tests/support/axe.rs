//! What keeps people from using a page, as axe-core finds it.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::browser_session::BrowserSession;

/// Looks at the shell's document; the frame's is MLflow's, as released.
const LOOK: &str = "const done = arguments[arguments.length - 1]; \
     const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']; \
     axe.run(document, { iframes: false, resultTypes: ['violations'], runOnly: tags }) \
         .then(({ violations }) => done(violations.flatMap(({ id, nodes }) => nodes.map( \
             ({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`))), \
         (error) => done([String(error)]));";

impl BrowserSession {
    /// Returns a line for each barrier on the shell's page: the rule, the
    /// element and why. `axe` is axe-core's script.
    pub async fn find_barriers(&self, axe: &Path) -> Result<Vec<String>> {
        let source = fs::read_to_string(axe).context("axe-core can be read")?;
        // In one piece: Firefox runs every script of a driver's in a sandbox of
        // its own. The page's policy would run none that it loads.
        let script = format!("{source};\n{LOOK}");
        self.enter_shell().await?;
        let found = self.browser.driver.execute_async(script, vec![]).await?;
        let lines = found.json().as_array().context("a list")?;
        Ok(lines.iter().map(line).collect())
    }
}

fn line(barrier: &Value) -> String {
    let text = barrier.as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
