//! Connections to MLflow servers, each polled by the request that uses it.
//!
//! ```text
//!  request ─▶ Pool ─┬▶ idle connection that is still open
//!                   └▶ new connection
//!                        │ polled while the answer is waited for, then by the answer's body
//!                        └▶ idle again once both bodies have ended
//! ```
//!
//! hyper's connections may as well be tasks of their own, which hyper-util's client
//! makes of them. A request and its answer then go from task to task five times,
//! which took a fifth of what a small request costs.

use std::{
    collections::HashMap,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    http::{
        Uri,
        uri::{Authority, Scheme},
    },
    response::Response,
};
use hyper::{
    body::{Body as _, Bytes, Frame, Incoming, SizeHint},
    client::conn::{
        TrySendError,
        http1::{self, SendRequest},
    },
    rt::{Read, Write},
};
use tokio::{runtime::Handle, time::Instant};
use tower::{Service, ServiceExt};

use super::Https;

/// How often idle connections are looked at: whether the server has closed them, or
/// their time is over.
const SWEEP: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Stream = <Https as Service<Uri>>::Response;

/// The connections of one thread.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    connector: Https,
    http: http1::Builder,
    idle: Arc<IdleConnections>,
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum PoolError {
    /// There is no connection.
    #[error("the server cannot be reached")]
    Connect(#[source] BoxError),
    /// The connection broke.
    #[error("the connection broke")]
    Http(#[from] hyper::Error),
    /// The address is no server's.
    #[error("the address has no host")]
    Address,
}

/// A server, as its connections are told apart.
type Server = (Scheme, Authority);

#[derive(Debug)]
struct IdleConnections {
    timeout: Duration,
    per_server: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    servers: HashMap<Server, Vec<(Instant, Connection<Stream>)>>,
    /// Whether there is a task that looks at them.
    is_swept: bool,
}

/// A connection. Nothing happens on it unless [`Self::poll`] is called.
#[derive(Debug)]
struct Connection<T: Read + Write> {
    sender: SendRequest<Body>,
    /// `None` once it has ended. Boxed, because it is handed on with each request.
    stream: Option<Box<http1::Connection<T, Body>>>,
}

/// The body of an answer, which has the connection that it comes from.
struct AnswerBody {
    body: Incoming,
    /// `None` once it is idle.
    connection: Option<(Server, Connection<Stream>)>,
    idle: Arc<IdleConnections>,
}

impl Pool {
    /// `per_server` idle connections are kept for `timeout`.
    pub(super) fn new(
        connector: Https,
        max_buf_size: usize,
        (per_server, timeout): (usize, Duration),
    ) -> Self {
        let mut http = http1::Builder::new();
        http.max_buf_size(max_buf_size);
        let kept = Mutex::default();
        Self {
            connector,
            http,
            idle: Arc::new(IdleConnections {
                timeout,
                per_server,
                kept,
            }),
        }
    }

    /// Sends a request. One that an idle connection did not take, because the server
    /// had closed it, is sent on another.
    ///
    /// # Errors
    /// If it is not answered.
    pub(super) async fn request(&self, mut request: Request) -> Result<Response, PoolError> {
        let server = to_origin_form(request.uri_mut()).ok_or(PoolError::Address)?;
        loop {
            let idle = self.idle.take(&server);
            let is_new = idle.is_none();
            let mut connection = match idle {
                Some(connection) => connection,
                // Boxed, or every request would have its room.
                None => Box::pin(self.connect(&server)).await?,
            };
            match connection.exchange(request).await {
                Ok(answer) => {
                    let idle = self.idle.clone();
                    let connection = Some((server, connection));
                    return Ok(answer.map(|body| {
                        Body::new(AnswerBody {
                            body,
                            connection,
                            idle,
                        })
                    }));
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(error.into_error().into()),
                },
            }
        }
    }

    async fn connect(&self, (scheme, authority): &Server) -> Result<Connection<Stream>, PoolError> {
        let uri = Uri::builder()
            .scheme(scheme.clone())
            .authority(authority.clone())
            .path_and_query("/");
        let uri = uri.build().map_err(|_| PoolError::Address)?;
        let connected = self.connector.clone().oneshot(uri).await;
        let (sender, stream) = self
            .http
            .handshake(connected.map_err(PoolError::Connect)?)
            .await?;
        let stream = Some(Box::new(stream));
        Ok(Connection { sender, stream })
    }
}

/// Leaves path and query, which is what a server is sent.
fn to_origin_form(uri: &mut Uri) -> Option<Server> {
    let mut parts = mem::take(uri).into_parts();
    let server = parts.scheme.take().zip(parts.authority.take());
    *uri = Uri::from_parts(parts).ok()?;
    server
}

impl<T: Read + Write + Unpin> Connection<T> {
    /// Sends a request, and waits for the head of the answer.
    async fn exchange(
        &mut self,
        request: Request,
    ) -> Result<hyper::Response<Incoming>, TrySendError<Request>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let stream = &mut self.stream;
        poll_fn(|context| {
            poll_stream(stream, context);
            // Only the stream can bring it, so only that need wake this task.
            answer
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) {
        poll_stream(&mut self.stream, context);
    }

    /// Whether it can take a request now.
    fn is_idle(&mut self) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop()));
        self.stream.is_some() && self.sender.is_ready()
    }

    /// Waits until it can take a request, or has ended.
    async fn finish(&mut self) {
        poll_fn(|context| {
            self.poll(context);
            if self.stream.is_none() || self.sender.is_ready() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Moves what can be moved. A stream that has ended is dropped: the request that
/// it has not taken comes back by that.
fn poll_stream<T: Read + Write + Unpin>(
    stream: &mut Option<Box<http1::Connection<T, Body>>>,
    context: &mut Context<'_>,
) {
    if let Some(open) = stream
        && Pin::new(open).poll(context).is_ready()
    {
        // If it broke, the answer or its body says so.
        *stream = None;
    }
}

impl IdleConnections {
    /// The connection that was used last, if it is still open.
    fn take(&self, server: &Server) -> Option<Connection<Stream>> {
        let mut kept = self.lock();
        let connections = kept.servers.get_mut(server)?;
        while let Some((since, mut connection)) = connections.pop() {
            if since.elapsed() < self.timeout && connection.is_idle() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose answer has come to its end. Until the request has, too,
    /// that is a task's to see to.
    fn release(self: Arc<Self>, server: Server, mut connection: Connection<Stream>) {
        if connection.is_idle() {
            return self.keep(server, connection);
        }
        if let (Some(_), Ok(runtime)) = (&connection.stream, Handle::try_current()) {
            runtime.spawn(async move {
                connection.finish().await;
                if connection.is_idle() {
                    self.keep(server, connection);
                }
            });
        }
    }

    fn keep(self: Arc<Self>, server: Server, connection: Connection<Stream>) {
        let mut kept = self.lock();
        let connections = kept.servers.entry(server).or_default();
        if connections.len() < self.per_server {
            connections.push((Instant::now(), connection));
        }
        let is_swept = mem::replace(&mut kept.is_swept, true);
        drop(kept);
        if !is_swept && let Ok(runtime) = Handle::try_current() {
            let every = self.timeout.min(SWEEP);
            runtime.spawn(sweep(Arc::downgrade(&self), every));
        }
    }

    /// Closes those that are of no use any more. Returns whether there are others.
    fn sweep(&self) -> bool {
        let mut kept = self.lock();
        kept.servers.retain(|_, connections| {
            connections.retain_mut(|(since, connection)| {
                since.elapsed() < self.timeout && connection.is_idle()
            });
            !connections.is_empty()
        });
        kept.is_swept = !kept.servers.is_empty();
        kept.is_swept
    }

    /// A panic leaves no state half-changed.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at idle connections from time to time, as long as there are any.
async fn sweep(idle: Weak<IdleConnections>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        if !idle.upgrade().is_some_and(|idle| idle.sweep()) {
            break;
        }
    }
}

impl AnswerBody {
    fn release(&mut self) {
        if let Some((server, connection)) = self.connection.take() {
            self.idle.clone().release(server, connection);
        }
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        // Only the connection can bring a frame, so only that need wake this task.
        let unwoken = &mut Context::from_waker(Waker::noop());
        let mut frame = Pin::new(&mut this.body).poll_frame(unwoken);
        if frame.is_pending() {
            if let Some((_, connection)) = &mut this.connection {
                connection.poll(context);
            }
            frame = Pin::new(&mut this.body).poll_frame(unwoken);
        }
        if matches!(frame, Poll::Ready(None)) || this.body.is_end_stream() {
            this.release();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for AnswerBody {
    /// An answer that is not taken to its end has its connection closed.
    fn drop(&mut self) {
        if self.body.is_end_stream() {
            self.release();
        }
    }
}

#[cfg(test)]
mod tests;
