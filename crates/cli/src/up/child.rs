//! Programs that end with this one, and whose output goes to a file.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, anyhow};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::sleep;

use crate::checks;

const QUOTED_LINES: usize = 12;
const POLL: Duration = Duration::from_millis(100);

/// How long a program may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(8);

/// A running program. When dropped it is stopped, with all that it started.
#[derive(Debug)]
pub(super) struct Child {
    name: &'static str,
    process: process::Child,
    log: PathBuf,
}

impl Child {
    /// Starts `command` with its output in the file `log`, as the leader of a process
    /// group: Ctrl-C reaches this program alone, which then stops the others in order.
    pub(super) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let cannot_write = || format!("cannot write `{}`", log.display());
        let output = File::create(log).with_context(cannot_write)?;
        let errors = output.try_clone().with_context(cannot_write)?;
        let process = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self {
            name,
            process,
            log: log.to_owned(),
        })
    }

    /// Waits until `url` is answered with success.
    pub(super) async fn wait_until_healthy(&mut self, url: &str, limit: Duration) -> Result<()> {
        let end = Instant::now() + limit;
        while !checks::is_ok(url).await {
            if let Some(status) = self.process.try_wait()? {
                return Err(self.failure(&format!("ended by itself ({status})")));
            }
            if Instant::now() > end {
                return Err(self.failure(&format!("did not answer within {} s", limit.as_secs())));
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Waits for the end of a server, and says why it ended.
    pub(super) async fn ended(&mut self) -> Error {
        match self.status().await {
            Ok(status) => self.failure(&format!("ended by itself ({status})")),
            Err(error) => error.into(),
        }
    }

    /// Waits for the program to do its work and end.
    pub(super) async fn finish(mut self) -> Result<()> {
        let status = self.status().await?;
        if status.success() {
            return Ok(());
        }
        Err(self.failure(&format!("failed ({status})")))
    }

    async fn status(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            sleep(POLL).await;
        }
    }

    fn failure(&self, what: &str) -> Error {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let last = lines.iter().skip(lines.len().saturating_sub(QUOTED_LINES));
        let quoted: Vec<_> = last.map(|line| format!("    {line}")).collect();
        anyhow!(
            "{} {what}; its log {} ends with:\n{}",
            self.name,
            self.log.display(),
            quoted.join("\n")
        )
    }

    fn has_ended_within(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let group = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw);
        let signal = |signal| group.map(|group| kill_process_group(group, signal));
        signal(Signal::TERM);
        if !self.has_ended_within(PATIENCE) {
            signal(Signal::KILL);
            // It is gone in any case; this only reads its status.
            let _ = self.process.wait();
        }
    }
}
