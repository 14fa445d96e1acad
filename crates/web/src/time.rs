//! Waiting, for a while or for no longer than a while.

use std::{future::Future, pin::pin};

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;

/// Waits so many milliseconds.
pub async fn sleep(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}

/// What `future` comes to; `None` if that takes more than so many milliseconds.
pub async fn timeout<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), TimeoutFuture::new(milliseconds)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
