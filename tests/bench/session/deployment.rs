//! One endpoint behind three gateways: for a page that attaches its token
//! itself, for the shell, and for the peer's page and worker.
//!
//! ```text
//!  page, own token ──▶ gateway ─┐
//!  shell, worker ────▶ gateway ─┼─▶ one small answer
//!  peer, worker ─────▶ gateway ─┘
//! ```
//!
//! The gateways are alike and check the same kind of token of the same
//! provider, so that they do the same work.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use axum::{Router, http::header::CONTENT_TYPE, response::Html, routing::get};
use serde_json::json;
use shell_idp::{Clock, DEVELOPMENT_PASSWORD, Keys, Provider, Settings};
use shell_tests::{client, environment, server::Server};

use crate::{front, sign_in::USER};

/// What all of them ask for: one of the questions MLflow's UI asks.
pub(crate) const QUESTION: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/get?experiment_id=1";

/// Makes the requests that are measured.
const MEASURE: &str = include_str!("measure.js");

/// Which tokens the gateways check: the peer attaches no other.
const BEARER: &str = "access";

/// Who attaches the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// The page, without a worker.
    Page,
    /// Our worker.
    Shell,
    /// The worker of `@axa-fr/oidc-client`.
    Peer,
}

/// All of them.
pub(crate) const CANDIDATES: [Candidate; 3] = [Candidate::Page, Candidate::Shell, Candidate::Peer];

/// Everything the browsers talk to.
#[derive(Debug)]
pub(crate) struct Deployment {
    servers: [Server; 3],
    token: String,
    _provider: Server,
    _upstream: Server,
}

impl Deployment {
    /// Starts it, with the peer from `folder`.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let upstream = Server::start(upstream()).await?;
        let provider = Server::bind().await?;
        let servers = [
            Server::bind().await?,
            Server::bind().await?,
            Server::bind().await?,
        ];
        let [page, shell, peer] = servers.each_ref().map(Server::origin);

        let domain = provider.origin();
        let mut settings = Settings::new(front::origin(&domain)?, &front::origin(&shell)?);
        let callbacks = ["callback", "silent-callback"].map(|name| format!("{peer}/{name}"));
        settings.redirect_uris.extend(callbacks);
        let (mlflow, site) = (upstream.origin(), environment::site());
        let gateway =
            |origin: &str| front::router(origin, &settings, &domain, BEARER, &mlflow, &site);

        let beside = |pages: Router, origin| Ok(pages.fallback_service(gateway(origin)?));
        let routers: [Result<Router>; 3] = [
            beside(plain_page(), &page),
            gateway(&shell),
            beside(peer_pages(folder, &peer, &settings)?, &peer),
        ];
        for (server, router) in servers.iter().zip(routers) {
            server.serve(router?);
        }
        let pool = Provider::new(settings.clone(), Keys::generate()?, Clock::system())?;
        provider.serve(pool.router());
        Ok(Self {
            token: access_token(&settings).await?,
            servers,
            _provider: provider,
            _upstream: upstream,
        })
    }

    /// Returns where `candidate` is found.
    pub(crate) fn origin(&self, candidate: Candidate) -> String {
        self.servers[candidate as usize].origin()
    }

    /// Returns a token as the workers have it.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}

/// Stands for MLflow: its version, its document, and the answer.
fn upstream() -> Router {
    let question = QUESTION.strip_prefix("/mlflow").unwrap_or(QUESTION);
    let (path, _query) = question.split_once('?').unwrap_or((question, ""));
    Router::new()
        .route("/", get(document("")))
        .route("/version", get("3.18.0"))
        .route(path, get(([(CONTENT_TYPE, "application/json")], answer())))
}

/// Some three hundred bytes, as MLflow answers the question.
fn answer() -> String {
    let experiment = json!({
        "experiment_id": "1",
        "name": "churn",
        "artifact_location": "mlflow-artifacts:/1",
        "lifecycle_stage": "active",
        "last_update_time": 1_760_000_000_000_u64,
        "creation_time": 1_750_000_000_000_u64,
        "tags": [{ "key": "mlflow.note.content", "value": "Which customers leave, and when." }],
    });
    json!({ "experiment": experiment }).to_string()
}

fn plain_page() -> Router {
    Router::new().route("/", get(document("")))
}

/// A document that measures, and has `more` in its head.
fn document(more: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html><head><meta charset=utf-8><title>Measured</title>\
         <script>{MEASURE}</script>{more}</head><body></body></html>"
    ))
}

/// The peer's page, library and worker, as its documentation sets them up.
fn peer_pages(folder: &Path, origin: &str, settings: &Settings) -> Result<Router> {
    let read = |file: &str| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path);
        text.with_context(|| format!("{} cannot be read", path.display()))
    };
    let package = "node_modules/@axa-fr/oidc-client";
    let scripts = [
        ("/page.js", read("page.js")?),
        (
            "/oidc-client.js",
            read(&format!("{package}/dist/index.js"))?,
        ),
        (
            "/OidcServiceWorker.js",
            read(&format!(
                "{package}-service-worker/dist/OidcServiceWorker.js"
            ))?,
        ),
        ("/OidcTrustedDomains.js", trusted_domains(origin, settings)),
    ];
    let told = json!({
        "client_id": settings.client_id,
        "domain": settings.base.to_string(),
        "issuer": settings.issuer(),
    });
    let told = ([(CONTENT_TYPE, "application/json")], told.to_string());

    let mut router = Router::new().route("/peer.json", get(told));
    for (path, script) in scripts {
        router = router.route(path, get(([(CONTENT_TYPE, "text/javascript")], script)));
    }
    let page = document("<script type=module src=/page.js></script>");
    for path in ["/", "/callback", "/silent-login", "/silent-callback"] {
        router = router.route(path, get(page.clone()));
    }
    Ok(router)
}

/// The one file of the peer's worker that its documentation says to edit.
fn trusted_domains(origin: &str, settings: &Settings) -> String {
    let domains = json!({
        "default": {
            "oidcDomains": [settings.base.to_string(), settings.issuer()],
            "accessTokenDomains": [format!("{origin}/mlflow/")],
        },
    });
    format!("const trustedDomains = {domains};")
}

/// Signs in without a browser.
async fn access_token(settings: &Settings) -> Result<String> {
    let (base, redirect_uri) = (&settings.base, settings.redirect_uris[0].as_str());
    let client_id = settings.client_id.as_str();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", "openid email profile")
        .finish();
    let form = [("username", USER), ("password", DEVELOPMENT_PASSWORD)];
    let answer = client::post_form(&format!("{base}/login?{query}"), &form).await?;
    let (_, code) = answer
        .header("location")
        .split_once("code=")
        .with_context(|| format!("no code: {} {}", answer.status, answer.text()))?;

    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("code", code),
    ];
    let answer = client::post_form(&format!("{base}/oauth2/token"), &form).await?;
    let token = answer.json()["access_token"].as_str().map(String::from);
    token.with_context(|| format!("no token: {} {}", answer.status, answer.text()))
}
