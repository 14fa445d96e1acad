//! One deployment of the shell: provider, gateway and MLflow, each behind a
//! record of what it is asked, and a bystander who should be asked nothing.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, LazyLock, Mutex},
};

use anyhow::{Context, Error, Result};
use axum::{
    Router,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shell_core::{Config, Origin};
use shell_gateway::{
    Audit, Components, Draining, LivePolicy, Metrics, Network, PendingConfig, TokenKeys, Upstreams,
    settings::{ClientAuthentication, ClientSecret, Location, TrustedIssuer},
};
use shell_idp::{Clock, Keys, Provider};
use shell_jose::KeySet;
use tempfile::NamedTempFile;

use crate::{
    aws::{self, AwsApi},
    client, environment, instances,
    peer::{self, Peer},
    provider_program::ProviderProgram,
    proxy::{self, Host},
    record::{Recipient, Recorder},
    sagemaker::{self, SageMaker},
    server::Server,
    upstream::{self, Refusing},
    wait,
};

pub use crate::deployment_spec::{DeploymentSpec, Login};
use crate::{
    deployment_spec::{Hosting, Named},
    lines::Lines,
};

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().expect("keys can be made"));

/// A whole deployment, gone when dropped.
#[derive(Debug)]
pub struct Deployment {
    /// Where people open the shell.
    pub origin: String,
    /// What its `config.json` says.
    pub config: Config,
    /// Who may do what; a test may replace it.
    pub policy: LivePolicy,
    /// The audit log, reads included.
    pub audit: Lines,
    /// Whether the gateway is about to end.
    pub draining: Draining,
    /// What the gateway counts.
    pub metrics: Metrics,
    /// The gateways, if there are several.
    pub instances: Vec<Server>,
    /// What was asked of whom.
    pub record: Recorder,
    /// The development provider, if it is one.
    pub provider: Option<Provider>,
    /// The development provider's clock, which a test moves unless it runs.
    pub clock: Clock,
    /// Serves the shell.
    pub gateway: Server,
    /// Serves the provider.
    pub login: Server,
    /// Serves MLflow, or what stands for it.
    pub upstream: Server,
    /// Serve the MLflow servers with names, in the spec's order.
    pub upstreams: Vec<Server>,
    /// What stands for SageMaker, if the spec wants it.
    pub sagemaker: Option<SageMaker>,
    /// The API, on AWS.
    pub aws: Option<AwsApi>,
    /// Serves anyone who asks, and should not be asked.
    pub other: Server,
    replaced: Replaced,
    refusing: Refusing,
    _peer: Option<Peer>,
    _secret: Option<NamedTempFile>,
}

/// How long a real provider's tokens live, in seconds, if not told otherwise.
const LIFETIME: u64 = 3600;

/// Files that are answered with another body than the gateway's.
type Replaced = Arc<Mutex<HashMap<String, String>>>;

impl Deployment {
    /// Starts a deployment in front of the real MLflow, which also has the
    /// endpoints of [`upstream`].
    pub async fn real(spec: impl Into<DeploymentSpec>) -> Result<Self> {
        let spec = spec.into();
        let mlflow = spec.mlflow.clone().unwrap_or_else(environment::mlflow);
        let mlflow = proxy::to(&mlflow, Host::Replaced);
        Self::start(spec, upstream::with_extras(mlflow)).await
    }

