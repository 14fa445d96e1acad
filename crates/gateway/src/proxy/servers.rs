//! The MLflow servers behind this gateway, and what is remembered of each.

use axum::{body::Body, extract::Request};
use shell_core::{refusal::Problem, ui::UiVersion};
use tokio::sync::OnceCell;

use super::asset_cache::AssetCache;
use crate::{
    http_client::HttpClient,
    upstream::{Upstream, Upstreams},
};

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    name: Option<String>,
    pub(crate) upstream: Upstream,
    /// Each server has its own: servers of two versions have files of one name.
    pub(crate) assets: AssetCache,
    version: OnceCell<UiVersion>,
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
