//! The figures of all rounds in one engine, and the tables made of them.

use std::{collections::BTreeMap, fmt};

use crate::{
    deployment::{CANDIDATES, Candidate},
    guest::Told,
    rounds::{Rounds, ratios},
    series::{Series, judged},
};

/// The share of the peer's time that our worker is to need at most.
const PEER_AIM: f64 = 1.0;

/// How soon a woken worker is to answer, in milliseconds.
const WOKEN_AIM: f64 = 30.0;

/// Everything measured in one engine.
#[derive(Debug, Default)]
pub(crate) struct Report {
    candidates: [Figures; 3],
}

/// What was measured of one candidate.
#[derive(Debug, Default)]
struct Figures {
    in_turn: Rounds,
    at_once: Rounds,
    live: Series,
    woken: Series,
    statuses: BTreeMap<String, u64>,
    allowed: Series,
}

impl Report {
    /// Adds a round's latencies.
    pub(crate) fn add_round(&mut self, candidate: Candidate, in_turn: Vec<f64>, at_once: Vec<f64>) {
        let figures = &mut self.candidates[candidate as usize];
        figures.in_turn.add(in_turn);
        figures.at_once.add(at_once);
    }

    /// Adds one request that a running worker answered, and one that woke it.
    pub(crate) fn add_stop(&mut self, candidate: Candidate, live: &Told, woken: &Told) {
        let figures = &mut self.candidates[candidate as usize];
        figures.live.0.extend(&live.latencies);
        figures.woken.0.extend(&woken.latencies);
        for (status, count) in &woken.statuses {
            *figures.statuses.entry(status.clone()).or_default() += count;
        }
        figures.allowed.0.extend(woken.allowed);
    }

    fn of(&self, candidate: Candidate) -> &Figures {
        &self.candidates[candidate as usize]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_rounds(f, "one after another", |figures| &figures.in_turn)?;
        self.write_rounds(f, "fifty at once", |figures| &figures.at_once)?;
        self.write_stops(f)
    }
}

impl Report {
    fn write_rounds(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        of: impl Fn(&Figures) -> &Rounds,
    ) -> fmt::Result {
        let [page, shell, peer] = CANDIDATES.map(|candidate| of(self.of(candidate)));
        let (requests, rounds) = (page.all.0.len(), page.medians.0.len());
        writeln!(
            f,
            "\n{title}, {requests} requests each in {rounds} rounds, ms"
        )?;
        row(f, "", &["median", "p95", "added", "at p95"], "")?;
        for candidate in CANDIDATES {
            let own = &of(self.of(candidate)).all;
            let added = |figure: f64, base: f64| match candidate {
                Candidate::Page => String::new(),
                Candidate::Shell | Candidate::Peer => format!("{:+.2}", figure - base),
            };
            let cells = [
                format!("{:.2}", own.median()),
                format!("{:.2}", own.most()),
                added(own.median(), page.all.median()),
                added(own.most(), page.all.most()),
            ];
            row(f, candidate.name(), &cells, "")?;
        }
        let base = |figure: fn(&Series) -> f64| {
            let [page, shell, peer] = [page, shell, peer].map(|rounds| figure(&rounds.all));
            [shell / peer, (shell - page) / (peer - page)]
        };
        let [median, added_median] = base(Series::median);
        let [most, added_most] = base(Series::most);
        let cells = [median, most, added_median, added_most].map(|ratio| format!("{ratio:.2}"));
        row(f, RATIO, &cells, &judged(median, PEER_AIM, 2))?;
        let ratios = ratios(shell, peer);
        let range = format!("{:.2}–{:.2}", ratios.least(), ratios.greatest());
        row(f, "by round", &[range], "")
    }

    fn write_stops(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stops = self.of(Candidate::Shell).woken.0.len();
        writeln!(f, "\nafter the worker was stopped, {stops} times, ms")?;
        row(
            f,
            "",
            &["running", "woken", "p95", "added", "allowed"],
            "  answers",
        )?;
        for candidate in [Candidate::Shell, Candidate::Peer] {
            let Figures {
                live,
                woken,
                statuses,
                allowed,
                ..
            } = self.of(candidate);
            let cells = [
                format!("{:.1}", live.median()),
                format!("{:.1}", woken.median()),
                format!("{:.1}", woken.most()),
                format!("{:+.1}", woken.median() - live.median()),
                format!("{:.1}", allowed.median()),
            ];
            let aim = match candidate {
                Candidate::Shell => judged(woken.median(), WOKEN_AIM, 0),
                Candidate::Page | Candidate::Peer => String::new(),
            };
            row(
                f,
                candidate.name(),
                &cells,
                &format!("  {}  {aim}", told(statuses, stops - allowed.0.len())),
            )?;
        }
        let [shell, peer] = [Candidate::Shell, Candidate::Peer].map(|one| self.of(one));
        let ratio = |of: fn(&Figures) -> &Series| {
            let ratio = of(shell).median() / of(peer).median();
            format!("{ratio:.2}")
        };
        let empty = String::new;
        let cells = [
            ratio(|figures| &figures.live),
            ratio(|figures| &figures.woken),
            empty(),
            empty(),
            ratio(|figures| &figures.allowed),
        ];
        row(f, RATIO, &cells, "")
    }
}

/// Such as `20 × 401, 1 never allowed`.
fn told(statuses: &BTreeMap<String, u64>, never: usize) -> String {
    let counts = statuses.iter();
    let counts = counts.map(|(status, count)| format!("{count} × {status}"));
    let never = (never > 0).then(|| format!("{never} never allowed"));
    counts.chain(never).collect::<Vec<_>>().join(", ")
}

const RATIO: &str = "ours / the peer's";

impl Candidate {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "no worker",
            Self::Shell => "our worker",
            Self::Peer => "@axa-fr/oidc-client's",
        }
    }
}

fn row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    cells: &[impl AsRef<str>],
    note: &str,
) -> fmt::Result {
    write!(f, "  {name:<24}")?;
    for cell in cells {
        write!(f, "{:>11}", cell.as_ref())?;
    }
    writeln!(f, "  {note}")
}
