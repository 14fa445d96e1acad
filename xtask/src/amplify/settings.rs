//! Environment variables, and the configuration they make.

use serde_json::{Map, Value, json};
use shell_core::Config;

use super::wrong;
use crate::failure::{Failure, Result};

const REGION: &str = "REACT_APP_REGION";
const POOL: &str = "REACT_APP_COGNITO_USER_POOL_ID";
const CLIENT: &str = "REACT_APP_COGNITO_USER_POOL_CLIENT_ID";
const IDENTITY_POOL: &str = "REACT_APP_COGNITO_IDENTITY_POOL_ID";
const DOMAIN: &str = "COGNITO_DOMAIN";
const ISSUER: &str = "COGNITO_ISSUER";
const ORIGIN: &str = "SHELL_ORIGIN";
const API: &str = "MLFLOW_API_URL";
const VERSION: &str = "MLFLOW_VERSION";
const FRAMERS: &str = "FRAME_ANCESTORS";
const PAGES: &str = "PAGE_ORIGINS";
const STUDIO: &str = "DOMAIN_ID";
const MAX_AGE: &str = "SESSION_MAX_AGE";

/// Variables whose value is that of a key.
const DIRECT: &[(&str, &str)] = &[("BEARER", "bearer"), ("BAR", "bar")];

/// Which variable a key of the configuration comes from.
const SOURCES: &[(&str, &str)] = &[
    ("origin", ORIGIN),
    ("provider.domain", DOMAIN),
    ("provider.issuer", ISSUER),
    ("provider.client_id", CLIENT),
    ("provider.scopes", "COGNITO_SCOPES"),
    ("frame_ancestors", FRAMERS),
    ("artifacts.page_origins", PAGES),
    ("api", API),
    ("ui", VERSION),
    ("bearer", "BEARER"),
    ("bar", "BAR"),
    ("session.keep", "SESSION_KEEP"),
    ("session.max_age", MAX_AGE),
    ("python.tracking_uri", "PYTHON_TRACKING_URI"),
];

/// The configuration, and what became of what was given.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) config: Config,
    json: Value,
    unused: Option<&'static str>,
}

impl Settings {
    /// Reads them; an empty variable counts as none.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let given = |name: &str| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        let json = configuration(&Given(&given))?;
        let config = Config::parse(&json.to_string())
            .map_err(|error| Failure::because(explain(&error.to_string())))?;
        Ok(Self {
            config,
            json,
            unused: given(IDENTITY_POOL).map(|_| IDENTITY_POOL),
        })
    }

    /// The `config.json`.
    pub(super) fn to_json(&self) -> String {
        format!("{:#}\n", self.json)
    }

    /// What a person wants to see in the log of a build. Nothing is secret.
    pub(super) fn summary(&self) -> String {
        let unused = self.unused.map_or_else(String::new, |name| {
            format!("\n{name} is not needed: no AWS credentials come into the browser")
        });
        format!("config.json:\n{:#}{unused}", self.json)
    }
}

/// The variables that are given.
struct Given<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Given<'_> {
    fn maybe(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn needed(&self, name: &str, what: &str) -> Result<String> {
        self.maybe(name)
            .ok_or_else(|| wrong(name, &format!("is not set: it is {what}")))
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.maybe(name).unwrap_or_default();
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        parts.map(ToOwned::to_owned).collect()
    }
}

fn configuration(given: &Given<'_>) -> Result<Value> {
    let pool = given.needed(POOL, "the user pool's id, such as eu-central-1_Example")?;
    let region = region(given, &pool)?;
    let mut config = json!({
        "origin": origin(given)?,
        "provider": {
            "domain": domain(given, &region)?,
            "issuer": given.maybe(ISSUER).unwrap_or_else(|| issuer(&region, &pool)),
            "client_id": given.needed(CLIENT, "the id of the app client, one without a secret")?,
        },
        "api": api(&given.needed(API, "the URL of MLflow's API, stage included, such as \
            https://ID.execute-api.eu-central-1.amazonaws.com/prod/mlflow")?),
        "ui": given.needed(VERSION, "the MLflow server's version, such as 3.18.0, whose UI is \
            put into the site")?,
    });
    let scopes = given.list("COGNITO_SCOPES");
    if !scopes.is_empty() {
        config["provider"]["scopes"] = json!(scopes);
    }
    let framers = framers(given, &region);
    if !framers.is_empty() {
        config["frame_ancestors"] = json!(framers);
    }
    let pages = given.list(PAGES);
    if !pages.is_empty() {
        config["artifacts"] = json!({ "page_origins": pages });
    }
    for (name, key) in DIRECT {
        if let Some(value) = given.maybe(name) {
            config[*key] = json!(value);
        }
    }
    let session = session(given)?;
    if !session.is_empty() {
        config["session"] = Value::Object(session);
    }
    if let Some(uri) = given.maybe("PYTHON_TRACKING_URI") {
        config["python"] = json!({ "access": "sigv4", "tracking_uri": uri });
    }
    Ok(config)
}

