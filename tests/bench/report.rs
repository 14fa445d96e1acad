//! The figures of all samples, and the table made of them.

use std::fmt;

use crate::{
    network::Side,
    series::{Series, judged},
    visit::{Sample, Visit},
};

/// The share of bare MLflow's time that the shell is to need at most, cold on
/// the emulated link.
const COLD_AIM: f64 = 0.6;

/// The same for a warm visit, on either network.
const WARM_AIM: f64 = 1.05;

/// How soon the frame's document is to be asked for on a warm visit, in
/// milliseconds.
const ASKED_AIM: f64 = 150.0;

/// Everything measured so far.
#[derive(Debug)]
pub(crate) struct Report {
    networks: [Figures; 2],
}

/// What was measured over one network.
#[derive(Debug)]
struct Figures {
    name: &'static str,
    cold: Pair,
    warm: Pair,
    asked: Series,
    first: Series,
}

/// One kind of visit on both sides.
#[derive(Debug, Default)]
struct Pair {
    bare: Visits,
    shell: Visits,
}

#[derive(Debug, Default)]
struct Visits {
    after: Series,
    received: Series,
}

impl Report {
    /// An empty report on these networks.
    pub(crate) fn new(names: [&'static str; 2]) -> Self {
        Self {
            networks: names.map(|name| Figures {
                name,
                cold: Pair::default(),
                warm: Pair::default(),
                asked: Series::default(),
                first: Series::default(),
            }),
        }
    }

    /// Adds a sample taken over the network with this number.
    pub(crate) fn add(&mut self, network: usize, side: Side, sample: &Sample) {
        let figures = &mut self.networks[network];
        figures.cold.of(side).add(&sample.cold);
        figures.warm.of(side).add(&sample.warm);
        figures.asked.0.extend(sample.warm.asked);
        figures
            .first
            .0
            .extend(sample.first.as_ref().map(|first| first.after));
    }
}

impl Pair {
    fn of(&mut self, side: Side) -> &mut Visits {
        match side {
            Side::Bare => &mut self.bare,
            Side::Shell => &mut self.shell,
        }
    }
}

impl Visits {
    fn add(&mut self, visit: &Visit) {
        self.after.0.push(visit.after);
        let bytes = visit.received.map(u32::try_from);
        let bytes = bytes.map(|bytes| f64::from(bytes.unwrap_or(u32::MAX)));
        self.received.0.extend(bytes.map(|bytes| bytes / 1000.0));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.networks[0].first.0.len();
        writeln!(f, "\nmedian of {count} (least)\n")?;
        row(f, "", ["bare MLflow", "in the shell", "ratio"], "")?;
        writeln!(f, "from navigation to the experiments list, ms")?;
        for (index, figures) in self.networks.iter().enumerate() {
            // Compression can only pay where bytes take time.
            let cold_aim = (index > 0).then_some(COLD_AIM);
            figures.cold.write(f, figures.name, "cold", cold_aim)?;
            figures
                .warm
                .write(f, figures.name, "warm", Some(WARM_AIM))?;
        }
        for figures in self.networks.iter().filter(|one| one.counts_bytes()) {
            writeln!(f, "received by then and soon after, kB")?;
            figures.cold.write_sizes(f, figures.name, "cold")?;
            figures.warm.write_sizes(f, figures.name, "warm")?;
        }
        writeln!(
            f,
            "from a warm navigation to the request of the frame's document, ms"
        )?;
        for (index, figures) in self.networks.iter().enumerate() {
            let aim = (index == 0).then_some(ASKED_AIM);
            let aim = aim.map_or_else(String::new, |aim| judged(figures.asked.median(), aim, 0));
            row(f, figures.name, ["", &figures.asked.to_string(), ""], &aim)?;
        }
        writeln!(f, "from the first navigation ever to the sign-in card, ms")?;
        for figures in &self.networks {
            row(f, figures.name, ["", &figures.first.to_string(), ""], "")?;
        }
        Ok(())
    }
}

impl Figures {
    fn counts_bytes(&self) -> bool {
        !self.cold.bare.received.0.is_empty()
    }
}

impl Pair {
    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        network: &str,
        visit: &str,
        aim: Option<f64>,
    ) -> fmt::Result {
        let aim = aim.map_or_else(String::new, |aim| {
            judged(ratio(&self.bare.after, &self.shell.after), aim, 2)
        });
        write_pair(
            f,
            &format!("{network}, {visit}"),
            &self.bare.after,
            &self.shell.after,
            &aim,
        )
    }

    fn write_sizes(&self, f: &mut fmt::Formatter<'_>, network: &str, visit: &str) -> fmt::Result {
        write_pair(
            f,
            &format!("{network}, {visit}"),
            &self.bare.received,
            &self.shell.received,
            "",
        )
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} ({:.0})", self.median(), self.least())
    }
}

fn write_pair(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    bare: &Series,
    shell: &Series,
    aim: &str,
) -> fmt::Result {
    let ratio = format!("{:.2}", ratio(bare, shell));
    row(
        f,
        name,
        [&bare.to_string(), &shell.to_string(), &ratio],
        aim,
    )
}

fn ratio(bare: &Series, shell: &Series) -> f64 {
    shell.median() / bare.median()
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, cells: [&str; 3], aim: &str) -> fmt::Result {
    let [bare, shell, ratio] = cells;
    writeln!(f, "  {name:<26}{bare:>16}{shell:>16}{ratio:>8}  {aim}")
}
