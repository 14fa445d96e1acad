//! A site with its gateway and provider, and a person's machine.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use axum::Router;
use serde_json::{Value, json};
use shell_core::{Origin, oauth::native_app::NativeSession};
use shell_idp::{
    Clock, DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, DEVELOPMENT_READER, Keys, Provider,
    Settings,
};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const READER: &str = "mlflow-reader@example.com";
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().expect("keys can be made"));

/// A deployment, gone when dropped.
pub(crate) struct Site {
    pub(crate) origin: String,
    pub(crate) provider: Provider,
    gateway: Child,
    _folder: TempDir,
}

/// What is different from the usual deployment.
#[derive(Default)]
pub(crate) struct Spec {
    /// How long tokens live, in seconds.
    pub(crate) lifetime: Option<u64>,
    /// `python` of the configuration.
    pub(crate) python: Option<Value>,
}

impl Site {
    /// A site at which people sign in from terminals, with refresh tokens that work
    /// once.
    pub(crate) async fn start(spec: Spec) -> Self {
        Self::start_with(spec, false).await
    }

    async fn start_with(spec: Spec, via_gateway: bool) -> Self {
        let [site, login, back] = [(); 3].map(|()| free_port());
        let origin = format!("http://localhost:{site}");
        let redirect = format!("http://localhost:{back}/callback");
        let provider = provider(login, &origin, &redirect, spec.lifetime).await;
        let upstream = mlflow().await;
        let usual = json!({"access": "token", "sign_in": {"redirect_uri": redirect}});
        let config = json!({
            "origin": origin,
            "provider": {
                "domain": format!("http://localhost:{login}"),
                "issuer": provider.issuer(),
                "client_id": DEVELOPMENT_CLIENT_ID,
                "via_gateway": via_gateway,
            },
            "python": spec.python.unwrap_or(usual),
        });
        let folder = tempfile::tempdir().expect("a folder");
        let gateway = serve(&folder, site, &upstream, &config, &provider.issuer());
        until_ready(site);
        Self {
            origin,
            provider,
            gateway,
            _folder: folder,
        }
    }

    /// The same whose gateway makes the pages' token requests and keeps their refresh
    /// tokens.
    pub(crate) async fn start_via_gateway(spec: Spec) -> Self {
        Self::start_with(spec, true).await
    }

    /// What MLflow's API answers to this token.
    pub(crate) fn api_status(&self, token: &str) -> u16 {
        api_status(&self.origin, token)
    }
}

/// What MLflow's API of a site answers to this token.
pub(crate) fn api_status(origin: &str, token: &str) -> u16 {
    let url = format!("{origin}/api/2.0/mlflow/experiments/get?experiment_id=0");
    let request = http()
        .get(url)
        .header("authorization", format!("Bearer {token}"));
    request.call().expect("an answer").status().as_u16()
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.gateway.kill());
        drop(self.gateway.wait());
    }
}

async fn provider(port: u16, site: &str, redirect: &str, lifetime: Option<u64>) -> Provider {
    let parse = |text: &str| Origin::parse(text).expect("an origin");
    let base = parse(&format!("http://localhost:{port}"));
    let mut settings = Settings::new(base, &parse(site));
    settings.redirect_uris.push(redirect.to_owned());
    settings.rotation = Some(shell_idp::Rotation { grace: 0 });
    settings.token_lifetime = lifetime.unwrap_or(settings.token_lifetime);
    let provider = Provider::new(settings, KEYS.clone(), Clock::system());
    let provider = provider.expect("a provider on this machine");
    for listener in shell_idp::listen(port).await.expect("a port") {
        tokio::spawn(shell_idp::serve(listener, provider.clone()));
    }
    provider
}

/// Starts a gateway with this configuration.
pub(crate) fn serve(
    folder: &TempDir,
    port: u16,
    upstream: &str,
    config: &Value,
    issuer: &str,
) -> Child {
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a folder to write to");
        path
    };
    file("index.html", "");
    let machines = format!(
        "[[issuers]]\nissuer = '{issuer}'\nbearer = 'access'\nclient_ids = ['{DEVELOPMENT_READER}']\n\
         groups = [{{ claim = 'scope', value = 'mlflow/read', group = 'readers' }}]\n"
    );
    Command::new(env!("CARGO_BIN_EXE_mlflow-shell"))
        .args(["serve", "--audit-log=off", "--upstream", upstream])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--config")
        .arg(file("config.json", &config.to_string()))
        .arg("--settings")
        .arg(file("gateway.toml", &machines))
        .arg("--site")
        .arg(folder.path())
        .env_clear()
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Waits until a gateway knows its configuration.
pub(crate) fn until_ready(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let url = format!("http://127.0.0.1:{port}/config.json");
    let is_ready = || {
        http()
            .get(&url)
            .call()
            .is_ok_and(|answer| answer.status() == 200)
    };
    while !is_ready() {
        assert!(Instant::now() < deadline, "{url} does not answer");
        std::thread::yield_now();
    }
}

