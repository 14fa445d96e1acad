//! What is sent, counted.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context as Poller, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::{load::Shared, upstream::Body};

/// A body whose bytes are counted as they are taken to be sent.
pub(crate) struct Counted {
    pub(crate) inner: Body,
    pub(crate) counts: Option<Shared>,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Poller<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let (Some(Ok(frame)), Some(counts)) = (&frame, &self.counts) {
            let sent = frame.data_ref().map_or(0, Bytes::len);
            counts.borrow_mut().bytes += u64::try_from(sent).unwrap_or_default();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
