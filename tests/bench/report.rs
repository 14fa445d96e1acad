//! The figures of all samples, and the tables made of them.

use std::fmt;

use crate::{
    network::Side,
    series::{Series, judged},
    visit::{Sample, Visit},
    waterfall::{STEPS, Waterfalls},
};

/// The share of bare MLflow's time that the shell is to need at most, cold on
/// the emulated link.
const COLD_AIM: f64 = 0.45;

/// The same for a warm visit, on either network.
const WARM_AIM: f64 = 0.9;

/// How soon the frame's document is to be asked for on a warm visit, in
/// milliseconds.
const ASKED_AIM: f64 = 150.0;

/// The share of the earlier build's time that this one is to need at most, cold
/// on the emulated link and warm on localhost.
const BEFORE_AIM: f64 = 1.05;

/// The same for the request of the frame's document on a warm visit.
const BEFORE_ASKED_AIM: f64 = 1.1;

const LIST: &str = "from navigation to the experiments list, ms";

const ASKED: &str = "from a warm navigation to the request of the frame's document, ms";

/// Everything measured so far.
#[derive(Debug)]
pub(crate) struct Report {
    networks: [Figures; 2],
}

/// What was measured over one network.
#[derive(Debug)]
struct Figures {
    name: &'static str,
    bare: Measured,
    before: Measured,
    shell: Measured,
}

/// What was measured on one side.
#[derive(Debug, Default)]
struct Measured {
    cold: Visits,
    warm: Visits,
    asked: Series,
    first: Series,
}

#[derive(Debug, Default)]
struct Visits {
    after: Series,
    received: Series,
    waterfalls: Waterfalls,
}

impl Report {
    /// An empty report on these networks.
    pub(crate) fn new(names: [&'static str; 2]) -> Self {
        Self {
            networks: names.map(|name| Figures {
                name,
                bare: Measured::default(),
                before: Measured::default(),
                shell: Measured::default(),
            }),
        }
    }

    /// Adds a sample taken over the network with this number.
    pub(crate) fn add(&mut self, network: usize, side: Side, sample: &Sample) {
        let figures = &mut self.networks[network];
        match side {
            Side::Bare => figures.bare.add(sample),
            Side::Before => figures.before.add(sample),
            Side::Shell => figures.shell.add(sample),
        }
    }
}

impl Measured {
    fn add(&mut self, sample: &Sample) {
        self.cold.add(&sample.cold);
        self.warm.add(&sample.warm);
        self.asked.0.extend(sample.warm.asked);
        let first = sample.first.as_ref().map(|first| first.after);
        self.first.0.extend(first);
    }
}

impl Visits {
    fn add(&mut self, visit: &Visit) {
        self.waterfalls.add(&visit.waterfall, visit.after);
        self.after.0.push(visit.after);
        let bytes = visit.received.map(u32::try_from);
        let bytes = bytes.map(|bytes| f64::from(bytes.unwrap_or(u32::MAX)));
        self.received.0.extend(bytes.map(|bytes| bytes / 1000.0));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [local, _] = &self.networks;
        writeln!(f, "\nmedian of {} (least)\n", local.shell.first.0.len())?;
        self.write_beside_bare(f)?;
        if !local.before.first.0.is_empty() {
            writeln!(f)?;
            self.write_beside_before(f)?;
        }
        for figures in &self.networks {
            let [cold, warm] = figures.visits();
            figures.write_waterfall(f, &cold, |measured| &measured.cold)?;
            figures.write_waterfall(f, &warm, |measured| &measured.warm)?;
        }
        Ok(())
    }
}

impl Report {
    fn write_beside_bare(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "", ["bare MLflow", "in the shell", "ratio"], "")?;
        writeln!(f, "{LIST}")?;
        for (index, figures) in self.networks.iter().enumerate() {
            let Figures { bare, shell, .. } = figures;
            // Compression can only pay where bytes take time.
            let cold_aim = (index > 0).then_some(COLD_AIM);
            let warm_aim = Some(WARM_AIM);
            let [cold, warm] = figures.visits();
            compare(f, &cold, &bare.cold.after, &shell.cold.after, cold_aim)?;
            compare(f, &warm, &bare.warm.after, &shell.warm.after, warm_aim)?;
        }
        for figures in self.networks.iter().filter(|one| one.counts_bytes()) {
            let Figures { bare, shell, .. } = figures;
            let [cold, warm] = figures.visits();
            writeln!(f, "received by then and soon after, kB")?;
            compare(f, &cold, &bare.cold.received, &shell.cold.received, None)?;
            compare(f, &warm, &bare.warm.received, &shell.warm.received, None)?;
        }
        self.write_alone(f)
    }

