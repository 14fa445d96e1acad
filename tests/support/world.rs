//! One deployment of the shell: provider, gateway and MLflow, each behind a
//! record of what it is asked, and a bystander who should be asked nothing.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::json;
use shell_core::{Config, Origin, Timestamp};
use shell_gateway::{Settings, Upstream};
use shell_idp::{Clock, Keys, Provider};
use shell_jose::KeySet;

use crate::{
    client, environment,
    issuer::{Issuer, now},
    peer::Peer,
    proxy::{self, Host},
    record::{Place, Recorder},
    server::Server,
};

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().expect("keys can be made"));

/// Who signs people in.
#[derive(Debug, Clone)]
pub enum Login {
    /// The development provider.
    Development,
    /// The independent provider, in this folder.
    Independent(std::path::PathBuf),
    /// Nobody: the test signs its own tokens.
    Signed(Issuer),
}

/// A whole deployment, gone when dropped.
#[derive(Debug)]
pub struct World {
    /// Where people open the shell.
    pub origin: String,
    /// What was asked of whom.
    pub record: Recorder,
    /// The development provider, if it is one.
    pub provider: Option<Provider>,
    /// The development provider's clock, which a test moves.
    pub clock: Clock,
    /// Serves the shell.
    pub gateway: Server,
    /// Serves the provider.
    pub login: Server,
    /// Serves MLflow, or what stands for it.
    pub upstream: Server,
    /// Serves anyone who asks, and should not be asked.
    pub other: Server,
    replaced: Replaced,
    _peer: Option<Peer>,
}

/// Files that are answered with another body than the gateway's.
type Replaced = Arc<Mutex<HashMap<String, String>>>;

impl World {
    /// Starts a deployment in front of the real MLflow.
    pub async fn real(login: Login) -> Result<Self> {
        let mlflow = proxy::to(&environment::mlflow(), Host::Replaced);
        Self::start(login, mlflow).await
    }

    /// Starts a deployment in front of `upstream`.
    pub async fn start(login: Login, upstream: Router) -> Result<Self> {
        let record = Recorder::default();
        let clock = Clock::manual(Timestamp(now()));
        let servers = [Server::bind().await?, Server::bind().await?];
        let [gateway, provider_server] = servers;
        let upstream = Server::start(record.around(upstream, Place::Upstream)).await?;
        let bystander = Router::new().fallback(|| async { "nothing here" });
        let other = Server::start(record.around(bystander, Place::Other)).await?;

        let signs = Signs::start(login, &provider_server.origin(), &gateway.origin(), &clock)?;
        provider_server.serve(record.around(signs.router.clone(), Place::Provider));
        let config = configuration(&gateway.origin(), &provider_server.origin(), &signs)?;
        let jwks_url = Settings::default_jwks_url(&config);
        record.trust(keys(&jwks_url.to_string()).await?, config.clone());

        let replaced = Replaced::default();
        let shell = shell_gateway::router(Settings {
            config,
            jwks_url,
            upstream: Upstream::parse(&upstream.origin())?,
            site: environment::site(),
        });
        let shell = shell.layer(middleware::from_fn_with_state(replaced.clone(), replace));
        gateway.serve(record.around(shell, Place::Gateway));
        Ok(Self {
            origin: gateway.origin(),
            record,
            provider: signs.provider,
            clock,
            gateway,
            login: provider_server,
            upstream,
            other,
            replaced,
            _peer: signs.peer,
        })
    }

    /// Answers `path` with `body` from now on.
    ///
    /// # Panics
    /// If another thread panicked while it used the deployment.
    pub fn replace(&self, path: &str, body: &str) {
        let mut replaced = self.replaced.lock().expect("nobody panicked");
        replaced.insert(path.to_owned(), body.to_owned());
    }

    /// Answers everything as it is again.
    ///
    /// # Panics
    /// If another thread panicked while it used the deployment.
    pub fn restore(&self) {
        self.replaced.lock().expect("nobody panicked").clear();
    }
}

/// A provider as a router, and what it is called.
struct Signs {
    router: Router,
    issuer: String,
    client_id: String,
    provider: Option<Provider>,
    peer: Option<Peer>,
}

impl Signs {
    fn start(login: Login, base: &str, shell: &str, clock: &Clock) -> Result<Self> {
        match login {
            Login::Development => Self::develop(base, shell, clock.clone()),
            Login::Independent(folder) => {
                let peer = Peer::start(&folder, base, shell)?;
                Ok(Self {
                    router: proxy::to(&peer.url, Host::Kept),
                    issuer: base.to_owned(),
                    client_id: "shell-under-test".into(),
                    provider: None,
                    peer: Some(peer),
                })
            }
            Login::Signed(issuer) => Ok(Self {
                router: issuer.router(),
                issuer: base.to_owned(),
                client_id: "shell-under-test".into(),
                provider: None,
                peer: None,
            }),
        }
    }

    fn develop(base: &str, shell: &str, clock: Clock) -> Result<Self> {
        let origin = |text: &str| Origin::parse(text).map_err(|error| anyhow::anyhow!("{error}"));
        let settings = shell_idp::Settings::new(origin(base)?, &origin(shell)?);
        let client_id = settings.client_id.clone();
        let provider = Provider::new(settings, KEYS.clone(), clock)?;
        Ok(Self {
            router: provider.router(),
            issuer: provider.issuer(),
            client_id,
            provider: Some(provider),
            peer: None,
        })
    }
}

fn configuration(origin: &str, domain: &str, signs: &Signs) -> Result<Config> {
    let config = json!({
        "origin": origin,
        "provider": {
            "domain": domain,
            "issuer": signs.issuer,
            "client_id": signs.client_id,
        },
    });
    Ok(Config::parse(&config.to_string(), shell_jose::parse_json)?)
}

async fn keys(url: &str) -> Result<KeySet> {
    let answer = client::get(url, &[]).await?;
    KeySet::parse(&answer.text()).with_context(|| format!("no keys at {url}"))
}

async fn replace(State(replaced): State<Replaced>, request: Request, next: Next) -> Response {
    let body = {
        let replaced = replaced.lock().expect("nobody panicked");
        replaced.get(request.uri().path()).cloned()
    };
    match body {
        Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        None => next.run(request).await,
    }
}
