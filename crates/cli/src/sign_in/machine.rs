//! Tokens of machines, whose name and secret are in the environment.
//!
//! A token is kept in a file that only its user may read, so that each process does
//! not ask for one: Cognito bills every request.

use std::{env, fs};

use sha2::{Digest, Sha256};
use shell_core::{
    Origin, Secret,
    oauth::{
        client_credentials::{
            self, Authentication, MachineClient, MachineToken, may_be_of_authentication,
        },
        failure::TokenError,
        native_app::Next,
    },
};
use shell_gateway::now;

use super::{
    client::Client,
    failure::{Failure, FailureKind, FailureResult},
    lock::Lock,
    site,
    state_folder::{self, StateFolder},
    token::{Rejected, Token},
};

const CLIENT_ID: &str = "MLFLOW_SHELL_CLIENT_ID";
const SECRET: &str = "MLFLOW_SHELL_CLIENT_SECRET";
const SECRET_FILE: &str = "MLFLOW_SHELL_CLIENT_SECRET_FILE";
const SCOPE: &str = "MLFLOW_SHELL_SCOPE";
const TOKEN_URL: &str = "MLFLOW_SHELL_TOKEN_URL";

/// How many digits of a digest tell one machine from another.
const NAME_DIGITS: usize = 32;

/// A machine, and where it gets its tokens if not where the site's users do.
#[derive(Debug)]
pub(crate) struct MachineSettings {
    machine: MachineClient,
    token_url: Option<String>,
}

impl MachineSettings {
    /// The machine of the environment, if it has one.
    ///
    /// # Errors
    /// If it has half of one.
    pub(crate) fn read() -> FailureResult<Option<Self>> {
        Self::of(&variable)
    }

    fn of(variable: &dyn Fn(&str) -> Option<String>) -> FailureResult<Option<Self>> {
        let Some(client_id) = variable(CLIENT_ID) else {
            return match variable(SECRET).or_else(|| variable(SECRET_FILE)) {
                None => Ok(None),
                Some(_) => Err(Failure::other(format!(
                    "there is a machine's secret without its name: set {CLIENT_ID}, too"
                ))),
            };
        };
        let secret = match (variable(SECRET), variable(SECRET_FILE)) {
            (Some(secret), None) => secret,
            (None, Some(file)) => read_secret(&file)?,
            (Some(_), Some(_)) => {
                return Err(Failure::other(format!(
                    "set {SECRET} or {SECRET_FILE}, not both"
                )));
            }
            (None, None) => {
                return Err(Failure::other(format!(
                    "{CLIENT_ID} is set without a secret: set {SECRET_FILE} or {SECRET}"
                )));
            }
        };
        let token_url = variable(TOKEN_URL);
        if let Some(url) = &token_url {
            Origin::of_url(url)
                .map_err(|error| Failure::other(format!("`{url}` ({TOKEN_URL}) {error}")))?;
        }
        Ok(Some(Self {
            machine: MachineClient {
                client_id,
                secret: Secret::new(secret),
                scope: variable(SCOPE),
            },
            token_url,
        }))
    }

