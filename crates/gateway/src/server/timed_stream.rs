//! The bytes of a connection, with timeouts.
//!
//! ```text
//!   ┌──────┐ a byte   ┌──────┐ head whole ┌──────┐
//!   │ Idle │ ───────▶ │ Head │ ─────────▶ │ Busy │   HTTP/2 has no Head:
//!   └──────┘          └──────┘            └──────┘   it goes from Idle to Busy
//!       ▲ timeouts.idle: told to close        │ last response read
//!       └─────────────────────────────────────┘
//!             timeouts.head: 408
//! ```
//! In each state, a client that does not read its response is dropped.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::activity::ConnectionActivity;
use crate::body::stall_timer::{StallTimer, poll_until};
use crate::settings::{Limits, Timeouts};

/// What an HTTP/2 connection begins with (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A transport: plain TCP or TLS.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A connection that ends itself when its peer is too slow.
pub(crate) struct TimedStream {
    socket: Box<dyn Socket>,
    activity: Arc<ConnectionActivity>,
    timeouts: Timeouts,
    phase: Phase,
    timer: Option<Pin<Box<Sleep>>>,
    reader: StallTimer,
    /// How many requests there had been at the last check.
    started: usize,
    /// Whether the client has not read all that was written.
    has_pending_write: bool,
    /// How much of the preface has come; more than there is of it is no match.
    preface: usize,
    /// The answer to a head that does not end.
    too_slow: Arc<[u8]>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Idle(Instant),
    /// Told to close the connection.
    Closing(Instant),
    Head(Instant),
    Busy,
}

impl TimedStream {
    pub(crate) fn new(
        socket: Box<dyn Socket>,
        activity: Arc<ConnectionActivity>,
        (timeouts, limits): (&Timeouts, &Limits),
        too_slow: Arc<[u8]>,
    ) -> Self {
        Self {
            socket,
            activity,
            phase: Phase::Idle(Instant::now()),
            timer: None,
            reader: StallTimer::new(limits.progress.get(), timeouts.reader.0),
            timeouts: timeouts.clone(),
            started: 0,
            has_pending_write: false,
            preface: 0,
            too_slow,
        }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        if self.preface < PREFACE.len() {
            let rest = &PREFACE[self.preface..];
            let length = rest.len().min(bytes.len());
            let is_preface = rest[..length] == bytes[..length];
            self.preface = if is_preface {
                self.preface + length
            } else {
                usize::MAX
            };
            if self.preface == PREFACE.len() {
                self.activity.set_http2();
                self.phase = Phase::Idle(Instant::now());
            }
        }
        if matches!(self.phase, Phase::Idle(_)) && !self.activity.is_http2() && !self.is_busy() {
            self.phase = Phase::Head(Instant::now());
        }
    }

    fn is_busy(&self) -> bool {
        self.has_pending_write || self.activity.is_busy()
    }

    /// Ready if the client has had its time.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.activity.register(cx);
        if self.is_busy() {
            self.phase = Phase::Busy;
            return Poll::Pending;
        }
        let started = self.activity.started();
        // A request may have been answered between two checks.
        if matches!(self.phase, Phase::Busy) || self.started != started {
            self.started = started;
            self.phase = Phase::Idle(Instant::now());
        }
        loop {
            let deadline = match self.phase {
                Phase::Busy => return Poll::Pending,
                Phase::Idle(since) => since + self.timeouts.idle.0,
                Phase::Closing(since) | Phase::Head(since) => since + self.timeouts.head.0,
            };
            ready!(poll_until(&mut self.timer, deadline, cx));
            match self.phase {
                Phase::Idle(_) => {
                    self.activity.expire();
                    self.phase = Phase::Closing(Instant::now());
                }
                Phase::Head(_) => {
                    // Nothing has been written for this request; if there is no
                    // buffer space for so little, the client does not read.
                    let _ = Pin::new(&mut self.socket).poll_write(cx, &self.too_slow);
                    let _ = Pin::new(&mut self.socket).poll_flush(cx);
                    return Poll::Ready(timed_out());
                }
                Phase::Closing(_) | Phase::Busy => return Poll::Ready(timed_out()),
            }
        }
    }

    /// What came of an attempt to write, if the client is not too slow.
    fn check_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        moved: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        self.has_pending_write = written.is_pending();
        match written {
            Poll::Ready(Ok(done)) => {
                self.reader.moved(moved(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.reader.poll_stalled(cx).map(|()| Err(timed_out())),
        }
    }
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is too slow")
}

impl AsyncRead for TimedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.socket).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                this.note_read(&buffer.filled()[before..]);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => this.poll_expired(cx).map(Err),
        }
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write(cx, bytes);
        this.check_write(cx, written, |length| *length)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write_vectored(cx, slices);
        this.check_write(cx, written, |length| *length)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.socket).poll_flush(cx);
        this.check_write(cx, flushed, |()| 0)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let closed = Pin::new(&mut this.socket).poll_shutdown(cx);
        this.check_write(cx, closed, |()| 0)
    }
}
