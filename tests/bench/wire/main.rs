//! What MLflow's own pages and its client take for larger lists, bare and through the
//! shell, on localhost and over an emulated link:
//!
//! * the **runs** of an experiment that has 1,000 with 30 metrics and 30 parameters each,
//!   of which MLflow's page loads a hundred;
//! * the **charts** of 50 runs with 10 metrics of 1,000 steps;
//! * **`search_runs`** of MLflow's client through 10,000 runs, a thousand at a time.
//!
//! Pages are opened in Chromium, in a new profile each time: first with empty caches,
//! then once more. A page is there when the newest run's name, or the lines of four
//! charts, can be seen. The time that MLflow takes itself is the same on both sides.
//!
//! Then a script in each engine that is installed reads a **download** of 1.5 GB, straight
//! from its server and through worker and gateway, and the memory of browser and servers is
//! looked at. `SHELL_BENCH_ONLY` measures one part: `pages`, `client` or
//! `downloads`.
//!
//! Run it as `cargo xtask bench wire`. It reports; no figure makes it fail.

mod download;
mod pages;
mod report;
mod sdk;

#[path = "../dev_tools.rs"]
mod dev_tools;
#[path = "../front.rs"]
mod front;
#[path = "../harness.rs"]
mod harness;
#[path = "../link.rs"]
mod link;
#[path = "../network.rs"]
#[expect(dead_code, reason = "`bench page` knows an earlier build, too")]
mod network;
#[path = "../series.rs"]
#[expect(dead_code, reason = "other measurements judge by aims, too")]
mod series;
#[path = "../sign_in.rs"]
mod sign_in;

use std::{env, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;
use shell_tests::environment;

use self::{
    harness::{samples, say},
    link::{Link, Speed},
    network::{Network, Side},
    pages::{Page, sample},
    report::Report,
    sdk::Client,
};

/// Where the file with the experiments' ids is said.
const DATA: &str = "SHELL_BENCH_DATA";

/// Which part is measured, if not all.
const ONLY: &str = "SHELL_BENCH_ONLY";

/// The slower of the two networks.
const EMULATED: Speed = Speed {
    bits_per_second: 20_000_000,
    one_way: Duration::from_millis(20),
};

#[tokio::main]
async fn main() -> Result<()> {
    harness::run(measure()).await
}

async fn measure() -> Result<()> {
    let (samples, only) = (samples()?, env::var(ONLY).unwrap_or_default());
    let builds = [(Side::Shell, environment::site())];
    let wanted = |part: &str| only.is_empty() || only == part;
    let mut report = Report::default();
    if wanted("pages") {
        measure_pages(samples, &builds, &mut report).await?;
    }
    if wanted("client") {
        measure_client(samples, &mut report).await?;
    }
    say(&report.to_string());
    if wanted("downloads") {
        download::measure(samples, &builds).await?;
    }
    Ok(())
}

async fn measure_pages(
    samples: usize,
    builds: &[(Side, PathBuf)],
    report: &mut Report,
) -> Result<()> {
    let mlflow = environment::mlflow();
    let pages = [
        Page::runs(&experiment("runs")?),
        Page::charts(&experiment("charts")?),
    ];
    let link = Some(Link::new(EMULATED));
    let networks = [
        Network::start("localhost", None, &mlflow, builds).await?,
        Network::start("20 Mbit/s, 40 ms", link, &mlflow, builds).await?,
    ];
    say("letting the gateways compress MLflow's bundle");
    fill_caches(&networks, &pages).await?;
    for number in 1..=samples {
        say(&format!("sample {number} of {samples}"));
        let all = networks
            .iter()
            .flat_map(|network| pages.iter().map(move |page| (network, page)));
        for (network, page) in all {
            for target in network.targets() {
                let what = || format!("{} of {:?} over {}", page.name, target.side, network.name());
                let visits = sample(network, target, page).await.with_context(what)?;
                report.add(page.name, network.name(), target.side, visits);
            }
        }
    }
    Ok(())
}

async fn measure_client(samples: usize, report: &mut Report) -> Result<()> {
    let (link, mlflow) = (Link::new(EMULATED), environment::mlflow());
    let client = Client::start(link, &mlflow, experiment("many")?).await?;
    for number in 1..=samples {
        say(&format!("round {number} of {samples} of MLflow's client"));
        for side in [Side::Bare, Side::Shell] {
            report.add_client(side, &client.page_through(side).await?);
        }
    }
    Ok(())
}

/// The id of an experiment.
fn experiment(name: &str) -> Result<String> {
    let data = env::var_os(DATA).with_context(|| format!("{DATA} is not set"))?;
    let data: Value = serde_json::from_slice(&fs::read(data)?)?;
    let id = data[name].as_str().context("the data has that experiment");
    Ok(id?.to_owned())
}

/// Has every gateway ready for the files that the pages need.
async fn fill_caches(networks: &[Network; 2], pages: &[Page; 2]) -> Result<()> {
    let [local, _] = networks;
    for page in pages {
        let rehearsal = sample(local, local.bare(), page).await?;
        for target in networks.iter().flat_map(Network::targets) {
            target
                .fill_cache(&rehearsal.files(&local.bare().origin))
                .await?;
        }
    }
    Ok(())
}
