//! The MLflow servers behind this gateway, and what is remembered of each.

use shell_core::{refusal::Problem, ui::UiVersion};
use tokio::sync::OnceCell;

use crate::{bundle::Bundle, settings::Upstreams, upstream::Upstream};

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    name: Option<String>,
    pub(crate) upstream: Upstream,
    /// Its own files: servers of two versions have files of one name.
    pub(crate) bundle: Bundle,
    pub(crate) version: OnceCell<UiVersion>,
}

impl Server {
    /// Its name, if it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
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
            bundle: Bundle::default(),
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
