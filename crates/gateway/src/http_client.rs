//! The HTTP client: of MLflow, issuers, AWS and collectors.

pub(crate) mod fetch;
pub(crate) mod forward_proxy;
pub(crate) mod network;
mod pool;
pub(crate) mod tls_problem;
pub(crate) mod trust_roots;

use std::{error::Error, io, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{Method, request::Parts},
    response::Response,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, ResponseFuture, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use shell_core::refusal::Problem;

use self::{
    forward_proxy::Connector,
    network::Network,
    pool::{Pool, PoolError},
    tls_problem::tls_problem,
};
use crate::{
    body::limited::BodyError,
    settings::Settings,
    worker_threads::{self, PerWorker},
};

/// The most that is read of an answer at once, and how long its head may be. What
/// was read is kept while a client reads slowly, besides what the listener keeps
/// for it. hyper would take three times as much.
const READ_BUFFER_BYTES: usize = 128 * 1024;

type Https = HttpsConnector<Connector>;

/// Sends requests, and keeps the connections for further ones.
#[derive(Debug, Clone)]
pub struct HttpClient {
    /// For everything but MLflow.
    others: PerWorker<legacy::Client<Https, Body>>,
    mlflow: PerWorker<Pool>,
    answer_timeout: Duration,
    model_timeout: Duration,
}

/// Among the extensions of a request: a model has to answer it, which takes longer
/// than MLflow alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForModel;

fn connector(settings: &Settings, network: &Network) -> Https {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(settings.timeouts.connect.0));
    connector.set_nodelay(true);
    connector.enforce_http(false);
    HttpsConnectorBuilder::new()
        .with_tls_config((*network.tls).clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(Connector::new(connector, network.proxy.clone()))
}

impl HttpClient {
    /// A client with the timeouts and the pool of `settings`, in this network.
    pub fn new(settings: &Settings, network: &Network) -> Self {
        let idle = (
            worker_threads::share(settings.limits.pool.get()),
            settings.timeouts.pool.0,
        );
        let others = || {
            legacy::Client::builder(TokioExecutor::new())
                .pool_idle_timeout(settings.timeouts.pool.0)
                .pool_timer(TokioTimer::new())
                .build(connector(settings, network))
        };
        Self {
            others: PerWorker::new(others),
            mlflow: PerWorker::new(|| {
                Pool::new(connector(settings, network), READ_BUFFER_BYTES, idle)
            }),
            answer_timeout: settings.timeouts.answer.0,
            model_timeout: settings.timeouts.model.0,
        }
    }

    /// Sends a request to another server than MLflow. The answer's body may take as
    /// long as it likes.
    pub fn request(&self, request: Request) -> ResponseFuture {
        self.others.here().request(request)
    }

    /// Sends a request to MLflow, and waits for its answer to begin.
    ///
    /// # Errors
    /// If there is none in time, or the request's own body does not come.
    pub(crate) async fn ask(&self, request: Request) -> Result<Response, Problem> {
        let address = request.uri().clone();
        let timeout = match request.extensions().get() {
            Some(ForModel) => self.model_timeout,
            None => self.answer_timeout,
        };
        match tokio::time::timeout(timeout, self.ask_again(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(BodyError::problem(&error).unwrap_or_else(|| {
                let (path, error) = (address.path(), failure(&error));
                tracing::warn!(path, error, "MLflow is not answering");
                Problem::UPSTREAM_DOWN
            })),
            Err(_) => Err(Problem::UPSTREAM_SLOW),
        }
    }

    /// Sends a request, and a second time if it may be repeated and the server
    /// closed the connection instead of answering, as servers do with one that
    /// they have just found idle for too long. What may not be repeated is sent
    /// again, by the pool, only as long as nothing of it was.
    async fn ask_again(&self, request: Request) -> Result<Response, PoolError> {
        let (head, body) = request.into_parts();
        let mut again = is_repeatable(&head, &body).then(|| head.clone());
        let mut request = Request::from_parts(head, body);
        loop {
            match (self.mlflow.here().request(request).await, again.take()) {
                (Err(error), Some(head)) if was_closed(&error) => {
                    request = Request::from_parts(head, Body::empty());
                }
                (answer, _) => return answer,
            }
        }
    }
}

fn is_repeatable(head: &Parts, body: &Body) -> bool {
    matches!(head.method, Method::GET | Method::HEAD) && body.is_end_stream()
}

/// Whether a connection that could be made was closed before an answer came.
fn was_closed(error: &PoolError) -> bool {
    !matches!(error, PoolError::Connect(_)) && is_of_a_closed_connection(error)
}

fn is_of_a_closed_connection(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    let http = error.downcast_ref::<hyper::Error>();
    let system = error.downcast_ref::<io::Error>().map(io::Error::kind);
    http.is_some_and(|error| error.is_incomplete_message() || error.is_closed())
        || matches!(
            system,
            Some(BrokenPipe | ConnectionAborted | ConnectionReset)
        )
        || error.source().is_some_and(is_of_a_closed_connection)
}

/// Why a request failed: its TLS in words, or the innermost cause.
pub(crate) fn failure(error: &(dyn Error + 'static)) -> String {
    tls_problem(error).map_or_else(|| root_cause(error), |problem| problem.to_string())
}

/// The innermost cause of an error, which says what went wrong.
pub fn root_cause(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => root_cause(source),
        None => error.to_string(),
    }
}
