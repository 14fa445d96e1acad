//! The proxies that are measured.

use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use hyper::{
    Request,
    header::{AUTHORIZATION, HOST},
};
use serde_json::json;
use shell_core::{
    algorithm::Algorithms,
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims},
};
use shell_jose::{Accepted, Issuer, SigningKey, jwks};
use shell_tests::{child::Program, environment, issuer, lambda::Usage, server::free_port};
use tempfile::TempDir;

use crate::{
    load::{self, Target},
    scenario::Scenario,
    upstream,
};

/// What is between the load and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// Nothing.
    Direct,
    /// nginx, which only forwards.
    Nginx,
    /// Flask, which signs every request.
    Flask,
    /// Our gateway.
    Ours,
}

/// In the order of their numbers.
pub(crate) const PROXIES: [Proxy; 4] = [Proxy::Direct, Proxy::Nginx, Proxy::Flask, Proxy::Ours];

const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";

/// The app client that tokens are for.
const CLIENT: &str = "shell-under-test";

/// What all of them have around them.
#[derive(Debug)]
pub(crate) struct Deployment {
    upstream: SocketAddr,
    folder: TempDir,
    key: SigningKey,
}

/// A proxy that answers, stopped when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    proxy: Proxy,
    address: SocketAddr,
    program: Option<Program>,
    token: String,
}

impl Deployment {
    /// Starts the server and makes a key for tokens.
    pub(crate) fn begin() -> Result<Self> {
        let key = SigningKey::generate("key=")?;
        Ok(Self {
            upstream: upstream::start(jwks([&key]).to_string())?,
            folder: tempfile::tempdir()?,
            key,
        })
    }

    /// The key that tokens are signed with.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Whose tokens ours believes.
    pub(crate) fn issuer() -> Issuer {
        let accepted = Accepted {
            client_ids: vec![CLIENT.to_owned()],
            audiences: Vec::new(),
            bearer: Bearer::Id,
            groups: Groups::default(),
            names: NameClaims::default(),
        };
        Issuer {
            name: ISSUER.to_owned(),
            algorithms: Algorithms::all(),
            leeway: CLOCK_LEEWAY,
            accepted: vec![accepted],
        }
    }

    /// A token as Cognito makes them: of a member of several groups.
    pub(crate) fn token(&self) -> Result<String> {
        self.token_of("8f1c3c52-70d1-70f9-1c3c-528f1c3c528f")
    }

    /// The same of another user.
    pub(crate) fn token_of(&self, subject: &str) -> Result<String> {
        let mut claims = issuer::claims(ISSUER);
        claims["exp"] = json!(issuer::now() + 3600);
        claims["cognito:groups"] = json!(["data-science", "readers", "model-approvers", "admins"]);
        claims["sub"] = json!(subject);
        claims["cognito:username"] = json!(subject);
        claims["event_id"] = json!("b3e8f4b4-4b9b-4c61-9f0e-5a4f1b0d2c3e");
        claims["origin_jti"] = json!("6a3e8f4b-5b9b-4c61-9f0e-5a4f1b0d2c3e");
        Ok(self.key.sign(&claims)?.expose().to_owned())
    }

    /// Starts a proxy and waits until it answers.
    pub(crate) async fn start(&self, proxy: Proxy) -> Result<Running> {
        let port = free_port()?;
        let command = match proxy {
            Proxy::Direct => None,
            Proxy::Nginx => Some(self.nginx(port)?),
            Proxy::Flask => Some(self.flask(port)?),
            Proxy::Ours => Some(self.ours(port)?),
        };
        let address = match proxy {
            Proxy::Direct => self.upstream,
            Proxy::Nginx | Proxy::Flask | Proxy::Ours => ([127, 0, 0, 1], port).into(),
        };
        let program = command.map(|mut command| Program::spawn(&mut command));
        let running = Running {
            proxy,
            address,
            program: program.transpose()?,
            token: self.token()?,
        };
        let target = running.target(Scenario::Small);
        load::wait_until_ready(&target, Scenario::Small).await?;
        Ok(running)
    }

