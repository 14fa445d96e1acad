//! Issuer, gateway and MLflow, each a program of its own or as good as one.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{body::Body, http::Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::{Value, json};
use shell_tests::{
    child::Program,
    client::{self, Answer},
    issuer::{self, Issuer},
    server::{Server, free_port},
    usage::Usage,
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::{
    certificates::Certificates,
    programs::{gateway, start_mlflow},
};

/// The path of the file that is read slowly.
const ARTIFACT: &str = "/api/2.0/mlflow-artifacts/artifacts/large.bin";

/// How large the file is that is read slowly.
const FILE: usize = 16 << 20;

/// How long MLflow may take to start, on a machine that is busy with the load.
const START: Duration = Duration::from_mins(4);

const POLL: Duration = Duration::from_millis(100);

/// How long an answer may take: longer than a restart.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct LoadDeployment {
    /// Where the gateway listens.
    pub(crate) address: SocketAddr,
    /// The experiment of all runs, and its name.
    pub(crate) experiment: String,
    pub(crate) name: String,
    /// The path of a large file.
    pub(crate) artifact: String,
    pub(crate) issuer_server: Server,
    pub(crate) certificates: Certificates,
    issuer: Issuer,
    token: RwLock<String>,
    count: AtomicU64,
    client: Client<HttpsConnector<HttpConnector>, Body>,
    gateway: Program,
    mlflow: Mutex<Option<Program>>,
    mlflow_port: u16,
    folder: TempDir,
}

impl LoadDeployment {
    pub(crate) async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let issuer = Issuer::default();
        let issuer_server = Server::start(issuer.router()).await?;
        let (mlflow_port, port) = (free_port()?, free_port()?);
        let mlflow = start_mlflow(folder.path(), mlflow_port)?;
        let certificates = Certificates::new(folder.path())?;
        let mut gateway = gateway(folder.path(), port, mlflow_port, &issuer_server.origin())?;
        let [certificate, key] = certificates.files();
        gateway
            .env("MLFLOW_SHELL_TLS__CERTIFICATE", certificate)
            .env("MLFLOW_SHELL_TLS__KEY", key);
        let gateway = Program::spawn(&mut gateway)?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(certificates.trust())
            .https_only()
            .enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .build(connector.build());
        let mut deployment = Self {
            address: ([127, 0, 0, 1], port).into(),
            experiment: String::new(),
            name: "under-load".to_owned(),
            artifact: String::new(),
            token: RwLock::default(),
            count: AtomicU64::new(0),
            issuer_server,
            certificates,
            issuer,
            client,
            gateway,
            mlflow: Mutex::new(Some(mlflow)),
            mlflow_port,
            folder,
        };
        deployment.renew();
        deployment.require_upstream().await;
        deployment.fill().await?;
        Ok(deployment)
    }

    /// Makes what is read.
    async fn fill(&mut self) -> Result<()> {
        let made = self
            .direct("experiments/create", &json!({ "name": self.name }))
            .await?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
        self.experiment = text(&made["experiment_id"])?;
        ARTIFACT.clone_into(&mut self.artifact);
        let url = format!("http://127.0.0.1:{}{}", self.mlflow_port, self.artifact);
        let answer = client::send(Request::put(url).body(vec![1; FILE].into())?).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.text());
        Ok(())
    }

    /// Asks MLflow itself.
    async fn direct(&self, what: &str, body: &Value) -> Result<Value> {
        let url = format!(
            "http://127.0.0.1:{}/api/2.0/mlflow/{what}",
            self.mlflow_port
        );
        let request = Request::post(url).header("content-type", "application/json");
        let answer = client::send(request.body(body.to_string().into())?).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.text());
        Ok(answer.json())
    }

    /// Every run that MLflow has.
    pub(crate) async fn runs(&self) -> Result<HashSet<String>> {
        let mut runs = HashSet::new();
        let mut page = json!("");
        loop {
            let body = json!({ "experiment_ids": [self.experiment], "max_results": 5000,
                               "page_token": page });
            let found = self.direct("runs/search", &body).await?;
            let listed = found["runs"].as_array().into_iter().flatten();
            let name = |run: &Value| run["info"]["run_id"].as_str().map(str::to_owned);
            runs.extend(listed.filter_map(name));
            page = found["next_page_token"].clone();
            if page.as_str().is_none_or(str::is_empty) {
                return Ok(runs);
            }
        }
    }

    pub(crate) fn next_name(&self) -> String {
        format!("run-{}", self.count.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: Body) -> Request<Body> {
        let token = self.token.read().expect("no other thread panicked");
        Request::builder()
            .method(method)
            .uri(format!("https://{}{path}", self.address))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body)
            .expect("a request")
    }

    /// A connection on which a test writes HTTP itself.
    pub(crate) async fn connect(&self) -> Result<TlsStream<TcpStream>> {
        self.certificates.connect(self.address).await
    }

    /// The head of a request that a test writes itself.
    pub(crate) fn head(&self, method: &str, path: &str, more: &str) -> String {
        let token = self.token.read().expect("no other thread panicked");
        format!(
            "{method} {path} HTTP/1.1\r\nhost: shell\r\nauthorization: Bearer {token}\r\n{more}\r\n"
        )
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Answer> {
        use http_body_util::BodyExt;
        let answered = async {
            let (parts, body) = self.client.request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body,
                phrase: None,
            })
        };
        tokio::time::timeout(PATIENCE, answered)
            .await
            .context("it took too long")?
    }

    /// Signs with another key from now on.
    pub(crate) fn rotate(&self) {
        self.issuer.rotate();
        self.renew();
    }

    fn renew(&self) {
        let mut claims = issuer::claims(&self.issuer_server.origin());
        claims["exp"] = json!(issuer::now() + 7200);
        claims["cognito:groups"] = json!(["admins"]);
        *self.token.write().expect("no other thread panicked") = self.issuer.sign(&claims);
    }

    pub(crate) async fn restart_upstream(&self) -> Result<()> {
        let ended = self.mlflow.lock().expect("no other thread panicked").take();
        // It is given the time to end in order, which blocks.
        tokio::task::spawn_blocking(move || drop(ended)).await?;
        let again = start_mlflow(self.folder.path(), self.mlflow_port)?;
        *self.mlflow.lock().expect("no other thread panicked") = Some(again);
        self.require_upstream().await;
        Ok(())
    }

    /// Waits until MLflow answers, through the gateway.
    pub(crate) async fn require_upstream(&self) {
        let ready = async { while !self.is_ready().await {} };
        let ready = tokio::time::timeout(START, ready);
        ready.await.expect("MLflow starts");
    }

    async fn is_ready(&self) -> bool {
        tokio::time::sleep(POLL).await;
        let path = "/api/2.0/mlflow/experiments/search?max_results=1";
        let request = self.request("GET", path, Body::empty());
        let answer = self.send(request).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// The gateway's resident memory, in megabytes.
    pub(crate) fn resident(&self) -> f64 {
        let usage = Usage::of(self.gateway.id()).expect("the gateway runs");
        let kibibytes = u32::try_from(usage.resident / 1024).expect("less than 4 TiB");
        f64::from(kibibytes) / 1024.0
    }

    pub(crate) async fn resident_after(&self, pause: Duration) -> f64 {
        tokio::time::sleep(pause).await;
        self.resident()
    }
}
