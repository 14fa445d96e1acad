//! The connection server: accepts connections within limits, until the gateway
//! drains.
//!
//! ```text
//!  listen ─▶ accept ─▶ TLS ─▶ timed_stream ─▶ HTTP/1.1 or HTTP/2 ─▶ router
//!            up to limits.connections  drops slow clients
//! ```

mod activity;
mod certificate;
mod connection;
mod head_timeout;
mod http2_streams;
mod response_body;
mod timed_stream;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

pub use self::certificate::{Certificate, CertificateError};
use self::connection::ConnectionServer;
use crate::{
    draining::Draining, settings::Settings, telemetry::metrics::Metrics, worker_threads::Workers,
};

/// Connections that the system keeps until they are accepted.
const BACKLOG: u32 = 4096;

/// How long nothing is accepted after the system could not.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Opens a listener with room for many connections that begin at once.
///
/// # Errors
/// If the address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A gateway that is started again need not wait for old connections.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Raises the limit on open files to the most that the system allows.
///
/// # Errors
/// If the system refuses; the limit stays as it was.
pub fn raise_connection_limit() -> io::Result<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    // Where nothing can be raised, asking may be forbidden.
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(limit.current.unwrap_or(u64::MAX))
}

/// Serves what `listener` takes, over TLS if there is a certificate, until
/// `draining` begins and what is under way has ended, or its time has.
///
/// # Errors
/// If TLS cannot be set up.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &Settings,
    certificate: Option<Certificate>,
    draining: Draining,
    metrics: &Metrics,
) -> io::Result<()> {
    let acceptor = certificate.as_ref().map(Certificate::acceptor);
    let tls = acceptor.transpose().map_err(io::Error::other)?;
    let server = Arc::new(ConnectionServer::new(
        router,
        settings,
        tls,
        draining.clone(),
        metrics.clone(),
    ));
    let limit = ConnectionLimit::new(settings.limits.connections.get());
    let workers = Workers::start()?;
    let watching = async {
        match certificate {
            Some(certificate) => certificate.watch().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = accept(&listener, &server, &limit, &workers) => {}
        () = watching => {}
        () = draining.begun() => {}
    }
    accept_rest(&listener, &server, &limit, &workers);
    drop(listener);
    if timeout(settings.timeouts.drain.0, limit.closed())
        .await
        .is_err()
    {
        let left = limit.open_count();
        tracing::warn!(
            connections = left,
            "ended before all requests were answered"
        );
    }
    Ok(())
}

/// Accepts connections, up to the limit.
async fn accept(
    listener: &TcpListener,
    server: &Arc<ConnectionServer>,
    limit: &ConnectionLimit,
    workers: &Workers,
) {
    loop {
        let permit = limit.permit().await;
        match listener.accept().await {
            Ok((stream, _)) => spawn(workers, server, stream, permit),
            // The client has gone, or there is no descriptor for it.
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
}

/// Accepts the connections that the system has already established.
fn accept_rest(
    listener: &TcpListener,
    server: &Arc<ConnectionServer>,
    limit: &ConnectionLimit,
    workers: &Workers,
) {
    use futures_util::FutureExt;
    while let Some(permit) = limit.permit().now_or_never()
        && let Some(Ok((stream, _))) = listener.accept().now_or_never()
    {
        spawn(workers, server, stream, permit);
    }
}

fn spawn(
    workers: &Workers,
    server: &Arc<ConnectionServer>,
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
) {
    // The stream is to be registered with the runtime of the worker's thread.
    let Ok(stream) = stream.into_std() else {
        return;
    };
    let server = server.clone();
    workers.spawn(async move {
        match TcpStream::from_std(stream) {
            Ok(stream) => server.serve(stream).await,
            Err(error) => tracing::warn!(%error, "a connection cannot be served"),
        }
        drop(permit);
    });
}

/// The limit on open connections.
struct ConnectionLimit {
    permits: Arc<Semaphore>,
    all: u32,
}

impl ConnectionLimit {
    fn new(permits: usize) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let all = u32::try_from(permits).unwrap_or(most).min(most);
        Self {
            permits: Arc::new(Semaphore::new(all as usize)),
            all,
        }
    }

    async fn permit(&self) -> OwnedSemaphorePermit {
        let permit = self.permits.clone().acquire_owned().await;
        permit.expect("the semaphore is never closed")
    }

    /// Waits until there is no connection left.
    async fn closed(&self) {
        let _ = self.permits.acquire_many(self.all).await;
    }

    fn open_count(&self) -> usize {
        self.all as usize - self.permits.available_permits()
    }
}
