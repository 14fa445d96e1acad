//! A timeout on progress: whether bytes keep moving.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Times one direction of one peer: while it is waited for, it must move at least
/// `min_bytes` bytes in `time`. Time that the gateway itself takes does not count.
#[derive(Debug)]
pub(crate) struct StallTimer {
    min_bytes: usize,
    time: Duration,
    moved: usize,
    /// When the peer will have been too slow, if it is waited for.
    deadline: Option<Instant>,
    /// Since when the peer is not waited for.
    paused_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl StallTimer {
    pub(crate) fn new(min_bytes: usize, time: Duration) -> Self {
        Self {
            min_bytes,
            time,
            moved: 0,
            deadline: None,
            paused_since: None,
            timer: None,
        }
    }

    /// The peer has moved so many bytes, and is not waited for now.
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes);
        if self.deadline.is_none() {
            return;
        }
        if self.moved >= self.min_bytes {
            self.reset();
        } else {
            self.paused_since.get_or_insert_with(Instant::now);
        }
    }

    /// The peer is not waited for any more.
    pub(crate) fn reset(&mut self) {
        self.moved = 0;
        self.deadline = None;
        self.paused_since = None;
    }

    /// The peer is waited for. Ready if it has been for too long.
    pub(crate) fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let pause = self.paused_since.take().map(|since| now - since);
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

    /// Whether a peer that is waited for is given up within `time` seconds.
    async fn is_given_up_within(timer_under_test: &mut StallTimer, time: u64) -> bool {
        let given_up = poll_fn(|cx| timer_under_test.poll_stalled(cx));
        timeout(Duration::from_secs(time), given_up).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_moves_nothing_or_little_is_given_up() {
        let mut timer_under_test = StallTimer::new(100, TIME);
        assert!(!is_given_up_within(&mut timer_under_test, 29).await);
        timer_under_test.moved(99);
        assert!(is_given_up_within(&mut timer_under_test, 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_moves_enough_has_its_time_again() {
        let mut timer_under_test = StallTimer::new(100, TIME);
        for _ in 0..5 {
            assert!(!is_given_up_within(&mut timer_under_test, 29).await);
            timer_under_test.moved(60);
            timer_under_test.moved(40);
        }
        assert!(is_given_up_within(&mut timer_under_test, 31).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_answers_for_the_time_that_we_take() {
        let mut timer_under_test = StallTimer::new(100, TIME);
        assert!(!is_given_up_within(&mut timer_under_test, 20).await);
        timer_under_test.moved(1);
        advance(Duration::from_mins(10)).await;
        timer_under_test.moved(1);
        assert!(!is_given_up_within(&mut timer_under_test, 9).await);
        assert!(is_given_up_within(&mut timer_under_test, 2).await);
    }
}
