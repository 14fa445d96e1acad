//! What every server of a deployment was asked, in one list.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::{self, Next},
    response::Response,
};
use shell_core::{
    Config, Timestamp, algorithm::Algorithms, claims::Expected, hosting::UI_DOCUMENTS, intercept,
};
use shell_jose::KeySet;

use crate::api_gateway::NO_TOKEN;

/// More than a request for tokens needs, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// What serves the shell: the gateway, or CloudFront.
    Gateway,
    /// API Gateway.
    Api,
    /// The identity provider.
    Provider,
    /// MLflow, or what stands for it.
    Upstream,
    /// Someone who should hear nothing.
    Other,
}

/// Whether a request carried a token, and whether it is a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// No `Authorization` at all.
    None,
    /// Signed by the provider, for this shell, and current.
    Valid,
    /// Anything else.
    Invalid,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Record {
    /// Who was asked.
    pub recipient: Recipient,
    /// The name of the MLflow server that was asked, if it has one.
    pub upstream: Option<&'static str>,
    /// When, since 1970.
    pub at: Duration,
    /// Method.
    pub method: String,
    /// Path, undecoded.
    pub path: String,
    /// Whether it is for a document of MLflow's that the site itself has.
    pub is_hosted: bool,
    /// Whether there was a query; what it said may be secret.
    pub query: bool,
    /// Whether a token came along.
    pub bearer: Bearer,
    /// Stands for that token, which is nowhere kept: the same number, the same
    /// token.
    pub token: Option<u64>,
    /// The `grant_type` of a request for tokens.
    pub grant: Option<String>,
    /// `Sec-Fetch-Mode`.
    pub mode: String,
    /// `Sec-Fetch-Dest`.
    pub destination: String,
    /// The gateway's name for the request.
    pub id: Option<String>,
    /// The status; `None` if the request was abandoned, or is not answered
    /// yet.
    pub status: Option<u16>,
}

/// The list. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    records: Mutex<Vec<Record>>,
    trusted: OnceLock<Trusted>,
    numbers: RandomState,
}

/// Whose tokens are valid.
#[derive(Debug)]
struct Trusted {
    keys: KeySet,
    config: Config,
    audiences: Vec<String>,
}

impl Recorder {
    /// Says whose tokens are valid: of access tokens, those for the APIs `audiences`,
    /// too.
    pub fn trust(&self, keys: KeySet, config: Config, audiences: Vec<String>) {
        // Said once, by the deployment that owns the list.
        let _ = self.0.trusted.set(Trusted {
            keys,
            config,
            audiences,
        });
    }

    /// Wraps `router` so that what it is asked is recorded as asked of `place`.
    pub fn around(&self, router: Router, recipient: Recipient) -> Router {
        self.around_server(router, recipient, None)
    }

    /// As [`around`](Self::around), for the MLflow server of this name.
    pub fn around_upstream(&self, router: Router, name: &'static str) -> Router {
        self.around_server(router, Recipient::Upstream, Some(name))
    }

    fn around_server(
        &self,
        router: Router,
        recipient: Recipient,
        upstream: Option<&'static str>,
    ) -> Router {
        let state = (self.clone(), recipient, upstream);
        router.layer(middleware::from_fn_with_state(state, record))
    }

    /// Returns how many requests there were.
    pub fn mark(&self) -> usize {
        self.records().len()
    }

    /// Returns the requests after `mark`.
    pub fn since(&self, mark: usize) -> Vec<Record> {
        self.records()[mark..].to_vec()
    }

    /// Returns all requests of `place`.
    pub fn of(&self, recipient: Recipient) -> Vec<Record> {
        self.chosen(0, |record| record.recipient == recipient)
    }

    /// Returns the requests to the gateway after `mark` that were answered with
    /// an error, or not at all.
    pub fn failures_since(&self, mark: usize) -> Vec<Record> {
        self.chosen(mark, Record::is_failure)
    }

    /// Returns how often the shell's document was loaded after `mark`.
    pub fn loads_since(&self, mark: usize) -> usize {
        self.chosen(mark, Record::is_document).len()
    }

    /// Returns how many different tokens the gateway was shown after `mark`.
    pub fn bearers_since(&self, mark: usize) -> usize {
        let shown = self.chosen(mark, Record::is_for_us);
        let tokens: HashSet<u64> = shown.iter().filter_map(|record| record.token).collect();
        tokens.len()
    }

    /// Returns the refreshes that the provider was asked for after `mark`.
    pub fn refreshes_since(&self, mark: usize) -> Vec<Record> {
        self.chosen(mark, Record::is_refresh)
    }

    fn chosen(&self, mark: usize, choose: impl FnMut(&Record) -> bool) -> Vec<Record> {
        let mut records = self.since(mark);
        records.retain(choose);
        records
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0
            .records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a number for the token among `headers`: another one in every
    /// recorder, so that it tells nothing about the token.
    fn number(&self, headers: &HeaderMap) -> Option<u64> {
        let token = headers.get(header::AUTHORIZATION)?;
        Some(self.0.numbers.hash_one(token.as_bytes()))
    }

    fn judge(&self, headers: &HeaderMap) -> Bearer {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Bearer::None;
        };
        if value == NO_TOKEN {
            return Bearer::None;
        }
        let token = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "));
        match token {
            Some(token) if self.is_valid(token) => Bearer::Valid,
            _ => Bearer::Invalid,
        }
    }

    /// Whether the site has a document of MLflow's at `path`.
    fn hosts(&self, path: &str) -> bool {
        let config = self.0.trusted.get().map(|trusted| &trusted.config);
        config.is_some_and(|config| config.ui.is_some()) && UI_DOCUMENTS.contains(&path)
    }

