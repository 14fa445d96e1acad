//! What most measurements do not exceed.

use crate::series::Series;

impl Series {
    /// The least figure that `share` of 100 do not exceed.
    pub(crate) fn percentile(&self, share: usize) -> f64 {
        let sorted = self.sorted();
        let rank = (sorted.len() * share).div_ceil(100);
        let place = rank.checked_sub(1);
        place.map_or(f64::NAN, |place| sorted[place])
    }
}
