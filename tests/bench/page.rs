//! From navigation to the experiments list, by the browser's own clock: bare
//! MLflow beside the same MLflow in the shell, signed in, and if there is one, in
//! an earlier build of the shell.
//!
//! Every sample has a new browser profile. MLflow is opened in it, or the
//! shell signed in to, with MLflow's scripts held back; then that tab is closed
//! and two navigations are measured in another one:
//!
//! * **cold**: the HTTP and code caches were emptied just before, and no process
//!   has met MLflow's scripts. What signing in leaves behind is there: the
//!   worker is registered, it runs, and it holds the session.
//! * **warm**: the same navigation once more, in the same tab.
//!
//! On the emulated link both begin without an open connection. Samples of all
//! sides and both networks take turns, so that whatever slows the machine for a
//! while slows them all.
//!
//! Run it as `cargo xtask bench page`. It reports; no figure makes it fail.

mod dev_tools;
mod front;
mod harness;
mod link;
mod network;
mod report;
mod series;
mod sign_in;
mod visit;

use std::{env, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use shell_tests::environment;

use self::{
    harness::{samples, say},
    link::{Link, Speed},
    network::{Network, Side},
    report::Report,
    visit::sample,
};

/// Where the folder of an earlier build of the site is said.
const BEFORE: &str = "SHELL_BENCH_BEFORE";

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
    let samples = samples()?;
    let mlflow = environment::mlflow();
    let builds = builds();
    let link = Link::new(EMULATED);
    let networks = [
        Network::start("localhost", None, &mlflow, &builds).await?,
        Network::start("20 Mbit/s, 40 ms", Some(link), &mlflow, &builds).await?,
    ];
    say("letting the gateways compress MLflow's bundle");
    fill_caches(&networks).await?;

    let mut report = Report::new(networks.each_ref().map(Network::name));
    for number in 1..=samples {
        say(&format!("sample {number} of {samples}"));
        for (index, network) in networks.iter().enumerate() {
            for target in network.targets() {
                let what = || format!("{:?} over {}", target.side, network.name());
                let sample = sample(network, target).await.with_context(what)?;
                report.add(index, target.side, &sample);
            }
        }
    }
    say(&report.to_string());
    Ok(())
}

/// Returns the folders of the builds of the site that are measured.
fn builds() -> Vec<(Side, PathBuf)> {
    let before = env::var_os(BEFORE).map(|folder| (Side::Before, folder.into()));
    let this = (Side::Shell, environment::site());
    before.into_iter().chain([this]).collect()
}

/// Has every gateway ready for the files that the list needs.
async fn fill_caches(networks: &[Network; 2]) -> Result<()> {
    let [local, _] = networks;
    let bare = local.bare();
    let rehearsal = sample(local, bare).await?;
    let files = rehearsal.cold.files_below(&bare.origin, "/static-files/");
    for target in networks.iter().flat_map(Network::targets) {
        target.fill_cache(&files).await?;
    }
    Ok(())
}
