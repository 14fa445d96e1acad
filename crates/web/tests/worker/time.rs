use std::cell::Cell;

use futures_util::future::{join, join_all, pending};
use shell_web::{Notify, lock, single_flight::SingleFlight, spawn_local, time};
use wasm_bindgen_test::wasm_bindgen_test;

thread_local! {
    static HELD: Cell<u32> = const { Cell::new(0) };
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

#[wasm_bindgen_test]
async fn waiting_ends_with_the_result_or_with_patience() {
    assert_eq!(time::timeout(10_000, async { 7 }).await, Some(7));
    assert_eq!(time::timeout(1, pending::<u32>()).await, None);

    let notify = Notify::const_new();
    let raise = async {
        time::sleep(1).await;
        notify.notify_waiters();
    };
    let waiting = time::timeout(10_000, notify.notified());
    assert_eq!(join(waiting, raise).await.0, Some(()));
}

#[wasm_bindgen_test]
async fn what_many_want_at_once_is_done_once_and_all_wait_for_it() {
    static FLIGHT: SingleFlight = SingleFlight::const_new();
    async fn work() {
        time::sleep(20).await;
        RUNS.set(RUNS.get() + 1);
    }
    async fn ask() -> u32 {
        FLIGHT.run(work()).await;
        RUNS.get()
    }
    let seen = join_all((0..10).map(|_| ask())).await;
    assert_eq!(seen, [1; 10]);

    FLIGHT.run(work()).await;
    assert_eq!(RUNS.get(), 2);
}

#[wasm_bindgen_test]
async fn a_lock_is_held_by_one_at_a_time() {
    async fn work() {
        assert_eq!(HELD.replace(1), 0, "two hold the lock");
        time::sleep(5).await;
        HELD.set(0);
    }
    for _ in 0..5 {
        spawn_local(async { lock::hold("test", work()).await.unwrap() });
    }
    lock::hold("test", work()).await.unwrap();
    assert_eq!(HELD.get(), 0);
}
