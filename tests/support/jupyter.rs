//! A real `JupyterLab` that shows the shell in a tab of its own.

#[cfg(test)]
mod tests;

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
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

/// Selects the frame of the tab that the tile opens.
const TILE_FRAME: &str = ".jp-ServerProxy iframe";

/// Selects the tile in the launcher.
const TILE: &str = ".jp-LauncherCard[title='MLflow']";

/// Has the tile's entry point, which the Python package is installed with.
const PROJECT: &str = "pyproject.toml";

/// What it stands below there.
const GROUP: &str = "jupyter_serverproxy_servers";

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
        Self::start_at(free_port()?, shell).await
    }

    /// Starts it at a port that is known before the shell is.
    pub async fn start_at(port: u16, shell: &str) -> Result<Option<Self>> {
        let Some(program) = environment::jupyter() else {
            return Ok(None);
        };
        let home = tempfile::tempdir()?;
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
        Self::origin_at(self.port)
    }

    /// Returns where a lab at `port` is.
    pub fn origin_at(port: u16) -> String {
        format!("http://127.0.0.1:{port}")
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
        self.open_quiet_lab(jupyter).await?;
        self.open_tab_in_lab(url).await?;
        let shown = self.see_frame_in_lab().await?;
        self.shell_is_in(Some(FRAME)).await?;
        Ok(shown)
    }

    /// Opens the lab as in a browser in which the extension has opened its site once.
    async fn open_quiet_lab(&self, jupyter: &Jupyter) -> Result<()> {
        let driver = &self.browser.driver;
        self.shell_is_in(None).await?;
        // Any address of the lab's will do: its storage is meant.
        let icon = format!("{}/favicon.ico", jupyter.origin());
        driver.goto(icon).await?;
        self.run_outside(WELCOMED).await?;
        driver.goto(format!("{}/lab", jupyter.origin())).await?;
        Ok(())
    }

    /// Opens the lab and waits for the tile in
    /// its launcher.
    pub async fn see_tile(&self, jupyter: &Jupyter) -> Result<()> {
        self.open_quiet_lab(jupyter).await?;
        self.hide_files_in_lab().await?;
        self.read(TILE, "MLflow").await
    }

    /// Clicks the tile, and goes into the tab that it opens.
    pub async fn open_tile(&self) -> Result<()> {
        self.click(TILE).await?;
        self.shell_is_in(Some(TILE_FRAME)).await
    }

    /// The list of files beside it goes: MLflow hides buttons where it has less
    /// room.
    async fn open_tab_in_lab(&self, url: &str) -> Result<()> {
        self.hide_files_in_lab().await?;
        let site = Value::from(json!({ "path": url }).to_string());
        self.command_in_lab("iframe:open", &format!("page.JSON.parse({site})"))
            .await
    }

    async fn hide_files_in_lab(&self) -> Result<()> {
        self.command_in_lab("application:toggle-left-area", "undefined")
            .await
    }

    /// Runs a command of the lab once it has restored itself: what is opened before may
    /// be lost.
    async fn command_in_lab(&self, name: &str, arguments: &str) -> Result<()> {
        // Firefox lets the page see no object but its own.
        let script = format!(
            "const page = window.wrappedJSObject ?? window; \
             const commands = page.jupyterapp?.commands; \
             const ready = Boolean(commands?.hasCommand('{name}')); \
             if (ready) page.jupyterapp.restored.then(() => {{ \
                 commands.execute('{name}', {arguments}); \
             }}); \
             return ready;"
        );
        wait::until(&format!("the lab's command {name}"), async || {
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

    let python = environment::workspace().join("python");
    let packages = install(home)?;
    let log = File::create(home.join(LOG))?;
    let mut command = Command::new(program);
    command
        .args(ARGUMENTS)
        .arg(format!("--ServerApp.port={port}"))
        .current_dir(home)
        .env("MLFLOW_SHELL_URL", shell)
        .env("PYTHONPATH", env::join_paths([python, packages])?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HOME", home)
        // jupyter-server-proxy leaves the folder of its socket behind.
        .env("TMPDIR", home)
        .env("JUPYTER_CONFIG_DIR", &config)
        .env("JUPYTER_DATA_DIR", home.join("data"))
        .env("JUPYTER_RUNTIME_DIR", home.join("runtime"))
        .stdout(log.try_clone()?)
        .stderr(log);
    Program::spawn(&mut command)
}

/// Tells Python of the package's entry point, as its wheel does, and returns where.
fn install(home: &Path) -> Result<PathBuf> {
    let packages = home.join("packages");
    let folder = packages.join("mlflow_auth_shell-0.dist-info");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("METADATA"),
        "Name: mlflow-auth-shell\nVersion: 0\n",
    )?;
    let project = fs::read_to_string(environment::workspace().join(PROJECT))?;
    let title = format!("[project.entry-points.\"{GROUP}\"]\n");
    let (_, entries) = project.split_once(&title).context("there is a tile")?;
    let entries = entries.lines().take_while(|line| !line.is_empty());
    let entries: Vec<_> = entries.map(|line| line.replace('"', "")).collect();
    let text = format!("[{GROUP}]\n{}\n", entries.join("\n"));
    fs::write(folder.join("entry_points.txt"), text)?;
    Ok(packages)
}
