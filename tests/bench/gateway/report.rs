//! The figures of all rounds, and the tables made of them.

use std::{collections::BTreeMap, fmt};

use crate::{
    costs::Costs,
    load::Taken,
    proxy::{PROXIES, Proxy},
    scenario::{CONNECTIONS, SCENARIOS, Scenario},
    series::{Series, judged, verdict},
};

/// What share of nginx's throughput ours is to have at least.
const NGINX_AIM: f64 = 0.9;

/// How many times the Flask proxy's throughput ours is to have at least.
const FLASK_AIM: f64 = 10.0;

/// How much later than without a proxy 99 of 100 are to be answered at most, in
/// milliseconds.
const LATENCY_AIM: f64 = 0.3;

/// How much memory ours is to have at most, in megabytes.
const MEMORY_AIM: f64 = 40.0;

/// How long a cached token's check and a decision are to take at most, in
/// nanoseconds.
const COST_AIM: f64 = 1000.0;

/// The most that one may cost whose policy has limits, in nanoseconds.
const LIMITED_COST_AIM: f64 = 3000.0;

/// Everything measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: BTreeMap<(usize, usize, usize), Figures>,
    pub(crate) costs: Costs,
}

/// What was measured of one proxy under one load, a figure a round.
#[derive(Debug, Default)]
struct Figures {
    /// Answers, or megabytes of a stream, in a second.
    rate: Series,
    /// Milliseconds.
    p50: Series,
    p99: Series,
    /// Microseconds of the processor for an answer, or for a megabyte.
    processor: Series,
    /// Megabytes.
    memory: Series,
    errors: u64,
}

impl Report {
    /// Adds what was measured in one window.
    pub(crate) fn add(
        &mut self,
        scenario: Scenario,
        connections: usize,
        proxy: Proxy,
        taken: &Taken,
    ) {
        let figures = self
            .figures
            .entry((scenario as usize, connections, proxy as usize));
        let figures = figures.or_default();
        let done = if scenario.is_stream() {
            count(taken.bytes) / 1e6
        } else {
            count(taken.answers)
        };
        figures.rate.0.push(done / taken.took.as_secs_f64());
        if !scenario.is_stream() && taken.answers > 0 {
            let at = |quantile| count(taken.latencies.value_at_quantile(quantile)) / 1e3;
            figures.p50.0.push(at(0.5));
            figures.p99.0.push(at(0.99));
        }
        if let Some(used) = taken.used {
            figures
                .processor
                .0
                .push(used.processor.as_secs_f64() * 1e6 / done);
            figures.memory.0.push(count(used.resident) / 1e6);
        }
        figures.errors += taken.errors;
    }

    fn of(&self, scenario: Scenario, connections: usize, proxy: Proxy) -> Option<&Figures> {
        self.figures
            .get(&(scenario as usize, connections, proxy as usize))
    }

    fn write_load(
        &self,
        f: &mut fmt::Formatter<'_>,
        scenario: Scenario,
        connections: usize,
    ) -> fmt::Result {
        for proxy in PROXIES {
            let Some(figures) = self.of(scenario, connections, proxy) else {
                continue;
            };
            let beside = |other| {
                let other = self.of(scenario, connections, other);
                figures.rate.median() / other.map_or(f64::NAN, |other| other.rate.median())
            };
            let cells = [
                format!("{:.0}", figures.rate.median()),
                format!("{:.2}", beside(Proxy::Direct)),
                format!("{:.2}", beside(Proxy::Nginx)),
                known(figures.p50.median(), 2),
                known(figures.p99.median(), 2),
                known(figures.processor.median(), 0),
                known(figures.memory.median(), 1),
                figures.errors.to_string(),
            ];
            row(f, &format!("{connections} · {}", proxy.name()), &cells)?;
        }
        Ok(())
    }

