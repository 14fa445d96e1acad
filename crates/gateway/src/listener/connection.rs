//! One connection of a client, from its first byte to its last.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Response, Version, header},
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::{
    answer::Answer,
    presence::Presence,
    streams::{Pulse, Streams},
    watched::{Socket, Watched},
};
use crate::{
    Draining, Metrics,
    bounds::SLACK,
    settings::{Given, Limits, Timeouts},
};

/// How long a client that has not been told to close may go on to send
/// requests while the gateway drains: it is told with the next answer. HTTP/1
/// has no other way to tell it, and closing a connection on which a request is
/// on its way loses that request.
const LINGER: Duration = Duration::from_secs(2);

/// A client may reset so many requests before they are looked at; then it is
/// taken for an attack (CVE-2023-44487) and the connection is closed.
const RESETS: usize = 20;

/// So many fields of a head are read by hyper without memory of their own; with
/// another number, a tenth of what a small request costs would be that memory.
const FIELDS: usize = 100;

/// What connections have in common.
pub(super) struct Connections {
    router: Router,
    http: Builder<Streams>,
    tls: Option<TlsAcceptor>,
    timeouts: Timeouts,
    limits: Limits,
    draining: Draining,
    too_slow: Arc<[u8]>,
    metrics: Metrics,
}

impl Connections {
    pub(super) fn new(
        router: Router,
        given: &Given,
        tls: Option<TlsAcceptor>,
        draining: Draining,
        metrics: Metrics,
    ) -> Self {
        Self {
            router,
            http: builder(&given.timeouts, &given.limits),
            tls,
            timeouts: given.timeouts.clone(),
            limits: given.limits.clone(),
            draining,
            metrics,
            too_slow: crate::bounds::too_slow().into(),
        }
    }

    /// Serves a connection until it ends.
    pub(super) async fn serve(&self, stream: TcpStream) {
        let _counted = self.metrics.connection();
        // Answers are written whole; without this the last packet of one may wait.
        let _ = stream.set_nodelay(true);
        // A client that has gone has none, and asks for nothing.
        let client = stream.peer_addr().ok().map(ConnectInfo);
        let Some(tls) = &self.tls else {
            return self.speak(client, Box::new(stream)).await;
        };
        match timeout(self.timeouts.handshake.0, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(client, Box::new(stream)).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn speak(&self, client: Option<ConnectInfo<SocketAddr>>, socket: Box<dyn Socket>) {
        let presence = Arc::new(Presence::default());
        let bounds = (&self.timeouts, &self.limits);
        let watched = Watched::new(socket, presence.clone(), bounds, self.too_slow.clone());
        let service = hyper::service::service_fn(|mut request: Request<_>| {
            if let Some(client) = client {
                request.extensions_mut().insert(client);
            }
            self.answer(&presence, request)
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(watched), service));

        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = presence.given_up() => None,
            () = self.told_to_leave(&presence) => None,
        };
        let ended = if let Some(ended) = ended {
            ended
        } else {
            connection.as_mut().graceful_shutdown();
            connection.await
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }

    /// Waits until a client may be told to leave.
    async fn told_to_leave(&self, presence: &Presence) {
        self.draining.begun().await;
        if !presence.is_http2() && !presence.is_busy() {
            tokio::time::sleep(LINGER.min(self.timeouts.drain.0 / 2)).await;
        }
    }

    fn answer(
        &self,
        presence: &Arc<Presence>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Answer>, Infallible>> + use<> {
        let under_way = presence.begin();
        let (router, draining) = (self.router.clone(), self.draining.clone());
        async move {
            let is_http1 = request.version() <= Version::HTTP_11;
            let Ok(mut response) = router.oneshot(request.map(Body::new)).await;
            if is_http1 && draining.has_begun() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            let pulse = Pulse::of_this_task();
            Ok(response.map(|body| Answer::new(body, pulse, under_way)))
        }
    }
}

/// How HTTP is spoken. Its own bounds for heads are wider than ours: what is
/// between the two gets our answer, which says what is wrong.
fn builder(timeouts: &Timeouts, limits: &Limits) -> Builder<Streams> {
    let mut builder = Builder::new(Streams::new(timeouts.reader.0));
    let head = limits.head_bytes.get().saturating_mul(SLACK);
    builder
        .http1()
        .timer(TokioTimer::new())
        // `Watched` has the clock.
        .header_read_timeout(None)
        .max_buf_size(head.max(8 * 1024));
    if limits.headers.get() >= FIELDS {
        let fields = limits.headers.get().saturating_mul(SLACK);
        builder.http1().max_headers(fields);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(u32::try_from(limits.streams.get()).unwrap_or(u32::MAX))
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(RESETS)
        .keep_alive_interval(timeouts.ping.0)
        .keep_alive_timeout(timeouts.ping.0);
    builder
}
