use std::{future::Future, num::NonZeroUsize};

use futures_util::FutureExt;

use super::*;

fn limits() -> Limits {
    let two = NonZeroUsize::new(2).unwrap();
    Limits {
        requests: two,
        requests_per_user: two,
        queue: 2,
        ..Limits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_given_back_goes_to_who_waits() {
    let limiter = ConcurrencyLimiter::new(&limits());
    let first = limiter.acquire(user("a")).await.unwrap();
    let second = limiter.acquire(user("a")).await.unwrap();
    let mut waiting = Box::pin(limiter.acquire(user("b")));
    assert!(polled(&mut waiting).is_none());
    assert_eq!(limiter.counts(), (2, 1));

    drop(first);
    let third = polled(&mut waiting).unwrap().unwrap();
    assert_eq!(limiter.counts(), (2, 0));
    drop((second, third));
    assert_eq!(limiter.counts(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_that() {
    let limiter = ConcurrencyLimiter::new(&limits());
    let _taken = [acquire(&limiter, "a").await, acquire(&limiter, "a").await];

    let began = tokio::time::Instant::now();
    let refused = limiter.acquire(user("b")).await.err();

    assert_eq!(refused, Some(ShedReason::QueueTimeout));
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(limiter.counts(), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_turned_away_at_once() {
    let limiter = ConcurrencyLimiter::new(&limits());
    let _taken = [acquire(&limiter, "a").await, acquire(&limiter, "a").await];
    let mut waiting = [limiter.acquire(user("a")), limiter.acquire(user("a"))].map(Box::pin);
    for one in &mut waiting {
        assert!(polled(one).is_none());
    }

    let full = polled(&mut Box::pin(limiter.acquire(user("a"))));
    assert_eq!(full.unwrap().err(), Some(ShedReason::QueueFull));

    // Another user's comes in for the newest of who has most.
    let mut other = Box::pin(limiter.acquire(user("b")));
    assert!(polled(&mut other).is_none());
    let pushed_out = polled(&mut waiting[1]);
    assert_eq!(pushed_out.unwrap().err(), Some(ShedReason::QueueFull));
    assert!(polled(&mut waiting[0]).is_none());
    assert_eq!(limiter.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_takes_no_place_along() {
    let limiter = ConcurrencyLimiter::new(&limits());
    let counts = [acquire(&limiter, "a").await, acquire(&limiter, "a").await];

    let mut gone = Box::pin(limiter.acquire(user("b")));
    assert!(polled(&mut gone).is_none());
    drop(gone);
    assert_eq!(limiter.counts(), (2, 0));

    // This one has been given a place, and has not looked yet.
    let mut gone = Box::pin(limiter.acquire(user("b")));
    assert!(polled(&mut gone).is_none());
    drop(counts);
    assert_eq!(limiter.counts(), (1, 0));
    drop(gone);
    assert_eq!(limiter.counts(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_gives_its_place_back() {
    let limiter = ConcurrencyLimiter::new(&limits());
    let task = tokio::spawn({
        let limiter = limiter.clone();
        async move {
            let _place = acquire(&limiter, "a").await;
            assert_eq!(limiter.counts(), (0, 0), "this fails");
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(limiter.counts(), (0, 0));
}

async fn acquire(limiter: &ConcurrencyLimiter, name: &str) -> ConcurrencyPermit {
    limiter.acquire(user(name)).await.unwrap()
}

fn user(name: &str) -> User {
    User::new("https://issuer.example", name)
}

/// What it is worth now, if anything.
fn polled<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    future.now_or_never()
}
