//! Limits on requests without an authenticated user: for public files, or with
//! tokens that were refused. They get no concurrency permit, and have limits of
//! their own, so that a flood of them does not get around those of users.
//!
//! A token is verified without waiting, unless its key has to be loaded: how many
//! wait for that is bounded where it is done
//! ([`Keys`](crate::auth::issuer_keys::Keys)).

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{settings::Limits, telemetry::shed_reason::ShedReason};

/// Most bodies of refused requests that are drained at a time. The sender of one
/// that is not drained may not see the response.
const MAX_DRAINS: usize = 64;

/// Most public files that are loaded from MLflow at a time.
const MAX_FILES: usize = 16;

/// Most KiB of such files that are read at a time: two of the largest.
const MAX_BUFFERED_KIB: usize = 32 * 1024;

/// Most of them that are compressed at a time. Each takes a processor, and
/// memory of four times its own size.
const MAX_COMPRESSIONS: usize = 2;

/// The limits.
#[derive(Debug, Clone)]
pub(crate) struct AnonymousLimits {
    drains: Arc<Semaphore>,
    files: Arc<Semaphore>,
    buffer: Arc<Semaphore>,
    compressions: Arc<Semaphore>,
    wait: Duration,
}

impl AnonymousLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        let of = |count| Arc::new(Semaphore::new(count));
        Self {
            drains: of(MAX_DRAINS),
            files: of(MAX_FILES),
            buffer: of(MAX_BUFFERED_KIB),
            compressions: of(MAX_COMPRESSIONS),
            wait: limits.wait.0,
        }
    }

    /// How long a request waits for a permit.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// A permit to load a public file.
    pub(crate) async fn file(&self) -> Result<OwnedSemaphorePermit, ShedReason> {
        self.wait_for(&self.files, 1).await
    }

    /// A permit to buffer so many bytes of such a file.
    pub(crate) async fn buffer(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ShedReason> {
        self.wait_for(&self.buffer, bytes.div_ceil(1024)).await
    }

    /// A permit to compress such a file.
    pub(crate) async fn compression(&self) -> Result<OwnedSemaphorePermit, ShedReason> {
        self.wait_for(&self.compressions, 1).await
    }

    /// A permit to drain the body of a refused request.
    pub(crate) fn drain(&self) -> Option<OwnedSemaphorePermit> {
        self.drains.clone().try_acquire_owned().ok()
    }

    async fn wait_for(
        &self,
        permits: &Arc<Semaphore>,
        count: usize,
    ) -> Result<OwnedSemaphorePermit, ShedReason> {
        let count = u32::try_from(count).map_err(|_| ShedReason::Anonymous)?;
        let permit = permits.clone().acquire_many_owned(count);
        let permit = tokio::time::timeout(self.wait, permit).await;
        let permit = permit.map_err(|_| ShedReason::Anonymous)?;
        permit.map_err(|_| ShedReason::Anonymous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drained_bodies_are_bounded() {
        let anonymous = AnonymousLimits::new(&Limits::default());
        let drains: Vec<_> = std::iter::from_fn(|| anonymous.drain()).collect();
        assert_eq!(drains.len(), 64);
    }

    /// Two of the largest files fill the buffer; a third waits for `limits.wait`.
    #[tokio::test(start_paused = true)]
    async fn buffered_bytes_of_files_are_bounded() {
        const LARGEST: usize = 16 * 1024 * 1024;
        let anonymous = AnonymousLimits::new(&Limits::default());
        let one = anonymous.buffer(LARGEST).await.unwrap();
        let two = anonymous.buffer(LARGEST).await.unwrap();
        let (none, small) = (anonymous.buffer(0).await, anonymous.buffer(1).await);
        assert!(none.is_ok());
        assert_eq!(small.err(), Some(ShedReason::Anonymous));
        drop(one);
        assert!(anonymous.buffer(LARGEST).await.is_ok());
        drop(two);
    }
}
