//! `mlflow-shell serve` as a program: its policy file, its signals, its words.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const CONFIG: &str = r#"{"origin": "http://localhost:1", "provider": {
    "domain": "http://localhost:2", "issuer": "http://localhost:2/pool", "client_id": "c"}}"#;

/// Thirty-two bytes.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn policy(group: &str) -> String {
    format!(r#"{{"rules": [{{"name": "all", "groups": ["{group}"], "allow": "everything"}}]}}"#)
}

#[test]
fn on_sighup_the_policy_is_read_again_and_a_bad_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, policy("before")).unwrap();
    let mut gateway = Gateway::start(folder.path(), &["--policy", file.to_str().unwrap()]);
    gateway.until(|roles| roles.contains("before"));

    fs::write(&file, policy("after")).unwrap();
    gateway.signal(Signal::HUP);
    gateway.until(|roles| roles.contains("after"));

    fs::write(&file, policy("worse").replace("groups", "group")).unwrap();
    gateway.signal(Signal::HUP);
    let said = gateway.read_log(|line| line.contains("the policy is refused"));
    assert!(
        said.contains("the policy's `rules[0].group` is not a known key"),
        "{said}"
    );
    gateway.until(|roles| roles.contains("after"));
}

#[test]
fn what_cannot_be_started_with_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    fs::write(
        &bad,
        r#"{"rules": [{"name": "a", "groups": ["g"], "allow": {"runz": []}}]}"#,
    )
    .unwrap();
    let bad = bad.to_str().unwrap();
    let table: [(&[&str], &str); 3] = [
        (
            &["--policy", bad],
            "the policy's `rules[0].allow.runz` is no area",
        ),
        (
            &["--policy", "/nowhere/policy.json"],
            "cannot read `/nowhere/policy.json` (--policy)",
        ),
        (
            &["--audit-log", "/proc/nowhere/audit"],
            "the audit log cannot be written to `/proc/nowhere/audit`",
        ),
    ];
    for (options, expected) in table {
        let output = command(folder.path(), 0, options).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{said}"
        );
    }
}

#[test]
fn an_audit_log_in_files_begins_with_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    let gateway = Gateway::start(folder.path(), &["--audit-log", log.to_str().unwrap()]);
    gateway.until(|roles| roles.contains("admins"));

    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let logs: Vec<String> = names
        .filter(|name| name.starts_with("audit.log.2"))
        .collect();
    assert_eq!(logs.len(), 1, "{logs:?}");
}

/// A request whose body is still to come keeps the program from ending.
#[test]
fn on_sigterm_it_ends_well_after_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(folder.path(), &[]);
    gateway.until(|roles| roles.contains("admins"));
    let mut under_way = gateway.begin();

    gateway.signal(Signal::TERM);
    gateway.read_log(|line| line.contains("told to end"));
    assert!(gateway.process.try_wait().unwrap().is_none());
    under_way.write_all(b"end").unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 401") && answer.contains("connection: close"),
        "{answer}"
    );
    assert_eq!(gateway.process.wait().unwrap().code(), Some(0));
}

#[test]
fn requests_are_logged_and_counted_where_the_settings_say_and_without_names() {
    let folder = tempfile::tempdir().unwrap();
    let (file, metrics) = (folder.path().join("gateway.toml"), free_port().unwrap());
    let settings = format!(
        "[metrics]\nlisten = '127.0.0.1:{metrics}'\n[log]\nrequests = true\nformat = 'json'\n"
    );
    fs::write(&file, settings).unwrap();
    let mut gateway = Gateway::start(folder.path(), &["--settings", file.to_str().unwrap()]);
    gateway.until(|roles| roles.contains("admins"));

    gateway.get("/mlflow/made-up?secret=1").unwrap();
    let line = gateway.read_log(|line| line.contains("unread"));
    assert!(
        !line.contains("made-up") && !line.contains("secret"),
        "{line}"
    );
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["verdict"], "unauthenticated");
    assert_eq!(line["status"], "4xx");
    assert_eq!(line["request_id"].as_str().unwrap().len(), 16);

    let counted = get(metrics, "/metrics").unwrap();
    assert!(
        counted.contains(r#"verdict="unauthenticated",status="4xx"} 1"#),
        "{counted}"
    );
    assert!(counted.contains("\nmlflow_shell_connections "), "{counted}");
    let public = gateway.get("/metrics").unwrap();
    assert!(!public.contains("mlflow_shell_"), "{public}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateway = Gateway::start(folder.path(), &[]);
    gateway.until(|roles| roles.contains("admins"));
    let under_way = gateway.begin();

    gateway.signal(Signal::INT);
    gateway.read_log(|line| line.contains("told to end"));
    gateway.signal(Signal::TERM);
    assert_eq!(gateway.process.wait().unwrap().code(), Some(1));
    drop(under_way);
}

/// For balancers that learn late that the gateway is not ready.
#[test]
fn on_sigterm_it_is_not_ready_at_once_and_serves_until_the_delay_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let delayed = |delay: &'static str| {
        let mut gateway = Gateway::run(|port| {
            let mut command = command(folder.path(), port, &[]);
            command.env("MLFLOW_SHELL_TIMEOUTS__SHUTDOWN_DELAY", delay);
            command
        });
        gateway.until(|roles| roles.contains("admins"));
        gateway.signal(Signal::TERM);
        gateway.read_log(|line| line.contains("not ready, and serving"));
        gateway
    };
    let mut long = delayed("1h");
    let ready = long.get("/readyz").unwrap();
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.contains(r#""draining":true"#), "{ready}");
    long.until(|roles| roles.starts_with("HTTP/1.1 200"));
    long.signal(Signal::TERM);
    assert_eq!(long.process.wait().unwrap().code(), Some(1));

    let mut short = delayed("300ms");
    short.read_log(|line| line.contains("finishing what is under way"));
    assert_eq!(short.process.wait().unwrap().code(), Some(0));
}

