//! Other screens than the one the browser has.

use anyhow::Result;
use serde_json::json;

use super::{Browser, Engine, HEIGHT};

/// Where MLflow 3 notes whether it is dark.
const NOTE: &str = "_mlflow_dark_mode_toggle_enabled";

/// How bright people have their system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// What style sheets call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Browser {
    /// Makes the shell's page like that, and MLflow's when it is loaded next.
    ///
    /// By `MLflow`'s own note, which it writes when it is first loaded and the
    /// shell goes by. Without a note both go by the system, and that only
    /// Chromium can be told while it runs.
    pub async fn prefer(&self, scheme: Scheme) -> Result<()> {
        if self.engine == Engine::Chromium {
            let feature = json!({ "name": "prefers-color-scheme", "value": scheme.name() });
            self.devtools(
                "Emulation.setEmulatedMedia",
                json!({ "features": [feature] }),
            )
            .await?;
        }
        let dark = scheme == Scheme::Dark;
        let script = format!(
            "localStorage.setItem('{NOTE}', {dark}); document.documentElement.dataset.dark = {dark};"
        );
        self.driver.execute(script, vec![]).await?;
        Ok(())
    }

    /// Gives Chromium's pages so much room, in pixels of theirs. Its window
    /// itself does not become as narrow as a telephone.
    pub async fn widen_to(&self, width: u32) -> Result<()> {
        let screen = json!({
            "width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", screen)
            .await
    }
}