    fn nginx(&self, port: u16) -> Result<Command> {
        let folder = self.folder();
        let configuration = include_str!("nginx.conf")
            .replace("UPSTREAM", &self.upstream.to_string())
            .replace("FOLDER", &folder.to_string_lossy())
            .replace("PORT", &port.to_string());
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration)?;
        let mut command = Command::new(required("SHELL_BENCH_NGINX")?);
        command.arg("-p").arg(folder).arg("-c").arg(file);
        command.args(["-e", "stderr"]);
        Ok(command)
    }

    /// As many workers as gunicorn's documentation recommends.
    fn flask(&self, port: u16) -> Result<Command> {
        let processors = std::thread::available_parallelism()?.get();
        let mut command = Command::new(required("SHELL_BENCH_PYTHON")?);
        command
            .args(["-m", "gunicorn", "proxy:app", "--log-level=critical"])
            .arg(format!("--bind=127.0.0.1:{port}"))
            .arg(format!("--workers={}", 2 * processors + 1))
            .current_dir(environment::workspace().join("tests/peers/flask-proxy"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("UPSTREAM", format!("http://{}", self.upstream));
        Ok(command)
    }

    fn ours(&self, port: u16) -> Result<Command> {
        self.gateway(port, port, &self.folder().join("audit"))
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The gateway at `port`, for clients who know it by the port `public`.
    pub(crate) fn gateway(&self, port: u16, public: u16, audit: &Path) -> Result<Command> {
        let folder = self.folder();
        let config = folder.join("config.json");
        let provider = json!({
            "domain": "https://example.auth.eu-central-1.amazoncognito.com",
            "issuer": ISSUER,
            "client_id": CLIENT,
        });
        let origin = format!("http://localhost:{public}");
        fs::write(
            &config,
            json!({ "origin": origin, "provider": provider }).to_string(),
        )?;
        let log = fs::File::create(folder.join("gateway.log"))?;
        let mut command = Command::new(required("SHELL_BENCH_GATEWAY")?);
        command
            .arg("serve")
            .arg(format!("--listen=127.0.0.1:{port}"))
            .arg(format!("--upstream=http://{}", self.upstream))
            .arg(format!("--jwks=http://{}/keys", self.upstream))
            .arg(argument("config", &config))
            .arg(argument("site", &environment::site()))
            .arg(argument("audit-log", audit))
            .arg("--audit-reads")
            // One user is all of the load.
            .env("MLFLOW_SHELL_LIMITS__REQUESTS", "1024")
            .env("MLFLOW_SHELL_LIMITS__REQUESTS_PER_USER", "1024")
            .stderr(Stdio::from(log));
        Ok(command)
    }
}

impl Running {
    /// What a load asks of it.
    pub(crate) fn target(&self, scenario: Scenario) -> Target {
        let prefix = if self.proxy == Proxy::Ours {
            "/mlflow"
        } else {
            ""
        };
        target(self.address, prefix, &self.token, scenario)
    }

    /// What it has used so far, with all its processes.
    pub(crate) fn usage(&self) -> Result<Option<Usage>> {
        let program = self.program.as_ref();
        program
            .map(|program| Usage::of_family(program.id()))
            .transpose()
    }
}

/// What is asked of whoever answers at `address`, by the user of `token`.
pub(crate) fn target(address: SocketAddr, prefix: &str, token: &str, scenario: Scenario) -> Target {
    let (method, path) = scenario.request();
    let request = Request::builder()
        .method(method)
        .uri(format!("{prefix}{path}"))
        .header(HOST, format!("localhost:{}", address.port()))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header("accept", "*/*")
        .header("accept-encoding", "gzip, deflate, br")
        .header("user-agent", "mlflow-python-client/3.18.0");
    Target {
        address,
        request: request.body(()).expect("a request"),
    }
}

fn argument(name: &str, value: &Path) -> String {
    format!("--{name}={}", value.display())
}

fn required(name: &str) -> Result<PathBuf> {
    let value = env::var_os(name).map(PathBuf::from);
    value.with_context(|| format!("{name} is not set: start with `cargo xtask bench gateway`"))
}
