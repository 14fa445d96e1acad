//! A connection's bytes, with an eye on the clock.
//!
//! ```text
//!   ┌──────┐ a byte   ┌──────┐ head whole ┌──────┐
//!   │ Idle │ ───────▶ │ Head │ ─────────▶ │ Busy │   HTTP/2 has no Head:
//!   └──────┘          └──────┘            └──────┘   it goes from Idle to Busy
//!       ▲ timeouts.idle: told to close        │ last answer taken
//!       └─────────────────────────────────────┘
//!             timeouts.head: 408
//! ```
//! Whoever does not take its answer is given up in any of them.

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

use super::{
    pace::{Pace, poll_until},
    presence::Presence,
};
use crate::settings::{Limits, Timeouts};

/// What an HTTP/2 connection begins with (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Anything that connects us with a client.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A connection that ends itself when its peer is too slow.
pub(crate) struct Watched {
    socket: Box<dyn Socket>,
    presence: Arc<Presence>,
    timeouts: Timeouts,
    phase: Phase,
    timer: Option<Pin<Box<Sleep>>>,
    reader: Pace,
    /// How many requests there had been when it was looked last.
    begun: usize,
    /// Whether the client has still to take something.
    is_owed: bool,
    /// How much of the preface has come; more than there is of it is no match.
    preface: usize,
    /// The answer to a head that does not end.
    too_slow: Arc<[u8]>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Idle(Instant),
    /// Told to close.
    Leaving(Instant),
    Head(Instant),
    Busy,
}

impl Watched {
    pub(crate) fn new(
        socket: Box<dyn Socket>,
        presence: Arc<Presence>,
        (timeouts, limits): (&Timeouts, &Limits),
        too_slow: Arc<[u8]>,
    ) -> Self {
        Self {
            socket,
            presence,
            phase: Phase::Idle(Instant::now()),
            timer: None,
            reader: Pace::new(limits.progress.get(), timeouts.reader.0),
            timeouts: timeouts.clone(),
            begun: 0,
            is_owed: false,
            preface: 0,
            too_slow,
        }
    }

    fn has_read(&mut self, bytes: &[u8]) {
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
                self.presence.set_http2();
                self.phase = Phase::Idle(Instant::now());
            }
        }
        if matches!(self.phase, Phase::Idle(_)) && !self.presence.is_http2() && !self.is_busy() {
            self.phase = Phase::Head(Instant::now());
        }
    }

    fn is_busy(&self) -> bool {
        self.is_owed || self.presence.is_busy()
    }

    /// Ready if the client has had its time.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.presence.register(cx);
        if self.is_busy() {
            self.phase = Phase::Busy;
            return Poll::Pending;
        }
        let begun = self.presence.begun();
        // A request may have been answered between two looks.
        if matches!(self.phase, Phase::Busy) || self.begun != begun {
            self.begun = begun;
            self.phase = Phase::Idle(Instant::now());
        }
        loop {
            let deadline = match self.phase {
                Phase::Busy => return Poll::Pending,
                Phase::Idle(since) => since + self.timeouts.idle.0,
                Phase::Leaving(since) | Phase::Head(since) => since + self.timeouts.head.0,
            };
            ready!(poll_until(&mut self.timer, deadline, cx));
            match self.phase {
                Phase::Idle(_) => {
                    self.presence.give_up();
                    self.phase = Phase::Leaving(Instant::now());
                }
                Phase::Head(_) => {
                    // Nothing has been written for this request; if there is no
                    // room for so little, nobody is there to read it.
                    let _ = Pin::new(&mut self.socket).poll_write(cx, &self.too_slow);
                    let _ = Pin::new(&mut self.socket).poll_flush(cx);
                    return Poll::Ready(late());
                }
                Phase::Leaving(_) | Phase::Busy => return Poll::Ready(late()),
            }
        }
    }

    /// What came of an attempt to write, if the client is not too slow.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        moved: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        self.is_owed = written.is_pending();
        match written {
            Poll::Ready(Ok(done)) => {
                self.reader.moved(moved(&done));
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.reader.poll_stalled(cx).map(|()| Err(late())),
        }
    }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is too slow")
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.socket).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                this.has_read(&buffer.filled()[before..]);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => this.poll_expired(cx).map(Err),
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write(cx, bytes);
        this.judge(cx, written, |length| *length)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.socket).poll_write_vectored(cx, slices);
        this.judge(cx, written, |length| *length)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.socket).poll_flush(cx);
        this.judge(cx, flushed, |()| 0)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let closed = Pin::new(&mut this.socket).poll_shutdown(cx);
        this.judge(cx, closed, |()| 0)
    }
}
