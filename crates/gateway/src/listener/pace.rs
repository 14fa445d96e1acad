//! Whether bytes keep moving.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Judges one direction of one peer: while it is waited for, it must move at
/// least `least` bytes in `time`. What we take for ourselves is not counted.
#[derive(Debug)]
pub(crate) struct Pace {
    least: usize,
    time: Duration,
    moved: usize,
    /// When the peer will have been too slow, if it owes anything.
    deadline: Option<Instant>,
    /// Since when nobody waits for the peer.
    resting: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(least: usize, time: Duration) -> Self {
        Self {
            least,
            time,
            moved: 0,
            deadline: None,
            resting: None,
            timer: None,
        }
    }

    /// The peer has moved so many bytes, and is not waited for now.
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes);
        if self.deadline.is_none() {
            return;
        }
        if self.moved >= self.least {
            self.rest();
        } else {
            self.resting.get_or_insert_with(Instant::now);
        }
    }

    /// All that the peer owed has moved.
    pub(crate) fn rest(&mut self) {
        self.moved = 0;
        self.deadline = None;
        self.resting = None;
    }

    /// The peer is waited for. Ready if it has been for too long.
    pub(crate) fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let pause = self.resting.take().map(|since| now - since);
        let deadline = if let Some(deadline) = self.deadline {
            deadline + pause.unwrap_or_default()
        } else {
            self.moved = 0;
            now + self.time
        };
        self.deadline = Some(deadline);
        poll_until(&mut self.timer, deadline, cx)
    }
}

/// Ready once it is `deadline`. The timer is made when it is needed first.
pub(crate) fn poll_until(
    timer: &mut Option<Pin<Box<Sleep>>>,
    deadline: Instant,
    cx: &mut Context<'_>,
) -> Poll<()> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
    if timer.deadline() != deadline {
        timer.as_mut().reset(deadline);
    }
    timer.as_mut().poll(cx)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{advance, timeout};

    use super::*;

    const TIME: Duration = Duration::from_secs(30);

    /// Whether whoever is waited for now is given up within `time`.
    async fn is_given_up_within(pace: &mut Pace, time: u64) -> bool {
        let given_up = poll_fn(|cx| pace.poll_stalled(cx));
        timeout(Duration::from_secs(time), given_up).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_moves_nothing_or_little_is_given_up() {
        let mut pace = Pace::new(100, TIME);
        assert!(!is_given_up_within(&mut pace, 29).await);
        pace.moved(99);
        assert!(is_given_up_within(&mut pace, 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_moves_enough_has_its_time_again() {
        let mut pace = Pace::new(100, TIME);
        for _ in 0..5 {
            assert!(!is_given_up_within(&mut pace, 29).await);
            pace.moved(60);
            pace.moved(40);
        }
        assert!(is_given_up_within(&mut pace, 31).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_answers_for_the_time_that_we_take() {
        let mut pace = Pace::new(100, TIME);
        assert!(!is_given_up_within(&mut pace, 20).await);
        pace.moved(1);
        advance(Duration::from_mins(10)).await;
        pace.moved(1);
        assert!(!is_given_up_within(&mut pace, 9).await);
        assert!(is_given_up_within(&mut pace, 2).await);
    }
}