/// A task on ECS has nothing but variables.
#[test]
fn variables_alone_make_a_gateway_and_sighup_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "").unwrap();
    let mut gateway = Gateway::run(|port| {
        let mut command = program();
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("MLFLOW_SHELL_SITE", folder.path())
            .env("MLFLOW_SHELL_UPSTREAM", "http://127.0.0.1:9")
            .env("MLFLOW_SHELL_CONFIG_JSON", CONFIG)
            .env("MLFLOW_SHELL_POLICY_JSON", policy("inline"))
            .env("MLFLOW_SHELL_CLIENT__SECRET", "0042")
            .env("MLFLOW_SHELL_TOKENS__KEYS", KEY);
        command
    });
    gateway.until(|roles| roles.contains("inline"));
    gateway.signal(Signal::HUP);
    let said = gateway.read_log(|line| line.contains("SIGHUP"));
    assert!(said.contains("MLFLOW_SHELL_POLICY_JSON"), "{said}");
    gateway.until(|roles| roles.contains("inline"));
}

#[cfg(feature = "embedded-site")]
#[test]
fn the_programs_own_site_is_served_unless_there_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let program = Gateway::run(|port| without_site(folder.path(), port));
    program.until_page(|page| page.contains("<title>"));

    let other = Gateway::start(folder.path(), &[]);
    other.until_page(|page| page.starts_with("HTTP/1.1 200") && !page.contains("<title>"));
}

struct Gateway {
    process: Child,
    log: BufReader<Box<dyn Read>>,
    port: u16,
}

impl Gateway {
    fn start(folder: &Path, options: &[&str]) -> Self {
        Self::run(|port| command(folder, port, options))
    }

    fn run(command: impl Fn(u16) -> Command) -> Self {
        let port = free_port().expect("a free port");
        let mut process = command(port).spawn().expect("it starts");
        let log: Box<dyn Read> = Box::new(process.stderr.take().expect("a pipe"));
        Self {
            process,
            log: BufReader::new(log),
            port,
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("it runs");
    }

    /// Waits until the configuration that pages get is so.
    fn until(&self, is_so: impl Fn(&str) -> bool) {
        self.until_answer("/config.json", is_so);
    }

    /// Waits until the page is so.
    #[cfg(feature = "embedded-site")]
    fn until_page(&self, is_so: impl Fn(&str) -> bool) {
        self.until_answer("/", is_so);
    }

    fn until_answer(&self, path: &str, is_so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.get(path).is_ok_and(|answer| is_so(&answer)) {
            assert!(Instant::now() < deadline, "{:?}", self.get(path));
            std::thread::yield_now();
        }
    }

    /// A request of which three bytes are missing, and whose head has been seen:
    /// it is told to go on.
    fn begin(&self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let head = "POST /mlflow/graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\
                    expect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("it is open");
        let mut told = [0; 25];
        stream.read_exact(&mut told).expect("leave");
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    }

    fn get(&self, path: &str) -> io::Result<String> {
        get(self.port, path)
    }

    /// The first line of the log from here on that is so.
    fn read_log(&mut self, is_so: impl Fn(&str) -> bool) -> String {
        let lines = self.log.by_ref().lines();
        let mut lines = lines.map_while(Result::ok);
        lines.find(|line| is_so(line)).expect("a line that says so")
    }
}

fn get(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(folder: &Path, port: u16, options: &[&str]) -> Command {
    fs::write(folder.join("index.html"), "").expect("a folder to write to");
    let mut command = without_site(folder, port);
    command.arg("--site").arg(folder).args(options);
    command
}

fn without_site(folder: &Path, port: u16) -> Command {
    let config = folder.join("config.json");
    fs::write(&config, CONFIG).expect("a folder to write to");
    let mut command = program();
    command
        .args(["serve", "--upstream", "http://127.0.0.1:9"])
        .arg("--config")
        .arg(config)
        .args(["--listen", &format!("127.0.0.1:{port}")]);
    command
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlflow-shell"));
    command
        // Where a build takes its site from.
        .env_remove("MLFLOW_SHELL_SITE")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}
