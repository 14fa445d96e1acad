//! The figures of all samples, and the table made of them.

use std::{collections::BTreeMap, fmt};

use crate::{
    network::Side,
    pages::{Visit, Visits},
    sdk::Paging,
    series::Series,
};

/// Everything measured so far, by what and where, in the order of the first sample.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<String>,
    figures: BTreeMap<String, [Measured; 2]>,
}

/// What was measured on one side.
#[derive(Debug, Default)]
struct Measured {
    took: Series,
    waiting: Series,
    drawing: Series,
    received: Series,
}

impl Report {
    /// Adds the visits of one browser.
    pub(crate) fn add(&mut self, page: &str, network: &str, side: Side, visits: Visits) {
        for (kind, visit) in [("cold", visits.cold), ("warm", visits.warm)] {
            self.side(format!("{page}, {network}, {kind}"), side)
                .add(&visit);
        }
    }

    /// Adds one round of MLflow's client.
    pub(crate) fn add_client(&mut self, side: Side, paging: &Paging) {
        let measured = self.side("`search_runs`, 20 Mbit/s, 40 ms".to_owned(), side);
        measured.took.0.push(paging.took);
        measured.received.0.push(kilobytes(paging.received));
    }

    fn side(&mut self, row: String, side: Side) -> &mut Measured {
        if !self.figures.contains_key(&row) {
            self.rows.push(row.clone());
        }
        &mut self.figures.entry(row).or_default()[usize::from(side == Side::Shell)]
    }
}

impl Measured {
    fn add(&mut self, visit: &Visit) {
        self.took.0.push(visit.after);
        self.waiting.0.push(visit.waiting);
        self.drawing.0.push(visit.drawing);
        self.received.0.extend(visit.received.map(kilobytes));
    }
}

fn kilobytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| | bare, ms | shell, ms | ratio | bare, kB | shell, kB | ratio | MLflow's slowest \
             answer, ms | from the last answer to the sight of it, ms |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|"
        )?;
        for row in &self.rows {
            let [bare, shell] = &self.figures[row];
            writeln!(
                f,
                "| {row} | {} | {} | {} |",
                compared(&bare.took, &shell.took),
                compared(&bare.received, &shell.received),
                [
                    both(&bare.waiting, &shell.waiting),
                    both(&bare.drawing, &shell.drawing)
                ]
                .join(" | "),
            )?;
        }
        Ok(())
    }
}

fn compared(bare: &Series, shell: &Series) -> String {
    if bare.0.is_empty() {
        return " | |".to_owned();
    }
    let (bare, shell) = (bare.median(), shell.median());
    format!("{bare:.0} | {shell:.0} | {:.2}", shell / bare)
}

fn both(bare: &Series, shell: &Series) -> String {
    if bare.0.is_empty() {
        return String::new();
    }
    format!("{:.0}, {:.0}", bare.median(), shell.median())
}
