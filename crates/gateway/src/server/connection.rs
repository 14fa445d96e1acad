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
    activity::ConnectionActivity,
    http2_streams::{ReadMonitor, StreamExecutor},
    response_body::ResponseBody,
    timed_stream::{Socket, TimedStream},
};
use crate::{
    draining::Draining,
    settings::{Limits, Settings, Timeouts},
    telemetry::metrics::Metrics,
};

/// How long a client may go on to send requests while the gateway drains: it is
/// told to close the connection with the next response. HTTP/1
/// has no other way to tell it, and closing a connection on which a request is
/// on its way loses that request.
const DRAIN_LINGER: Duration = Duration::from_secs(2);

/// A client may reset so many requests before they are handled; then it is
/// taken for an attack (CVE-2023-44487) and the connection is closed.
const MAX_PENDING_RESETS: usize = 20;

/// Up to so many fields of a head hyper parses without allocating; with another
/// number, that allocation would be a tenth of what a small request costs.
const INLINE_HEADERS: usize = 100;

/// How many times larger than allowed a head may be to get our answer. (Up to a
/// hundred fields get it in any case.)
const SLACK: usize = 4;

/// What connections have in common.
pub(super) struct ConnectionServer {
    router: Router,
    http: Builder<StreamExecutor>,
    tls: Option<TlsAcceptor>,
    timeouts: Timeouts,
    limits: Limits,
    draining: Draining,
    too_slow: Arc<[u8]>,
    metrics: Metrics,
}

impl ConnectionServer {
    pub(super) fn new(
        router: Router,
        settings: &Settings,
        tls: Option<TlsAcceptor>,
        draining: Draining,
        metrics: Metrics,
    ) -> Self {
        Self {
            router,
            http: builder(&settings.timeouts, &settings.limits),
            tls,
            timeouts: settings.timeouts.clone(),
            limits: settings.limits.clone(),
            draining,
            metrics,
            too_slow: super::head_timeout::response().into(),
        }
    }

    /// Serves a connection until it ends.
    pub(super) async fn serve(&self, stream: TcpStream) {
        let _counted = self.metrics.connection();
        // Responses are written whole; without this the last packet of one may wait.
        let _ = stream.set_nodelay(true);
        // A client that is gone has none, and sends no request.
        let client = stream.peer_addr().ok().map(ConnectInfo);
        let Some(tls) = &self.tls else {
            return self.serve_http(client, Box::new(stream)).await;
        };
        match timeout(self.timeouts.handshake.0, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve_http(client, Box::new(stream)).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn serve_http(&self, client: Option<ConnectInfo<SocketAddr>>, socket: Box<dyn Socket>) {
        let activity = Arc::new(ConnectionActivity::default());
        let bounds = (&self.timeouts, &self.limits);
        let stream = TimedStream::new(socket, activity.clone(), bounds, self.too_slow.clone());
        let service = hyper::service::service_fn(|mut request: Request<_>| {
            if let Some(client) = client {
                request.extensions_mut().insert(client);
            }
            self.answer(&activity, request)
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));

        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = activity.expired() => None,
            () = self.drain_started(&activity) => None,
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

    /// Waits until the connection is to be closed because the gateway drains.
    async fn drain_started(&self, activity: &ConnectionActivity) {
        self.draining.begun().await;
        if !activity.is_http2() && !activity.is_busy() {
            tokio::time::sleep(DRAIN_LINGER.min(self.timeouts.drain.0 / 2)).await;
        }
    }

    fn answer(
        &self,
        activity: &Arc<ConnectionActivity>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + use<> {
        let under_way = activity.begin();
        let (router, draining) = (self.router.clone(), self.draining.clone());
        async move {
            let is_http1 = request.version() <= Version::HTTP_11;
            let Ok(mut response) = router.oneshot(request.map(Body::new)).await;
            if is_http1 && draining.has_begun() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            let monitor = ReadMonitor::of_this_task();
            Ok(response.map(|body| ResponseBody::new(body, monitor, under_way)))
        }
    }
}

/// How HTTP is spoken. Its own bounds for heads are wider than ours: what is
/// between the two gets our response, which says what is wrong.
fn builder(timeouts: &Timeouts, limits: &Limits) -> Builder<StreamExecutor> {
    let mut builder = Builder::new(StreamExecutor::new(timeouts.reader.0));
    let head = limits.head_bytes.get().saturating_mul(SLACK);
    builder
        .http1()
        .timer(TokioTimer::new())
        // `TimedStream` has the clock.
        .header_read_timeout(None)
        .max_buf_size(head.max(8 * 1024));
    if limits.headers.get() >= INLINE_HEADERS {
        let fields = limits.headers.get().saturating_mul(SLACK);
        builder.http1().max_headers(fields);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(u32::try_from(limits.streams.get()).unwrap_or(u32::MAX))
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .keep_alive_interval(timeouts.ping.0)
        .keep_alive_timeout(timeouts.ping.0);
    builder
}
