//! A request's body as it comes from the client.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use shell_core::refusal::Problem;

use super::stall_timer::StallTimer;
use crate::settings::{Limits, Time};

/// A body that ends with an error when it is too long, or comes too slowly.
#[derive(Debug)]
pub(crate) struct LimitedBody {
    body: Body,
    remaining: u64,
    stall_timer: StallTimer,
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// There is more of it than there may be.
    #[error("the body is larger than `limits.body_bytes`")]
    TooLarge,
    /// Too little of it came in `timeouts.body`.
    #[error("the body does not arrive")]
    TooSlow,
}

impl LimitedBody {
    pub(crate) fn new(body: Body, limits: &Limits, time: Time) -> Self {
        Self {
            body,
            remaining: limits.body_bytes,
            stall_timer: StallTimer::new(limits.progress.get(), time.0),
        }
    }
}

impl BodyError {
    /// What to answer if a request's body was not read to its end because of
    /// `error`.
    #[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
    pub(crate) fn into_problem(error: axum::Error) -> Problem {
        Self::problem(&error).unwrap_or_else(Problem::body_broken_off)
    }

    /// What to answer if `error` is, or is caused by, one of these.
    pub(crate) fn problem(error: &(dyn Error + 'static)) -> Option<Problem> {
        match error.downcast_ref::<Self>() {
            Some(Self::TooLarge) => Some(Problem::TOO_LARGE),
            Some(Self::TooSlow) => Some(Problem::SLOW_REQUEST),
            None => Self::problem(error.source()?),
        }
    }
}

impl hyper::body::Body for LimitedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let failed = |why| Poll::Ready(Some(Err(axum::Error::new(why))));
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Pending => match this.stall_timer.poll_stalled(cx) {
                Poll::Ready(()) => failed(BodyError::TooSlow),
                Poll::Pending => Poll::Pending,
            },
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.stall_timer.moved(length);
                match this.remaining.checked_sub(length as u64) {
                    Some(remaining) => this.remaining = remaining,
                    None => return failed(BodyError::TooLarge),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            ended @ Poll::Ready(_) => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
