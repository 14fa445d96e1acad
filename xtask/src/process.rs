//! Children that never outlive their parent.
//!
//! Each child leads a process group of its own, so that stopping it also stops
//! what it started, and Ctrl-C reaches this program alone, which then stops
//! the children in order.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::failure::{Explain, Failure, Result};

/// How long a child may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(20);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Makes Ctrl-C and termination signals end the command in an orderly way.
pub(crate) fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
        .explain(|| "signals cannot be caught on this system".to_owned())
}

/// Waits for `duration`, or fails at once when someone asks to stop.
pub(crate) fn pause(duration: Duration) -> Result<()> {
    let end = Instant::now() + duration;
    loop {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(POLL));
    }
}

/// Does two things at the same time. If one fails, the other is interrupted.
///
/// # Errors
///
/// The first failure, or that the command is interrupted.
pub(crate) fn both<A: Send, B>(
    one: impl FnOnce() -> Result<A> + Send,
    other: impl FnOnce() -> Result<B>,
) -> Result<(A, B)> {
    thread::scope(|scope| {
        let one = scope.spawn(|| interrupt_on_failure(one()));
        let other = interrupt_on_failure(other());
        match (one.join().unwrap_or(Err(Failure::Interrupted)), other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(Failure::Interrupted) | Ok(_), Err(failure)) | (Err(failure), _) => Err(failure),
        }
    })
}

fn interrupt_on_failure<T>(outcome: Result<T>) -> Result<T> {
    if outcome.is_err() {
        INTERRUPTED.store(true, Ordering::Relaxed);
    }
    outcome
}

/// Runs `command` to its end with its output shown.
///
/// # Errors
///
/// Fails if it cannot start, ends with an error, or is interrupted.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<()> {
    let status = Process::start(name, command)?.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::because(format!(
        "{name} failed ({status}); its own words are above"
    )))
}

/// Returns what `command` prints, if it can be run and succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// A running child, stopped when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts `command`, to be called `name` in messages.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .explain(|| format!("{name} cannot be started"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// Returns the name given at the start.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns how the child ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let Self { name, child } = self;
        child
            .try_wait()
            .explain(|| format!("{name} cannot be watched"))
    }

    fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            pause(POLL)?;
        }
    }

    fn stop(&mut self) -> io::Result<()> {
        if self.child.try_wait()?.is_none() {
            self.signal(Signal::TERM);
            let end = Instant::now() + PATIENCE;
            while self.child.try_wait()?.is_none() && Instant::now() < end {
                thread::sleep(POLL);
            }
        }
        // What the leader left behind, and the leader itself if it would not end.
        self.signal(Signal::KILL);
        self.child.wait()?;
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        let leader = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(leader) = leader {
            // The group may already be empty, which is what is wanted.
            kill_process_group(leader, signal).ok();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A child that cannot be waited for is already gone.
        self.stop().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_process_takes_its_children_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = "sleep 60 & echo $! > pid.new; mv pid.new pid; wait";
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(&folder);
        let process = Process::start("a shell", &mut command).unwrap();

        let file = folder.path().join("pid");
        while !file.exists() {
            thread::sleep(POLL);
        }
        let grandchild = std::fs::read_to_string(file).unwrap();
        drop(process);

        let deadline = Instant::now() + Duration::from_secs(5);
        while is_running(&grandchild) {
            assert!(Instant::now() < deadline, "the grandchild still runs");
            thread::sleep(POLL);
        }
    }

    #[test]
    fn a_failed_command_is_named() {
        let failure = run("`false`", &mut Command::new("false")).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "`false` failed (exit status: 1); its own words are above"
        );
    }

    #[test]
    fn a_missing_command_is_named() {
        let failure = run("a thing", &mut Command::new("/no/such/program")).unwrap_err();
        assert!(failure.to_string().starts_with("a thing cannot be started"));
    }

    /// A killed orphan may stay as a zombie where no init process reaps it.
    fn is_running(pid: &str) -> bool {
        answer(Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]))
            .is_some_and(|state| !state.trim().is_empty() && !state.starts_with('Z'))
    }
}