    /// Starts a deployment in front of `upstream`.
    pub async fn start(spec: impl Into<DeploymentSpec>, upstream: Router) -> Result<Self> {
        let spec = spec.into();
        let record = Recorder::default();
        let refusing = Refusing::default();
        let upstream = refusing.around(upstream);
        let upstreams = named(&spec, &record, &upstream).await?;
        let (gateway, provider_server) = (Server::bind().await?, Server::bind().await?);
        let api = Server::bind().await?;
        let upstream = Server::start(record.around(upstream, Recipient::Upstream)).await?;
        let other = Server::start(record.around(bystander(), Recipient::Other)).await?;

        let signs = Signs::start(&spec, &provider_server.origin(), &gateway.origin())?;
        provider_server.serve(record.around(signs.router.clone(), Recipient::Provider));
        let origins = [&gateway, &provider_server].map(Server::origin);
        let mut config = configuration(&spec, &origins, &signs, &upstreams);
        aws::configure(&mut config, spec.hosting, &api);
        let draft = PendingConfig::read(&spec.applied(config, &provider_server.origin()))
            .map_err(Error::msg)?;
        let config = draft.config().clone();
        let apis = spec.given(&signs.issuer).issuers.into_iter();
        let apis = apis.flat_map(|trusted| trusted.audiences).collect();
        record.trust(signs.published_keys().await?, config.clone(), apis);
        if spec.login_is_down {
            provider_server.stop();
        }

        let (replaced, audit) = (Replaced::default(), Lines::default());
        let sagemaker = spec
            .managed
            .map(|(kind, keys)| managed(kind, keys, &upstream));
        let sagemaker = sagemaker.transpose()?;
        let mut given = spec.given(&signs.issuer);
        if let Some(file) = &signs.secret {
            let file = file.path().to_owned();
            given.client = ClientSecret::in_file(file, ClientAuthentication::Basic);
        }
        let nameless = upstreams.is_empty().then(|| upstream.origin());
        let settings = Components {
            config: config.clone(),
            policy: policy(&spec)?,
            audit: Audit::to(audit.clone()).with_reads(true),
            issuers: TrustedIssuer::all(&config, None, &given.issuers)?,
            upstreams: if let Some(sagemaker) = &sagemaker {
                Upstreams::one(sagemaker.upstream()?)
            } else {
                let locate = |url: &str| Location::served(url, spec.identity_headers);
                let nameless = nameless.as_deref().map(locate);
                Upstreams::located(&config, nameless.as_ref(), &given.upstreams)?
            },
            site: spec.site.clone().unwrap_or_else(environment::site).into(),
            token_keys: TokenKeys::new(&given.tokens)?,
            settings: given,
            network: Network::default(),
            draining: Draining::default(),
            metrics: Metrics::default(),
            tracer: spec.tracer.clone(),
        };
        let policy = settings.policy.clone();
        let (draining, metrics) = (settings.draining.clone(), settings.metrics.clone());
        let (shell, instances, aws) =
            shell(&spec, &draft, settings, &upstream, api, &record).await?;
        let shell = shell
            .layer(middleware::from_fn_with_state(replaced.clone(), replace))
            .layer(middleware::from_fn(upstream::tell_bearer));
        gateway.serve(record.around(shell, Recipient::Gateway));
        is_ready(&gateway, &spec).await?;
        Ok(Self {
            origin: gateway.origin(),
            config,
            policy,
            audit,
            draining,
            metrics,
            instances,
            record,
            provider: signs.provider,
            clock: spec.clock,
            gateway,
            login: provider_server,
            upstream,
            upstreams,
            sagemaker,
            aws,
            other,
            replaced,
            refusing,
            _peer: signs.peer,
            _secret: signs.secret,
        })
    }

    /// Answers `path` with `body` from now on.
    ///
    /// # Panics
    /// If another thread panicked while it used the deployment.
    pub fn replace(&self, path: &str, body: &str) {
        let mut replaced = self.replaced.lock().expect("no other thread panicked");
        replaced.insert(path.to_owned(), body.to_owned());
    }

    /// Makes MLflow answer 401 to everything but its version and its public
    /// bundle, or no longer.
    pub fn refuse(&self, refuse: bool) {
        self.refusing.set(refuse);
    }

    /// Answers everything as it is again.
    ///
    /// # Panics
    /// If another thread panicked while it used the deployment.
    pub fn restore(&self) {
        self.replaced
            .lock()
            .expect("no other thread panicked")
            .clear();
    }
}

/// A provider as a router, and what it is called.
struct Signs {
    router: Router,
    issuer: String,
    /// Where its keys are.
    keys: String,
    client_id: String,
    /// The file with the app client's secret, if it has one.
    secret: Option<NamedTempFile>,
    provider: Option<Provider>,
    peer: Option<Peer>,
}

impl Signs {
    fn start(spec: &DeploymentSpec, base: &str, shell: &str) -> Result<Self> {
        match &spec.login {
            Login::Development => Self::develop(spec, base, shell),
            Login::Independent(folder) => {
                let tokens = peer::Tokens {
                    lifetime: spec.token_lifetime,
                    rotate: spec.rotation.is_some(),
                };
                let peer = Peer::start(folder, base, shell, tokens)?;
                Ok(Self {
                    router: proxy::to(&peer.url, Host::Kept),
                    issuer: base.to_owned(),
                    keys: format!("{base}/.well-known/jwks.json"),
                    client_id: Peer::CLIENT_ID.into(),
                    secret: None,
                    provider: None,
                    peer: Some(peer),
                })
            }
            Login::Discovered(folder) => {
                let peer = Peer::start_plain(folder, base, shell)?;
                let mut secret = NamedTempFile::new()?;
                writeln!(secret, "{}", Peer::CLIENT_SECRET)?;
                Ok(Self {
                    router: proxy::to(&peer.url, Host::Kept),
                    issuer: base.to_owned(),
                    keys: format!("{base}/jwks"),
                    client_id: Peer::CLIENT_ID.into(),
                    secret: Some(secret),
                    provider: None,
                    peer: Some(peer),
                })
            }
            Login::Real(program) => {
                let lifetime = spec.token_lifetime.unwrap_or(LIFETIME);
                let url = program.start(base, shell, lifetime)?;
                Ok(Self {
                    router: proxy::to(&url, Host::Kept),
                    issuer: format!("{base}{}", program.issuer_path),
                    // It is asked for them.
                    keys: String::new(),
                    client_id: ProviderProgram::CLIENT_ID.into(),
                    secret: None,
                    provider: None,
                    peer: None,
                })
            }
            Login::Signed(issuer) => Ok(Self {
                router: issuer.router(),
                issuer: base.to_owned(),
                keys: format!("{base}/.well-known/jwks.json"),
                client_id: Peer::CLIENT_ID.into(),
                secret: None,
                provider: None,
                peer: None,
            }),
        }
    }

