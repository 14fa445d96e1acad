//! A user who is signed in from a terminal, with the plugin for MLflow's client: the
//! gateway is a program of its own, which can be restarted.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use shell_core::{Config, Origin};
use shell_idp::{Clock, Keys, Provider, Settings};
use shell_tests::{
    environment,
    program::GatewayProgram,
    server::{Server, free_port},
    terminal::Terminal,
};
use tempfile::TempDir;

/// A signed-in terminal in front of a gateway and the newest MLflow.
pub(crate) struct SignedIn {
    pub(crate) gateway: GatewayProgram,
    pub(crate) login: Server,
    pub(crate) provider: Provider,
    pub(crate) terminal: Terminal,
    pub(crate) site: String,
    python: PathBuf,
    packages: TempDir,
}

impl SignedIn {
    /// Starts everything; ID and access tokens live for `lifetime` seconds.
    pub(crate) async fn start(lifetime: u64) -> Self {
        let tracking = environment::tracking_servers().pop();
        let tracking = tracking.expect("an MLflow was started");
        let program = PathBuf::from(env::var_os("SHELL_TEST_GATEWAY").expect("it is built"));
        let port = free_port().expect("a free port");
        let site = format!("http://localhost:{port}");

        let login = Server::bind().await.expect("a free port");
        let back = format!(
            "http://localhost:{}/callback",
            free_port().expect("a free port")
        );
        let provider = provider(&login, &site, &back, lifetime);
        login.serve(provider.router());
        let config = config(&provider, &site, &back);
        let settings = format!("upstream = \"{}\"", tracking.url);
        let gateway = GatewayProgram::start_at(port, &program, &config, &settings, &[]).await;
        let gateway = gateway.expect("the gateway starts");
        let python = environment::client(&tracking.version);
        let terminal = Terminal::new(&program, &python).expect("there is room");
        terminal
            .sign_in(&site, "mlflow-admin@example.com")
            .expect("the user signs in");
        Self {
            gateway,
            login,
            provider,
            terminal,
            site,
            python,
            packages: installed(&program),
        }
    }

    /// Python as the user has it: with MLflow and the plugin, and no token.
    pub(crate) fn python(&self, script: &str) -> Command {
        let mut command = Command::new(&self.python);
        environment::isolate(&mut command);
        self.terminal.equip(&mut command);
        let path = env::join_paths([
            self.packages.path(),
            &environment::workspace().join("python"),
        ]);
        command
            .arg("-B")
            .arg(
                environment::workspace()
                    .join("tests/sdk/client")
                    .join(script),
            )
            .env("PYTHONPATH", path.expect("no colon in it"))
            .env("PATH", self.packages.path().join("bin"))
            .env("MLFLOW_TRACKING_URI", &self.site)
            .env("MLFLOW_TRACKING_AUTH", "shell")
            .current_dir(self.packages.path());
        command
    }
}

/// Like Cognito it compares the addresses that it may return to letter by letter.
fn provider(login: &Server, site: &str, back: &str, lifetime: u64) -> Provider {
    let origin = |text: &str| Origin::parse(text).expect("an origin");
    let mut settings = Settings::new(origin(&login.foreign_origin()), &origin(site));
    settings.token_lifetime = lifetime;
    settings.redirect_uris.push(back.to_owned());
    let keys = Keys::generate().expect("keys can be made");
    Provider::new(settings, keys, Clock::system()).expect("it is on this machine")
}

fn config(provider: &Provider, site: &str, back: &str) -> Config {
    let settings = provider.settings();
    let config = json!({
        "origin": site,
        "provider": {
            "domain": settings.base.as_str(),
            "issuer": provider.issuer(),
            "client_id": settings.client_id,
        },
        "python": { "access": "token", "sign_in": { "redirect_uri": back } },
    });
    Config::parse(&config.to_string()).expect("a configuration")
}

/// The package as pip would install it: the program on the PATH, and the entry point
/// by which MLflow's client finds the plugin.
fn installed(program: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("there is room");
    std::os::unix::fs::symlink(program, bin.join("mlflow-shell")).expect("there is room");
    let manifest = environment::workspace().join("pyproject.toml");
    let manifest = fs::read_to_string(manifest).expect("it is there");
    let plugin = manifest.lines().find(|line| line.starts_with("shell = "));
    let plugin = plugin.expect("an entry point").replace('"', "");
    let metadata = folder.path().join("mlflow_auth_shell-0.dist-info");
    fs::create_dir(&metadata).expect("there is room");
    for (name, text) in [
        (
            "METADATA",
            "Metadata-Version: 2.1\nName: mlflow-auth-shell\nVersion: 0\n".to_owned(),
        ),
        (
            "entry_points.txt",
            format!("[mlflow.request_auth_provider]\n{plugin}\n"),
        ),
    ] {
        fs::write(metadata.join(name), text).expect("there is room");
    }
    folder
}

/// The last line of what a program prints, as JSON.
pub(crate) fn result(printed: &[u8]) -> Value {
    let text = String::from_utf8_lossy(printed);
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text}"))
}
