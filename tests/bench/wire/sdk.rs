//! MLflow's own client, which pages through many runs.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use axum::{Router, http::Uri};
use serde_json::json;
use shell_idp::POOL;
use shell_tests::{
    environment,
    issuer::{self, Issuer},
    server::Server,
};
use tokio::process::Command;

use crate::{front, link::Link, network::Side};

const PROGRAM: &str = include_str!("page_through.py");

/// The client, and where it finds both sides over the link.
#[derive(Debug)]
pub(crate) struct Client {
    link: Link,
    experiment: String,
    bare: String,
    shell: String,
    token: String,
    _servers: [Server; 2],
}

/// What one round took.
#[derive(Debug)]
pub(crate) struct Paging {
    /// In milliseconds, without the start of Python.
    pub(crate) took: f64,
    pub(crate) received: u64,
}

impl Client {
    /// Puts a gateway in front of `mlflow`, and the link in front of both.
    pub(crate) async fn start(link: Link, mlflow: &str, experiment: String) -> Result<Self> {
        let (gateway, provider) = (Server::bind().await?, Server::bind().await?);
        let bare = over(&link, mlflow).await?;
        let shell = over(&link, &gateway.origin()).await?;
        let settings =
            shell_idp::Settings::new(front::origin(&provider.origin())?, &front::origin(&shell)?);
        let issuer = Issuer::default();
        let mut claims = issuer::claims(&settings.issuer());
        claims["aud"] = json!(settings.client_id);
        claims["exp"] = json!(issuer::now() + 6 * 3600);
        let site = environment::site();
        let router = front::router(&shell, &settings, &provider.origin(), "id", mlflow, &site)?;
        provider.serve(Router::new().nest(&format!("/{POOL}"), issuer.router()));
        gateway.serve(router);
        Ok(Self {
            link,
            experiment,
            bare,
            shell: format!("{shell}/mlflow"),
            token: issuer.sign(&claims),
            _servers: [gateway, provider],
        })
    }

    /// Asks for all runs of the experiment.
    pub(crate) async fn page_through(&self, side: Side) -> Result<Paging> {
        self.link.reset();
        let mut command = std::process::Command::new(environment::python().context("no Python")?);
        environment::isolate(&mut command);
        command.args(["-c", PROGRAM, &self.experiment]);
        match side {
            Side::Bare | Side::Before => command.env("MLFLOW_TRACKING_URI", &self.bare),
            Side::Shell => command
                .env("MLFLOW_TRACKING_URI", &self.shell)
                .env("MLFLOW_TRACKING_TOKEN", &self.token),
        };
        command.stderr(Stdio::inherit());
        let output = Command::from(command).kill_on_drop(true).output().await?;
        ensure!(
            output.status.success(),
            "MLflow's client failed on {side:?}"
        );
        let seconds: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        Ok(Paging {
            took: seconds * 1000.0,
            received: self.link.received(),
        })
    }
}

async fn over(link: &Link, origin: &str) -> Result<String> {
    let url: Uri = origin.parse()?;
    let port = url.port_u16().context("the server's port is known")?;
    Ok(format!("http://localhost:{}", link.to(port).await?))
}
