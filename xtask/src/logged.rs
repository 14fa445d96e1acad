//! Programs whose output goes to a file, because it would drown everything else.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    failure::{Explain, Failure, Result},
    http, process,
    process::Process,
};

const QUOTED_LINES: usize = 12;
const POLL: Duration = Duration::from_millis(100);

/// A running program, stopped when dropped.
#[derive(Debug)]
pub(crate) struct LoggedProcess {
    process: Process,
    log: PathBuf,
}

impl LoggedProcess {
    /// Starts `command` with both its outputs in the file `log`.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let cannot_write = || format!("cannot write {}", log.display());
        let file = File::create(log).explain(cannot_write)?;
        let errors = file.try_clone().explain(cannot_write)?;
        let command = command.stdout(file).stderr(errors).env("NO_COLOR", "1");
        let process = Process::start(name, command)?;
        Ok(Self {
            process,
            log: log.to_owned(),
        })
    }

    /// Waits until `url` is answered with success.
    pub(crate) fn wait_until_healthy(&mut self, url: &str, limit: Duration) -> Result<()> {
        let end = Instant::now() + limit;
        while !http::is_healthy(url) {
            self.require_alive()?;
            if Instant::now() > end {
                return Err(self.failure(&format!("did not answer within {} s", limit.as_secs())));
            }
            process::pause(POLL)?;
        }
        Ok(())
    }

    /// Fails if the program, a server, has ended.
    pub(crate) fn require_alive(&mut self) -> Result<()> {
        match self.process.ended()? {
            None => Ok(()),
            Some(status) => Err(self.failure(&format!("ended by itself ({status})"))),
        }
    }

    /// Waits for the program to do its work and end.
    pub(crate) fn finish(mut self) -> Result<()> {
        while !self.has_finished()? {
            process::pause(POLL)?;
        }
        Ok(())
    }

    /// Whether the program has done its work and ended; fails if it has failed.
    pub(crate) fn has_finished(&mut self) -> Result<bool> {
        match self.process.ended()? {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => Err(self.failure(&format!("failed ({status})"))),
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        Failure::because(format!(
            "{} {what}; its log {} ends with:\n{}",
            self.process.name(),
            self.log.display(),
            last_lines(&text, QUOTED_LINES)
        ))
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    let first = lines.len().saturating_sub(count);
    let quoted = lines[first..].iter().map(|line| format!("    {line}"));
    quoted.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_quoted() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "    b\n    c");
        assert_eq!(last_lines("a\n", 2), "    a");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn a_program_that_fails_is_named_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("work.log");
        let finish = |script| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            LoggedProcess::start("the work", &mut command, &log)?.finish()
        };

        assert_eq!(finish("true"), Ok(()));
        let failure = finish("echo half; exit 1").unwrap_err().to_string();
        assert!(failure.starts_with("the work failed (exit status: 1)"));
        assert!(failure.ends_with("    half"), "{failure}");
    }

    #[test]
    fn a_server_that_dies_is_named_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("server.log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo no database >&2; exit 3"]);

        let mut server = LoggedProcess::start("the server", &mut command, &log).unwrap();
        let failure = server
            .wait_until_healthy("http://127.0.0.1:1/", Duration::from_secs(10))
            .unwrap_err()
            .to_string();

        assert!(failure.starts_with("the server ended by itself (exit status: 3)"));
        assert!(failure.ends_with("    no database"), "{failure}");
    }
}
