//! The gateway beside what it replaces and beside what only forwards, in one
//! run on one machine, in front of the same server, under the same load.
//!
//! ```text
//!            ┌─▶ nothing ────────────────────────────┐
//!  load ─────┼─▶ nginx, which only forwards ─────────┼──▶ a server that answers
//!  (hyper,   ├─▶ Flask, which signs every request ───┤    at once (hyper, one
//!  one core) └─▶ ours: token, policy and audit ──────┘    core, from memory)
//! ```
//!
//! * **small**: a `GET` of 1 KB of JSON; **paced** is the same, fewer than
//!   anybody here can answer, at fixed times: only its latency counts.
//! * **search**: a `POST` that is answered with 1 MB of JSON.
//! * **download** and **upload**: an artifact of 200 MB. Bytes are counted as
//!   they arrive, whether or not the artifact is whole when the time is up.
//!
//! Ours checks an RS256 token, asks the policy, and writes every request down in
//! its audit log, reads included. All share the machine with the load and the
//! server, so a throughput is not what a proxy would reach alone: what is, is
//! the processor's time that it spends on a request. Proxies take turns within
//! each round, so that whatever slows the machine for a while slows them all.
//!
//! Beside that it times a token's check and a policy's decision in this process.
//!
//! Run it as `cargo xtask bench gateway`. It reports; no figure makes it fail.
//! With `--samples 1` it takes two minutes; `SHELL_BENCH_ONLY=small` measures
//! that load and no other.

mod costs;
mod counted;
#[path = "../harness.rs"]
mod harness;
mod load;
mod proxy;
mod report;
mod scenario;
#[path = "../series.rs"]
mod series;
mod upstream;

use anyhow::{Context, Result};

use self::{
    harness::{samples, say},
    load::measure,
    proxy::{Deployment, PROXIES, Proxy},
    report::Report,
    scenario::{CONNECTIONS, SCENARIOS, Scenario},
};

/// One thread for the load: a proxy has what is left of the machine.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    harness::run(run()).await
}

async fn run() -> Result<()> {
    let rounds = samples()?;
    let deployment = Deployment::begin()?;
    let mut report = Report::default();
    for round in 0..rounds {
        say(&format!("round {} of {rounds}", round + 1));
        let first = round % PROXIES.len();
        for scenario in SCENARIOS.into_iter().filter(|it| it.is_wanted()) {
            for proxy in PROXIES[first..].iter().chain(&PROXIES[..first]) {
                let measured = one(&deployment, scenario, *proxy, &mut report).await;
                measured.with_context(|| format!("{scenario:?} through {proxy:?}"))?;
            }
        }
        costs::measure(&deployment, &mut report.costs)?;
    }
    say(&report.to_string());
    Ok(())
}

/// A proxy is started for each scenario: none has memory left from another.
async fn one(
    deployment: &Deployment,
    scenario: Scenario,
    proxy: Proxy,
    report: &mut Report,
) -> Result<()> {
    let running = deployment.start(proxy).await?;
    for connections in CONNECTIONS {
        if scenario.is_at(connections) {
            let target = running.target(scenario);
            let usage = || running.usage();
            let taken = measure(&target, scenario, connections, usage).await?;
            report.add(scenario, connections, proxy, &taken);
        }
    }
    Ok(())
}
