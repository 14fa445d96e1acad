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
const FILES: usize = 64;

/// How many there are.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    drains: Arc<Semaphore>,
    files: Arc<Semaphore>,
    wait: Duration,
}

impl Strangers {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            drains: Arc::new(Semaphore::new(DRAINS)),
            files: Arc::new(Semaphore::new(FILES)),
            wait: limits.wait.0,
        }
    }

    /// Leave to look for a file of the bundle, which is for everybody.
    pub(crate) async fn file(&self) -> Result<OwnedSemaphorePermit, Overloaded> {
        let permit = tokio::time::timeout(self.wait, self.files.clone().acquire_owned());
        let permit = permit.await.map_err(|_| Overloaded::Waited)?;
        permit.map_err(|_| Overloaded::Strangers)
    }

    /// Leave to read the body of one that was refused.
    pub(crate) fn drain(&self) -> Option<OwnedSemaphorePermit> {
        self.drains.clone().try_acquire_owned().ok()
    }
}
