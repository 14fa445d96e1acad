//! A listener on loopback, and clients of it.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    routing::{any, get},
};
use futures_util::stream;
use shell_gateway::{
    Certificate, Draining, Metrics, listen,
    settings::{Settings, Time},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinHandle,
};

/// A bound that is met within a test.
pub(crate) const SHORT: Time = Time(Duration::from_millis(300));

/// Longer than anything that is expected to happen.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A listener that serves.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) draining: Draining,
    pub(crate) serving: JoinHandle<io::Result<()>>,
    pub(crate) state: RouterState,
}

/// What a router does while a test looks.
#[derive(Clone, Default)]
pub(crate) struct RouterState {
    /// Endless answers that are under way.
    pub(crate) endless: Arc<AtomicUsize>,
    /// Requests that have begun.
    pub(crate) begun: Arc<Begun>,
    /// `/held` is answered when there is leave.
    pub(crate) leave: Arc<Leave>,
}

/// Counts what has begun and was not waited for yet.
pub(crate) struct Begun(Semaphore);

impl Begun {
    fn notify(&self) {
        self.0.add_permits(1);
    }

    /// Waits until one more has begun.
    pub(crate) async fn notified(&self) {
        self.0.acquire().await.expect("it is never closed").forget();
    }
}

impl Default for Begun {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

pub(crate) struct Leave(pub(crate) Semaphore);

impl Default for Leave {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl TestServer {
    pub(crate) fn start(settings: &Settings) -> Self {
        Self::with(settings, None)
    }

    pub(crate) fn with(settings: &Settings, certificate: Option<Certificate>) -> Self {
        let listener = listen(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let (draining, state) = (Draining::default(), RouterState::default());
        let (router, settings, told) = (state.router(), settings.clone(), draining.clone());
        let serving = tokio::spawn(async move {
            let metrics = Metrics::default();
            shell_gateway::serve(listener, router, &settings, certificate, told, &metrics).await
        });
        Self {
            address,
            draining,
            serving,
            state,
        }
    }

    /// A connection with a request in progress, which is answered with "held" when
    /// the test lets it.
    pub(crate) async fn hold_request(&self) -> TcpStream {
        let mut stream = self.connect().await;
        let request = stream.write_all(b"GET /held HTTP/1.1\r\nhost: a\r\n\r\n");
        request.await.expect("it listens");
        within(self.state.begun.notified()).await;
        stream
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// Sends this and returns all that is answered until the connection is closed.
    pub(crate) async fn tell(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.expect("it listens");
        until_closed(&mut stream).await
    }

    /// Waits until no endless answer is under way.
    pub(crate) async fn until_nothing_endless(&self) {
        let ended = async {
            while self.state.endless.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
        };
        within(ended).await;
    }
}

/// Waits for what is expected to happen.
pub(crate) async fn within<T>(expected: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(LONG, expected).await;
    happened.expect("it happens in time")
}

/// Reads until the other side closes; a connection that is reset is closed, too.
pub(crate) async fn until_closed(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = within(stream.read(&mut piece)).await {
        all.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(all).expect("it is text")
}

/// Reads one answer with a short body, and leaves the connection open.
pub(crate) async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut text = String::new();
    let mut piece = [0; 4096];
    while !is_complete(&text) {
        let length = within(stream.read(&mut piece)).await.expect("it is open");
        assert!(length > 0, "closed after `{text}`");
        text.push_str(std::str::from_utf8(&piece[..length]).expect("it is text"));
    }
    text
}

fn is_complete(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| Ok(body.len()) == length.parse())
}

/// The address that a connection comes from.
async fn client(ConnectInfo(client): ConnectInfo<SocketAddr>) -> String {
    client.to_string()
}

impl RouterState {
    fn router(&self) -> Router {
        let endless = self.clone();
        let held = self.clone();
        Router::new()
            .route("/", any(|| async { "here" }))
            .route("/client", get(client))
            .route("/echo", any(|body: Bytes| async { body }))
            .route("/endless", get(async move || endless.endless()))
            .route("/held", any(async move || held.held().await))
    }

    async fn held(&self) -> &'static str {
        self.begun.notify();
        let _ = self.leave.0.acquire().await;
        "held"
    }

    /// Zeros, until nobody takes them any more.
    fn endless(&self) -> Body {
        struct Counted(Arc<AtomicUsize>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.endless.fetch_add(1, Ordering::SeqCst);
        let counted = Counted(self.endless.clone());
        self.begun.notify();
        Body::from_stream(stream::unfold(counted, |counted| async {
            let zeros = Bytes::from_static(&[0; 16 * 1024]);
            Some((Ok::<_, Infallible>(zeros), counted))
        }))
    }
}
