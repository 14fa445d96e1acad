//! The program itself among many clients that do nothing, or next to nothing.
//!
//! It is a process of its own, so that its memory can be looked at and each side
//! has as many connections as a process may have.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONFIG: &str = r#"{"origin": "http://localhost:1", "provider": {
    "domain": "http://localhost:2", "issuer": "http://localhost:2/pool", "client_id": "c"}}"#;

const REQUEST: &[u8] = b"GET /config.json HTTP/1.1\r\nhost: a\r\n\r\n";

/// Longer than anything that is expected to happen.
const LONG: Duration = Duration::from_secs(30);

/// Connections that are made at the same time.
const AT_ONCE: usize = 64;

/// What one connection may cost, in bytes of resident memory: hyper has two
/// buffers of 8 KiB for it, and the rest is the allocator's, in a build
/// without optimisation.
const COST: u64 = 40 * 1024;

/// What anybody else may be kept waiting, with both sides on the same machine.
const WAIT: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_cost_little_and_keep_nobody_waiting() {
    shell_gateway::raise_connection_limit().expect("as many as there may be");
    let program = Program::start(&[]).await;
    let before = program.resident();
    let idle: Vec<TcpStream> = stream::iter(0..10_000)
        .map(|_| idle(program.address))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let after = program.resident();

    let waited = waited(program.address).await;
    let each = (after - before) / idle.len() as u64;
    eprintln!(
        "{} idle connections: {} KiB before, {} KiB with them, {each} bytes each; \
         a request meanwhile: {waited:?}",
        idle.len(),
        before / 1024,
        after / 1024,
    );
    assert!(waited.worst < WAIT);
    assert!(each < COST);
    for mut stream in idle.into_iter().step_by(1000) {
        stream.write_all(REQUEST).await.expect("it is open");
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slowloris_keeps_nobody_waiting_and_is_shaken_off() {
    let program = Program::start(&[("MLFLOW_SHELL_TIMEOUTS__HEAD", "3s")]).await;
    let slow: Vec<TcpStream> = stream::iter(0..500)
        .map(|_| async {
            let mut stream = connect(program.address).await;
            let begun = b"GET / HTTP/1.1\r\nhost: a\r\nx-";
            stream.write_all(begun).await.expect("it listens");
            stream
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let waited = waited(program.address).await;
    eprintln!(
        "{} half-open heads; a request meanwhile: {waited:?}",
        slow.len()
    );
    assert!(waited.worst < WAIT);
    for mut stream in slow {
        let said = until_closed(&mut stream).await;
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    }
}

/// How long requests took.
#[derive(Debug)]
#[expect(dead_code, reason = "the median is printed")]
struct Waited {
    median: Duration,
    worst: Duration,
}

/// Asks as somebody else, with a new connection each time.
async fn waited(address: SocketAddr) -> Waited {
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        drop(idle(address).await);
        times.push(began.elapsed());
    }
    times.sort();
    Waited {
        median: times[times.len() / 2],
        worst: times[times.len() - 1],
    }
}

/// A connection on which one request was answered.
async fn idle(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address).await;
    stream.write_all(REQUEST).await.expect("it listens");
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    stream
}

async fn connect(address: SocketAddr) -> TcpStream {
    within(TcpStream::connect(address))
        .await
        .expect("it listens")
}

/// A gateway that runs.
struct Program {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Program {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("index.html"), "").expect("room");
        fs::write(folder.path().join("config.json"), CONFIG).expect("room");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        drop(listener);
        let process = Command::new(env!("CARGO_BIN_EXE_mlflow-shell"))
            .current_dir(folder.path())
            .args(["serve", "--config", "config.json", "--site", "."])
            .args(["--upstream", "http://127.0.0.1:9"])
            .env_remove("MLFLOW_SHELL_SITE")
            .env("MLFLOW_SHELL_LISTEN", address.to_string())
            .envs(settings.iter().copied())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        let program = Self {
            process,
            address,
            _folder: folder,
        };
        within(async { while TcpStream::connect(address).await.is_err() {} }).await;
        program
    }

    /// Its resident memory, in bytes.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("it runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        number.expect("a number") * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Reads one answer with a short body, and leaves the connection open.
async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut text = String::new();
    let mut piece = [0; 4096];
    while !is_complete(&text) {
        let length = within(stream.read(&mut piece)).await.expect("it is open");
        assert!(length > 0, "closed after `{text}`");
        text.push_str(std::str::from_utf8(&piece[..length]).expect("it is text"));
    }
    text
}

/// Reads until the other side closes; a connection that is reset is closed, too.
async fn until_closed(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = within(stream.read(&mut piece)).await {
        all.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(all).expect("it is text")
}

/// Waits for what is expected to happen.
async fn within<T>(expected: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(LONG, expected).await;
    happened.expect("it happens in time")
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
