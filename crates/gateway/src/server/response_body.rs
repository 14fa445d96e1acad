//! The body of a response, whose end is that of the request.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::{activity::ActiveRequest, http2_streams::ReadMonitor};

/// A body whose request is in flight until this is dropped.
pub(crate) struct ResponseBody {
    body: Body,
    monitor: Option<ReadMonitor>,
    _request: ActiveRequest,
}

impl ResponseBody {
    pub(crate) fn new(body: Body, monitor: Option<ReadMonitor>, request: ActiveRequest) -> Self {
        Self {
            body,
            monitor,
            _request: request,
        }
    }
}

impl hyper::body::Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(monitor) = &self.monitor {
            monitor.polled();
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let (Some(monitor), Poll::Ready(Some(Ok(_)))) = (&self.monitor, &frame) {
            monitor.offered();
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
