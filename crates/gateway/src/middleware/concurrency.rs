//! The concurrency limiter: how many requests for MLflow are in flight, in all and
//! of one user.
//!
//! A request gets its permit when it is authenticated, and keeps it until its
//! response has been sent or its client is gone. [`FairQueue`] decides; this makes
//! tasks wait. Requests without an authenticated user are bounded by
//! [`AnonymousLimits`](super::anonymous_limits::AnonymousLimits).

mod fair_queue;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

pub(crate) use self::fair_queue::User;
use self::fair_queue::{Enqueued, FairQueue, QueueId, QueueLimits};
use crate::{settings::Limits, telemetry::shed_reason::ShedReason};

/// Bounds the requests in flight.
#[derive(Clone)]
pub(crate) struct ConcurrencyLimiter(Arc<Shared>);

struct Shared {
    wait: Duration,
    state: Mutex<State>,
}

struct State {
    queue: FairQueue,
    /// Where waiting requests get their permit. The sender of one that is shed is
    /// dropped.
    waiting: HashMap<QueueId, (oneshot::Sender<ConcurrencyPermit>, User)>,
}

/// A permit for one request in flight, released when it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct ConcurrencyPermit {
    limiter: ConcurrencyLimiter,
    user: User,
}

/// A request in the queue; it leaves the queue when it is dropped.
struct QueuedRequest {
    limiter: ConcurrencyLimiter,
    user: User,
    id: QueueId,
    admitted: oneshot::Receiver<ConcurrencyPermit>,
}

impl ConcurrencyLimiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let bounds = QueueLimits {
            requests: limits.requests.get(),
            per_user: limits.requests_per_user.get(),
            waiting: limits.queue,
        };
        Self(Arc::new(Shared {
            wait: limits.wait.0,
            state: Mutex::new(State {
                queue: FairQueue::new(bounds),
                waiting: HashMap::new(),
            }),
        }))
    }

    /// Waits for a permit for a request of `user`.
    ///
    /// # Errors
    /// If the queue is full, or the request waited too long.
    pub(crate) async fn acquire(&self, user: User) -> Result<ConcurrencyPermit, ShedReason> {
        let mut waiting = match self.enter(user)? {
            Entry::Admitted(permit) => return Ok(permit),
            Entry::Waits(waiting) => waiting,
        };
        match tokio::time::timeout(self.0.wait, &mut waiting.admitted).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(ShedReason::QueueFull),
            Err(_) => Err(ShedReason::QueueTimeout),
        }
    }

    /// How many requests are in flight, and how many wait.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.under_way(), state.queue.waiting())
    }

    fn enter(&self, user: User) -> Result<Entry, ShedReason> {
        let mut state = self.lock();
        match state.queue.enter(&user) {
            Enqueued::Admitted => Ok(Entry::Admitted(self.permit(user))),
            Enqueued::Full => Err(ShedReason::QueueFull),
            Enqueued::Waits(id, gives_way) => {
                let (tell, admitted) = oneshot::channel();
                state.waiting.insert(id, (tell, user.clone()));
                if let Some(gives_way) = gives_way {
                    state.waiting.remove(&gives_way);
                }
                Ok(Entry::Waits(QueuedRequest {
                    limiter: self.clone(),
                    user,
                    id,
                    admitted,
                }))
            }
        }
    }

    fn release(&self, user: &User) {
        let next = {
            let mut state = self.lock();
            let next = state.queue.release(user);
            next.and_then(|id| state.waiting.remove(&id))
        };
        // Not under the lock: a permit that is not received is dropped, and released.
        if let Some((tell, user)) = next {
            drop(tell.send(self.permit(user)));
        }
    }

    fn permit(&self, user: User) -> ConcurrencyPermit {
        ConcurrencyPermit {
            limiter: self.clone(),
            user,
        }
    }

    /// A panic leaves no state half-changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Entry {
    Admitted(ConcurrencyPermit),
    Waits(QueuedRequest),
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        self.limiter.release(&self.user);
    }
}

impl Drop for QueuedRequest {
    /// If it got a permit meanwhile, that is in the channel, and is dropped with it.
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        if state.queue.cancel(&self.user, self.id) {
            state.waiting.remove(&self.id);
        }
    }
}

impl fmt::Debug for ConcurrencyLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (under_way, waiting) = self.counts();
        write!(
            f,
            "ConcurrencyLimiter({under_way} in progress, {waiting} waiting)"
        )
    }
}

#[cfg(test)]
mod tests;
