//! A body that holds a guard until it has been sent.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body::{Body as HttpBody, Frame, SizeHint};

/// Holds `guard` until the body of `response` has been sent or dropped.
pub(crate) fn hold_until_sent(response: Response, guard: impl Send + Unpin + 'static) -> Response {
    let guard = Some(guard);
    response.map(|body| Body::new(GuardedBody { body, guard }))
}

struct GuardedBody<G> {
    body: Body,
    guard: Option<G>,
}

impl<G: Unpin> HttpBody for GuardedBody<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.guard = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn the_guard_lasts_as_long_as_the_body() {
        let guard = Arc::new(());
        let response = hold_until_sent(Response::new(Body::from("text")), guard.clone());
        assert_eq!(response.body().size_hint().exact(), Some(4));
        let mut body = response.into_body();
        assert_eq!(Arc::strong_count(&guard), 2);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "text");
        assert!(body.frame().await.is_none());
        assert_eq!(Arc::strong_count(&guard), 1);

        drop(hold_until_sent(
            Response::new(Body::from("text")),
            guard.clone(),
        ));
        assert_eq!(Arc::strong_count(&guard), 1);
    }
}
