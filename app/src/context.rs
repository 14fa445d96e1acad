//! What the page shows, as signals, and the one way to change it.

use std::collections::VecDeque;

use leptos::prelude::*;
use shell_core::{
    Route,
    page::{self, Dialog, Effect, Environment, Msg, PageState, ShownSite, SignedIn},
};
use shell_web::clock;

use crate::services::{self, Dispatch};

/// The page's signals. Components read them and call [`dispatch`](Self::dispatch).
#[derive(Debug, Clone, Copy)]
pub struct PageContext {
    /// Who works in MLflow; `None` as long as MLflow is not shown.
    pub session: RwSignal<Option<SignedIn>>,
    /// What of the site is shown.
    pub site: RwSignal<ShownSite>,
    /// What lies over MLflow, or is there instead of it.
    pub dialog: RwSignal<Option<Dialog>>,
    /// The route of MLflow in its frame; `None` as long as MLflow is not shown.
    pub route: RwSignal<Option<Route>>,
    /// What is said for a moment; empty if nothing is.
    pub toast: RwSignal<String>,
    state: StoredValue<PageState>,
    /// What is still to be worked off, and whether that is being done: an effect
    /// may lead to the next message before it returns.
    queue: StoredValue<(VecDeque<Msg>, bool)>,
    perform: fn(Effect, Dispatch),
    /// [`dispatch`](Self::dispatch), for what goes on after the component that
    /// began it is gone.
    dispatcher: StoredValue<Option<Dispatch>>,
}

impl PageContext {
    /// The context of a page that shows nothing yet, for the components below the
    /// one that calls this. `perform` does what is to be done in the browser.
    pub fn provide(perform: fn(Effect, Dispatch)) -> Self {
        let context = Self {
            session: RwSignal::default(),
            site: RwSignal::default(),
            dialog: RwSignal::default(),
            route: RwSignal::default(),
            toast: RwSignal::default(),
            state: StoredValue::default(),
            queue: StoredValue::default(),
            perform,
            dispatcher: StoredValue::default(),
        };
        let dispatch = Callback::new(move |message| context.dispatch(message));
        context.dispatcher.set_value(Some(dispatch));
        provide_context(context);
        context
    }

    /// Starts the page in this environment, and listens to the browser.
    pub fn start(self, environment: Environment) {
        let part = environment.part();
        self.dispatch(Msg::Started(environment));
        if let Some(dispatch) = self.dispatcher.get_value() {
            services::listen(part, dispatch);
        }
    }

    /// Passes `message` to [`page::update`], shows what is different then, and has
    /// done what is to be done.
    pub fn dispatch(self, message: Msg) {
        let is_busy = self.queue.try_update_value(|(queue, is_busy)| {
            queue.push_back(message);
            std::mem::replace(is_busy, true)
        });
        if is_busy != Some(false) {
            return;
        }
        while let Some(message) = self.next() {
            self.take(message);
        }
    }

    fn next(self) -> Option<Msg> {
        self.queue.try_update_value(|(queue, is_busy)| {
            let next = queue.pop_front();
            *is_busy = next.is_some();
            next
        })?
    }

    fn take(self, message: Msg) {
        let effects = self.state.try_update_value(|state| {
            state.address = shell_web::page::address();
            state.now = clock::now();
            page::update(state, message)
        });
        self.publish();
        if let Some(dispatch) = self.dispatcher.get_value() {
            for effect in effects.unwrap_or_default() {
                (self.perform)(effect, dispatch);
            }
        }
    }

    fn publish(self) {
        self.state.with_value(|state| {
            set(self.session, &state.session);
            set(self.site, &state.site);
            set(self.dialog, &state.dialog);
            set(self.route, &state.route().cloned());
            set(self.toast, &state.toast);
        });
    }
}

/// Sets `signal` if that changes it: whatever reads it is drawn again.
fn set<T: Clone + PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: &T) {
    if signal.with_untracked(|shown| shown != value) {
        signal.set(value.clone());
    }
}
