//! The measurements' arithmetic.

mod percentile;
#[path = "session/rounds.rs"]
mod rounds;
mod series;

use rounds::{Rounds, ratios};
use series::{Series, judged};

#[test]
fn a_median_is_in_the_middle() {
    let table: [(&[f64], f64); 3] = [
        (&[4.0], 4.0),
        (&[9.0, 1.0, 2.0], 2.0),
        (&[8.0, 1.0, 2.0, 4.0], 3.0),
    ];
    for (figures, median) in table {
        assert!(is(Series(figures.to_vec()).median(), median), "{figures:?}");
    }
}

#[test]
fn five_of_a_hundred_are_above_the_95th_percentile() {
    for (count, most) in [(1, 1.0), (19, 19.0), (20, 19.0), (21, 20.0), (100, 95.0)] {
        let figures = (1..=count).rev().map(f64::from).collect();
        assert!(is(Series(figures).most(), most), "{count}");
    }
}

#[test]
fn one_of_a_hundred_is_above_the_99th_percentile() {
    for (count, most) in [(1, 1.0), (99, 99.0), (100, 99.0), (1000, 990.0)] {
        let figures = (1..=count).map(f64::from).collect();
        assert!(is(Series(figures).percentile(99), most), "{count}");
    }
}

#[test]
fn nothing_measured_has_no_figures() {
    let none = Series::default();
    let figures = [none.median(), none.most(), none.least(), none.greatest()];
    assert!(figures.iter().all(|figure| figure.is_nan()));
}

#[test]
fn every_round_is_compared_with_its_own() {
    let (mut ours, mut other) = (Rounds::default(), Rounds::default());
    for (own, others) in [([1.0, 3.0], [4.0, 4.0]), ([30.0, 30.0], [20.0, 20.0])] {
        ours.add(own.to_vec());
        other.add(others.to_vec());
    }

    let ratios = ratios(&ours, &other);

    assert!(is(ratios.least(), 0.5) && is(ratios.greatest(), 1.5));
    assert!(is(ours.all.median(), 16.5));
}

#[test]
fn an_aim_is_met_exactly() {
    assert_eq!(judged(50.0, 50.0, 0), "≤ 50 met");
    assert_eq!(judged(1.004, 1.0, 2), "≤ 1.00 not met");
}

fn is(figure: f64, expected: f64) -> bool {
    (figure - expected).abs() < f64::EPSILON
}
