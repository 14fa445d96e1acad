//! What a Lambda function meets: an interface that hands out events and takes
//! answers, and the issuer's keys.
//!
//! ```text
//!  test ─▶ event ─▶ next ─▶ function ─▶ response or error ─▶ test
//!                     keys ◀──┘
//! ```
//!
//! The function is a program of its own, in whatever language.

mod interface;
mod log;

use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::sync::mpsc;

use self::interface::Interface;
use crate::server::Server;

pub use self::{
    interface::{Answered, Kind},
    log::Log,
};
pub use crate::usage::Usage;

/// How long a function may take to answer. Two busy cores are slow.
const PATIENCE: Duration = Duration::from_secs(45);

const POLL: Duration = Duration::from_millis(50);

/// A running function, stopped when dropped.
#[derive(Debug)]
pub struct Lambda {
    interface: Arc<Interface>,
    answers: mpsc::UnboundedReceiver<Answered>,
    function: Child,
    started: Instant,
    log: Log,
    _server: Server,
}

impl Lambda {
    /// Starts the function that `command` makes of the address at which the
    /// issuer publishes `keys`; without keys a 503 is there.
    pub async fn start(
        command: impl FnOnce(&str) -> Command,
        keys: Option<String>,
    ) -> Result<Self> {
        let (interface, answers) = Interface::new();
        let interface = Arc::new(interface);
        let server = Server::start(interface.clone().router(keys)).await?;
        let origin = server.foreign_origin();

        let mut command = command(&format!("{origin}/keys"));
        let command = command
            .envs(lambdas_own(&origin))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut function = command.spawn().with_context(|| {
            let name = command.get_program().to_string_lossy();
            format!("{name} cannot be started")
        })?;
        let log = Log::read([
            function.stdout.take().map(|it| Box::new(it) as log::Source),
            function.stderr.take().map(|it| Box::new(it) as log::Source),
        ]);
        Ok(Self {
            interface,
            answers,
            function,
            started,
            log,
            _server: server,
        })
    }

    /// Has the function answer `event`.
    ///
    /// # Errors
    /// If it ends without an answer, or has none in time.
    pub async fn invoke(&mut self, event: &Value) -> Result<Answered> {
        self.invoke_text(event.to_string()).await
    }

    /// The same with an event that is text already.
    pub async fn invoke_text(&mut self, event: String) -> Result<Answered> {
        self.interface.offer(event);
        self.answer().await
    }

    /// Waits for what the function posts.
    ///
    /// It posts without an event if it cannot start.
    pub async fn answer(&mut self) -> Result<Answered> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match tokio::time::timeout(POLL, self.answers.recv()).await {
                Ok(answer) => return answer.context("the interface is there"),
                Err(_) => self.look_whether_it_runs()?,
            }
        }
        bail!("the function did not answer in {} s", PATIENCE.as_secs())
    }

    /// When, after its start, the function asked for each kind of thing for
    /// the first time, and how often it did in all.
    pub fn asked(&self) -> BTreeMap<&'static str, (Duration, usize)> {
        let mut asked = BTreeMap::new();
        for (what, at) in self.interface.asked() {
            let after = at.saturating_duration_since(self.started);
            asked.entry(what).or_insert((after, 0)).1 += 1;
        }
        asked
    }

    /// How often the issuer's keys were loaded.
    pub fn loads(&self) -> usize {
        let (_, times) = self.asked().remove("keys").unwrap_or_default();
        times
    }

    /// How long after the start of the function this answer came.
    pub fn after_start(&self, answer: &Answered) -> Duration {
        answer.at.saturating_duration_since(self.started)
    }

    /// Looks what the function has used so far.
    pub fn usage(&self) -> Result<Usage> {
        Usage::of(self.function.id())
    }

    /// Stops the function and returns the lines it wrote.
    pub fn stop(mut self) -> Vec<String> {
        self.end();
        self.log.finish()
    }

    fn look_whether_it_runs(&mut self) -> Result<()> {
        if let (Some(status), true) = (self.function.try_wait()?, self.answers.is_empty()) {
            let log = self.log.finish().join("\n");
            bail!("the function ended ({status}) without an answer:\n{log}");
        }
        Ok(())
    }

    fn end(&mut self) {
        // It may have ended already, which is what is wanted.
        self.function.kill().ok();
        self.function.wait().ok();
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.end();
    }
}

/// What Lambda tells every function.
fn lambdas_own(origin: &str) -> [(&'static str, &str); 4] {
    let authority = origin.trim_start_matches("http://");
    [
        ("AWS_LAMBDA_RUNTIME_API", authority),
        ("AWS_LAMBDA_FUNCTION_NAME", "function"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ]
}

#[cfg(test)]
mod tests;
