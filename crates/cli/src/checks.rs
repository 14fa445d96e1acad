//! Read-only checks of a live deployment, however it is hosted.
//!
//! ```text
//!  site        the page, its modules and worker, with their headers; who may frame it
//!  provider    the hosted login knows our client, pages may ask for tokens, the
//!              issuer's keys can be had
//!  api         MLflow refuses requests without a token, or with a forged one
//!  cross       what an API on another origin allows browsers (CORS)
//!  signed_in   with a token: what MLflow answers, and whether its version fits
//! ```
//!
//! What is expected is what `shell-core` makes of the deployment's own
//! `config.json`. Nothing is changed, and no report has a token or a body.

mod api;
mod browsing;
mod cross;
mod failure;
mod headers;
pub(crate) mod probe;
mod provider;
mod report;
mod signed_in;
mod site;

#[cfg(test)]
mod tests;

use shell_core::{
    Config, Origin, Secret,
    config::Python,
    hosting::{self, Deployment},
};
use shell_gateway::Network;

pub use self::report::Report;
use self::{
    failure::{CheckResult, failure},
    probe::Probe,
};

/// Why a check was left out that needs the configuration.
const NO_CONFIG: &str = "nothing else can be checked without the configuration";

/// What is to be checked.
#[derive(Debug)]
pub struct Target {
    /// Where people open the shell.
    pub origin: Origin,
    /// A token of the kind that requests carry, or one for programs.
    pub token: Option<Secret>,
    /// How the deployment and its provider are reached.
    pub network: Network,
}

/// A deployment under check.
#[derive(Debug)]
struct Deployed {
    probe: Probe,
    /// The URL that was given.
    origin: Origin,
    config: Config,
    headers: Vec<hosting::Row>,
}

/// An MLflow server of the deployment, by its addresses.
#[derive(Debug)]
struct Server {
    /// What is added to the name of a check.
    suffix: String,
    /// Where its UI and the API of that are.
    base: String,
    /// Where its API for programs is.
    programs: String,
}

/// Checks a deployment.
pub async fn check_deployment(target: Target) -> Report {
    let mut report = Report::new(target.origin.as_str());
    let probe = Probe::new(&target.network);
    let config = match site::config(&probe, &target.origin).await {
        Ok(config) => config,
        Err(failure) => {
            report.add("config", Err(failure));
            report.leave_out("everything else", NO_CONFIG);
            return report;
        }
    };
    let deployed = Deployed::new(probe, target.origin, config);
    site::check(&deployed, &mut report).await;
    let keys = provider::check(&deployed.probe, &deployed.config, &mut report).await;
    for server in deployed.servers() {
        api::check(&deployed, &server, keys.as_ref(), &mut report).await;
        cross::check(&deployed, &server, &mut report).await;
    }
    signed_in::check(&deployed, target.token, keys.as_ref(), &mut report).await;
    report
}

/// Checks the provider of a configuration, which need not be served yet.
pub async fn check_provider(config: &Config, network: &Network) -> Report {
    let mut report = Report::new(config.origin.as_str());
    provider::check(&Probe::new(network), config, &mut report).await;
    report
}

/// Whether a gateway at this address is alive, or
/// [`ready`](HealthQuery::Ready).
///
/// # Errors
/// With what it answers instead.
pub async fn health(url: &str, asked: HealthQuery) -> Result<(), String> {
    let path = match asked {
        HealthQuery::Lives => "/healthz",
        HealthQuery::Ready => "/readyz",
    };
    let address = format!("{}{path}", url.trim_end_matches('/'));
    let answer = Probe::new(&Network::default()).get(&address).await;
    let answer = answer.map_err(|failure| failure.found)?;
    let is_ok = answer.expect_ok().map_err(|failure| failure.found);
    is_ok.map_err(|found| match asked {
        HealthQuery::Lives => found,
        // The body says what is missing.
        HealthQuery::Ready => format!("{found}: {}", answer.body),
    })
}

/// Whether any server answers `url` with 200.
#[cfg(feature = "dev-idp")]
pub(crate) async fn is_ok(url: &str) -> bool {
    let answer = Probe::new(&Network::default()).get(url).await;
    answer.is_ok_and(|answer| answer.expect_ok().is_ok())
}

/// A health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthQuery {
    /// Whether it answers at all.
    Lives,
    /// Whether it has what it needs to answer requests for MLflow.
    Ready,
}

impl Deployed {
    fn new(probe: Probe, origin: Origin, config: Config) -> Self {
        Self {
            probe,
            origin,
            headers: hosting::table(&Deployment::of(&config)),
            config,
        }
    }

    /// The URL of a path of the site.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn servers(&self) -> Vec<Server> {
        if let Some(api) = &self.config.api {
            let base = api.url("", "");
            let stage = base.strip_suffix("/mlflow").unwrap_or(&base);
            let programs = self.signed().unwrap_or(format!("{stage}/api"));
            return vec![Server {
                suffix: String::new(),
                programs,
                base,
            }];
        }
        let names = self.config.upstreams.iter();
        let mut servers: Vec<_> = names.map(|named| self.named(&named.name)).collect();
        if servers.is_empty() {
            servers.push(Server {
                suffix: String::new(),
                base: self.url("/mlflow"),
                programs: self.signed().unwrap_or(self.url("/api")),
            });
        }
        servers
    }

    /// Where programs sign their requests, if they do: behind CloudFront the
    /// site has no such address itself.
    fn signed(&self) -> Option<String> {
        match &self.config.python {
            Some(Python::SigV4 { tracking_uri }) => Some(format!("{tracking_uri}/api")),
            Some(Python::Token { .. }) | None => None,
        }
    }

    fn named(&self, name: &str) -> Server {
        Server {
            suffix: format!("@{name}"),
            base: self.url(&format!("/mlflow/@{name}")),
            programs: self.url(&format!("/@{name}/api")),
        }
    }
}
