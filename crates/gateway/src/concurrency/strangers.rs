//! Requests of which nobody knows whose they are: for public files, or with
//! tokens that were refused. They have no places, and are bounded for
//! themselves, so that no flood of them is a way around the places.
//!
//! A token is checked without waiting for anything, unless its key has to be
//! loaded: how many wait for that is bounded where it is done
//! ([`Keys`](crate::keys::Keys)).

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Overloaded;
use crate::settings::Limits;

/// Most bodies of refused requests that are read at a time. One that is not
/// read may cost its sender the words of the refusal, and us nothing.
const DRAINS: usize = 64;

/// Most files of MLflow's bundle that are looked for at a time: what is not
/// among those that are kept is asked of MLflow.
const FILES: usize = 16;

/// Most KiB of such files that are read at a time: two of the largest.
const ROOM: usize = 32 * 1024;

/// Most of them that are compressed at a time. Each takes a processor, and
/// memory of four times its own size.
const COMPRESSIONS: usize = 2;

/// How many there are.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    drains: Arc<Semaphore>,
    files: Arc<Semaphore>,
    room: Arc<Semaphore>,
    compressions: Arc<Semaphore>,
    wait: Duration,
}

impl Strangers {
    pub(crate) fn new(limits: &Limits) -> Self {
        let of = |count| Arc::new(Semaphore::new(count));
        Self {
            drains: of(DRAINS),
            files: of(FILES),
            room: of(ROOM),
            compressions: of(COMPRESSIONS),
            wait: limits.wait.0,
        }
    }

    /// Leave to look for a file of the bundle, which is for everybody.
    pub(crate) async fn file(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        self.wait_for(&self.files, 1).await
    }

    /// Room for so many bytes of such a file.
    pub(crate) async fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Overloaded> {
        self.wait_for(&self.room, bytes.div_ceil(1024)).await
    }

    /// Leave to compress such a file.
    pub(crate) async fn compression(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        self.wait_for(&self.compressions, 1).await
    }

    /// Leave to read the body of one that was refused.
    pub(crate) fn drain(&self) -> Option<OwnedSemaphorePermit> {
        self.drains.clone().try_acquire_owned().ok()
    }

    async fn wait_for(
        &self,
        permits: &Arc<Semaphore>,
        count: usize,
    ) -> Result<OwnedSemaphorePermit, Overloaded> {
        let count = u32::try_from(count).map_err(|_| Overloaded::Strangers)?;
        let permit = permits.clone().acquire_many_owned(count);
        let permit = tokio::time::timeout(self.wait, permit).await;
        let permit = permit.map_err(|_| Overloaded::Strangers)?;
        permit.map_err(|_| Overloaded::Strangers)
    }
}
