//! Browsers, and the programs that drive them.

mod screen;
mod tabs;
#[cfg(test)]
mod tests;
mod webkit;

use std::{
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;
use axum::http::Method;
use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, RequestData, SessionId, WebDriver, common::command::FormatRequestData,
};

pub use self::{screen::Scheme, tabs::Tab};
use crate::{child::Program, environment};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Blink.
    Chromium,
    /// Gecko.
    Firefox,
    /// Safari's engine, as `WebKitGTK`'s `MiniBrowser`.
    WebKit,
}

/// All of them.
pub const ENGINES: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

/// How a browser differs from one that was just installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Firefox stops a worker after 0.8 s without an event, not 30. The others
    /// know no such setting.
    pub worker_dies_when_idle: bool,
    /// Pages of other sites keep no cookies in frames, and in Firefox they have
    /// no storage of any kind there. Chromium is as strict as that with cookies
    /// by default, and `WebKit` stays as it is.
    pub third_party_cookies_blocked: bool,
    /// Only a person's click opens a window. The drivers of Chromium and
    /// Firefox allow it to every script otherwise, and `WebKit`'s never does.
    pub popups_blocked: bool,
}

/// A running browser with an empty profile, gone when dropped.
#[derive(Debug)]
pub struct Browser {
    /// The connection to it.
    pub driver: WebDriver,
    engine: Engine,
    _programs: Programs,
}

/// What runs beside a browser. Fields end in this order.
#[derive(Debug)]
struct Programs {
    _driver: Program,
    _display: Option<Program>,
}

impl Browser {
    /// Starts a browser that saves downloads in `downloads`; `None` if it is
    /// not installed.
    pub async fn start(engine: Engine, downloads: &Path) -> Result<Option<Self>> {
        Self::start_with(engine, downloads, Options::default()).await
    }

    /// The same, with these options.
    pub async fn start_with(
        engine: Engine,
        downloads: &Path,
        options: Options,
    ) -> Result<Option<Self>> {
        let name = engine.to_string();
        let installed = engine.variables().iter();
        let installed = installed.map(|variable| environment::program(variable, &name));
        let Some(installed) = installed.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (programs, port) = engine.launch(&installed, downloads).await?;
        let capabilities = engine.capabilities(&installed[0], downloads, options);
        let url = format!("http://127.0.0.1:{port}");
        let driver = WebDriver::new(url, capabilities).await?;
        if engine == Engine::WebKit {
            // The others are told when they start.
            driver.set_window_rect(0, 0, WIDTH, HEIGHT).await?;
        }
        Ok(Some(Self {
            driver,
            engine,
            _programs: programs,
        }))
    }

    /// Loads the page again and goes past every cache and worker, as Ctrl-F5
    /// does. `WebKit` never goes past a worker, so there it is the usual reload.
    pub async fn reload_hard(&self) -> Result<()> {
        match self.engine {
            Engine::Chromium => {
                let past_caches = json!({ "ignoreCache": true });
                self.devtools("Page.reload", past_caches).await
            }
            Engine::Firefox => self.run_as_browser(PAST_CACHES).await,
            Engine::WebKit => Ok(self.driver.refresh().await?),
        }
    }

