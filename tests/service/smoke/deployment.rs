//! A deployment on loopback whose every server can be broken.

use std::sync::LazyLock;

use axum::{Router, routing::get};
use serde_json::{Value, json};
use shell_cli::checks::{Report, Target, check_deployment};
use shell_core::{Config, Origin, Secret};
use shell_gateway::{
    Audit, Components, Draining, LivePolicy, Metrics, Network, TokenKeys, Tracer, Upstreams,
    settings::{Settings, TrustedIssuer},
};
use shell_idp::{Clock, DEVELOPMENT_CLIENT_ID, Keys, POOL, Provider};
use shell_tests::{
    environment,
    issuer::{Issuer, now},
    server::Server,
};

use super::breaks::{At, Bearers, Break, around};
use crate::echo;

/// The provider's own keys: they take a second to make.
static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().expect("keys can be made"));

/// The site, its provider and MLflow; gone when dropped.
pub(crate) struct Deployment {
    site: Server,
    /// Signs in the provider's name.
    issuer: Issuer,
    name: String,
    bearers: Bearers,
    _others: Vec<Server>,
}

/// Servers without anything on them yet.
pub(crate) struct Places {
    pub(crate) site: Server,
    pub(crate) login: Server,
    pub(crate) mlflow: Server,
}

impl Places {
    pub(crate) async fn new() -> Self {
        // Before anything waits for them: making keys takes seconds.
        LazyLock::force(&KEYS);
        let bind = || async { Server::bind().await.expect("a free port") };
        Self {
            site: bind().await,
            login: bind().await,
            mlflow: bind().await,
        }
    }

    /// The configuration of a deployment here, with these keys.
    pub(crate) fn config(&self, keys: &[(&str, Value)]) -> Config {
        let login = self.login.origin();
        let mut config = json!({
            "origin": self.site.origin(),
            "provider": {
                "domain": login, "issuer": format!("{login}/{}", POOL),
                "client_id": DEVELOPMENT_CLIENT_ID,
            },
        });
        for (key, value) in keys {
            let names = key.split('.');
            let place = names.fold(&mut config, |object, name| &mut object[name]);
            *place = value.clone();
        }
        let text = config.to_string();
        Config::parse(&text).expect("a configuration")
    }

    /// A gateway for this configuration.
    pub(crate) fn gateway(&self, config: Config) -> Router {
        let url = self.mlflow.origin();
        let url = config.upstreams.is_empty().then_some(url.as_str());
        shell_gateway::router(Components {
            issuers: TrustedIssuer::all(&config, None, &[]).expect("issuers"),
            upstreams: Upstreams::new(&config, url).expect("a server"),
            policy: LivePolicy::default(),
            audit: Audit::off(),
            site: environment::site().into(),
            settings: Settings::default(),
            network: Network::default(),
            draining: Draining::default(),
            token_keys: TokenKeys::draw().expect("a key"),
            metrics: Metrics::default(),
            tracer: Tracer::default(),
            config,
        })
    }
}

impl Deployment {
    pub(crate) async fn start(keys: &[(&str, Value)], breaks: &[Break]) -> Self {
        let places = Places::new().await;
        let site = places.gateway(places.config(keys));
        Self::serve(places, site, breaks)
    }

    /// With MLflow servers of these names.
    pub(crate) async fn with_servers(names: &[&str]) -> Self {
        let places = Places::new().await;
        let base = places.mlflow.origin();
        let servers = names
            .iter()
            .map(|name| json!({ "name": name, "base": base }));
        let keys = [("upstreams", servers.collect())];
        let site = places.gateway(places.config(&keys));
        Self::serve(places, site, &[])
    }

    /// Serves `site` at its place, and the others at theirs.
    pub(crate) fn serve(places: Places, site: Router, breaks: &[Break]) -> Self {
        let bearers = Bearers::default();
        let origins = [&places.login, &places.site].map(|server| origin(&server.origin()));
        let [base, shell] = origins;
        let settings = shell_idp::Settings::new(base, &shell);
        let provider = Provider::new(settings, KEYS.clone(), Clock::system());
        let provider = provider.expect("a provider on this machine");
        let broken = |router, at| around(router, at, breaks, &bearers);
        places.site.serve(broken(site, At::Site));
        let issuer = Issuer::default();
        let login = with_keys(&provider, issuer.clone());
        places.login.serve(broken(login, At::Provider));
        places.mlflow.serve(broken(echo::router(), At::Server));
        Self {
            site: places.site,
            issuer,
            name: provider.issuer(),
            bearers,
            _others: vec![places.login, places.mlflow],
        }
    }

    pub(crate) fn origin(&self) -> String {
        self.site.origin()
    }

    /// Checks it.
    pub(crate) async fn smoke(&self, token: Option<&str>) -> Report {
        smoke_at(&self.site.origin(), token).await
    }

    /// Checks it by another address than its own.
    pub(crate) async fn smoke_elsewhere(&self, token: &str) -> Report {
        smoke_at(&self.site.foreign_origin(), Some(token)).await
    }

    /// Whether anybody was shown this token.
    pub(crate) fn was_sent(&self, token: &str) -> bool {
        self.bearers.has(token)
    }

    /// A token of the provider's for a member of these groups.
    pub(crate) fn token(&self, groups: &[&str]) -> String {
        self.token_with("cognito:groups", json!(groups))
    }

    /// A reader's token with one claim replaced.
    pub(crate) fn token_with(&self, claim: &str, value: Value) -> String {
        let mut claims = json!({
            "iss": self.name, "sub": "8f1c3c52", "aud": DEVELOPMENT_CLIENT_ID,
            "token_use": "id", "cognito:username": "reader", "cognito:groups": ["readers"],
            "iat": now(), "exp": now() + 600,
        });
        claims[claim] = value;
        self.issuer.sign(&claims)
    }
}

/// The provider, but with keys by which a test signs.
fn with_keys(provider: &Provider, issuer: Issuer) -> Router {
    let keys = move || async move { shell_jose::jwks([&issuer.key()]).to_string() };
    Router::new()
        .route(&format!("/{POOL}/.well-known/jwks.json"), get(keys))
        .fallback_service(provider.router())
}

async fn smoke_at(url: &str, token: Option<&str>) -> Report {
    check_deployment(Target {
        origin: origin(url),
        token: token.map(Secret::new),
        network: Network::default(),
    })
    .await
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).expect("an origin")
}
