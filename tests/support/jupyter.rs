//! A real `JupyterLab` that shows the shell in a tab of its own.

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    browser_session::BrowserSession, child::Program, client, environment, server::free_port, wait,
};

/// Selects the frame of the only site that is open.
const FRAME: &str = ".iframe-widget iframe";

/// Makes the extension believe that it has opened its site once.
const WELCOMED: &str = "localStorage.setItem('jupyterlab_iframe_welcome', 'false');";

/// What people put into their own lab.
const SNIPPET: &str = "deploy/studio/jupyter_server_config.py";

/// Where in its home a lab says what it does.
const LOG: &str = "log";

/// What keeps the lab from asking anyone anything, and lets a test ask it.
const ARGUMENTS: &[&str] = &[
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.password=",
    "--IdentityProvider.token=",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
];

/// The question whether there may be news is not asked either.
const PAGE: &str =
    r#"{ "disabledExtensions": { "@jupyterlab/apputils-extension:announcements": true } }"#;

/// A running `JupyterLab` with an empty home, gone when dropped.
#[derive(Debug)]
pub struct Jupyter {
    port: u16,
    _program: Program,
    home: TempDir,
}

impl Jupyter {
    /// Starts a lab as `deploy/studio` sets it up for the shell at `shell`;
    /// `None` if it is not installed.
    pub async fn start(shell: &str) -> Result<Option<Self>> {
        let Some(program) = environment::jupyter() else {
            return Ok(None);
        };
        let home = tempfile::tempdir()?;
        let port = free_port()?;
        let lab = Self {
            port,
            _program: launch(&program, home.path(), shell, port)?,
            home,
        };
        wait::until("JupyterLab with its extension", async || {
            Ok((lab.settings().await?["sites"].is_array()).then_some(()))
        })
        .await
        .with_context(|| lab.log())?;
        Ok(Some(lab))
    }

    /// Returns where it is: to a browser, another site than the shell's.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns what the extension tells its page of the configuration.
    pub async fn settings(&self) -> Result<Value> {
        let answer = client::get(&format!("{}/iframes/", self.origin()), &[]).await?;
        Ok(answer.json())
    }

    /// Returns what the lab has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join(LOG)).unwrap_or_default()
    }
}

impl BrowserSession {
    /// Opens the lab for the first time in this browser: by itself it opens the
    /// site that `jupyter` was started for.
    pub async fn open_lab(&self, jupyter: &Jupyter) -> Result<()> {
        let driver = &self.browser.driver;
        driver.goto(format!("{}/lab", jupyter.origin())).await?;
        self.see_frame_in_lab().await?;
        self.shell_is_in(Some(FRAME)).await
    }

    /// Opens the shell at `path` in a lab that opens nothing by itself any more.
    pub async fn open_in_lab(&self, jupyter: &Jupyter, path: &str) -> Result<()> {
        let url = format!("{}{path}", self.deployment.origin);
        let shown = self.open_site_in_lab(jupyter, &url).await?;
        ensure!(shown == url, "instead of {url} the lab shows {shown}");
        Ok(())
    }

    /// Opens any site like that, and returns the address that the extension
    /// gave to the frame.
    pub async fn open_site_in_lab(&self, jupyter: &Jupyter, url: &str) -> Result<String> {
        let driver = &self.browser.driver;
        // Any address of the lab's will do: its storage is meant.
        let icon = format!("{}/favicon.ico", jupyter.origin());
        driver.goto(icon).await?;
        self.run_outside(WELCOMED).await?;
        driver.goto(format!("{}/lab", jupyter.origin())).await?;
        self.open_tab_in_lab(url).await?;
        let shown = self.see_frame_in_lab().await?;
        self.shell_is_in(Some(FRAME)).await?;
        Ok(shown)
    }

    /// The list of files beside it goes: MLflow hides buttons where it has less
    /// room. What is opened before the lab has restored itself may be lost.
    async fn open_tab_in_lab(&self, url: &str) -> Result<()> {
        // Firefox lets the page see no object but its own.
        let site = Value::from(json!({ "path": url }).to_string());
        let script = format!(
            "const page = window.wrappedJSObject ?? window; \
             const commands = page.jupyterapp?.commands; \
             const ready = Boolean(commands?.hasCommand('iframe:open')); \
             if (ready) page.jupyterapp.restored.then(() => {{ \
                 commands.execute('application:toggle-left-area'); \
                 commands.execute('iframe:open', page.JSON.parse({site})); \
             }}); \
             return ready;"
        );
        wait::until("the lab's command for other sites", async || {
            let done = self.run_outside(&script).await?;
            Ok((done == Value::Bool(true)).then_some(()))
        })
        .await
    }

    /// Waits until the extension has given its frame an address.
    async fn see_frame_in_lab(&self) -> Result<String> {
        let frame = Value::from(FRAME);
        let script = format!("return document.querySelector({frame})?.getAttribute('src') ?? '';");
        wait::until("a site in the lab", async || {
            let shown = self.run_outside(&script).await?;
            let shown = shown.as_str().filter(|shown| !shown.is_empty());
            Ok(shown.map(str::to_owned))
        })
        .await
    }
}

/// Starts a lab that finds nothing and leaves nothing outside of `home`.
fn launch(program: &Path, home: &Path, shell: &str, port: u16) -> Result<Program> {
    let config = home.join("config");
    fs::create_dir_all(config.join("labconfig"))?;
    fs::write(config.join("labconfig/page_config.json"), PAGE)?;
    let snippet = environment::workspace().join(SNIPPET);
    fs::copy(snippet, config.join("jupyter_server_config.py"))?;

    let log = File::create(home.join(LOG))?;
    let mut command = Command::new(program);
    command
        .args(ARGUMENTS)
        .arg(format!("--ServerApp.port={port}"))
        .current_dir(home)
        .env("MLFLOW_SHELL_URL", shell)
        .env("HOME", home)
        .env("JUPYTER_CONFIG_DIR", &config)
        .env("JUPYTER_DATA_DIR", home.join("data"))
        .env("JUPYTER_RUNTIME_DIR", home.join("runtime"))
        .stdout(log.try_clone()?)
        .stderr(log);
    Program::spawn(&mut command)
}
