//! The body of an answer, which ends its request.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::{presence::Request, streams::Pulse};

/// A body whose request is under way as long as this is there.
pub(crate) struct Answer {
    body: Body,
    pulse: Option<Pulse>,
    _request: Request,
}

impl Answer {
    pub(crate) fn new(body: Body, pulse: Option<Pulse>, request: Request) -> Self {
        Self {
            body,
            pulse,
            _request: request,
        }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(pulse) = &self.pulse {
            pulse.wanted();
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let (Some(pulse), Poll::Ready(Some(Ok(_)))) = (&self.pulse, &frame) {
            pulse.offer();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