    /// The provider's keys.
    async fn published_keys(&self) -> Result<KeySet> {
        if !self.keys.is_empty() {
            return keys(&self.keys).await;
        }
        let issuer = self.issuer.trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        let document = client::get(&url, &[]).await?.json();
        let url = document["jwks_uri"].as_str();
        keys(url.context("the provider says where its keys are")?).await
    }

    fn develop(spec: &DeploymentSpec, base: &str, shell: &str) -> Result<Self> {
        let origin = |text: &str| Origin::parse(text).map_err(|error| anyhow::anyhow!("{error}"));
        let mut settings = shell_idp::Settings::new(origin(base)?, &origin(shell)?);
        settings.rotation = spec.rotation;
        settings.token_lifetime = spec.token_lifetime.unwrap_or(settings.token_lifetime);
        let client_id = settings.client_id.clone();
        let provider = Provider::new(settings, KEYS.clone(), spec.clock.clone())?;
        Ok(Self {
            router: provider.router(),
            issuer: provider.issuer(),
            keys: format!("{}/.well-known/jwks.json", provider.issuer()),
            client_id,
            secret: None,
            provider: Some(provider),
            peer: None,
        })
    }
}

/// What serves the shell: our gateway, or several of it, or what a deployment on
/// AWS has for it.
async fn shell(
    spec: &DeploymentSpec,
    draft: &PendingConfig,
    settings: Components,
    mlflow: &Server,
    api: Server,
    record: &Recorder,
) -> Result<(Router, Vec<Server>, Option<AwsApi>)> {
    if spec.instances > 1 {
        let (balancer, instances) = instances::start(spec.instances, &settings).await?;
        return Ok((balancer, instances, None));
    }
    if spec.hosting == Hosting::Gateway {
        let router = shell_gateway::router_when_configured(draft, settings);
        return Ok((router, Vec::new(), None));
    }
    let (site, aws) = aws::start(spec, &settings, mlflow, api, record).await?;
    Ok((site, Vec::new(), Some(aws)))
}

/// Waits until a gateway that has to ask for its endpoints has been told.
async fn is_ready(gateway: &Server, spec: &DeploymentSpec) -> Result<()> {
    if !spec.login.is_discovered() {
        return Ok(());
    }
    let url = format!("{}/config.json", gateway.origin());
    wait::until("a gateway that knows its provider", async || {
        let answer = client::get(&url, &[]).await?;
        Ok((answer.status == 200).then_some(()))
    })
    .await
}

fn policy(spec: &DeploymentSpec) -> Result<LivePolicy> {
    let parsed = spec.policy.as_deref().map(LivePolicy::parse);
    Ok(parsed.transpose()?.unwrap_or_default())
}

/// A site that should be asked for nothing.
fn bystander() -> Router {
    Router::new().fallback(|| async { "nothing here" })
}

fn managed(kind: sagemaker::Kind, keys: sagemaker::Keys, mlflow: &Server) -> Result<SageMaker> {
    let started = SageMaker::start(kind, keys, &mlflow.origin())?;
    started.context("botocore is not installed: ask `environment::moto` first")
}

/// Starts a server in front of `mlflow` for each name in the spec.
async fn named(spec: &DeploymentSpec, record: &Recorder, mlflow: &Router) -> Result<Vec<Server>> {
    let mut servers = Vec::new();
    for upstream in &spec.upstreams {
        let router = record.around_upstream(mlflow.clone(), upstream.name);
        servers.push(Server::start(router).await?);
    }
    Ok(servers)
}

fn configuration(
    spec: &DeploymentSpec,
    [origin, domain]: &[String; 2],
    signs: &Signs,
    upstreams: &[Server],
) -> Value {
    let named = spec.upstreams.iter().zip(upstreams);
    let upstreams: Vec<Value> = named
        .map(|(Named { name, groups }, server)| {
            json!({ "name": name, "base": server.origin(), "groups": groups })
        })
        .collect();
    let mut provider = json!({ "issuer": signs.issuer, "client_id": signs.client_id });
    if !spec.login.is_discovered() {
        provider["domain"] = domain.as_str().into();
    }
    json!({ "origin": origin, "upstreams": upstreams, "provider": provider })
}

async fn keys(url: &str) -> Result<KeySet> {
    let answer = client::get(url, &[]).await?;
    KeySet::parse(&answer.text()).with_context(|| format!("no keys at {url}"))
}

async fn replace(State(replaced): State<Replaced>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let body = {
        let replaced = replaced.lock().expect("no other thread panicked");
        replaced.get(&path).cloned()
    };
    match body {
        Some(body) => ([(header::CONTENT_TYPE, kind(&path))], body).into_response(),
        None => next.run(request).await,
    }
}

/// Browsers take no worker that is not a script, and no page that is none.
fn kind(path: &str) -> &'static str {
    let (_, ending) = path.rsplit_once('.').unwrap_or_default();
    match (path, ending) {
        ("/", _) | (_, "html") => "text/html",
        (_, "js") => "text/javascript",
        _ => "application/json",
    }
}

#[cfg(test)]
mod tests;
