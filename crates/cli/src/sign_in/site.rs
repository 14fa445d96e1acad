//! Which site is meant, and what its `config.json` says of terminals.

use shell_core::{Config, Origin, OriginError, config::Endpoints, oauth::native_app::NativeApp};
use shell_gateway::FetchError;

use super::{
    client::Client,
    failure::{Failure, FailureResult},
    session_store::Entry,
};

/// What MLflow's clients take as the tracking server.
const TRACKING_URI: &str = "MLFLOW_TRACKING_URI";

/// The site that is meant: the one that is `given`, the one of MLflow's client, or
/// the only one with a session.
///
/// # Errors
/// If none of these says one.
pub(crate) fn find(
    given: Option<&str>,
    entries: impl FnOnce() -> FailureResult<Vec<Entry>>,
) -> FailureResult<Origin> {
    if let Some(url) = given {
        return parse(url, "--url");
    }
    let tracking = std::env::var(TRACKING_URI).unwrap_or_default();
    if tracking.starts_with("https://") || tracking.starts_with("http://") {
        return parse(&tracking, TRACKING_URI);
    }
    let mut sessions = entries()?.into_iter();
    match (sessions.next(), sessions.next()) {
        (Some(only), None) => Ok(only.site),
        (None, _) => Err(Failure::signed_out(
            "which site? Name it with --url or MLFLOW_TRACKING_URI; you are signed in to none: \
             mlflow-shell login URL",
        )),
        (Some(_), Some(_)) => Err(Failure::other(
            "which site? You are signed in to several: name one with --url or \
             MLFLOW_TRACKING_URI (mlflow-shell status lists them)",
        )),
    }
}

/// The site of MLflow's client, if it is told one.
pub(crate) fn tracked() -> Option<Origin> {
    Origin::of_url(&std::env::var(TRACKING_URI).ok()?).ok()
}

fn parse(url: &str, named: &str) -> FailureResult<Origin> {
    Origin::of_url(url).map_err(|error| match error {
        // It may be a password, which is not shown again.
        OriginError::Trailing => Failure::other(format!(
            "the URL ({named}) has a user name before its host: leave that out"
        )),
        OriginError::Scheme | OriginError::Insecure | OriginError::Host | OriginError::Port => {
            Failure::other(format!("`{url}` ({named}) {error}"))
        }
    })
}

/// The configuration of a site, as its pages get it.
///
/// # Errors
/// If it does not answer, or is none of ours.
pub(crate) async fn config(client: &Client, site: &Origin) -> FailureResult<Config> {
    let url = format!("{site}/config.json");
    let text = client
        .get(&url)
        .await
        .map_err(|error| failed(&url, &error))?;
    let config = Config::parse(&text).map_err(|error| {
        let what = if text.trim_start().starts_with('{') {
            format!(
                "{site} has a configuration that this program does not read ({error}): install the \
                     version of mlflow-shell that the site has"
            )
        } else {
            none_of_ours(site.as_str())
        };
        Failure::other(what)
    })?;
    if config.origin != *site {
        return Err(Failure::other(format!(
            "{site} is the site {}: name it so",
            config.origin
        )));
    }
    check_address(site, &config.provider.issuer)?;
    check_endpoints(site, &config.provider.endpoints)?;
    Ok(config)
}

/// Checks that a site elsewhere names no address of this machine for its provider:
/// this program's forms have no `Origin`, so a service here could take them for its
/// own user's.
///
/// # Errors
/// If it does.
pub(crate) fn check_address(site: &Origin, url: &str) -> FailureResult<()> {
    let is_here = Origin::of_url(url).is_ok_and(|origin| origin.is_loopback());
    if is_here && !site.is_loopback() {
        return Err(Failure::other(format!(
            "{site} names {url}, an address of this machine, for its identity provider: nothing is \
             sent there"
        )));
    }
    Ok(())
}

/// The same for all endpoints.
pub(crate) fn check_endpoints(site: &Origin, endpoints: &Endpoints) -> FailureResult<()> {
    let Endpoints {
        authorization,
        token,
        revocation,
        end_session: _,
    } = endpoints;
    [authorization, token, revocation]
        .into_iter()
        .try_for_each(|url| check_address(site, url))
}

fn failed(url: &str, error: &FetchError) -> Failure {
    if error.may_pass() {
        return Failure::unreachable(format!("{url} {error}"));
    }
    if let FetchError::Status(_) = error {
        let site = url.trim_end_matches("/config.json");
        return Failure::other(format!("{}: {url} {error}", none_of_ours(site)));
    }
    Failure::other(format!("{url} {error}"))
}

fn none_of_ours(site: &str) -> String {
    format!(
        "{site} is no site of MLflow Auth Shell that people sign in to: name the URL at which they \
         open MLflow, not that of an API"
    )
}

/// The client that a terminal is at a site, with the endpoints of its provider.
///
/// # Errors
/// If the site offers none, or the provider does not say its endpoints.
pub(crate) async fn native_app(client: &Client, site: &Origin) -> FailureResult<NativeApp> {
    let config = config(client, site).await?;
    let app = NativeApp::of(&config);
    let mut app = app.map_err(|refusal| Failure::other(format!("{site} {refusal}")))?;
    if app.needs_discovery {
        let found = client.discover(&config.provider.issuer).await?;
        let endpoints = found.endpoints().ok_or_else(|| {
            Failure::other("the identity provider does not say where people sign in")
        })?;
        check_endpoints(site, &endpoints)?;
        app.discovered(endpoints);
    }
    Ok(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_site_of_this_machine_has_its_provider_here() {
        let table = [
            (
                "https://mlflow.example",
                "https://login.example/token",
                true,
            ),
            (
                "https://mlflow.example",
                "http://127.0.0.1:9200/_all",
                false,
            ),
            ("https://mlflow.example", "https://localhost/token", false),
            ("https://mlflow.example", "http://[::1]/token", false),
            ("http://localhost:8080", "http://localhost:8081/token", true),
            // There is no revocation endpoint.
            ("https://mlflow.example", "", true),
        ];
        for (site, url, may) in table {
            let site = Origin::parse(site).unwrap();
            assert_eq!(check_address(&site, url).is_ok(), may, "{site} {url}");
        }
    }
}
