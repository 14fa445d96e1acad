//! The figures of all rounds, as Markdown.

use std::{fmt, time::Duration};

use anyhow::{Context, Result};

use crate::{gateways::Gateways, load::Taken, series::Series};

/// What was measured, in the order in which it was.
#[derive(Debug, Default)]
pub(crate) struct Table {
    loads: Vec<(String, Figures)>,
    decisions: Vec<(String, Series)>,
}

/// A figure a round.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Answers in a second.
    rate: Series,
    /// Milliseconds.
    p50: Series,
    p99: Series,
    /// Microseconds of the gateways' processor time for an answer.
    pub(crate) processor: Series,
    /// Megabytes of all gateways at the end.
    pub(crate) memory: Series,
    errors: u64,
}

impl Table {
    /// Adds what was measured in one window.
    pub(crate) fn add(&mut self, name: &str, taken: &Taken, gateways: &Gateways) -> Result<()> {
        let used = taken.used.context("the gateways are there")?;
        let now = gateways.usage()?.context("they still are")?;
        let figures = place(&mut self.loads, name);
        let answers = real(taken.answers);
        let at = |quantile| real(taken.latencies.value_at_quantile(quantile)) / 1e3;
        figures.rate.0.push(answers / taken.took.as_secs_f64());
        figures.p50.0.push(at(0.5));
        figures.p99.0.push(at(0.99));
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        figures.processor.0.push(micros(used.processor) / answers);
        figures.memory.0.push(real(now.resident) / 1e6);
        figures.errors += taken.errors;
        Ok(())
    }

    /// Adds the nanoseconds of a decision.
    pub(crate) fn decided(&mut self, name: &str, nanoseconds: f64) {
        place(&mut self.decisions, name).0.push(nanoseconds);
    }

    /// What was measured under that name.
    pub(crate) fn of(&self, name: &str) -> Option<&Figures> {
        let found = self.loads.iter().find(|(known, _)| known == name);
        found.map(|(_, figures)| figures)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| load | requests/s | p50 ms | p99 ms | µs | MB | errors |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|")?;
        for (name, it) in &self.loads {
            let [rate, p50, p99] = [&it.rate, &it.p50, &it.p99].map(Series::median);
            let [processor, memory] = [&it.processor, &it.memory].map(Series::median);
            let errors = it.errors;
            writeln!(
                f,
                "| {name} | {rate:.0} | {p50:.2} | {p99:.2} | {processor:.0} | {memory:.0} | {errors} |"
            )?;
        }
        writeln!(
            f,
            "\n| decision by a policy | median µs | least |\n|---|--:|--:|"
        )?;
        for (name, series) in &self.decisions {
            let [median, least] = [series.median(), series.least()].map(|it| it / 1e3);
            writeln!(f, "| {name} | {median:.2} | {least:.2} |")?;
        }
        Ok(())
    }
}

/// What is kept under a name, in the order of their first mention.
fn place<'a, T: Default>(all: &'a mut Vec<(String, T)>, name: &str) -> &'a mut T {
    let found = all.iter().position(|(known, _)| known == name);
    let place = found.unwrap_or_else(|| {
        all.push((name.to_owned(), T::default()));
        all.len() - 1
    });
    &mut all[place].1
}

/// A count as a number that is divided.
pub(crate) fn real(count: u64) -> f64 {
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}
