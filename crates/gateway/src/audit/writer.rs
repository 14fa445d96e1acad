//! Writes the lines of the audit log.

use std::{
    io::{self, Write},
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use prometheus_client::metrics::counter::Counter;

/// How long a line that may wait is kept back, for others to be written with it.
const GATHERING: Duration = Duration::from_millis(100);

/// How much may be waiting, in bytes.
const MOST_WAITING: usize = 64 * 1024;

/// Writes lines, each whole and in their order. Clones write to the same sink.
#[derive(Clone)]
pub(super) struct AuditWriter {
    sink: Arc<Mutex<Sink>>,
    /// Wakes the thread that writes later, if there is one.
    waiting: Option<SyncSender<()>>,
}

struct Sink {
    output: Box<dyn Write + Send>,
    waiting: Vec<u8>,
    /// Counts what cannot be written.
    errors: Counter,
}

impl AuditWriter {
    /// Writes every line at once.
    pub(super) fn to(sink: impl Write + Send + 'static) -> Self {
        let sink = Sink {
            output: Box::new(sink),
            waiting: Vec::new(),
            errors: Counter::default(),
        };
        Self {
            sink: Arc::new(Mutex::new(sink)),
            waiting: None,
        }
    }

    /// Counts in `errors` what cannot be written from now on.
    pub(super) fn count(&self, errors: Counter) {
        lock(&self.sink).errors = errors;
    }

    /// Writes lines that may wait together: a call of the system for each is
    /// half of what a small request costs.
    pub(super) fn gathering(self) -> io::Result<Self> {
        let (waiting, told) = sync_channel(1);
        let sink = Arc::downgrade(&self.sink);
        let write = move || {
            if let Some(sink) = sink.upgrade() {
                lock(&sink).write();
            }
        };
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || gather(&told, write))?;
        Ok(Self {
            waiting: Some(waiting),
            ..self
        })
    }

    /// Writes a line. One that may not wait is with the system when this
    /// returns, and all before it are; one that may is soon.
    pub(super) fn write(&self, line: &[u8], may_wait: bool) {
        let mut sink = lock(&self.sink);
        sink.waiting.extend_from_slice(line);
        match &self.waiting {
            Some(waiting) if may_wait && sink.waiting.len() < MOST_WAITING => {
                // A thread that was woken before writes this line, too.
                let _ = waiting.try_send(());
            }
            _ => sink.write(),
        }
    }
}

/// Ends when the last sender is dropped.
fn gather(told: &Receiver<()>, write: impl Fn()) {
    while told.recv().is_ok() {
        thread::sleep(GATHERING);
        write();
    }
}

impl Sink {
    fn write(&mut self) {
        if let Err(error) = self.try_to_write() {
            self.errors.inc();
            tracing::error!(%error, "the audit log cannot be written");
        }
    }

    fn try_to_write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut waiting = mem::take(&mut self.waiting);
        let written = self.output.write_all(&waiting);
        let written = written.and_then(|()| self.output.flush());
        waiting.clear();
        self.waiting = waiting;
        written
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.write();
    }
}

fn lock(sink: &Mutex<Sink>) -> std::sync::MutexGuard<'_, Sink> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Hands over what is written, a call at a time.
    struct Calls(Sender<String>);

    impl Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(text).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn calls() -> (AuditWriter, Receiver<String>) {
        let (sender, receiver) = channel();
        (AuditWriter::to(Calls(sender)), receiver)
    }

    #[test]
    fn without_gathering_no_line_waits() {
        let (lines, written) = calls();
        for (line, may_wait) in [("a\n", true), ("b\n", false)] {
            lines.write(line.as_bytes(), may_wait);
            assert_eq!(written.try_recv().unwrap(), line);
        }
    }

    #[test]
    fn a_line_that_may_not_wait_takes_those_before_it_along() {
        let (lines, written) = calls();
        let lines = lines.gathering().unwrap();
        lines.write(b"read\n", true);
        lines.write(b"change\n", false);
        let all: String = written.try_iter().collect();
        assert_eq!(all, "read\nchange\n");
    }

    #[test]
    fn a_line_that_may_wait_is_written_without_another() {
        let (lines, written) = calls();
        let lines = lines.gathering().unwrap();
        lines.write(b"read\n", true);
        assert_eq!(written.recv().unwrap(), "read\n");
        lines.write(b"again\n", true);
        assert_eq!(written.recv().unwrap(), "again\n");
    }

    #[test]
    fn only_so_much_waits() {
        let (lines, written) = calls();
        let lines = lines.gathering().unwrap();
        lines.write("x".repeat(MOST_WAITING).as_bytes(), true);
        assert_eq!(written.try_recv().unwrap().len(), MOST_WAITING);
    }

    #[test]
    fn nothing_is_lost_at_the_end() {
        let (lines, written) = calls();
        let lines = lines.gathering().unwrap();
        let clone = lines.clone();
        clone.write(b"last\n", true);
        drop((lines, clone));
        assert_eq!(written.recv().unwrap(), "last\n");
        assert!(written.recv().is_err());
    }
}
