//! How the browser reaches both sides: over nothing but loopback, or over an
//! emulated link in front of every server.

use anyhow::{Context, Result, ensure};
use axum::http::Uri;
use shell_idp::{Clock, Keys, Provider};
use shell_tests::{client, server::Server};

use crate::{front, link::Link};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// MLflow as its own server serves it.
    Bare,
    /// MLflow in the shell, behind the gateway.
    Shell,
}

/// Both sides, and the way to them.
#[derive(Debug)]
pub(crate) struct Network {
    name: &'static str,
    link: Option<Link>,
    bare: String,
    shell: String,
    gateway: Server,
    _provider: Server,
}

impl Network {
    /// Puts a gateway and a provider of its own in front of `mlflow`, and a
    /// link, if there is to be one, in front of all three.
    pub(crate) async fn start(
        name: &'static str,
        link: Option<Link>,
        mlflow: &str,
    ) -> Result<Self> {
        let (shell_server, provider) = (Server::bind().await?, Server::bind().await?);
        let bare = near(link.as_ref(), mlflow).await?;
        let shell = near(link.as_ref(), &shell_server.origin()).await?;
        let domain = near(link.as_ref(), &provider.origin()).await?;

        let settings = shell_idp::Settings::new(front::origin(&domain)?, &front::origin(&shell)?);
        // The servers reach each other without the link.
        let router = front::router(&shell, &settings, &provider.origin(), "id", mlflow)?;
        let pool = Provider::new(settings, Keys::generate()?, Clock::system())?;
        provider.serve(pool.router());
        shell_server.serve(router);
        Ok(Self {
            name,
            link,
            bare,
            shell,
            gateway: shell_server,
            _provider: provider,
        })
    }

    /// Returns what it is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns where the browser finds `side`.
    pub(crate) fn origin(&self, side: Side) -> &str {
        match side {
            Side::Bare => &self.bare,
            Side::Shell => &self.shell,
        }
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

    /// Lets the gateway fetch and compress these files of MLflow's bundle: it
    /// does so once for everyone.
    pub(crate) async fn fill_cache(&self, files: &[String]) -> Result<()> {
        for file in files {
            let url = format!("{}/mlflow{file}", self.gateway.origin());
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