/// The pool's own region: its id begins with it.
fn region(given: &Given<'_>, pool: &str) -> Result<String> {
    let Some((own, _)) = pool.split_once('_').filter(|(own, _)| own.contains('-')) else {
        return Err(wrong(
            POOL,
            &format!("is `{pool}`, which is no id of a user pool, such as eu-central-1_Example"),
        ));
    };
    match given.maybe(REGION) {
        Some(region) if region != own => Err(wrong(
            REGION,
            &format!("is `{region}`, but the user pool `{pool}` ({POOL}) is in {own}"),
        )),
        _ => Ok(own.to_owned()),
    }
}

/// Where people open the shell: Amplify's own address unless said otherwise.
fn origin(given: &Given<'_>) -> Result<String> {
    if let Some(origin) = given.maybe(ORIGIN) {
        return Ok(origin);
    }
    let both = (given.maybe("AWS_BRANCH"), given.maybe("AWS_APP_ID"));
    let (Some(branch), Some(app)) = both else {
        return Err(wrong(
            ORIGIN,
            "is not set: it is where people open the site, such as https://mlflow.example.com; \
             Amplify's own address is made of AWS_BRANCH and AWS_APP_ID, which are not set \
             either",
        ));
    };
    // A preview of a pull request has an address of its own.
    let name = given
        .maybe("AWS_PULL_REQUEST_ID")
        .map_or(branch, |number| format!("pr-{number}"));
    Ok(format!("https://{}.{app}.amplifyapp.com", host_part(&name)))
}

/// What Amplify makes of a branch's name in its address.
fn host_part(branch: &str) -> String {
    let part = |letter: char| match letter.to_ascii_lowercase() {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '-',
    };
    branch.chars().map(part).collect()
}

/// The hosted login: a URL, or the prefix of a domain of Cognito's.
fn domain(given: &Given<'_>, region: &str) -> Result<String> {
    let domain = given.needed(
        DOMAIN,
        "the hosted login's address, or the prefix of its domain at Cognito",
    )?;
    if domain.contains("://") {
        Ok(domain)
    } else if domain.contains('.') {
        Ok(format!("https://{domain}"))
    } else {
        Ok(format!("https://{domain}.auth.{region}.amazoncognito.com"))
    }
}

fn issuer(region: &str, pool: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://cognito-idp.{region}.amazonaws.com{suffix}/{pool}")
}

/// The SSM parameter `mlflow-restApiUrl` is the stage's URL; MLflow is below it.
fn api(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let path = url.split('/').skip(3).count();
    if url.contains(".execute-api.") && path == 1 {
        format!("{url}/mlflow")
    } else {
        url.to_owned()
    }
}

fn framers(given: &Given<'_>, region: &str) -> Vec<String> {
    let mut framers = given.list(FRAMERS);
    let studio = given.maybe(STUDIO);
    framers.extend(studio.map(|id| format!("https://{id}.studio.{region}.sagemaker.aws")));
    framers
}

fn session(given: &Given<'_>) -> Result<Map<String, Value>> {
    let mut session = Map::new();
    if let Some(keep) = given.maybe("SESSION_KEEP") {
        session.insert("keep".to_owned(), json!(keep));
    }
    if let Some(seconds) = given.maybe(MAX_AGE) {
        let number: u64 = seconds.parse().map_err(|_| {
            let problem = format!("is `{seconds}`, which is no number of seconds");
            wrong(MAX_AGE, &problem)
        })?;
        session.insert("max_age".to_owned(), json!(number));
    }
    Ok(session)
}

/// Names the variable that a key which was refused comes from.
fn explain(refusal: &str) -> String {
    let key = refusal.split('`').nth(1).unwrap_or_default();
    // Which one of a list is wrong follows in brackets.
    let key = key.split('[').next().unwrap_or_default();
    let mut sources = SOURCES.iter();
    match sources.find(|(known, _)| *known == key) {
        Some((_, variable)) => format!("{variable}: {refusal}"),
        None => refusal.to_owned(),
    }
}

#[cfg(test)]
mod tests;
