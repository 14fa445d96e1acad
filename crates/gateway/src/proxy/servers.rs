//! The MLflow servers behind this gateway, and what is remembered of each.

use axum::{body::Body, extract::Request};
use serde_json::Value;
use shell_core::{bounds::JSON_LENGTH, refusal::Problem, ui::UiVersion};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OnceCell};

use super::asset_cache::AssetCache;
use crate::{
    http_client::HttpClient,
    upstream::{Upstream, Upstreams},
};

/// How long a server's word that it has workspaces is taken: it may be started anew
/// without them.
const WORKSPACES_MAX_AGE: Duration = Duration::from_secs(30);

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    name: Option<String>,
    pub(crate) upstream: Upstream,
    /// Each server has its own: servers of two versions have files of one name.
    pub(crate) assets: AssetCache,
    version: OnceCell<UiVersion>,
    /// Whether it has workspaces (`mlflow server --enable-workspaces`), and when it said so.
    workspaces: Mutex<Option<(bool, Instant)>>,
}

impl Server {
    /// Its name, if it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its version, which it is asked for once; `None` if it does not tell.
    pub(crate) async fn version(&self, client: &HttpClient) -> Option<UiVersion> {
        let known = self.version.get_or_try_init(|| async {
            let request = Request::get("/").body(Body::empty()).map_err(drop)?;
            let response = self.upstream.send(client, "/version", request).await;
            let response = response.map_err(drop)?;
            let body = axum::body::to_bytes(response.into_body(), 64)
                .await
                .map_err(drop)?;
            UiVersion::parse(&String::from_utf8_lossy(&body)).ok_or(())
        });
        known.await.ok().copied()
    }

    /// Whether it has workspaces, which it is asked for every [`WORKSPACES_MAX_AGE`].
    /// A server that does not know the question has none (before MLflow 3.10).
    ///
    /// # Errors
    /// If it does not answer.
    pub(crate) async fn has_workspaces(&self, client: &HttpClient) -> Result<bool, Problem> {
        let mut known = self.workspaces.lock().await;
        if let Some((has, _)) = known.filter(|(_, at)| at.elapsed() < WORKSPACES_MAX_AGE) {
            return Ok(has);
        }
        let has = self.ask_for_workspaces(client).await?;
        *known = Some((has, Instant::now()));
        Ok(has)
    }

    async fn ask_for_workspaces(&self, client: &HttpClient) -> Result<bool, Problem> {
        let request = Request::get("/").body(Body::empty());
        let request = request.map_err(|_| Problem::UPSTREAM_DOWN)?;
        let path = "/api/3.0/mlflow/server-info";
        let response = self.upstream.send(client, path, request).await?;
        let status = response.status();
        if status.is_server_error() {
            return Err(Problem::UPSTREAM_DOWN);
        }
        let body = axum::body::to_bytes(response.into_body(), JSON_LENGTH).await;
        let body = body.map_err(|_| Problem::UPSTREAM_DOWN)?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        Ok(status.is_success() && answer["workspaces_enabled"] == true)
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Servers(Vec<Server>);

impl Servers {
    pub(crate) fn new(upstreams: &Upstreams) -> Self {
        let server = |(name, upstream): &(Option<String>, Upstream)| Server {
            name: name.clone(),
            upstream: upstream.clone(),
            assets: AssetCache::default(),
            version: OnceCell::new(),
            workspaces: Mutex::default(),
        };
        Self(upstreams.iter().map(server).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Server> {
        self.0.iter()
    }

    /// The server of this name.
    ///
    /// # Errors
    /// If there is none, which `policy::server` has ruled out before.
    pub(crate) fn named(&self, name: Option<&str>) -> Result<&Server, Problem> {
        let mut servers = self.0.iter();
        let found = servers.find(|server| server.name.as_deref() == name);
        found.ok_or(Problem::UPSTREAM_DOWN)
    }
}
