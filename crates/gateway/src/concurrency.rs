//! How many requests are under way at a time, and who waits for a place.
//!
//! A request takes its place when it is known whose it is, and keeps it until
//! its answer has been sent, or nobody wants it any more. [`Queue`] decides; this
//! makes tasks wait. What is not known to be anybody's is bounded by
//! [`Strangers`].

mod queue;
mod strangers;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use self::queue::{Answer, Bounds, Queue, Ticket};
pub(crate) use self::{queue::User, strangers::Strangers};
use crate::settings::Limits;

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Overloaded {
    /// Too many wait already, or another user's came who has fewer.
    Full,
    /// It waited, and no place became free.
    Waited,
    /// Too many are under way of which nobody knows whose they are.
    Strangers,
    /// Its client sends more of its kind in a time than it may.
    Rate,
}

impl Overloaded {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Full, Self::Waited, Self::Strangers, Self::Rate];
}

/// The places.
#[derive(Clone)]
pub(crate) struct Places(Arc<Shared>);

struct Shared {
    wait: Duration,
    state: Mutex<State>,
}

struct State {
    queue: Queue,
    /// Where those who wait are told that they have a place. Whoever is turned
    /// away hears nothing more.
    waiting: HashMap<Ticket, (oneshot::Sender<Place>, User)>,
}

/// A place, given back when it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    places: Places,
    user: User,
}

/// A request that waits; dropped, it does not any more.
struct Waiting {
    places: Places,
    user: User,
    ticket: Ticket,
    admitted: oneshot::Receiver<Place>,
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Self {
        let bounds = Bounds {
            requests: limits.requests.get(),
            per_user: limits.requests_per_user.get(),
            waiting: limits.queue,
        };
        Self(Arc::new(Shared {
            wait: limits.wait.0,
            state: Mutex::new(State {
                queue: Queue::new(bounds),
                waiting: HashMap::new(),
            }),
        }))
    }

    /// A place for a request of `user`, as soon as it is its turn.
    pub(crate) async fn enter(&self, user: User) -> Result<Place, Overloaded> {
        let mut waiting = match self.ask(user)? {
            Asked::Has(place) => return Ok(place),
            Asked::Waits(waiting) => waiting,
        };
        match tokio::time::timeout(self.0.wait, &mut waiting.admitted).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(Overloaded::Full),
            Err(_) => Err(Overloaded::Waited),
        }
    }

    /// How many are under way, and how many wait.
    pub(crate) fn taken(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.under_way(), state.queue.waiting())
    }

    fn ask(&self, user: User) -> Result<Asked, Overloaded> {
        let mut state = self.lock();
        match state.queue.ask(&user) {
            Answer::Admitted => Ok(Asked::Has(self.place(user))),
            Answer::Full => Err(Overloaded::Full),
            Answer::Waits(ticket, gives_way) => {
                let (tell, admitted) = oneshot::channel();
                state.waiting.insert(ticket, (tell, user.clone()));
                if let Some(gives_way) = gives_way {
                    state.waiting.remove(&gives_way);
                }
                Ok(Asked::Waits(Waiting {
                    places: self.clone(),
                    user,
                    ticket,
                    admitted,
                }))
            }
        }
    }

    fn leave(&self, user: &User) {
        let next = {
            let mut state = self.lock();
            let next = state.queue.leave(user);
            next.and_then(|ticket| state.waiting.remove(&ticket))
        };
        // Not under the lock: if nobody listens any more, the place comes back.
        if let Some((tell, user)) = next {
            drop(tell.send(self.place(user)));
        }
    }

    fn place(&self, user: User) -> Place {
        Place {
            places: self.clone(),
            user,
        }
    }

    /// Nothing in here panics half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Asked {
    Has(Place),
    Waits(Waiting),
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.leave(&self.user);
    }
}

impl Drop for Waiting {
    /// If it has been given a place meanwhile, that is in the channel, and is
    /// given back with it.
    fn drop(&mut self) {
        let mut state = self.places.lock();
        if state.queue.give_up(&self.user, self.ticket) {
            state.waiting.remove(&self.ticket);
        }
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (under_way, waiting) = self.taken();
        write!(f, "Places({under_way} under way, {waiting} waiting)")
    }
}

#[cfg(test)]
mod tests;
