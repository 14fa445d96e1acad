//! An MLflow that keeps its artifacts in a store like S3, which an emulator is.

use std::process::{Command, Stdio};

use axum::{body::Body, http::Request};
use shell_tests::{
    child::Program,
    client,
    environment::{self, Tracking},
    server::free_port,
    wait,
};
use tempfile::TempDir;

/// The store and the MLflow in front of it.
pub(crate) struct Store {
    /// Where the store answers.
    pub(crate) url: String,
    mlflow: String,
    version: String,
    folder: TempDir,
    _programs: [Program; 2],
}

impl Store {
    /// Starts both, if the emulator and what MLflow needs for S3 are there.
    pub(crate) async fn start() -> Option<Self> {
        let moto = environment::moto()?;
        let boto3 = environment::program("SHELL_TEST_BOTO3", "MLflow's way to S3")?;
        let folder = tempfile::tempdir().expect("a folder");
        let [port, store_port] = [free_port(), free_port()].map(|port| port.expect("a port"));
        let (url, mlflow) = (local(store_port), local(port));

        let mut emulator = Command::new(moto);
        emulator
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p"])
            .arg(store_port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let emulator = Program::spawn(&mut emulator).expect("it starts");
        answers(&url, "/moto-api/data.json").await;
        let bucket = Request::put(format!("{url}/artifacts")).body(Body::empty());
        let made = client::send(bucket.expect("a request")).await;
        assert_eq!(made.expect("an answer").status, 200);

        let newest = environment::tracking_servers().pop();
        let version = newest.expect("an MLflow was started").version;
        let python = environment::client(&version);
        let mut server = Command::new(python.with_file_name("mlflow"));
        server
            .args(["server", "--host", "127.0.0.1", "--workers", "1", "--port"])
            .arg(port.to_string())
            .arg("--backend-store-uri")
            .arg(format!(
                "sqlite:///{}",
                folder.path().join("mlflow.db").display()
            ))
            .args(["--artifacts-destination", "s3://artifacts/here"])
            .current_dir(folder.path())
            .env("PYTHONPATH", boto3)
            .env("MLFLOW_S3_ENDPOINT_URL", &url)
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .env("DO_NOT_TRACK", "true")
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = Program::spawn(&mut server).expect("it starts");
        answers(&mlflow, "/health").await;
        Some(Self {
            url,
            mlflow,
            version,
            folder,
            _programs: [server, emulator],
        })
    }

    pub(crate) fn tracking(&self) -> Tracking {
        Tracking {
            version: self.version.clone(),
            url: self.mlflow.clone(),
            folder: self.folder.path().to_owned(),
        }
    }
}

fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

async fn answers(url: &str, path: &str) {
    let url = format!("{url}{path}");
    // A busy machine takes longer to start a server than to do anything else.
    for attempt in 0.. {
        let ready = wait::until(&url, async || {
            let answer = client::get(&url, &[]).await?;
            Ok((answer.status == 200).then_some(()))
        });
        match ready.await {
            Ok(()) => return,
            Err(error) => assert!(attempt < 4, "{error:#}"),
        }
    }
}