/// Starts what stands for MLflow, and returns where it is.
pub(crate) async fn mlflow() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(echo)).await });
    url
}

async fn echo() -> &'static str {
    "{}"
}

/// A person's machine, or a machine's.
pub(crate) struct Machine {
    pub(crate) home: TempDir,
    pub(crate) variables: Vec<(String, String)>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let variables = vec![("MLFLOW_SHELL_PASSPHRASE".to_owned(), PASSPHRASE.to_owned())];
        Self { home, variables }
    }

    /// The same with another variable, or another value of one.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlflow-shell"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("it runs"))
    }

    /// Signs in by a pasted code.
    pub(crate) fn sign_in(&self, site: &Site, user: &str) -> Ran {
        let mut login = Login::begin(
            self,
            &["login", &site.origin, "--no-browser", "--store=file"],
        );
        let callback = hosted_login(&login.url(), user);
        let (_, code) = callback.split_once('?').expect("a query");
        login.paste(code)
    }

    /// All that is in the files of this machine.
    pub(crate) fn files(&self) -> Vec<(String, u32, Vec<u8>)> {
        use std::os::unix::fs::PermissionsExt;
        let mut folders = vec![self.home.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
                let content = fs::read(&path).expect("a file");
                found.push((path.display().to_string(), mode, content));
            }
        }
        found
    }
}

/// A `login` that waits.
pub(crate) struct Login {
    process: Child,
    said: BufReader<ChildStderr>,
    heard: String,
}

impl Login {
    pub(crate) fn begin(machine: &Machine, arguments: &[&str]) -> Self {
        let mut command = machine.command(arguments);
        let mut process = command.stdin(Stdio::piped()).spawn().expect("it runs");
        let said = BufReader::new(process.stderr.take().expect("a pipe"));
        Self {
            process,
            said,
            heard: String::new(),
        }
    }

    /// The address that it shows.
    pub(crate) fn url(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.said.read_line(&mut line).expect("text");
            self.heard.push_str(&line);
            assert!(read > 0, "no address: {}", self.heard);
            if let Some(url) = line.trim().strip_prefix("http") {
                return format!("http{url}");
            }
        }
    }

    pub(crate) fn paste(mut self, code: &str) -> Ran {
        let mut input = self.process.stdin.take().expect("a pipe");
        writeln!(input, "{code}").expect("it reads");
        drop(input);
        self.end()
    }

    pub(crate) fn end(mut self) -> Ran {
        self.said.read_to_string(&mut self.heard).expect("text");
        let output = self.process.wait_with_output().expect("it ends");
        let mut ran = Ran::of(&output);
        ran.said = self.heard;
        ran
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) printed: String,
    pub(crate) said: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: output.status.code().unwrap_or(-1),
            printed: text(&output.stdout),
            said: text(&output.stderr),
        }
    }

    /// The token of `token --json`.
    #[track_caller]
    pub(crate) fn token(&self) -> (String, u64) {
        assert_eq!(self.status, 0, "{self:?}");
        let told: Value = serde_json::from_str(&self.printed).expect("JSON");
        let token = told["token"].as_str().expect("a token").to_owned();
        (token, told["expires_at"].as_u64().expect("a time"))
    }
}

/// What a browser does at the hosted login: where it returns to, without going there.
pub(crate) fn hosted_login(url: &str, user: &str) -> String {
    let login = url.replace("/oauth2/authorize?", "/login?");
    let form = [("username", user), ("password", DEVELOPMENT_PASSWORD)];
    let answer = http().post(login).send_form(form).expect("an answer");
    let location = answer.headers().get("location").expect("a redirect");
    location.to_str().expect("text").to_owned()
}

/// A client that follows no redirects.
pub(crate) fn http() -> ureq::Agent {
    let config = ureq::Agent::config_builder();
    let config = config.max_redirects(0).http_status_as_error(false);
    config.build().into()
}

/// A port that is free.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Whether a text has anything of a session that must not be shown.
pub(crate) fn shows_token(text: &str) -> bool {
    // A JWT's header begins so, whatever its algorithm.
    text.contains("eyJ") || NativeSession::read(text).is_some()
}
