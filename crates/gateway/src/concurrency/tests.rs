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
    let places = Places::new(&limits());
    let first = places.enter(user("a")).await.unwrap();
    let second = places.enter(user("a")).await.unwrap();
    let mut waiting = Box::pin(places.enter(user("b")));
    assert!(polled(&mut waiting).is_none());
    assert_eq!(places.taken(), (2, 1));

    drop(first);
    let third = polled(&mut waiting).unwrap().unwrap();
    assert_eq!(places.taken(), (2, 0));
    drop((second, third));
    assert_eq!(places.taken(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_that() {
    let places = Places::new(&limits());
    let _taken = [enter(&places, "a").await, enter(&places, "a").await];

    let began = tokio::time::Instant::now();
    let refused = places.enter(user("b")).await.err();

    assert_eq!(refused, Some(Overloaded::Waited));
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(places.taken(), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_turned_away_at_once() {
    let places = Places::new(&limits());
    let _taken = [enter(&places, "a").await, enter(&places, "a").await];
    let mut waiting = [places.enter(user("a")), places.enter(user("a"))].map(Box::pin);
    for one in &mut waiting {
        assert!(polled(one).is_none());
    }

    let full = polled(&mut Box::pin(places.enter(user("a"))));
    assert_eq!(full.unwrap().err(), Some(Overloaded::Full));

    // Another user's comes in for the newest of who has most.
    let mut other = Box::pin(places.enter(user("b")));
    assert!(polled(&mut other).is_none());
    let pushed_out = polled(&mut waiting[1]);
    assert_eq!(pushed_out.unwrap().err(), Some(Overloaded::Full));
    assert!(polled(&mut waiting[0]).is_none());
    assert_eq!(places.taken(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_takes_no_place_along() {
    let places = Places::new(&limits());
    let taken = [enter(&places, "a").await, enter(&places, "a").await];

    let mut gone = Box::pin(places.enter(user("b")));
    assert!(polled(&mut gone).is_none());
    drop(gone);
    assert_eq!(places.taken(), (2, 0));

    // This one has been given a place, and has not looked yet.
    let mut gone = Box::pin(places.enter(user("b")));
    assert!(polled(&mut gone).is_none());
    drop(taken);
    assert_eq!(places.taken(), (1, 0));
    drop(gone);
    assert_eq!(places.taken(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_gives_its_place_back() {
    let places = Places::new(&limits());
    let task = tokio::spawn({
        let places = places.clone();
        async move {
            let _place = enter(&places, "a").await;
            assert_eq!(places.taken(), (0, 0), "this fails");
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(places.taken(), (0, 0));
}

#[test]
fn no_more_bodies_of_strangers_are_read_than_may_be() {
    let strangers = Strangers::new(&limits());
    let drains: Vec<_> = std::iter::from_fn(|| strangers.drain()).collect();
    assert_eq!(drains.len(), 64);
}

/// Two of the largest files fill it; a third waits, as long as anything does.
#[tokio::test(start_paused = true)]
async fn files_are_read_as_far_as_there_is_room() {
    const LARGEST: usize = 16 * 1024 * 1024;
    let strangers = Strangers::new(&limits());
    let one = strangers.room(LARGEST).await.unwrap();
    let two = strangers.room(LARGEST).await.unwrap();
    let (none, small) = (strangers.room(0).await, strangers.room(1).await);
    assert!(none.is_ok());
    assert_eq!(small.err(), Some(Overloaded::Strangers));
    drop(one);
    assert!(strangers.room(LARGEST).await.is_ok());
    drop(two);
}

async fn enter(places: &Places, name: &str) -> Place {
    places.enter(user(name)).await.unwrap()
}

fn user(name: &str) -> User {
    User::new("https://issuer.example", name)
}

/// What it is worth now, if anything.
fn polled<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    future.now_or_never()
}