    /// Writes what bare MLflow has nothing to compare with.
    fn write_alone(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{ASKED}")?;
        for (index, Figures { name, shell, .. }) in self.networks.iter().enumerate() {
            let aim = (index == 0).then(|| judged(shell.asked.median(), ASKED_AIM, 0));
            let aim = aim.unwrap_or_default();
            row(f, name, ["", &shell.asked.to_string(), ""], &aim)?;
        }
        writeln!(f, "from the first navigation ever to the sign-in card, ms")?;
        for Figures { name, shell, .. } in &self.networks {
            row(f, name, ["", &shell.first.to_string(), ""], "")?;
        }
        Ok(())
    }

    fn write_beside_before(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "", ["build before", "this build", "ratio"], "")?;
        writeln!(f, "{LIST}")?;
        let aims = [[None, Some(BEFORE_AIM)], [Some(BEFORE_AIM), None]];
        for (figures, [cold_aim, warm_aim]) in self.networks.iter().zip(aims) {
            let Figures { before, shell, .. } = figures;
            let [cold, warm] = figures.visits();
            compare(f, &cold, &before.cold.after, &shell.cold.after, cold_aim)?;
            compare(f, &warm, &before.warm.after, &shell.warm.after, warm_aim)?;
        }
        writeln!(f, "{ASKED}")?;
        for figures in &self.networks {
            let asked = [&figures.before.asked, &figures.shell.asked];
            compare(f, figures.name, asked[0], asked[1], Some(BEFORE_ASKED_AIM))?;
        }
        Ok(())
    }
}

impl Figures {
    /// Returns what its two visits are called in a table.
    fn visits(&self) -> [String; 2] {
        ["cold", "warm"].map(|visit| format!("{}, {visit}", self.name))
    }

    /// Writes what took from when to when, medians, as a table of the documentation.
    fn write_waterfall(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        of: fn(&Measured) -> &Visits,
    ) -> fmt::Result {
        let sides = [&self.bare, &self.before, &self.shell].map(of);
        writeln!(
            f,
            "\n| {title}, ms | bare MLflow | build before | this build |"
        )?;
        writeln!(f, "|---|--:|--:|--:|")?;
        for (step, (name, _)) in STEPS.iter().enumerate() {
            let [bare, before, shell] = sides.map(|visits| visits.waterfalls.cell(step));
            writeln!(f, "| {name} | {bare} | {before} | {shell} |")?;
        }
        let [bare, before, shell] = sides.map(|visits| format!("{:.0}", visits.after.median()));
        writeln!(f, "| the list is there | {bare} | {before} | {shell} |")
    }

    fn counts_bytes(&self) -> bool {
        !self.bare.cold.received.0.is_empty()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} ({:.0})", self.median(), self.least())
    }
}

/// Writes both figures, and the second one's share of the first.
fn compare(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    base: &Series,
    ours: &Series,
    aim: Option<f64>,
) -> fmt::Result {
    let ratio = ours.median() / base.median();
    let aim = aim.map(|aim| judged(ratio, aim, 2)).unwrap_or_default();
    let cells = [base.to_string(), ours.to_string(), format!("{ratio:.2}")];
    row(f, name, cells.each_ref().map(String::as_str), &aim)
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, cells: [&str; 3], aim: &str) -> fmt::Result {
    let [base, ours, ratio] = cells;
    writeln!(f, "  {name:<26}{base:>16}{ours:>16}{ratio:>8}  {aim}")
}
