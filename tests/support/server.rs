//! A server on loopback that can be stopped and started again, connections
//! and all, as if its machine had gone.

use std::sync::{
    LazyLock, Mutex,
    atomic::{AtomicU16, Ordering},
};

use anyhow::{Context, Result};
use axum::{Extension, Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tower::Layer;

/// Where ports are looked for: below those that systems give to connections, one of
/// which could have the port before the program that it is for, and above the last
/// one that browsers refuse (10080).
const FIRST_PORT: u16 = 11_000;
const PORTS: u16 = 19_000;

/// The port to be tried next. Test programs that run beside each other begin at
/// different ones.
static NEXT: LazyLock<AtomicU16> =
    LazyLock::new(|| AtomicU16::new((std::process::id() % 190) as u16 * 100));

/// Returns a port that was free a moment ago, for a program that cannot choose
/// one itself. No test of this program gets it a second time soon.
pub fn free_port() -> Result<u16> {
    let next = || NEXT.fetch_add(1, Ordering::Relaxed);
    let mut ports = (0..PORTS).map(|_| FIRST_PORT + next() % PORTS);
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.find(is_free).context("no port is free")
}

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
    tasks: Vec<JoinHandle<()>>,
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

    /// Returns where it is reached too, which to a browser is another site.
    pub fn foreign_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Serves `router` from now on.
    ///
    /// # Panics
    /// If another thread panicked while it used the server.
    pub fn serve(&self, router: Router) {
        let mut running = self.running.lock().expect("no other thread panicked");
        for listener in self
            .waiting
            .lock()
            .expect("no other thread panicked")
            .drain(..)
        {
            let task = tokio::spawn(accept(listener, router.clone()));
            running.tasks.push(task);
        }
        running.router = Some(router);
    }

    /// Closes the port and every connection.
    ///
    /// # Panics
    /// If another thread panicked while it used the server.
    pub fn stop(&self) {
        let running = self.running.lock().expect("no other thread panicked");
        for task in &running.tasks {
            task.abort();
        }
    }

    /// Serves again what was served before [`stop`](Self::stop).
    ///
    /// # Panics
    /// If nothing was.
    pub async fn resume(&self) -> Result<()> {
        self.stop();
        let ended = {
            let mut running = self.running.lock().expect("no other thread panicked");
            std::mem::take(&mut running.tasks)
        };
        for task in ended {
            // The port is free when the task is gone, and not before.
            let _ = task.await;
        }
        let listeners = shell_idp::listen(self.port).await?;
        *self.waiting.lock().expect("no other thread panicked") = listeners;
        let router = {
            let running = self.running.lock().expect("no other thread panicked");
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
    while let Ok((stream, client)) = listener.accept().await {
        // As the gateway's own listener does.
        let router = Extension(ConnectInfo(client)).layer(router.clone());
        let service = TowerToHyperService::new(router);
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client;

    #[tokio::test]
    async fn a_server_goes_away_and_comes_back_at_the_same_place() {
        let router = Router::new().fallback(|| async { "here" });
        let server = Server::start(router).await.unwrap();
        let origin = server.origin();
        for _ in 0..20 {
            assert_eq!(client::get(&origin, &[]).await.unwrap().text(), "here");
            server.stop();
            server.stop();
            server.resume().await.unwrap();
        }
        server.stop();
        tokio::task::yield_now().await;
        assert!(client::get(&origin, &[]).await.is_err());
    }
}
