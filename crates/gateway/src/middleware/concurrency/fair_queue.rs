//! A fair queue: which request gets a slot now, which waits, and which is shed.
//!
//! It has neither clocks nor tasks: each call is an event, and returns whose turn
//! it is. Rules, in order:
//!
//! 1. The number of requests in flight is bounded, and so is that of one user.
//! 2. A request that finds no slot waits. Users take turns, one request each; a
//!    user's own are served in the order in which they came. A user who has all
//!    slots of one user gets no turn, and does not delay other users.
//! 3. The number of waiting requests is bounded. When one more comes, the newest of
//!    the user with the most is shed for it, unless its own user has as many.
//!
//! No slot is free while a request waits that may have it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// The user of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct User(Arc<str>);

/// Names a request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QueueId(u64);

/// The bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    /// Requests under way.
    pub(crate) requests: usize,
    /// Requests of one user under way.
    pub(crate) per_user: usize,
    /// Requests that wait.
    pub(crate) waiting: usize,
}

/// What becomes of a request that asks for a slot.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Enqueued {
    /// It has one.
    Admitted,
    /// It waits. Another one that waited, if it is named, is shed for it.
    Waits(QueueId, Option<QueueId>),
    /// It is shed.
    Full,
}

/// The requests under way and those that wait.
#[derive(Debug)]
pub(crate) struct FairQueue {
    limits: QueueLimits,
    under_way: usize,
    waiting: usize,
    issued: u64,
    users: HashMap<User, UserQueue>,
    /// Users with a request that could go on if there were a slot, each once.
    turns: VecDeque<User>,
}

/// The requests of one user.
#[derive(Debug, Default)]
struct UserQueue {
    under_way: usize,
    waiting: VecDeque<QueueId>,
}

impl User {
    /// A subject is one issuer's: another's may be called the same.
    pub(crate) fn new(issuer: &str, subject: &str) -> Self {
        // An issuer is a URL, and has no line breaks.
        Self([issuer, "\n", subject].concat().into())
    }
}

impl FairQueue {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            under_way: 0,
            waiting: 0,
            issued: 0,
            users: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    /// How many requests are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// A request of `user` asks for a slot.
    pub(crate) fn enter(&mut self, user: &User) -> Enqueued {
        let user_queue = self.users.entry(user.clone()).or_default();
        if self.under_way < self.limits.requests && user_queue.under_way < self.limits.per_user {
            user_queue.under_way += 1;
            self.under_way += 1;
            return Enqueued::Admitted;
        }
        let own_waiting = user_queue.waiting.len();
        let mut gives_way = None;
        if self.waiting >= self.limits.waiting {
            gives_way = self.evict(own_waiting);
            if gives_way.is_none() {
                self.remove_if_idle(user);
                return Enqueued::Full;
            }
        }
        Enqueued::Waits(self.append(user), gives_way)
    }

    /// A request of `user` gives its slot back. The returned one has it now.
    pub(crate) fn release(&mut self, user: &User) -> Option<QueueId> {
        let user_queue = self.users.get_mut(user)?;
        user_queue.under_way = user_queue.under_way.checked_sub(1)?;
        self.under_way -= 1;
        // The user had all slots of one user, and now has one less.
        let had_none = user_queue.under_way + 1 == self.limits.per_user;
        if had_none && !user_queue.waiting.is_empty() {
            self.turns.push_back(user.clone());
        }
        self.remove_if_idle(user);
        self.admit_next()
    }

    /// A request of `user` waits no more. Returns whether it did until now: if
    /// not, it has a slot, or was shed.
    pub(crate) fn cancel(&mut self, user: &User, id: QueueId) -> bool {
        let Some(user_queue) = self.users.get_mut(user) else {
            return false;
        };
        let place = user_queue.waiting.iter().position(|waiting| *waiting == id);
        let gone = place
            .and_then(|place| user_queue.waiting.remove(place))
            .is_some();
        if gone {
            self.waiting -= 1;
            self.end_turn_if_empty(user);
        }
        gone
    }

    fn append(&mut self, user: &User) -> QueueId {
        let id = QueueId(self.issued);
        self.issued += 1;
        self.waiting += 1;
        let user_queue = self.users.entry(user.clone()).or_default();
        user_queue.waiting.push_back(id);
        if user_queue.waiting.len() == 1 && user_queue.under_way < self.limits.per_user {
            self.turns.push_back(user.clone());
        }
        id
    }

    /// Sheds the newest request of the longest queue, if that is longer than one
    /// with `own_waiting` and a newcomer would be.
    fn evict(&mut self, own_waiting: usize) -> Option<QueueId> {
        let users = self.users.iter();
        let (user, user_queue) = users.max_by_key(|(_, user_queue)| user_queue.waiting.len())?;
        if user_queue.waiting.len() <= own_waiting + 1 {
            return None;
        }
        let user = user.clone();
        let id = self.users.get_mut(&user)?.waiting.pop_back()?;
        self.waiting -= 1;
        Some(id)
    }

    fn admit_next(&mut self) -> Option<QueueId> {
        if self.under_way >= self.limits.requests {
            return None;
        }
        let user = self.turns.pop_front()?;
        let user_queue = self.users.get_mut(&user)?;
        let id = user_queue.waiting.pop_front()?;
        user_queue.under_way += 1;
        self.under_way += 1;
        self.waiting -= 1;
        if !user_queue.waiting.is_empty() && user_queue.under_way < self.limits.per_user {
            self.turns.push_back(user);
        }
        Some(id)
    }

    fn end_turn_if_empty(&mut self, user: &User) {
        let nobody = self.users.get(user).is_none_or(|l| l.waiting.is_empty());
        if nobody {
            self.turns.retain(|turn| turn != user);
            self.remove_if_idle(user);
        }
    }

    fn remove_if_idle(&mut self, user: &User) {
        let user_queue = self.users.get(user);
        if user_queue
            .is_some_and(|user_queue| user_queue.under_way == 0 && user_queue.waiting.is_empty())
        {
            self.users.remove(user);
        }
    }
}

#[cfg(test)]
mod tests;
