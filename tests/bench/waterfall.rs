//! When each step of a visit began and ended, as the browser's own resource
//! timings say it, and what the gateway was asked besides.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Router, extract::Request, middleware};
use serde_json::Value;

use crate::series::Series;

/// What is waited for on the way to the list, in the order of a visit.
pub(crate) const STEPS: [(&str, Kind); 11] = [
    ("the shell's document", Kind::Shell("/")),
    ("its start script", Kind::Shell("/boot-")),
    ("its style", Kind::Shell("/shell-")),
    ("its glue and module", Kind::Shell("/shell-app-")),
    ("worker's script, update check", Kind::Arrival("/sw.js")),
    ("`config.json`", Kind::Arrival("/config.json")),
    ("MLflow's document", Kind::Document),
    (
        "MLflow's main script",
        Kind::Mlflow("/static-files/static/js/main."),
    ),
    ("its other files", Kind::Mlflow("/static-files/")),
    ("its first questions", Kind::First),
    ("the list's question", Kind::Mlflow("/experiments/search")),
];

/// Which requests belong to a step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// The shell's own whose paths begin so.
    Shell(&'static str),
    /// Those of the worker's and the browser's own, which no page's timings have.
    Arrival(&'static str),
    /// The document of MLflow's UI.
    Document,
    /// MLflow's whose paths have this in them.
    Mlflow(&'static str),
    /// The first to MLflow's API.
    First,
}

/// One request, in milliseconds since the navigation.
#[derive(Debug)]
pub(crate) struct Timing {
    path: String,
    in_frame: bool,
    start: f64,
    end: f64,
}

/// What of a visit took from when to when.
#[derive(Debug, Default)]
pub(crate) struct Waterfall(Vec<Timing>);

impl Waterfall {
    /// Reads what the page's observer says: what came from a server.
    pub(crate) fn read(timings: &Value) -> Option<Self> {
        let timings = timings.as_array()?.iter();
        Some(Self(timings.filter_map(Timing::read).collect()))
    }

    /// Adds what arrived at the gateway since the navigation, which began at
    /// `origin`, in milliseconds since 1970.
    pub(crate) fn add(&mut self, arrivals: &[(String, f64)], origin: f64) {
        let arrived = arrivals.iter().filter(|(_, at)| *at >= origin);
        self.0.extend(arrived.map(|(path, at)| Timing {
            path: path.clone(),
            in_frame: false,
            start: at - origin,
            end: f64::NAN,
        }));
    }

    /// From when to when a step took, of what began before `seen`.
    pub(crate) fn step(&self, kind: Kind, seen: f64) -> Option<[f64; 2]> {
        let timings = self.0.iter().filter(|timing| timing.start < seen);
        let timings = timings.filter(|timing| timing.is_of(kind));
        let whole = timings.map(|timing| [timing.start, timing.end]);
        match kind {
            Kind::First => whole.min_by(|one, other| one[0].total_cmp(&other[0])),
            _ => whole.reduce(|all, one| [all[0].min(one[0]), all[1].max(one[1])]),
        }
    }
}

impl Timing {
    fn read(timing: &Value) -> Option<Self> {
        let url = timing["url"].as_str()?.split("//").nth(1)?;
        let path = url.find('/').map_or("/", |at| &url[at..]);
        Some(Self {
            path: path.split(['?', '#']).next()?.to_owned(),
            in_frame: timing["inFrame"].as_bool()?,
            start: timing["start"].as_f64()?,
            end: timing["end"].as_f64()?,
        })
    }

    fn is_of(&self, kind: Kind) -> bool {
        let Self { path, end, .. } = self;
        let is_ours = !self.in_frame && !end.is_nan();
        match kind {
            Kind::Shell("/") => is_ours && path == "/",
            Kind::Shell(start @ "/shell-") => {
                is_ours && path.starts_with(start) && path.ends_with(".css")
            }
            Kind::Shell(start) => is_ours && path.starts_with(start),
            Kind::Arrival(whole) => end.is_nan() && path == whole,
            Kind::Document => self.in_frame && matches!(path.as_str(), "/" | "/mlflow/"),
            Kind::Mlflow(part) => self.in_frame && path.contains(part),
            Kind::First => {
                self.in_frame && (path.contains("/ajax-api/") || path.ends_with("/graphql"))
            }
        }
    }
}

/// The steps of several visits.
#[derive(Debug)]
pub(crate) struct Waterfalls([[Series; 2]; STEPS.len()]);

impl Default for Waterfalls {
    fn default() -> Self {
        Self(std::array::from_fn(|_| <[Series; 2]>::default()))
    }
}

impl Waterfalls {
    /// Adds a visit in which the list was there after `seen` milliseconds.
    pub(crate) fn add(&mut self, waterfall: &Waterfall, seen: f64) {
        for ((_, kind), series) in STEPS.iter().zip(&mut self.0) {
            let times = waterfall.step(*kind, seen).into_iter().flatten();
            for (time, series) in times.zip(series) {
                series.0.push(time);
            }
        }
    }

    /// The step with this number, as a table has it.
    pub(crate) fn cell(&self, step: usize) -> String {
        let [start, end] = &self.0[step];
        let mut cell = String::new();
        if !start.0.is_empty() {
            let _ = write!(cell, "{:.0}", start.median());
        }
        if !end.median().is_nan() {
            let _ = write!(cell, "–{:.0}", end.median());
        }
        cell
    }
}

/// Which paths a gateway was asked for, and when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Vec<(String, f64)>>>);

impl Arrivals {
    /// `router`, which notes what it is asked for.
    pub(crate) fn noted(&self, router: Router) -> Router {
        let arrivals = self.clone();
        router.layer(middleware::from_fn(
            move |request: Request, next: middleware::Next| {
                arrivals.note(request.uri().path());
                next.run(request)
            },
        ))
    }

    fn note(&self, path: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs_f64() * 1000.0;
        self.locked().push((path.to_owned(), now));
    }

    /// Takes what was noted.
    pub(crate) fn take(&self) -> Vec<(String, f64)> {
        std::mem::take(&mut self.locked())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<(String, f64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
