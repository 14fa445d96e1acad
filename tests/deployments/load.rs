//! Load on a deployment while instances of it end: MLflow's own client, and requests
//! without one, which nothing repeats.

use std::{
    collections::BTreeMap,
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::task::JoinSet;

/// How many requests are under way at a time.
pub(crate) const WORKERS: usize = 8;

/// What came of a request whose answer began and did not end.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// How long a client of the load keeps a connection: less than the load balancer.
const KEPT: Duration = Duration::from_secs(30);

/// Requests to one address until it is stopped.
pub(crate) struct Load {
    seen: Arc<Mutex<BTreeMap<String, usize>>>,
    repeated: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    workers: JoinSet<()>,
    begun: Instant,
}

/// What came of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) answered: usize,
    /// How many were sent again, because the load balancer closed the connection.
    pub(crate) repeated: usize,
    /// How many failed, by status or error.
    pub(crate) failed: BTreeMap<String, usize>,
    pub(crate) seconds: f64,
}

impl Load {
    /// Begins to ask for `url`.
    pub(crate) fn start(url: &str, token: &str) -> Self {
        let seen = Arc::<Mutex<BTreeMap<String, usize>>>::default();
        let is_over = Arc::new(AtomicBool::new(false));
        let repeated = Arc::<AtomicUsize>::default();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT)
            .build(HttpConnector::new());
        let fresh = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(HttpConnector::new());
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS {
            let (client, fresh, seen) = (client.clone(), fresh.clone(), Arc::clone(&seen));
            let (url, token, is_over) = (url.to_owned(), token.to_owned(), Arc::clone(&is_over));
            let repeated = Arc::clone(&repeated);
            workers.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let mut word = ask(&client, &url, &token).await;
                    // nginx closes its connections when it reads its configuration: a GET
                    // may be sent once more (RFC 9110 §9.2.2), on a new one.
                    if word.is_err() {
                        repeated.fetch_add(1, Ordering::Relaxed);
                        word = ask(&fresh, &url, &token).await;
                    }
                    let word = word.unwrap_or_else(|error| error);
                    *seen
                        .lock()
                        .expect("no other thread panicked")
                        .entry(word)
                        .or_default() += 1;
                }
            });
        }
        Self {
            seen,
            repeated,
            is_over,
            workers,
            begun: Instant::now(),
        }
    }

    /// How many were answered as they should be.
    pub(crate) fn answered(&self) -> usize {
        let seen = self.seen.lock().expect("no other thread panicked");
        seen.get("200").copied().unwrap_or_default()
    }

    /// Ends it, once the last requests are answered.
    pub(crate) async fn stop(mut self) -> Outcome {
        self.is_over.store(true, Ordering::Relaxed);
        while self.workers.join_next().await.is_some() {}
        let mut failed = self.seen.lock().expect("no other thread panicked").clone();
        Outcome {
            answered: failed.remove("200").unwrap_or_default(),
            repeated: self.repeated.load(Ordering::Relaxed),
            failed,
            seconds: self.begun.elapsed().as_secs_f64(),
        }
    }
}

impl Outcome {
    /// How many failed.
    pub(crate) fn failures(&self) -> usize {
        self.failed.values().sum()
    }
}

/// The status, or why there is none.
async fn ask(
    client: &Client<HttpConnector, Body>,
    url: &str,
    token: &str,
) -> Result<String, String> {
    let request = Request::get(url)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .expect("a request");
    let answer = match client.request(request).await {
        Ok(answer) => answer,
        Err(error) => return Err(error.to_string()),
    };
    let status = answer.status();
    match answer.into_body().collect().await {
        Ok(_) => Ok(status.as_str().to_owned()),
        Err(_) => Ok(INTERRUPTED.to_owned()),
    }
}

/// MLflow's client, which logs and reads runs until its time is over.
pub(crate) struct Program(JoinHandle<std::io::Result<Output>>);

impl Program {
    /// Has `client` go on for so many seconds.
    pub(crate) fn start(mut client: Command, seconds: u64) -> Self {
        client.env("SECONDS", seconds.to_string());
        Self(thread::spawn(move || client.output()))
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// If it could not be run.
    pub(crate) async fn end(self) -> Result<Output> {
        let ended = tokio::task::spawn_blocking(|| self.0.join());
        let output = ended.await?.ok().context("the thread panicked")?;
        Ok(output?)
    }
}
