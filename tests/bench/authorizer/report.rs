//! The figures of all rounds, and the tables made of them.

use std::{fmt, time::Duration};

use shell_tests::lambda::Usage;

use crate::{
    candidate::{CANDIDATES, Candidate, Cold},
    series::{Series, judged},
    size::Sizes,
};

/// The share of the sample's cold start that ours is to need at most.
const COLD_AIM: f64 = 0.05;

/// The same for a warm answer.
const WARM_AIM: f64 = 0.1;

/// How large our zip is to be at most, in megabytes.
const ZIP_AIM: f64 = 2.0;

/// How much memory ours is to have at most, in megabytes.
const MEMORY_AIM: f64 = 20.0;

const RATIO: &str = "ours / the sample's";

/// Everything measured.
#[derive(Debug)]
pub(crate) struct Report {
    candidates: [Figures; 4],
    sizes: Sizes,
}

/// What was measured of one candidate, in milliseconds and megabytes.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    asked: Series,
    answered: Series,
    warm: Series,
    processor: Series,
    resident: Series,
    peak: Series,
}

impl Figures {
    /// Adds one start.
    pub(crate) fn add_start(&mut self, cold: &Cold) {
        self.asked.0.push(milliseconds(cold.asked));
        self.answered.0.push(milliseconds(cold.answered));
    }

    /// Adds the warm answers of one process, and what it had used before and
    /// after them.
    pub(crate) fn add_warm(&mut self, took: &[Duration], before: Usage, after: Usage) {
        self.warm.0.extend(took.iter().copied().map(milliseconds));
        let spent = milliseconds(after.processor.saturating_sub(before.processor));
        self.processor.0.push(spent / count(took.len()));
        self.resident.0.push(megabytes(after.resident));
        self.peak.0.push(megabytes(after.peak));
    }
}

impl Report {
    /// An empty report on functions of these sizes.
    pub(crate) fn new(sizes: Sizes) -> Self {
        Self {
            candidates: Default::default(),
            sizes,
        }
    }

    /// The figures of one candidate.
    pub(crate) fn of(&mut self, candidate: Candidate) -> &mut Figures {
        &mut self.candidates[candidate as usize]
    }

    fn ratio(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        let [ours, sample] = [Candidate::Ours, Candidate::Sample]
            .map(|candidate| figure(&self.candidates[candidate as usize]));
        ours / sample
    }

    fn write_cold(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = self.candidates[0].answered.0.len();
        writeln!(f, "\nfrom start to first answer, {starts} starts each, ms")?;
        row(
            f,
            "",
            ["median", "least", "first asked"].map(String::from),
            "",
        )?;
        for (candidate, figures) in CANDIDATES.iter().zip(&self.candidates) {
            let Figures {
                asked, answered, ..
            } = figures;
            let cells = [answered.median(), answered.least(), asked.median()];
            row(
                f,
                candidate.name(),
                cells.map(|cell| format!("{cell:.2}")),
                "",
            )?;
        }
        let cells = [
            self.ratio(|it| it.answered.median()),
            self.ratio(|it| it.answered.least()),
            self.ratio(|it| it.asked.median()),
        ];
        let aim = judged(cells[0], COLD_AIM, 3);
        row(f, RATIO, cells.map(|cell| format!("{cell:.3}")), &aim)
    }

    fn write_warm(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = self.candidates[0].warm.0.len();
        writeln!(f, "\nwarm, {answers} answers each, ms")?;
        row(f, "", ["median", "p99", "processor"].map(String::from), "")?;
        for (candidate, figures) in CANDIDATES.iter().zip(&self.candidates) {
            let Figures {
                warm, processor, ..
            } = figures;
            let cells = [warm.median(), warm.percentile(99), processor.median()];
            row(
                f,
                candidate.name(),
                cells.map(|cell| format!("{cell:.3}")),
                "",
            )?;
        }
        let cells = [
            self.ratio(|it| it.warm.median()),
            self.ratio(|it| it.warm.percentile(99)),
            self.ratio(|it| it.processor.median()),
        ];
        let aim = judged(cells[0], WARM_AIM, 3);
        row(f, RATIO, cells.map(|cell| format!("{cell:.3}")), &aim)
    }

    fn write_memory(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nmemory after that, MB")?;
        row(f, "", ["resident", "at most", ""].map(String::from), "")?;
        for (candidate, figures) in CANDIDATES.iter().zip(&self.candidates) {
            let Figures { resident, peak, .. } = figures;
            let [resident, peak] = [resident, peak].map(Series::median);
            let aim = match candidate {
                Candidate::Ours => judged(resident, MEMORY_AIM, 0),
                Candidate::Sample | Candidate::Refusing | Candidate::Idle => String::new(),
            };
            let cells = [
                format!("{resident:.1}"),
                format!("{peak:.1}"),
                String::new(),
            ];
            row(f, candidate.name(), cells, &aim)?;
        }
        Ok(())
    }

    fn write_sizes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [zip, ours, sample] =
            [self.sizes.zip, self.sizes.ours, self.sizes.sample].map(megabytes);
        writeln!(f, "\nsize, MB")?;
        row(f, "", ["zip", "unpacked", ""].map(String::from), "")?;
        let cells = [format!("{zip:.2}"), format!("{ours:.2}"), String::new()];
        row(f, Candidate::Ours.name(), cells, &judged(zip, ZIP_AIM, 0))?;
        let cells = [String::new(), format!("{sample:.2}"), String::new()];
        row(f, Candidate::Sample.name(), cells, "")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_cold(f)?;
        self.write_warm(f)?;
        self.write_memory(f)?;
        self.write_sizes(f)
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, cells: [String; 3], aim: &str) -> fmt::Result {
    let [first, second, third] = cells;
    writeln!(f, "  {name:<24}{first:>12}{second:>12}{third:>13}  {aim}")
}
