//! What a process uses, by the system's own account.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};

/// What a process has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// How much memory it has, in bytes.
    pub resident: u64,
    /// How much it had at most, in bytes.
    pub peak: u64,
    /// How long it ran on a processor, in all of its threads that still live.
    pub processor: Duration,
}

impl Usage {
    /// Reads what one process has used.
    ///
    /// # Errors
    /// If it is not there, or the system keeps no account of it.
    pub fn of(process: u32) -> Result<Self> {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let status = fs::read_to_string(folder.join("status"))?;
        let memory = |name| kibibytes(&status, name).with_context(|| format!("no {name}"));
        let mut processor = Duration::ZERO;
        for thread in fs::read_dir(folder.join("task"))? {
            let account = fs::read_to_string(thread?.path().join("schedstat"))?;
            processor += on_processor(&account).context("its time is not accounted for")?;
        }
        Ok(Self {
            resident: memory("VmRSS:")? * 1024,
            peak: memory("VmHWM:")? * 1024,
            processor,
        })
    }

    /// Reads what a process and its descendants have used, in sum: pages that
    /// they share count for each.
    ///
    /// # Errors
    /// As [`of`](Self::of), of the process itself.
    pub fn of_family(process: u32) -> Result<Self> {
        let own = Self::of(process)?;
        // A child that has ended since is none.
        let families = children(process)?.into_iter().map(Self::of_family);
        Ok(families.flatten().fold(own, |all, family| Self {
            resident: all.resident + family.resident,
            peak: all.peak + family.peak,
            processor: all.processor + family.processor,
        }))
    }
}

/// Lists the children of all threads of a process.
fn children(process: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let list = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
        found.extend(
            list.split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    Ok(found)
}

/// Reads a line such as `VmRSS:     5432 kB`.
fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

/// Reads a thread's account, such as `57120 1200 3`: nanoseconds on a processor,
/// nanoseconds waiting for one, and turns.
fn on_processor(account: &str) -> Option<Duration> {
    let nanoseconds = account.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_kibibytes() {
        let status = "VmPeak:\t    9000 kB\nVmHWM:\t    5432 kB\n";
        assert_eq!(kibibytes(status, "VmHWM:"), Some(5432));
        assert_eq!(kibibytes(status, "VmRSS:"), None);
    }

    #[test]
    fn time_is_told_in_nanoseconds() {
        let table = [
            ("57120 1200 3\n", Some(Duration::from_nanos(57_120))),
            ("", None),
        ];
        for (account, expected) in table {
            assert_eq!(on_processor(account), expected, "{account}");
        }
    }

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.peak >= usage.resident && usage.resident > 0);
        assert!(!usage.processor.is_zero());
    }

    #[test]
    fn a_child_counts_as_its_parents() {
        let command = "sleep 60 & echo; wait";
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", command]);
        let (shell, ()) = crate::child::Program::start(shell, |_| Some(())).unwrap();
        let alone = Usage::of(shell.id()).unwrap();
        let family = Usage::of_family(shell.id()).unwrap();
        assert!(family.resident > alone.resident);
        let sleeper = children(shell.id()).unwrap();
        let [sleeper] = sleeper.try_into().unwrap();
        let sleeper = rustix::process::Pid::from_raw(sleeper.cast_signed()).unwrap();
        rustix::process::kill_process(sleeper, rustix::process::Signal::TERM).unwrap();
    }
}
