//! Programs that end with the test that started them.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to say that it is ready: as long as anything that is
/// waited for, because many start beside each other.
const START: Duration = Duration::from_secs(90);

/// How long a program may take to end after it was asked to.
const END: Duration = Duration::from_secs(5);

const POLL: Duration = Duration::from_millis(20);

/// A running program, stopped when dropped.
///
/// It stays in the process group of the test, so that an interrupt of the
/// group stops it too.
#[derive(Debug)]
pub struct Program(Child);

impl Program {
    /// Starts `command` and waits for the line in which `ready` finds what it
    /// is waiting for.
    pub fn start<T>(command: &mut Command, ready: impl Fn(&str) -> Option<T>) -> Result<(Self, T)> {
        let (program, _, found) = Self::start_until(command, ready)?;
        Ok((program, found))
    }

    /// Starts `command`, waits for a line that begins with `ready`, and returns with it what it
    /// says from then on.
    ///
    /// # Errors
    /// If it does not become ready.
    pub fn start_speaking(command: &mut Command, ready: &str) -> Result<(Self, Receiver<String>)> {
        let is_ready = |line: &str| line.starts_with(ready).then_some(());
        let (program, lines, ()) = Self::start_until(command, is_ready)?;
        Ok((program, lines))
    }

    /// Starts `command`, and reads its lines until `ready` finds what it waits for.
    fn start_until<T>(
        command: &mut Command,
        ready: impl Fn(&str) -> Option<T>,
    ) -> Result<(Self, Receiver<String>, T)> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut program = Self::spawn(command.stdout(Stdio::piped()))?;
        let output = program.0.stdout.take().context("its output is ours")?;
        let lines = read(output);
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = lines.recv_timeout(left);
            let line = line.with_context(|| format!("{name} did not become ready"))?;
            if let Some(found) = ready(&line) {
                return Ok((program, lines, found));
            }
        }
    }

    /// Starts `command`, which does not say when it is ready.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn();
        let child = child.with_context(|| {
            let name = command.get_program().to_string_lossy();
            format!("{name} cannot be started")
        })?;
        Ok(Self(child))
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let program = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let program = program.context("a process has a number")?;
        Ok(kill_process(program, signal)?)
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// Asks it to end.
    fn terminate(&self) {
        let program = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(program) = program {
            // It may have ended already, which is what is wanted.
            kill_process(program, Signal::TERM).ok();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.terminate();
        let deadline = Instant::now() + END;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Reads to the end, so that the program never waits for a reader.
fn read(output: std::process::ChildStdout) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    receiver
}
