//! The same requests, made in several rounds.

use crate::series::Series;

/// Requests of several rounds.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// Every latency.
    pub(crate) all: Series,
    /// The median of every round.
    pub(crate) medians: Series,
}

impl Rounds {
    /// Adds the latencies of a round.
    pub(crate) fn add(&mut self, latencies: Vec<f64>) {
        let round = Series(latencies);
        self.medians.0.push(round.median());
        self.all.0.extend(round.0);
    }
}

/// Returns the ratio of the medians in every round.
pub(crate) fn ratios(ours: &Rounds, other: &Rounds) -> Series {
    let pairs = ours.medians.0.iter().zip(&other.medians.0);
    Series(pairs.map(|(ours, other)| ours / other).collect())
}

impl Series {
    pub(crate) fn greatest(&self) -> f64 {
        self.0.iter().copied().fold(f64::NAN, f64::max)
    }

    pub(crate) fn most(&self) -> f64 {
        self.percentile(95)
    }
}