    /// Stops the service workers, as a browser does that is short of memory,
    /// and returns whether it could: `WebKit`'s driver cannot.
    pub async fn kill_worker(&self) -> Result<bool> {
        match self.engine {
            Engine::Chromium => {
                self.devtools("ServiceWorker.enable", json!({})).await?;
                self.devtools("ServiceWorker.stopAllWorkers", json!({}))
                    .await?;
                Ok(true)
            }
            Engine::Firefox => {
                self.run_as_browser(STOP_WORKERS).await?;
                Ok(true)
            }
            Engine::WebKit => Ok(false),
        }
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<()> {
        let body = json!({ "cmd": command, "params": parameters });
        self.send("goog/cdp/execute", body).await
    }

    /// Runs a script with the rights of Firefox's own.
    async fn run_as_browser(&self, script: &str) -> Result<()> {
        let context = async |name: &str| self.send("moz/context", json!({ "context": name })).await;
        context("chrome").await?;
        let done = self.driver.execute(script, vec![]).await;
        context("content").await?;
        done?;
        Ok(())
    }

    async fn send(&self, command: &'static str, body: Value) -> Result<()> {
        self.driver.cmd(Extension { command, body }).await?;
        Ok(())
    }
}

/// In milliseconds.
const IDLE: u32 = 800;

/// The size of a window.
const WIDTH: u32 = 1400;
const HEIGHT: u32 = 1000;

const PAST_CACHES: &str = "const flags = Ci.nsIWebNavigation; \
     Services.wm.getMostRecentWindow('navigator:browser').gBrowser.reloadWithFlags(\
     flags.LOAD_FLAGS_BYPASS_CACHE | flags.LOAD_FLAGS_BYPASS_PROXY);";

const STOP_WORKERS: &str = "const all = Cc['@mozilla.org/serviceworkers/manager;1'] \
     .getService(Ci.nsIServiceWorkerManager).getAllRegistrations(); \
     for (let index = 0; index < all.length; index++) \
         all.queryElementAt(index, Ci.nsIServiceWorkerRegistrationInfo) \
             .activeWorker?.terminateWorker();";

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
    /// What names the browser, its driver and whatever else it needs.
    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["SHELL_TEST_CHROMIUM", "SHELL_TEST_CHROMEDRIVER"],
            Self::Firefox => &["SHELL_TEST_FIREFOX", "SHELL_TEST_GECKODRIVER"],
            Self::WebKit => &[
                "SHELL_TEST_WEBKIT",
                "SHELL_TEST_WEBKITDRIVER",
                "SHELL_TEST_XVFB",
            ],
        }
    }

    /// Starts the driver, and returns the port it listens on.
    async fn launch(self, installed: &[PathBuf], home: &Path) -> Result<(Programs, u16)> {
        if self == Self::WebKit {
            return webkit::launch(&installed[1], &installed[2], home).await;
        }
        let mut command = Command::new(&installed[1]);
        command
            .args(self.arguments())
            // A browser's profile goes there, and many of them fill a disk.
            .env("TMPDIR", home)
            .stderr(Stdio::null());
        let (driver, port) = Program::start(&mut command, port)?;
        let programs = Programs {
            _driver: driver,
            _display: None,
        };
        Ok((programs, port))
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["--port=0"],
            // The last is for the hard reload, which no page can ask for.
            Self::Firefox => &["--port=0", "--websocket-port=0", "--allow-system-access"],
            Self::WebKit => &[],
        }
    }

    fn capabilities(self, program: &Path, downloads: &Path, options: Options) -> Capabilities {
        let mut capabilities = Capabilities::new();
        let options = match self {
            Self::Chromium => (
                "chrome",
                "goog:chromeOptions",
                chromium(program, downloads, options),
            ),
            Self::Firefox => (
                "firefox",
                "moz:firefoxOptions",
                firefox(program, downloads, options),
            ),
            Self::WebKit => (
                "MiniBrowser",
                "webkitgtk:browserOptions",
                webkit::options(program),
            ),
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
            Self::WebKit => "WebKitGTK",
        })
    }
}

fn chromium(program: &Path, downloads: &Path, options: Options) -> Value {
    let mut chromium = json!({
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
            format!("--window-size={WIDTH},{HEIGHT}"),
        ],
        "prefs": {
            "download.default_directory": downloads,
            "download.prompt_for_download": false,
            "credentials_enable_service": false,
        },
    });
    if options.third_party_cookies_blocked {
        chromium["prefs"]["profile.cookie_controls_mode"] = 1.into();
        chromium["prefs"]["profile.block_third_party_cookies"] = true.into();
    }
    if options.popups_blocked {
        chromium["excludeSwitches"] = json!(["disable-popup-blocking"]);
    }
    chromium
}

fn firefox(program: &Path, downloads: &Path, options: Options) -> Value {
    let mut firefox = json!({
        "binary": program,
        "args": ["-headless", format!("--width={WIDTH}"), format!("--height={HEIGHT}")],
        "prefs": {
            "browser.download.dir": downloads,
            "browser.download.folderList": 2,
            "browser.download.useDownloadDir": true,
            "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
            "signon.rememberSignons": false,
            "datareporting.policy.dataSubmissionEnabled": false,
        },
    });
    if options.worker_dies_when_idle {
        for name in ["idle_timeout", "idle_extended_timeout"] {
            firefox["prefs"][format!("dom.serviceWorkers.{name}")] = IDLE.into();
        }
    }
    if options.third_party_cookies_blocked {
        // The one that means all of them; 4 and 5 tell trackers from others.
        firefox["prefs"]["network.cookie.cookieBehavior"] = 1.into();
    }
    if options.popups_blocked {
        firefox["prefs"]["dom.disable_open_during_load"] = true.into();
    }
    firefox
}

/// The port at the end of the line in which a driver names it.
fn port(line: &str) -> Option<u16> {
    let named = ["started successfully on port ", "Listening on 127.0.0.1:"]
        .iter()
        .find_map(|words| line.split_once(words))?;
    named.1.trim_end_matches('.').parse().ok()
}
