//! Measurements of the same thing.

/// Measurements in any order.
#[derive(Debug, Default)]
pub(crate) struct Series(pub(crate) Vec<f64>);

impl Series {
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => f64::NAN,
            odd if odd % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        }
    }

    pub(crate) fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::NAN, f64::min)
    }

    pub(crate) fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// Says whether a figure is as low as it is meant to be.
pub(crate) fn judged(figure: f64, aim: f64, digits: usize) -> String {
    let verdict = verdict(figure, figure <= aim);
    format!("≤ {aim:.digits$} {verdict}")
}

/// What is said of an aim.
pub(crate) fn verdict(figure: f64, is_met: bool) -> &'static str {
    match is_met {
        _ if figure.is_nan() => "not measured",
        true => "met",
        false => "not met",
    }
}