    fn is_valid(&self, token: &str) -> bool {
        let Some(trusted) = self.0.trusted.get() else {
            return false;
        };
        let expected = Expected {
            audiences: &trusted.audiences,
            ..Expected::of(&trusted.config)
        };
        shell_jose::verify(token, &trusted.keys, &Algorithms::all())
            .is_ok_and(|claims| claims.check(expected, now()).is_ok())
    }
}

/// Whether the gateway shows the provider its client's secret: no bearer is in
/// that header then.
fn shows_secret(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION);
    value.is_some_and(|value| value.as_bytes().starts_with(b"Basic "))
}

impl Record {
    /// Whether it is MLflow's, and not its public bundle, nor a question about
    /// leave, which browsers ask before a request to another origin.
    pub fn needs_bearer(&self) -> bool {
        let below = below_prefix(&self.path);
        let is_public = self.is_hosted || self.is_preflight();
        below.is_some_and(|(_, below)| !is_public && !below.starts_with("/static-files/"))
    }

    /// Whether a browser asks for leave.
    pub fn is_preflight(&self) -> bool {
        self.recipient == Recipient::Api && self.method == "OPTIONS"
    }

    /// Whether it is to MLflow's REST API for programs.
    pub fn is_for_programs(&self) -> bool {
        matches!(
            intercept::route_target(&self.path),
            intercept::RouteTarget::Program(..)
        )
    }

    /// Whether the gateway answered with an error, or not at all.
    pub fn is_failure(&self) -> bool {
        self.is_for_us() && self.status.is_none_or(|status| status >= 400)
    }

    /// Whether it is to what serves the shell, or the API.
    pub fn is_for_us(&self) -> bool {
        matches!(self.recipient, Recipient::Gateway | Recipient::Api)
    }

    /// Whether the provider was asked to refresh.
    pub fn is_refresh(&self) -> bool {
        self.recipient == Recipient::Provider && self.grant.as_deref() == Some("refresh_token")
    }

    /// Whether a browser loaded the shell's document.
    pub fn is_document(&self) -> bool {
        self.recipient == Recipient::Gateway
            && self.destination == "document"
            && (self.path == "/" || self.path == "/callback")
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = if self.query { "?…" } else { "" };
        let grant = self.grant.as_deref().unwrap_or_default();
        let status = self
            .status
            .map_or_else(|| "abandoned".to_owned(), |status| status.to_string());
        write!(
            f,
            "{:.3} {:?} {}{} {}{query} {grant} → {status}, bearer {:?}, {} {}",
            self.at.as_secs_f64(),
            self.recipient,
            self.upstream
                .map(|name| format!("@{name} "))
                .unwrap_or_default(),
            self.method,
            self.path,
            self.bearer,
            self.mode,
            self.destination
        )
    }
}

/// Splits a path below `/mlflow` into the name of a server and what is below
/// that; told apart by hand, so as not to believe what is tested.
pub(crate) fn below_prefix(path: &str) -> Option<(Option<&str>, &str)> {
    let path = path.strip_prefix("/prod").unwrap_or(path);
    let below = path.strip_prefix("/mlflow")?;
    let Some(named) = below.strip_prefix("/@") else {
        return Some((None, below));
    };
    let (name, below) = named.split_at(named.find('/').unwrap_or(named.len()));
    Some((Some(name), below))
}

async fn record(
    State((recorder, recipient, upstream)): State<(Recorder, Recipient, Option<&'static str>)>,
    request: Request,
    next: Next,
) -> Response {
    let (grant, request) = read_grant(recipient, request).await;
    let headers = request.headers();
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let record = Record {
        recipient,
        upstream,
        at: since_1970(),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        is_hosted: recipient == Recipient::Gateway && recorder.hosts(request.uri().path()),
        query: request.uri().query().is_some(),
        bearer: if recipient == Recipient::Provider && shows_secret(headers) {
            Bearer::None
        } else {
            recorder.judge(headers)
        },
        token: recorder.number(headers),
        grant,
        mode: text("sec-fetch-mode"),
        destination: text("sec-fetch-dest"),
        // Only the server gives names; a client's own is not believed.
        id: id(headers).filter(|_| recipient == Recipient::Upstream),
        status: None,
    };
    let index = {
        let mut records = recorder.records();
        records.push(record);
        records.len() - 1
    };
    let response = next.run(request).await;
    let mut records = recorder.records();
    records[index].status = Some(response.status().as_u16());
    if records[index].is_for_us() {
        records[index].id = id(response.headers());
    }
    drop(records);
    response
}

/// Reads what a request for tokens asks for, and puts it together again.
async fn read_grant(recipient: Recipient, request: Request) -> (Option<String>, Request) {
    // Providers call the path before it what they like.
    let path = request.uri().path().trim_end_matches('/');
    let for_tokens = request.method() == Method::POST && path.ends_with("/token");
    if recipient != Recipient::Provider || !for_tokens {
        return (None, request);
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_FORM).await.unwrap_or_default();
    let grant = form_urlencoded::parse(&body)
        .find_map(|(name, value)| (name == "grant_type").then(|| value.into_owned()));
    (grant, Request::from_parts(parts, Body::from(body)))
}

fn id(headers: &HeaderMap) -> Option<String> {
    let names = ["x-request-id", "x-amzn-requestid", "x-amzn-trace-id"];
    let id = names.iter().find_map(|name| headers.get(*name))?;
    let id = id.to_str().ok()?;
    Some(id.strip_prefix("Root=").unwrap_or(id).to_owned())
}

fn now() -> Timestamp {
    Timestamp(since_1970().as_secs())
}

fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(test)]
mod tests;
