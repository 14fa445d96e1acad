//! Taking connections, within bounds, until the gateway is told to end.
//!
//! ```text
//!  listen ─▶ accept ─▶ TLS ─▶ Watched ─▶ HTTP/1.1 or HTTP/2 ─▶ router
//!            as long as there is room     slow ones are given up
//! ```

mod answer;
mod certificate;
mod connection;
mod pace;
mod presence;
mod streams;
mod watched;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

pub use self::certificate::{Certificate, CertificateError};
use self::connection::Connections;
pub(crate) use self::pace::Pace;
use crate::{Draining, Metrics, settings::Given, workers::Workers};

/// Connections that the system keeps until they are accepted.
const BACKLOG: u32 = 4096;

/// How long nothing is accepted when the system has no room for connections.
const NO_ROOM: Duration = Duration::from_millis(100);

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

/// Lets this process have as many connections as the system allows it.
///
/// # Errors
/// If the system says no; what it has stays.
pub fn raise_connections() -> io::Result<u64> {
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
    given: &Given,
    certificate: Option<Certificate>,
    draining: Draining,
    metrics: &Metrics,
) -> io::Result<()> {
    let acceptor = certificate.as_ref().map(Certificate::acceptor);
    let tls = acceptor.transpose().map_err(io::Error::other)?;
    let connections = Arc::new(Connections::new(
        router,
        given,
        tls,
        draining.clone(),
        metrics.clone(),
    ));
    let room = Room::new(given.limits.connections.get());
    let workers = Workers::start()?;
    let watching = async {
        match certificate {
            Some(certificate) => certificate.watch().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = accept(&listener, &connections, &room, &workers) => {}
        () = watching => {}
        () = draining.begun() => {}
    }
    accept_rest(&listener, &connections, &room, &workers);
    drop(listener);
    if timeout(given.timeouts.drain.0, room.empty()).await.is_err() {
        let left = room.taken();
        tracing::warn!(
            connections = left,
            "ended before all requests were answered"
        );
    }
    Ok(())
}

/// Takes connections as long as there is room for them.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Connections>,
    room: &Room,
    workers: &Workers,
) {
    loop {
        let place = room.place().await;
        match listener.accept().await {
            Ok((stream, _)) => begin(workers, connections, stream, place),
            // The client has gone, or there is no descriptor for it.
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

/// Takes the connections that clients believe to have.
fn accept_rest(
    listener: &TcpListener,
    connections: &Arc<Connections>,
    room: &Room,
    workers: &Workers,
) {
    use futures_util::FutureExt;
    while let Some(place) = room.place().now_or_never()
        && let Some(Ok((stream, _))) = listener.accept().now_or_never()
    {
        begin(workers, connections, stream, place);
    }
}

fn begin(
    workers: &Workers,
    connections: &Arc<Connections>,
    stream: TcpStream,
    place: OwnedSemaphorePermit,
) {
    // Whoever waits for it has to wait on the worker's thread from now on.
    let Ok(stream) = stream.into_std() else {
        return;
    };
    let connections = connections.clone();
    workers.spawn(async move {
        match TcpStream::from_std(stream) {
            Ok(stream) => connections.serve(stream).await,
            Err(error) => tracing::warn!(%error, "a connection cannot be served"),
        }
        drop(place);
    });
}

/// Room for so many connections.
struct Room {
    places: Arc<Semaphore>,
    all: u32,
}

impl Room {
    fn new(places: usize) -> Self {
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let all = u32::try_from(places).unwrap_or(most).min(most);
        Self {
            places: Arc::new(Semaphore::new(all as usize)),
            all,
        }
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        let place = self.places.clone().acquire_owned().await;
        place.expect("places are never closed")
    }

    /// Waits until there is no connection left.
    async fn empty(&self) {
        let _ = self.places.acquire_many(self.all).await;
    }

    fn taken(&self) -> usize {
        self.all as usize - self.places.available_permits()
    }
}
