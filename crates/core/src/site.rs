//! What a page needs to know of its site, as the worker tells it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Config,
    config::{Bar, Python},
    content_security_policy::Sources,
    intercept::{self, RouteTarget},
    messages::{
        self,
        card::{NO_SERVER, NO_TOKEN},
        policy as policy_words,
    },
    oauth::User,
    policy, query,
    server_name::shell_address,
    ui::UiVersion,
};

/// Where MLflow says which version it is.
pub const VERSION: &str = "/mlflow/version";

/// What is offered here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The bar.
    pub bar: Bar,
    /// How programs reach MLflow, if users are to be told.
    pub python: Option<Python>,
    /// The names of the MLflow servers that are for the user; none is one without
    /// a name.
    pub upstreams: Vec<String>,
    /// The version of the UI among the site's files, if it is there.
    pub ui: Option<String>,
    /// From where HTML artifacts may load besides this site.
    pub page_origins: Vec<String>,
    /// What the user may do, in plain words.
    pub rights: String,
    /// Why the user may use nothing here, if so.
    pub refusal: Option<String>,
}

impl Site {
    /// What `config` offers to `user`.
    pub fn of(config: &Config, user: &User) -> Self {
        let role = config.role(&user.groups);
        let upstreams = config.upstreams.iter();
        let theirs = upstreams
            .filter(|upstream| policy::may_use(Some(upstream), &user.name, &user.groups).is_ok());
        let names: Vec<String> = theirs.map(|upstream| upstream.name.clone()).collect();
        Self {
            bar: config.bar,
            ui: config.ui.clone(),
            page_origins: Sources::of(config).page_origins,
            python: config.python.clone(),
            refusal: match role {
                _ if user.unreadable.is_some() => user
                    .unreadable
                    .as_deref()
                    .map(|problem| policy_words::unreadable(&user.name, problem)),
                None => Some(policy_words::not_admitted(&user.name, &config.groups())),
                Some(_) if names.is_empty() && !config.upstreams.is_empty() => {
                    Some(NO_SERVER.to_owned())
                }
                Some(_) => None,
            },
            rights: role.map_or_else(String::new, |role| role.rights.clone()),
            upstreams: names,
        }
    }

    /// The server that an address asks for by its query, such as
    /// `?upstream=dev`; the first if it asks for none that there is.
    pub fn upstream(&self, query: &str) -> Option<&str> {
        let asked = asked(query);
        let mut names = self.upstreams.iter();
        let found = names.find(|name| Some(*name) == asked.as_ref());
        found.or(self.upstreams.first()).map(String::as_str)
    }
}

/// What there is to say of a UI of one version at a server of another, by the
/// server's answer. Releases of one minor version know each other's requests.
pub fn skew(ui: &str, server: &str) -> Option<String> {
    let [here, there] = [ui, server].map(UiVersion::parse);
    let differ = there.is_some() && here != there;
    differ.then(|| messages::skew(server.trim_ascii(), ui))
}

/// Where a link leads that would replace the whole window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// To a route of the server that is shown.
    Route(String),
    /// To a page of the shell.
    Page(String),
    /// Out of this site.
    Away,
}

/// Decides where a link leads, on a page at `own` that shows `upstream`. The
/// parts of the link come from a URL parser.
pub fn lead(own: &str, upstream: Option<&str>, link: [&str; 4]) -> Lead {
    let [origin, path, query, hash] = link;
    if origin != own {
        return Lead::Away;
    }
    match intercept::route_target(path) {
        RouteTarget::Upstream(name, "/") if name == upstream => Lead::Route(hash.to_owned()),
        RouteTarget::Upstream(name, "/") => Lead::Page(format!("{}{hash}", shell_address(name))),
        RouteTarget::Shell if path == "/" && query.is_empty() && hash.starts_with("#/") => {
            Lead::Route(hash.to_owned())
        }
        RouteTarget::Shell => Lead::Page(format!("{path}{query}{hash}")),
        RouteTarget::Upstream(..)
        | RouteTarget::StaticFile(..)
        | RouteTarget::Program(..)
        | RouteTarget::Tokens
        | RouteTarget::Nowhere => Lead::Away,
    }
}

/// The server that a query names. A link may have a slash after it: the sample
/// writes `{base}/#/experiments/1`, whatever the base ends in.
fn asked(query: &str) -> Option<String> {
    let name = query::get(query, "upstream")?;
    Some(name.trim_end_matches('/').to_owned())
}

/// The address of the shell from which a sign-in left, by the query and the
/// route that were noted: never one of another path or origin (T13).
pub fn left(noted: &str) -> String {
    let stays = noted.starts_with(['?', '#']);
    format!("/{}", if stays { noted } else { "" })
}

/// The tracking URI of a server of the site that is open at `origin`, for programs.
pub fn tracking_uri(origin: impl fmt::Display, upstream: Option<&str>) -> String {
    match upstream {
        Some(name) => format!("{origin}/@{name}"),
        None => origin.to_string(),
    }
}

/// What a shell on the user's machine has to be told so that MLflow's client
/// finds this deployment, which is open at `origin`: with `token`, or, without one,
/// by a sign-in from a terminal where the site has that.
pub fn environment(
    python: &Python,
    origin: &str,
    upstream: Option<&str>,
    token: Option<&str>,
) -> String {
    let export = |name: &str, value: &str| format!("export {name}={value}\n");
    let ui = format!("{origin}{}", shell_address(upstream).trim_end_matches('/'));
    let lines = match python {
        Python::Token { sign_in, .. } => {
            let uri = export("MLFLOW_TRACKING_URI", &tracking_uri(origin, upstream));
            match token {
                None if sign_in.is_some() => {
                    let plugin = export("MLFLOW_TRACKING_AUTH", "shell");
                    format!("mlflow-shell login {origin}\n{uri}{plugin}")
                }
                _ => uri + &export("MLFLOW_TRACKING_TOKEN", token.unwrap_or(NO_TOKEN)),
            }
        }
        Python::SigV4 { tracking_uri } => {
            let region = region(tracking_uri);
            export("MLFLOW_TRACKING_URI", tracking_uri)
                + &export("MLFLOW_TRACKING_AWS_SIGV4", "true")
                + &region.map_or_else(String::new, |it| export("AWS_DEFAULT_REGION", it))
        }
    };
    lines + &export("MLFLOW_AMPLIFY_UI_URI", &ui)
}

/// The region in the host name of an API Gateway.
fn region(tracking_uri: &str) -> Option<&str> {
    let (_, rest) = tracking_uri.split_once(".execute-api.")?;
    rest.split_once('.').map(|(region, _)| region)
}

#[cfg(test)]
mod tests;
