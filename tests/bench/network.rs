//! How the browser reaches every side: over nothing but loopback, or over an
//! emulated link in front of every server.

use std::{
    iter,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use axum::http::Uri;
use shell_idp::{Clock, Keys, Provider};
use shell_tests::{client, server::Server};

use crate::{front, link::Link, waterfall::Arrivals};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// MLflow as its own server serves it.
    Bare,
    /// MLflow in an earlier build of the shell.
    Before,
    /// MLflow in the shell, behind the gateway.
    Shell,
}

/// One side, and where the browser finds it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) side: Side,
    pub(crate) origin: String,
    /// What its gateway is asked for.
    pub(crate) arrivals: Arrivals,
    servers: Option<Servers>,
}

/// What stands in front of MLflow.
#[derive(Debug)]
struct Servers {
    gateway: Server,
    _provider: Server,
}

/// All sides, and the way to them.
#[derive(Debug)]
pub(crate) struct Network {
    name: &'static str,
    link: Option<Link>,
    bare: Target,
    shells: Vec<Target>,
}

impl Network {
    /// Puts a gateway and a provider of its own in front of `mlflow` for each
    /// build of the site, and a link, if there is to be one, in front of all.
    pub(crate) async fn start(
        name: &'static str,
        link: Option<Link>,
        mlflow: &str,
        builds: &[(Side, PathBuf)],
    ) -> Result<Self> {
        let bare = Target {
            side: Side::Bare,
            origin: near(link.as_ref(), mlflow).await?,
            arrivals: Arrivals::default(),
            servers: None,
        };
        let mut shells = Vec::new();
        for (side, build) in builds {
            shells.push(Target::start(*side, link.as_ref(), mlflow, build).await?);
        }
        Ok(Self {
            name,
            link,
            bare,
            shells,
        })
    }

    /// Returns what it is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns MLflow's own server.
    pub(crate) fn bare(&self) -> &Target {
        &self.bare
    }

    /// Returns every side, in the order in which they are measured.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Target> {
        iter::once(&self.bare).chain(&self.shells)
    }

    /// Closes the link's connections, and begins to count anew.
    pub(crate) fn reset(&self) {
        if let Some(link) = &self.link {
            link.reset();
        }
    }

    /// Returns how many bytes the browser received since the last reset;
    /// unknown without a link.
    pub(crate) fn received(&self) -> Option<u64> {
        self.link.as_ref().map(Link::received)
    }
}

impl Target {
    async fn start(side: Side, link: Option<&Link>, mlflow: &str, build: &Path) -> Result<Self> {
        let (gateway, provider) = (Server::bind().await?, Server::bind().await?);
        let origin = near(link, &gateway.origin()).await?;
        let domain = near(link, &provider.origin()).await?;

        let settings = shell_idp::Settings::new(front::origin(&domain)?, &front::origin(&origin)?);
        // The servers reach each other without the link.
        let router = front::router(&origin, &settings, &provider.origin(), "id", mlflow, build)?;
        let pool = Provider::new(settings, Keys::generate()?, Clock::system())?;
        provider.serve(pool.router());
        let arrivals = Arrivals::default();
        gateway.serve(arrivals.noted(router));
        Ok(Self {
            side,
            origin,
            arrivals,
            servers: Some(Servers {
                gateway,
                _provider: provider,
            }),
        })
    }

    /// Lets its gateway, if it has one, fetch and compress these files of
    /// MLflow's bundle: it does so once for everyone.
    pub(crate) async fn fill_cache(&self, files: &[String]) -> Result<()> {
        let Some(servers) = &self.servers else {
            return Ok(());
        };
        for file in files {
            let url = format!("{}/mlflow{file}", servers.gateway.origin());
            let answer = client::get(&url, &[]).await?;
            ensure!(answer.status.is_success(), "{url}: {}", answer.status);
        }
        Ok(())
    }
}

/// Returns the origin at which the browser finds the server at `origin`.
async fn near(link: Option<&Link>, origin: &str) -> Result<String> {
    let Some(link) = link else {
        return Ok(origin.to_owned());
    };
    let url: Uri = origin.parse()?;
    let port = url.port_u16().context("the server's port is known")?;
    Ok(format!("http://localhost:{}", link.to(port).await?))
}
