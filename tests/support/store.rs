//! A store like S3, which an emulator is, and MLflow servers that keep their
//! artifacts there.
//!
//! ```text
//!  browser, client ─┐
//!                   ├─▶ the store's own origin, with a record ──▶ emulator
//!  MLflow ──────────┘
//! ```
//!
//! Pages of other origins may read it and write to it, as by the CORS rule of a
//! bucket (`deploy/templates/mlflow.yaml`).

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    child::Program,
    client,
    environment::{self, Tracking},
    proxy::{self, Host},
    server::{Server, free_port},
    wait,
};

/// The bucket.
const BUCKET: &str = "artifacts";

/// The store.
#[derive(Debug)]
pub struct Store {
    server: Server,
    asked: Asked,
    refuses: Arc<AtomicBool>,
    boto3: PathBuf,
    _emulator: Program,
}

/// A request to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Its method.
    pub method: Method,
    /// Its path, bucket first.
    pub path: String,
    /// Whether its URL has a signature, as those have that MLflow hands out.
    pub is_presigned: bool,
    /// The scheme of its `Authorization`, if it has any.
    pub authorization: Option<String>,
}

type Asked = Arc<Mutex<Vec<Asking>>>;

/// An MLflow in front of the store.
#[derive(Debug)]
pub struct Keeper {
    /// Where it answers.
    pub url: String,
    folder: TempDir,
    _program: Program,
}

/// Where a run of such an MLflow keeps its files.
#[derive(Debug, Clone)]
pub struct Run {
    /// The experiment it is in.
    pub experiment: String,
    /// Its name.
    pub id: String,
    /// The key of its files in the bucket, up to the slash.
    folder: String,
}

impl Store {
    /// Starts it, if the emulator and what MLflow needs for S3 are there.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start() -> Option<Self> {
        let moto = environment::moto()?;
        let boto3 = environment::program("SHELL_TEST_BOTO3", "MLflow's way to S3")?;
        Some(Self::of(&moto, boto3).await.expect("the store starts"))
    }

    async fn of(moto: &Path, boto3: PathBuf) -> Result<Self> {
        let port = free_port()?;
        let mut emulator = Command::new(moto);
        emulator
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p"])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let emulator = Program::spawn(&mut emulator)?;
        let url = format!("http://127.0.0.1:{port}");
        answers(&url, "/moto-api/data.json").await?;
        let asked = Asked::default();
        let refuses = Arc::new(AtomicBool::new(false));
        let front = proxy::to(&url, Host::Kept)
            .layer(middleware::from_fn_with_state(refuses.clone(), refuse))
            .layer(middleware::from_fn(share))
            .layer(middleware::from_fn_with_state(asked.clone(), note));
        let store = Self {
            server: Server::start(front).await?,
            asked,
            refuses,
            boto3,
            _emulator: emulator,
        };
        store.put("", Bytes::new()).await?;
        Ok(store)
    }

    /// Where it answers: another site than the shell's.
    pub fn origin(&self) -> String {
        self.server.foreign_origin()
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asking> {
        lock(&self.asked).clone()
    }

    /// Refuses presigned URLs from now on, as if they had ended, or no longer.
    pub fn refuse(&self, refuse: bool) {
        self.refuses.store(refuse, Ordering::SeqCst);
    }

    /// Puts a file into the bucket.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let url = format!("{}/{BUCKET}/{key}", self.origin());
        let url = url.trim_end_matches('/');
        let put = Request::put(url).body(Body::from(bytes))?;
        let answer = client::send(put).await?;
        ensure!(answer.status == 200, "{url}: {}", answer.text());
        Ok(())
    }

    /// Starts the MLflow of this Python in front of it, with `change`; its
    /// artifact service keeps files below `served` in the bucket.
    pub async fn mlflow(&self, python: &Path, change: impl FnOnce(&mut Command)) -> Result<Keeper> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let database = folder.path().join("mlflow.db");
        let mut server = Command::new(python.with_file_name("mlflow"));
        server
            .args(["server", "--host", "127.0.0.1", "--workers", "1", "--port"])
            .arg(port.to_string())
            .arg("--backend-store-uri")
            .arg(format!("sqlite:///{}", database.display()))
            .arg("--artifacts-destination")
            .arg(format!("s3://{BUCKET}/served"))
            .current_dir(folder.path())
            .env("PYTHONPATH", &self.boto3)
            .env("MLFLOW_S3_ENDPOINT_URL", self.origin())
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("DO_NOT_TRACK", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        change(&mut server);
        let program = Program::spawn(&mut server)?;
        let url = format!("http://127.0.0.1:{port}");
        answers(&url, "/health").await?;
        Ok(Keeper {
            url,
            folder,
            _program: program,
        })
    }
}

