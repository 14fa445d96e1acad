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
    /// What covers MLflow, or is shown in its place.
    pub dialog: RwSignal<Option<Dialog>>,
    /// The route of MLflow in its frame; `None` as long as MLflow is not shown.
    pub route: RwSignal<Option<Route>>,
    /// What is said for a moment; empty if nothing is.
    pub toast: RwSignal<String>,
    machine: StoredValue<Machine>,
    perform: fn(Effect, Dispatch),
}

/// What is behind the signals.
#[derive(Debug, Default)]
struct Machine {
    state: PageState,
    /// What is still to be worked off, and whether that is being done: an effect
    /// may lead to the next message before it returns.
    queue: VecDeque<Msg>,
    is_busy: bool,
    /// [`PageContext::dispatch`], for what goes on after the component that began
    /// it is gone.
    dispatch: Option<Dispatch>,
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
            machine: StoredValue::default(),
            perform,
        };
        let dispatch = Callback::new(move |message| context.dispatch(message));
        let machine = Machine {
            dispatch: Some(dispatch),
            ..Machine::default()
        };
        context.machine.set_value(machine);
        provide_context(context);
        context
    }

    /// Starts the page in this environment, and listens to the browser.
    pub fn start(self, environment: Environment) {
        let part = environment.role();
        self.dispatch(Msg::Started(environment));
        if let Some(dispatch) = self.machine.with_value(|machine| machine.dispatch) {
            services::listen(part, dispatch);
        }
    }

    /// Passes `message` to [`page::update`], shows what is different then, and has
    /// done what is to be done.
    pub fn dispatch(self, message: Msg) {
        let is_busy = self.machine.try_update_value(|machine| {
            machine.queue.push_back(message);
            std::mem::replace(&mut machine.is_busy, true)
        });
        if is_busy != Some(false) {
            return;
        }
        while let Some((effects, dispatch)) = self.take_next() {
            self.publish();
            for effect in effects {
                (self.perform)(effect, dispatch);
            }
        }
    }

    fn take_next(self) -> Option<(Vec<Effect>, Dispatch)> {
        self.machine.try_update_value(|machine| {
            let Some(message) = machine.queue.pop_front() else {
                machine.is_busy = false;
                return None;
            };
            machine.state.address = shell_web::page::address();
            machine.state.now = clock::now();
            let effects = page::update(&mut machine.state, message);
            Some((effects, machine.dispatch?))
        })?
    }

    fn publish(self) {
        self.machine.with_value(|Machine { state, .. }| {
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
