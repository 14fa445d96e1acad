//! The server on this machine that the hosted login returns to (RFC 8252 §7.3).
//!
//! 1. It listens on the loopback interface only, for one sign-in, for five minutes.
//! 2. One request ends it: a GET of the path, of this very host and port, with the
//!    `state` of the sign-in. Any other is answered 400 or 404, and nothing more.
//! 3. The page says what came of the sign-in. It has no code, no script, and no
//!    address to load from.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use shell_core::{
    Secret,
    oauth::{authorization::Callback, native_app::LoopbackRedirect},
    refusal::escape,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::failure::{Failure, FailureResult};

/// How long a sign-in may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// How long the browser may take to read the page.
const LAST_ANSWER: Duration = Duration::from_secs(2);

const POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// A server that waits for a sign-in to return.
#[derive(Debug)]
pub(crate) struct Listener {
    listeners: Vec<TcpListener>,
    /// Where the hosted login is to return.
    pub(crate) url: String,
    redirect: LoopbackRedirect,
    port: u16,
}

/// A return, whose page waits to be told what came of it.
#[derive(Debug)]
pub(crate) struct Returned {
    /// The query of the address.
    pub(crate) query: Secret,
    answer: oneshot::Sender<Page>,
}

/// What the page says.
#[derive(Debug)]
struct Page {
    title: &'static str,
    text: String,
}

#[derive(Debug)]
struct Waiting {
    path: String,
    host: String,
    state: Secret,
    returns: mpsc::Sender<Returned>,
}

impl Listener {
    /// Listens where the redirect says.
    ///
    /// # Errors
    /// If another program does already.
    pub(crate) async fn bind(redirect: &LoopbackRedirect) -> FailureResult<Self> {
        let wanted = redirect.port.unwrap_or_default();
        let failed = |error| {
            Failure::other(format!(
                "the sign-in returns to port {wanted} of this machine, and that cannot be listened \
                 on: {error}. End what uses it, or sign in without it: mlflow-shell login \
                 --no-browser"
            ))
        };
        let first = if redirect.host == "[::1]" {
            TcpListener::bind((Ipv6Addr::LOCALHOST, wanted)).await
        } else {
            TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await
        };
        let first = first.map_err(failed)?;
        let port = first.local_addr().map_err(failed)?.port();
        let mut listeners = vec![first];
        if redirect.host == "localhost" {
            // A browser may try either address. A machine may have no IPv6; but if
            // another program has the port there, it would get the code.
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(second) => listeners.push(second),
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::AddrNotAvailable | ErrorKind::Unsupported
                    ) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(Self {
            listeners,
            url: redirect.url(port),
            redirect: redirect.clone(),
            port,
        })
    }

    /// Waits for the return of the sign-in with this `state`, lets `complete` make
    /// something of it, and shows what came of that.
    ///
    /// # Errors
    /// If it does not return in time, or as `complete` has it.
    pub(crate) async fn serve<T>(
        self,
        state: Secret,
        complete: impl AsyncFnOnce(&Secret) -> FailureResult<T>,
        welcome: impl FnOnce(&T) -> String,
    ) -> FailureResult<T> {
        let (returns, mut returned) = mpsc::channel(1);
        let waiting = Arc::new(Waiting {
            host: format!("{}:{}", self.redirect.host, self.port),
            path: self.redirect.path,
            state,
            returns,
        });
        let router = Router::new().fallback(answer).with_state(waiting);
        let (end, ends) = tokio::sync::watch::channel(false);
        let servers = self.listeners.into_iter().map(|listener| {
            let mut ends = ends.clone();
            let ended = async move { drop(ends.wait_for(|ended| *ended).await) };
            let serving = axum::serve(listener, router.clone()).with_graceful_shutdown(ended);
            tokio::spawn(async { serving.await })
        });
        let servers: Vec<_> = servers.collect();
        let returned = timeout(PATIENCE, returned.recv()).await;
        let result = match returned {
            Ok(Some(returned)) => returned.complete(complete, welcome).await,
            Ok(None) | Err(_) => Err(Failure::other(
                "the sign-in did not return within five minutes: begin it again, or sign in \
                 without a browser on this machine: mlflow-shell login --no-browser",
            )),
        };
        end.send_replace(true);
        for server in servers {
            drop(timeout(LAST_ANSWER, server).await);
        }
        result
    }
}

impl Returned {
    async fn complete<T>(
        self,
        complete: impl AsyncFnOnce(&Secret) -> FailureResult<T>,
        welcome: impl FnOnce(&T) -> String,
    ) -> FailureResult<T> {
        let result = complete(&self.query).await;
        let page = match &result {
            Ok(done) => Page {
                title: "Signed in",
                text: welcome(done),
            },
            Err(failure) => Page {
                title: "Not signed in",
                text: failure.to_string(),
            },
        };
        // The browser may be gone.
        drop(self.answer.send(page));
        result
    }
}

async fn answer(
    State(waiting): State<Arc<Waiting>>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    if head.uri.path() != waiting.path || !is_of(&head.headers, &waiting.host) {
        return page(StatusCode::NOT_FOUND, "Not found", "There is nothing here.");
    }
    let query = Secret::new(query.unwrap_or_default());
    let callback = Callback::parse(query.expose(), "");
    let is_ours = callback.is_ok_and(|callback| *callback.state() == waiting.state);
    if head.method != Method::GET || !is_ours {
        let text = "This is no answer to the sign-in that waits here.";
        return page(StatusCode::BAD_REQUEST, "Not the sign-in", text);
    }
    let (answer, answered) = oneshot::channel();
    if waiting
        .returns
        .try_send(Returned { query, answer })
        .is_err()
    {
        let text = "This sign-in has returned already.";
        return page(StatusCode::BAD_REQUEST, "Not the sign-in", text);
    }
    match answered.await {
        Ok(Page { title, text }) => page(StatusCode::OK, title, &text),
        Err(_) => page(StatusCode::OK, "Not signed in", "Look into the terminal."),
    }
}

/// Whether a request is for this host: another name that leads here is another site's.
fn is_of(headers: &HeaderMap, host: &str) -> bool {
    let named = headers.get(header::HOST).map(HeaderValue::as_bytes);
    named.is_some_and(|named| named.eq_ignore_ascii_case(host.as_bytes()))
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title} – MLflow</title>\
         <h1>{title}</h1><p>{}</p>",
        escape(text)
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONNECTION, "close"),
    ];
    (status, headers, html).into_response()
}
