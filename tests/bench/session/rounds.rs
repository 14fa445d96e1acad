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

    /// The 95th percentile: the least figure that 95 of 100 do not exceed.
    pub(crate) fn most(&self) -> f64 {
        let sorted = self.sorted();
        let rank = (sorted.len() * 95).div_ceil(100);
        let place = rank.checked_sub(1);
        place.map_or(f64::NAN, |place| sorted[place])
    }
}