    fn write_costs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Costs {
            first_check,
            cached_check,
            decision,
            limited_decision,
        } = &self.costs;
        writeln!(f, "\nin this process, ns, median and least of the rounds")?;
        for (name, figures, aim) in [
            ("token check, first", first_check, None),
            ("token check, cached", cached_check, Some(COST_AIM)),
            ("policy decision", decision, Some(COST_AIM)),
            (
                "the same, with limits",
                limited_decision,
                Some(LIMITED_COST_AIM),
            ),
        ] {
            let (median, least) = (figures.median(), figures.least());
            let verdict = aim.map_or_else(String::new, |aim| judged(median, aim, 0));
            writeln!(f, "  {name:<21}{median:>9.0}{least:>9.0}  {verdict}")?;
        }
        Ok(())
    }

    fn write_aims(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nsmall requests, ours beside the aims")?;
        for connections in CONNECTIONS {
            let rate = |proxy| {
                let figures = self.of(Scenario::Small, connections, proxy);
                figures.map_or(f64::NAN, |figures| figures.rate.median())
            };
            let [nginx, flask] =
                [Proxy::Nginx, Proxy::Flask].map(|it| rate(Proxy::Ours) / rate(it));
            let [to_nginx, to_flask] = [reached(nginx, NGINX_AIM), reached(flask, FLASK_AIM)];
            writeln!(
                f,
                "  {connections:>3} connections: nginx × {} ({to_nginx}), Flask × {} ({to_flask})",
                known(nginx, 2),
                known(flask, 1),
            )?;
        }
        let later = |scenario, connections| {
            let p99 = |proxy| Some(self.of(scenario, connections, proxy)?.p99.median());
            p99(Proxy::Ours)
                .zip(p99(Proxy::Direct))
                .map_or(f64::NAN, |(ours, direct)| ours - direct)
        };
        for (scenario, connections) in [(Scenario::Small, 1), (Scenario::Paced, 64)] {
            let later = later(scenario, connections);
            let verdict = judged(later, LATENCY_AIM, 2);
            writeln!(
                f,
                "  {}, {connections} connections: p99 {} ms over direct ({verdict})",
                scenario.name(),
                known(later, 2),
            )?;
        }
        let memory = self.of(Scenario::Small, 512, Proxy::Ours);
        let memory = memory.map_or(f64::NAN, |figures| figures.memory.median());
        let verdict = judged(memory, MEMORY_AIM, 0);
        let memory = known(memory, 1);
        writeln!(f, "  512 connections: {memory} MB resident ({verdict})")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for scenario in SCENARIOS.into_iter().filter(|it| it.is_wanted()) {
            writeln!(f, "\n{}", scenario.name())?;
            let (unit, work) = if scenario.is_stream() {
                ("MB/s", "µs/MB")
            } else {
                ("1/s", "µs each")
            };
            let names = [
                unit, "/ direct", "/ nginx", "p50 ms", "p99 ms", work, "MB", "errors",
            ];
            row(f, "connections", &names.map(str::to_owned))?;
            for connections in CONNECTIONS {
                self.write_load(f, scenario, connections)?;
            }
        }
        self.write_costs(f)?;
        self.write_aims(f)
    }
}

impl Proxy {
    fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::Flask => "Flask",
            Self::Ours => "ours",
        }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, cells: &[String; 8]) -> fmt::Result {
    write!(f, "  {name:<14}")?;
    for cell in cells {
        write!(f, "{cell:>10}")?;
    }
    writeln!(f)
}

/// A figure, if there is one.
fn known(figure: f64, digits: usize) -> String {
    if figure.is_finite() {
        format!("{figure:.digits$}")
    } else {
        "–".to_owned()
    }
}

fn reached(figure: f64, aim: f64) -> String {
    let verdict = verdict(figure, figure >= aim);
    format!("≥ {aim} {verdict}")
}

fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number / 1000).unwrap_or(u32::MAX)) * 1e3
        + f64::from(u32::try_from(number % 1000).unwrap_or_default())
}
