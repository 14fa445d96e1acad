//! Browsers, and the programs that drive them.

use std::{
    fmt,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Result;
use axum::http::Method;
use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, RequestData, SessionId, WebDriver, common::command::FormatRequestData,
};

use crate::{child::Program, environment};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Blink.
    Chromium,
    /// Gecko.
    Firefox,
}

/// All of them.
pub const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// A running browser with an empty profile, gone when dropped.
#[derive(Debug)]
pub struct Browser {
    /// The connection to it.
    pub driver: WebDriver,
    engine: Engine,
    _program: Program,
}

impl Browser {
    /// Starts a browser that saves downloads in `downloads`; `None` if it is
    /// not installed.
    pub async fn start(engine: Engine, downloads: &Path) -> Result<Option<Self>> {
        let [program, driver] = engine.variables();
        let name = engine.to_string();
        let (Some(program), Some(driver)) = (
            environment::program(program, &name),
            environment::program(driver, &name),
        ) else {
            return Ok(None);
        };
        let mut command = Command::new(driver);
        command.args(engine.arguments()).stderr(Stdio::null());
        let (running, port) = Program::start(&mut command, port)?;
        let capabilities = engine.capabilities(&program, downloads);
        let url = format!("http://127.0.0.1:{port}");
        Ok(Some(Self {
            driver: WebDriver::new(url, capabilities).await?,
            engine,
            _program: running,
        }))
    }

    /// Loads the page again and goes past every cache and worker, as Ctrl-F5
    /// does.
    pub async fn reload_hard(&self) -> Result<()> {
        match self.engine {
            Engine::Chromium => {
                let body = json!({ "cmd": "Page.reload", "params": { "ignoreCache": true } });
                self.send("goog/cdp/execute", body).await
            }
            Engine::Firefox => {
                self.send("moz/context", json!({ "context": "chrome" }))
                    .await?;
                let reloaded = self.driver.execute(PAST_CACHES, vec![]).await;
                self.send("moz/context", json!({ "context": "content" }))
                    .await?;
                reloaded?;
                Ok(())
            }
        }
    }

    async fn send(&self, command: &'static str, body: Value) -> Result<()> {
        self.driver.cmd(Extension { command, body }).await?;
        Ok(())
    }
}

const PAST_CACHES: &str = "const flags = Ci.nsIWebNavigation; \
     Services.wm.getMostRecentWindow('navigator:browser').gBrowser.reloadWithFlags(\
     flags.LOAD_FLAGS_BYPASS_CACHE | flags.LOAD_FLAGS_BYPASS_PROXY);";

/// A command that one vendor added.
#[derive(Debug)]
struct Extension {
    command: &'static str,
    body: Value,
}

impl FormatRequestData for Extension {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/{}", self.command);
        RequestData::new(Method::POST, path).add_body(self.body.clone())
    }
}

impl Engine {
    /// What names the browser and its driver.
    fn variables(self) -> [&'static str; 2] {
        match self {
            Self::Chromium => ["SHELL_TEST_CHROMIUM", "SHELL_TEST_CHROMEDRIVER"],
            Self::Firefox => ["SHELL_TEST_FIREFOX", "SHELL_TEST_GECKODRIVER"],
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["--port=0"],
            // The last is for the hard reload, which no page can ask for.
            Self::Firefox => &["--port=0", "--websocket-port=0", "--allow-system-access"],
        }
    }

    fn capabilities(self, program: &Path, downloads: &Path) -> Capabilities {
        let mut capabilities = Capabilities::new();
        let options = match self {
            Self::Chromium => ("chrome", "goog:chromeOptions", chromium(program, downloads)),
            Self::Firefox => ("firefox", "moz:firefoxOptions", firefox(program, downloads)),
        };
        let (name, key, options) = options;
        capabilities
            .set("browserName", name)
            .expect("a text is JSON");
        capabilities.set(key, options).expect("JSON is JSON");
        capabilities
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        })
    }
}

fn chromium(program: &Path, downloads: &Path) -> Value {
    json!({
        "binary": program,
        "args": [
            "--headless=new",
            // Containers run as root, which the sandbox refuses.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1400,1000",
        ],
        "prefs": {
            "download.default_directory": downloads,
            "download.prompt_for_download": false,
            "credentials_enable_service": false,
        },
    })
}

fn firefox(program: &Path, downloads: &Path) -> Value {
    json!({
        "binary": program,
        "args": ["-headless", "--width=1400", "--height=1000"],
        "prefs": {
            "browser.download.dir": downloads,
            "browser.download.folderList": 2,
            "browser.download.useDownloadDir": true,
            "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
            "signon.rememberSignons": false,
            "datareporting.policy.dataSubmissionEnabled": false,
        },
    })
}

/// The port at the end of the line in which a driver names it.
fn port(line: &str) -> Option<u16> {
    let named = ["started successfully on port ", "Listening on 127.0.0.1:"]
        .iter()
        .find_map(|words| line.split_once(words))?;
    named.1.trim_end_matches('.').parse().ok()
}