    /// Checks that the secret is for the issuer that `site` names: the one of
    /// MLflow's client is, if it is told one, and no other.
    ///
    /// # Errors
    /// With what to set.
    pub(crate) fn check_site(&self, site: &Origin, tracked: Option<&Origin>) -> FailureResult<()> {
        match tracked.filter(|tracked| *tracked != site) {
            Some(tracked) if self.token_url.is_none() => Err(Failure::other(format!(
                "the machine `{}` ({CLIENT_ID}) is one of {tracked} (MLFLOW_TRACKING_URI), so its \
                 secret is not sent where {site} says: set MLFLOW_TRACKING_URI to that site or \
                 {TOKEN_URL}, or unset {CLIENT_ID}",
                self.machine.client_id
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// What a token is kept under. The secret is not part of it.
    fn name(&self, site: &Origin) -> String {
        let mut digest = Sha256::new();
        let parts = [
            Some(site.as_str()),
            Some(&self.machine.client_id),
            self.machine.scope.as_deref(),
            self.token_url.as_deref(),
        ];
        for part in parts {
            digest.update(part.unwrap_or_default());
            digest.update([0]);
        }
        let mut name = format!("{:x}", digest.finalize());
        name.truncate(NAME_DIGITS);
        name
    }
}

/// An empty variable is none.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn read_secret(file: &str) -> FailureResult<String> {
    let text = fs::read_to_string(file).map_err(|error| {
        Failure::other(format!("cannot read `{file}` ({SECRET_FILE}): {error}"))
    })?;
    match text.trim() {
        "" => Err(Failure::other(format!("`{file}` ({SECRET_FILE}) is empty"))),
        secret => Ok(secret.to_owned()),
    }
}

/// The machine's token for a site.
///
/// # Errors
/// As [`FailureKind`] says.
pub(crate) async fn token(
    settings: &MachineSettings,
    site: &Origin,
    client: &Client,
    rejected: &Rejected,
) -> FailureResult<Token> {
    let folder = StateFolder::of_machines()?;
    let name = settings.name(site);
    let kept = folder.file(&format!("{name}.json"));
    let read = || -> FailureResult<Option<MachineToken>> {
        let text = state_folder::read(&kept)?;
        Ok(text.and_then(|text| MachineToken::read(&text)))
    };
    let serving = |token: &MachineToken| next(token, rejected) == Next::Serve;
    if let Some(token) = read()?.filter(serving) {
        return Ok(Token::from(token));
    }
    let mut lock = Lock::wait(&folder.file(&format!("{name}.lock")))?;
    let before = read()?;
    if let Some(token) = before.clone().filter(serving) {
        return Ok(Token::from(token));
    }
    let asked = lock.attempt(async || ask(settings, site, client).await);
    match asked.await {
        Ok(token) => {
            state_folder::write(&kept, token.write().expose())?;
            Ok(Token::from(token))
        }
        Err(failure) if failure.kind() == FailureKind::Unreachable => {
            let serves = |token: &MachineToken| token.serves(rejected.is(&token.bearer), now());
            before.filter(serves).map(Token::from).ok_or(failure)
        }
        Err(failure) => Err(failure),
    }
}

fn next(token: &MachineToken, rejected: &Rejected) -> Next {
    token.next(rejected.is(&token.bearer), now())
}

async fn ask(
    settings: &MachineSettings,
    site: &Origin,
    client: &Client,
) -> FailureResult<MachineToken> {
    let url = match &settings.token_url {
        Some(url) => url.clone(),
        None => token_url(site, client).await?,
    };
    let machine = &settings.machine;
    let asked = ask_with(machine, &url, Authentication::Basic, client).await?;
    let asked = match asked {
        Err(error) if may_be_of_authentication(&error) => {
            ask_with(machine, &url, Authentication::Post, client).await?
        }
        asked => asked,
    };
    asked.map_err(|error| {
        if error.may_pass() {
            return Failure::unreachable(format!("{url}: {error}. Try again later"));
        }
        Failure::signed_out(format!(
            "{url} refuses the machine `{}`: {error}. Check its secret, its scopes and {TOKEN_URL}",
            machine.client_id
        ))
    })
}

async fn ask_with(
    machine: &MachineClient,
    url: &str,
    how: Authentication,
    client: &Client,
) -> FailureResult<Result<MachineToken, TokenError>> {
    let (request, authorization) = machine.request(url, how);
    let answer = client.post(&request, authorization.as_ref()).await;
    let answer =
        answer.map_err(|error| Failure::unreachable(format!("{url} {error}. Try again later")))?;
    Ok(client_credentials::accept(answer.as_response(), now()))
}

/// Where the site's provider issues tokens.
async fn token_url(site: &Origin, client: &Client) -> FailureResult<String> {
    let config = site::config(client, site).await?;
    if !config.asks_gateway() {
        return Ok(config.provider.endpoints.token);
    }
    let found = client.discover(&config.provider.issuer).await?;
    let endpoints = found.endpoints();
    let endpoints = endpoints.ok_or_else(|| {
        Failure::other(format!(
            "the identity provider does not say where it issues tokens: set {TOKEN_URL}"
        ))
    })?;
    site::check_endpoints(site, &endpoints)?;
    Ok(endpoints.token)
}

impl From<MachineToken> for Token {
    fn from(token: MachineToken) -> Self {
        Self {
            expires_at: token.expires_at,
            bearer: token.bearer,
        }
    }
}
