//! What is asked for, and how often.

use std::{env, time::Duration};

use hyper::Method;

/// How much JSON is small, and how much is large, in bytes.
pub(crate) const SMALL: usize = 1024;
pub(crate) const LARGE: usize = 1024 * 1024;

/// How much an artifact is, in bytes.
pub(crate) const ARTIFACT: usize = 200 * 1024 * 1024;

/// How many connections there are at a time.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 64, 512];

/// How many requests a second the paced load is made of. All answer those.
const PACE: u32 = 400;

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    Small,
    Paced,
    Search,
    Download,
    Upload,
}

pub(crate) const SCENARIOS: [Scenario; 5] = [
    Scenario::Small,
    Scenario::Paced,
    Scenario::Search,
    Scenario::Download,
    Scenario::Upload,
];

impl Scenario {
    /// What a table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small, 1 KB of JSON",
            Self::Paced => "paced, 400 small requests a second",
            Self::Search => "search, 1 MB of JSON",
            Self::Download => "download, 200 MB",
            Self::Upload => "upload, 200 MB",
        }
    }

    /// Whether it is to be measured.
    pub(crate) fn is_wanted(self) -> bool {
        let only = env::var("SHELL_BENCH_ONLY");
        only.map_or(true, |only| self.name().split(',').next() == Some(&only))
    }

    /// Its method and its path on MLflow.
    pub(crate) fn request(self) -> (Method, &'static str) {
        match self {
            Self::Small | Self::Paced => (
                Method::GET,
                "/ajax-api/2.0/mlflow/runs/get?run_id=0123456789abcdef0123456789abcdef",
            ),
            Self::Search => (Method::POST, "/ajax-api/2.0/mlflow/runs/search"),
            Self::Download => (
                Method::GET,
                "/get-artifact?path=model%2Fmodel.bin&run_uuid=0123456789abcdef0123456789abcdef",
            ),
            Self::Upload => (
                Method::PUT,
                "/ajax-api/2.0/mlflow-artifacts/artifacts/1/0123456789abcdef/artifacts/model.bin",
            ),
        }
    }

    /// Whether it is measured with so many connections.
    pub(crate) fn is_at(self, connections: usize) -> bool {
        self != Self::Paced || connections == 64
    }

    /// Whether bytes count, and not answers.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Download | Self::Upload)
    }

    /// The time between two requests of all connections, if there is one.
    pub(crate) fn pace(self) -> Option<Duration> {
        (self == Self::Paced).then(|| Duration::from_secs(1) / PACE)
    }

    /// How many bytes a whole answer has.
    pub(crate) fn answer(self) -> usize {
        match self {
            Self::Small | Self::Paced => SMALL,
            Self::Search => LARGE,
            Self::Download => ARTIFACT,
            Self::Upload => 2,
        }
    }

    /// How long is measured.
    pub(crate) fn window(self) -> Duration {
        match self {
            // Few requests make few latencies.
            Self::Paced => Duration::from_secs(4),
            Self::Small | Self::Search | Self::Download | Self::Upload => Duration::from_secs(1),
        }
    }
}
