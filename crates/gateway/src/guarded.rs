//! Something that lasts as long as an answer is being sent.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http_body::{Body as Frames, Frame, SizeHint};

/// Keeps `guard` until the body of `response` has been sent, or will not be.
pub(crate) fn until_sent(response: Response, guard: impl Send + Unpin + 'static) -> Response {
    let guard = Some(guard);
    response.map(|body| Body::new(Guarded { body, guard }))
}

struct Guarded<G> {
    body: Body,
    guard: Option<G>,
}

impl<G: Unpin> Frames for Guarded<G> {
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
        let response = until_sent(Response::new(Body::from("text")), guard.clone());
        assert_eq!(response.body().size_hint().exact(), Some(4));
        let mut body = response.into_body();
        assert_eq!(Arc::strong_count(&guard), 2);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "text");
        assert!(body.frame().await.is_none());
        assert_eq!(Arc::strong_count(&guard), 1);

        drop(until_sent(Response::new(Body::from("text")), guard.clone()));
        assert_eq!(Arc::strong_count(&guard), 1);
    }
}
