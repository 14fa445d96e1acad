//! Waiting: for a while, for the first of several things, for a change.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
    thread::LocalKey,
};

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(called: &Function, milliseconds: i32);
}

/// Resolves as `promise` does, or to `undefined` if it is rejected or takes
/// more than `patience` milliseconds.
pub async fn at_most(patience: i32, promise: &Promise) -> JsValue {
    let timeout = Promise::new(&mut |resolve, _| set_timeout(&resolve, patience));
    let race = Promise::race(&Array::of2(promise, &timeout));
    JsFuture::from(race).await.unwrap_or(JsValue::UNDEFINED)
}

/// Waits so many milliseconds.
pub async fn pause(milliseconds: i32) {
    at_most(milliseconds, &Promise::new(&mut |_, _| {})).await;
}

/// Something that happens once, and those who wait for it.
#[derive(Debug, Clone, Default)]
pub struct Once(Rc<(Cell<bool>, Signal)>);

impl Once {
    /// It has not happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// It happens.
    pub fn done(&self) {
        self.0.0.set(true);
        self.0.1.raise();
    }

    /// Waits until it happens, `patience` milliseconds at most, and returns
    /// whether it did.
    pub async fn within(&self, patience: i32) -> bool {
        if !self.0.0.get() {
            at_most(patience, &self.0.1.next()).await;
        }
        self.0.0.get()
    }
}

/// Something that happens again and again, and those who wait for it.
#[derive(Debug, Default)]
pub struct Signal(RefCell<Vec<Function>>);

impl Signal {
    /// Nobody waits yet.
    pub const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// Wakes everyone who waits.
    pub fn raise(&self) {
        for wake in self.0.take() {
            // Resolving a promise does not fail.
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }

    /// What resolves when the signal is next raised.
    pub fn next(&self) -> Promise {
        Promise::new(&mut |wake, _| self.0.borrow_mut().push(wake))
    }
}

/// Something that is done once for all who want it at the same time.
#[derive(Debug, Default)]
pub struct Flight {
    under_way: Cell<bool>,
    landed: Signal,
}

/// How long anyone waits for what another began, in milliseconds: more than
/// any of it takes, so that a fault there becomes no standstill here.
const LONGEST: i32 = 30_000;

impl Flight {
    /// Nothing is under way.
    pub const fn new() -> Self {
        Self {
            under_way: Cell::new(false),
            landed: Signal::new(),
        }
    }

    /// Does `work`, or waits for whoever is doing it already.
    pub async fn share(flight: &'static LocalKey<Self>, work: impl Future<Output = ()> + 'static) {
        Self::fly(flight, Box::pin(work)).await;
    }

    /// Compiled once, whatever the work is.
    async fn fly(flight: &'static LocalKey<Self>, work: Pin<Box<dyn Future<Output = ()>>>) {
        if flight.with(|flight| flight.under_way.replace(true)) {
            let landed = flight.with(|flight| flight.landed.next());
            at_most(LONGEST, &landed).await;
            return;
        }
        work.await;
        flight.with(|flight| {
            flight.under_way.set(false);
            flight.landed.raise();
        });
    }
}
