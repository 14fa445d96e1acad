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

use crate::{
    listener::Pace,
    settings::{Limits, Time},
};

/// A body that ends with an error when it is too long, or comes too slowly.
#[derive(Debug)]
pub(super) struct Arriving {
    body: Body,
    left: u64,
    pace: Pace,
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    /// There is more of it than there may be.
    #[error("the body is larger than `limits.body_bytes`")]
    TooLarge,
    /// Too little of it came in `timeouts.body`.
    #[error("the body does not arrive")]
    TooSlow,
}

impl Arriving {
    pub(super) fn new(body: Body, limits: &Limits, time: Time) -> Self {
        Self {
            body,
            left: limits.body_bytes,
            pace: Pace::new(limits.progress.get(), time.0),
        }
    }
}

impl Stopped {
    /// Whether `error` comes of this, and what to say then.
    pub(crate) fn cause(error: &(dyn Error + 'static)) -> Option<Problem> {
        match error.downcast_ref::<Self>() {
            Some(Self::TooLarge) => Some(Problem::TOO_LARGE),
            Some(Self::TooSlow) => Some(Problem::SLOW_REQUEST),
            None => Self::cause(error.source()?),
        }
    }
}

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let stopped = |why| Poll::Ready(Some(Err(axum::Error::new(why))));
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Pending => match this.pace.poll_stalled(cx) {
                Poll::Ready(()) => stopped(Stopped::TooSlow),
                Poll::Pending => Poll::Pending,
            },
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.pace.moved(length);
                match this.left.checked_sub(length as u64) {
                    Some(left) => this.left = left,
                    None => return stopped(Stopped::TooLarge),
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