impl Keeper {
    /// The same, as a server of this version.
    pub fn tracking(&self, version: &str) -> Tracking {
        Tracking {
            version: version.to_owned(),
            url: self.url.clone(),
            folder: self.folder.path().to_owned(),
        }
    }

    /// Makes a run whose files are in the store itself.
    pub async fn run_in_store(&self) -> Result<Run> {
        self.run("direct", json!(format!("s3://{BUCKET}/direct")))
            .await
    }

    /// Makes a run whose files MLflow's artifact service has.
    pub async fn run_in_service(&self) -> Result<Run> {
        self.run("served", Value::Null).await
    }

    async fn run(&self, name: &str, location: Value) -> Result<Run> {
        let made = json!({ "name": name, "artifact_location": location });
        let experiment = self.post("experiments/create", &made).await?;
        let made = json!({ "experiment_id": experiment["experiment_id"], "run_name": name });
        let info = &self.post("runs/create", &made).await?["run"]["info"];
        let text = |key: &str| info[key].as_str().context("a text").map(str::to_owned);
        let root = text("artifact_uri")?;
        let folder = match root.strip_prefix("mlflow-artifacts:/") {
            Some(path) => format!("served/{path}"),
            None => root.replacen(&format!("s3://{BUCKET}/"), "", 1),
        };
        Ok(Run {
            experiment: text("experiment_id")?,
            id: text("run_id")?,
            folder,
        })
    }

    async fn post(&self, call: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/api/2.0/mlflow/{call}", self.url);
        let request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))?;
        let answer = client::send(request).await?;
        ensure!(answer.status == 200, "{call}: {}", answer.text());
        Ok(answer.json())
    }
}

impl Run {
    /// The key of its file at `path`.
    pub fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.folder)
    }
}

fn lock(asked: &Asked) -> MutexGuard<'_, Vec<Asking>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn refuse(State(refuses): State<Arc<AtomicBool>>, request: Request, next: Next) -> Response {
    if refuses.load(Ordering::SeqCst) && is_presigned(&request) {
        let xml = [(header::CONTENT_TYPE, "application/xml")];
        let error =
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        return (StatusCode::FORBIDDEN, xml, error).into_response();
    }
    next.run(request).await
}

fn is_presigned(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.to_ascii_lowercase().contains("signature=")
}

async fn note(State(asked): State<Asked>, request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let scheme = |value: &HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(' ').next().unwrap_or_default().to_owned()
    };
    lock(&asked).push(Asking {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        is_presigned: is_presigned(&request),
        authorization: authorization.map(scheme),
    });
    next.run(request).await
}

/// Answers pages of other origins as the bucket's rule says, and not as the
/// emulator would.
async fn share(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let theirs: Vec<_> = headers.keys().cloned().collect();
    for name in theirs {
        if name.as_str().starts_with("access-control-") {
            headers.remove(name);
        }
    }
    if let Some(origin) = origin {
        allow(headers, origin);
    }
    response
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    let lists = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, PUT"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"),
        (header::VARY, "Origin"),
    ];
    for (name, list) in lists {
        headers.insert(name, HeaderValue::from_static(list));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
}

async fn answers(url: &str, path: &str) -> Result<()> {
    let url = format!("{url}{path}");
    let ready = async || {
        wait::until(&url, async || {
            let answer = client::get(&url, &[]).await?;
            Ok((answer.status == 200).then_some(()))
        })
        .await
    };
    // A busy machine takes longer to start a server than to do anything else.
    for _ in 0..4 {
        if ready().await.is_ok() {
            return Ok(());
        }
    }
    ready().await
}
