//! A server on loopback that can be stopped and started again, connections
//! and all, as if its machine had gone.

use std::sync::Mutex;

use anyhow::{Context, Result};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};

/// A port on `localhost`, and what is served there at the moment.
#[derive(Debug)]
pub struct Server {
    port: u16,
    waiting: Mutex<Vec<TcpListener>>,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    router: Option<Router>,
    tasks: Vec<AbortHandle>,
}

impl Server {
    /// Takes a free port; nothing is answered yet.
    pub async fn bind() -> Result<Self> {
        let listeners = shell_idp::listen(0).await.context("no port is free")?;
        Ok(Self {
            port: listeners[0].local_addr()?.port(),
            waiting: Mutex::new(listeners),
            running: Mutex::default(),
        })
    }

    /// Takes a free port and serves `router` there.
    pub async fn start(router: Router) -> Result<Self> {
        let server = Self::bind().await?;
        server.serve(router);
        Ok(server)
    }

    /// Returns where it is reached.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Serves `router` from now on.
    ///
    /// # Panics
    /// If another thread panicked while it used the server.
    pub fn serve(&self, router: Router) {
        let mut running = self.running.lock().expect("nobody panicked");
        for listener in self.waiting.lock().expect("nobody panicked").drain(..) {
            let task = tokio::spawn(accept(listener, router.clone()));
            running.tasks.push(task.abort_handle());
        }
        running.router = Some(router);
    }

    /// Closes the port and every connection.
    ///
    /// # Panics
    /// If another thread panicked while it used the server.
    pub fn stop(&self) {
        let mut running = self.running.lock().expect("nobody panicked");
        for task in running.tasks.drain(..) {
            task.abort();
        }
    }

    /// Serves again what was served before [`stop`](Self::stop).
    ///
    /// # Panics
    /// If nothing was.
    pub async fn resume(&self) -> Result<()> {
        let listeners = shell_idp::listen(self.port).await?;
        *self.waiting.lock().expect("nobody panicked") = listeners;
        let router = {
            let running = self.running.lock().expect("nobody panicked");
            running.router.clone().expect("it was served before")
        };
        self.serve(router);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(listener: TcpListener, router: Router) {
    // Dropped with this task, and then so are all connections.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(connection);
    }
}
