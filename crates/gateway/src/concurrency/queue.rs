//! Who is served now, who waits for whom, and who is turned away.
//!
//! It knows neither clocks nor tasks: it is told what happens, and says whose
//! turn it is. Rules, in order:
//!
//! 1. So many requests are under way in all, and so many of one user.
//! 2. Who finds no place waits. Users take turns, one request each; a user's
//!    own are served in the order in which they came. A user with all places of
//!    one user has no turn, and keeps nobody else from theirs.
//! 3. So many wait in all. When one more comes, the newest of the user with the
//!    most gives way to it, unless the newcomer's own user has as many.
//!
//! A place is never free while somebody waits who may have it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Whose request it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct User(Arc<str>);

/// Names a request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(u64);

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Requests under way.
    pub(crate) requests: usize,
    /// Requests of one user under way.
    pub(crate) per_user: usize,
    /// Requests that wait.
    pub(crate) waiting: usize,
}

/// What becomes of a request that asks for a place.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Answer {
    /// It has one.
    Admitted,
    /// It waits. Another's that waited, if it is named, is turned away for it.
    Waits(Ticket, Option<Ticket>),
    /// It is turned away.
    Full,
}

/// The requests under way and those that wait.
#[derive(Debug)]
pub(crate) struct Queue {
    bounds: Bounds,
    under_way: usize,
    waiting: usize,
    issued: u64,
    lines: HashMap<User, Line>,
    /// Users with a request that could go on if there were a place, each once.
    turns: VecDeque<User>,
}

/// One user's.
#[derive(Debug, Default)]
struct Line {
    under_way: usize,
    waiting: VecDeque<Ticket>,
}

impl User {
    /// A subject is one issuer's: another's may be called the same.
    pub(crate) fn new(issuer: &str, subject: &str) -> Self {
        // An issuer is a URL, and has no line breaks.
        Self([issuer, "\n", subject].concat().into())
    }
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            under_way: 0,
            waiting: 0,
            issued: 0,
            lines: HashMap::new(),
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

    /// A request of `user` asks for a place.
    pub(crate) fn ask(&mut self, user: &User) -> Answer {
        let line = self.lines.entry(user.clone()).or_default();
        if self.under_way < self.bounds.requests && line.under_way < self.bounds.per_user {
            line.under_way += 1;
            self.under_way += 1;
            return Answer::Admitted;
        }
        let own = line.waiting.len();
        let mut gives_way = None;
        if self.waiting >= self.bounds.waiting {
            gives_way = self.push_out(own);
            if gives_way.is_none() {
                self.forget_if_idle(user);
                return Answer::Full;
            }
        }
        Answer::Waits(self.append(user), gives_way)
    }

    /// A request of `user` gives its place back. The one named has it now.
    pub(crate) fn leave(&mut self, user: &User) -> Option<Ticket> {
        let line = self.lines.get_mut(user)?;
        line.under_way = line.under_way.checked_sub(1)?;
        self.under_way -= 1;
        // All places of one user were taken, and now one is not.
        let had_none = line.under_way + 1 == self.bounds.per_user;
        if had_none && !line.waiting.is_empty() {
            self.turns.push_back(user.clone());
        }
        self.forget_if_idle(user);
        self.admit_next()
    }

    /// A request of `user` waits no more. Returns whether it did until now: if
    /// not, it has a place, or was turned away.
    pub(crate) fn give_up(&mut self, user: &User, ticket: Ticket) -> bool {
        let Some(line) = self.lines.get_mut(user) else {
            return false;
        };
        let place = line.waiting.iter().position(|waiting| *waiting == ticket);
        let gone = place.and_then(|place| line.waiting.remove(place)).is_some();
        if gone {
            self.waiting -= 1;
            self.end_turn_if_nobody_waits(user);
        }
        gone
    }

    fn append(&mut self, user: &User) -> Ticket {
        let ticket = Ticket(self.issued);
        self.issued += 1;
        self.waiting += 1;
        let line = self.lines.entry(user.clone()).or_default();
        line.waiting.push_back(ticket);
        if line.waiting.len() == 1 && line.under_way < self.bounds.per_user {
            self.turns.push_back(user.clone());
        }
        ticket
    }

    /// Turns the newest of the longest line away, if that is longer than one
    /// with `own` and a newcomer would be.
    fn push_out(&mut self, own: usize) -> Option<Ticket> {
        let lines = self.lines.iter();
        let (user, line) = lines.max_by_key(|(_, line)| line.waiting.len())?;
        if line.waiting.len() <= own + 1 {
            return None;
        }
        let user = user.clone();
        let ticket = self.lines.get_mut(&user)?.waiting.pop_back()?;
        self.waiting -= 1;
        Some(ticket)
    }

    fn admit_next(&mut self) -> Option<Ticket> {
        if self.under_way >= self.bounds.requests {
            return None;
        }
        let user = self.turns.pop_front()?;
        let line = self.lines.get_mut(&user)?;
        let ticket = line.waiting.pop_front()?;
        line.under_way += 1;
        self.under_way += 1;
        self.waiting -= 1;
        if !line.waiting.is_empty() && line.under_way < self.bounds.per_user {
            self.turns.push_back(user);
        }
        Some(ticket)
    }

    fn end_turn_if_nobody_waits(&mut self, user: &User) {
        let nobody = self.lines.get(user).is_none_or(|l| l.waiting.is_empty());
        if nobody {
            self.turns.retain(|turn| turn != user);
            self.forget_if_idle(user);
        }
    }

    fn forget_if_idle(&mut self, user: &User) {
        let line = self.lines.get(user);
        if line.is_some_and(|line| line.under_way == 0 && line.waiting.is_empty()) {
            self.lines.remove(user);
        }
    }
}

#[cfg(test)]
mod tests;
