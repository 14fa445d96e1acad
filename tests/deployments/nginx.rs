//! nginx, as a load balancer that does what one of AWS does, or before the store.

use std::{fmt::Write, fs, path::PathBuf, process::Command};

use anyhow::Result;
use rustix::process::Signal;
use shell_tests::{child::Program, client, wait};
use tempfile::TempDir;

use crate::parts::{log, program};

/// One running nginx.
#[derive(Debug)]
pub(crate) struct Nginx {
    program: Program,
    port: u16,
    folder: TempDir,
}

/// A line of its log.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) status: u16,
    /// What the target answered, if it did.
    pub(crate) answered: Option<u16>,
    pub(crate) request: String,
}

/// What a load balancer does with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// As all others.
    Forwarded,
    /// Results of framed sign-ins are not handed out for now.
    Withheld,
}

impl Nginx {
    /// A load balancer for these targets.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn balancing(port: u16, targets: &[u16]) -> Result<Self> {
        Self::start(port, &balancer(port, targets, Take::Forwarded)).await
    }

    /// What lets pages of `origin` read from the store at `target`.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) async fn allowing(origin: &str, port: u16, target: u16) -> Result<Self> {
        Self::start(port, &cors(origin, port, target)).await
    }

    async fn start(port: u16, servers: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        write(&folder, servers)?;
        let mut command = Command::new(program("SHELL_TEST_NGINX")?);
        command
            .arg("-p")
            .arg(folder.path())
            .args(["-e", "error.log", "-c", "nginx.conf"])
            .stderr(log(folder.path(), "start")?);
        let nginx = Self {
            program: Program::spawn(&mut command)?,
            port,
            folder,
        };
        nginx.answers().await?;
        Ok(nginx)
    }

    async fn answers(&self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/nginx", self.port);
        wait::until("nginx", async || {
            Ok(client::get(&url, &[]).await.ok().map(drop))
        })
        .await
    }

    /// Has these targets from now on, and waits until requests under way at others are
    /// answered, as a load balancer does before a target is ended.
    ///
    /// # Errors
    /// If nginx does not say that it has.
    pub(crate) async fn balance(&self, targets: &[u16], take: Take) -> Result<()> {
        let before = self.count("start worker process ");
        write(&self.folder, &balancer(self.port, targets, take))?;
        self.program.signal(Signal::HUP)?;
        wait::until("nginx to have read its targets", async || {
            let started = self.count("start worker process ");
            // The one with the former targets has ended.
            let has = started > before && self.count(" exited with code ") == started - 1;
            Ok(has.then_some(()))
        })
        .await
    }

    fn count(&self, words: &str) -> usize {
        self.errors().matches(words).count()
    }

    /// What was asked so far.
    ///
    /// # Errors
    /// If there is no log.
    pub(crate) fn lines(&self) -> Result<Vec<Line>> {
        let log = fs::read_to_string(self.folder.path().join("access.log"))?;
        Ok(log.lines().filter_map(Line::read).collect())
    }

    /// What went wrong between nginx and its targets.
    pub(crate) fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        Some(Self {
            target: parts.next()?.to_owned(),
            status: parts.next()?.parse().ok()?,
            answered: parts.next()?.parse().ok(),
            request: parts.next()?.to_owned(),
        })
    }
}

fn write(folder: &TempDir, servers: &str) -> Result<PathBuf> {
    let mut text = String::from(
        "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log error.log notice;\n\
         worker_shutdown_timeout 60s;\nevents { worker_connections 1024; }\nhttp {\n\
         log_format targets '$upstream_addr $status $upstream_status $request';\n\
         access_log access.log targets;\nkeepalive_timeout 60s;\nclient_max_body_size 0;\n",
    );
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(text, "{kind}_temp_path {kind};")?;
    }
    writeln!(text, "{servers}\n}}")?;
    let file = folder.path().join("nginx.conf");
    fs::write(&file, text)?;
    Ok(file)
}

/// As an Application Load Balancer: round robin for each request, HTTP/1.1 to targets on
/// kept connections, forwarding headers, nothing buffered, and no request sent to a
/// second target. A target that cannot be reached is left out for two seconds.
fn balancer(port: u16, targets: &[u16], take: Take) -> String {
    let server = |target| format!("server 127.0.0.1:{target} max_fails=1 fail_timeout=2s;\n");
    let servers: Vec<String> = targets.iter().map(server).collect();
    let servers = servers.concat();
    let take = match take {
        Take::Forwarded => "",
        Take::Withheld => "location = /rendezvous/take { return 503; }\n",
    };
    format!(
        "upstream targets {{\n{servers}keepalive 32;\n}}\n\
         server {{\nlisten 127.0.0.1:{port};\nlisten [::1]:{port};\n{take}location / {{\n\
         proxy_pass http://targets;\nproxy_http_version 1.1;\n\
         proxy_set_header Connection \"\";\nproxy_set_header Host $http_host;\n\
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
         proxy_set_header X-Forwarded-Proto http;\n\
         proxy_next_upstream off;\nproxy_buffering off;\nproxy_request_buffering off;\n\
         }}\n}}"
    )
}

fn cors(origin: &str, port: u16, target: u16) -> String {
    format!(
        "server {{\nlisten 127.0.0.1:{port};\nlisten [::1]:{port};\nlocation / {{\n\
         if ($http_origin = \"{origin}\") {{ set $allowed \"{origin}\"; }}\n\
         add_header Access-Control-Allow-Origin $allowed always;\nadd_header Vary Origin always;\n\
         if ($request_method = OPTIONS) {{ return 204; }}\n\
         proxy_pass http://127.0.0.1:{target};\nproxy_http_version 1.1;\n\
         proxy_set_header Host $http_host;\nproxy_set_header Connection \"\";\n\
         proxy_request_buffering off;\n}}\n}}"
    )
}
