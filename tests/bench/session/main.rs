//! What attaching a token costs: the same request by a page that has its token
//! in its hands, through our worker, and through the worker of
//! `@axa-fr/oidc-client`, which a page uses for the same end.
//!
//! Each has a browser of its own, with one tab, signed in. Rounds take turns,
//! and each begins with another one, so that whatever slows the machine for a
//! while slows them all. In a round there are requests
//!
//! * **one after another**, after some that are not counted;
//! * **at once**, several times.
//!
//! Then workers are stopped, again and again, and the next request is timed up
//! to its first answer, beside one that the running worker has just answered.
//!
//! Run it as `cargo xtask bench session`. It reports; no figure makes it fail.

mod deployment;
mod firefox;
#[path = "../front.rs"]
mod front;
mod guest;
#[path = "../harness.rs"]
mod harness;
#[path = "../percentile.rs"]
mod percentile;
mod report;
mod rounds;
#[path = "../series.rs"]
mod series;
#[path = "../sign_in.rs"]
mod sign_in;

use std::{env, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use shell_tests::driver::Engine;

use self::{
    deployment::{CANDIDATES, Candidate, Deployment},
    guest::{Guest, Requests},
    harness::{samples, say},
    report::Report,
};

/// Where the peer is.
const PEER: &str = "SHELL_BENCH_PEER";

/// Engines whose workers can be stopped.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// Made first and not counted.
const WARM_UP: Requests = Requests::in_turn(50);

const IN_TURN: Requests = Requests::in_turn(500);

const AT_ONCE: Requests = Requests {
    groups: 5,
    width: 50,
};

/// How often each worker is stopped.
const STOPS: usize = 20;

/// How long nothing is asked before a single request.
const PAUSE: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<()> {
    harness::run(measure()).await
}

async fn measure() -> Result<()> {
    let rounds = samples()?;
    let peer = env::var_os(PEER).map(PathBuf::from);
    let peer = peer.with_context(|| format!("{PEER} must name the folder of the peer"))?;
    let deployment = Deployment::start(&peer).await?;
    for engine in ENGINES {
        let mut guests = Vec::new();
        for candidate in CANDIDATES {
            let arrived = Guest::arrive(engine, candidate, &deployment).await;
            let arrived = arrived.with_context(|| format!("{engine}, {candidate:?}"))?;
            guests.extend(arrived.map(|guest| (candidate, guest)));
        }
        if guests.is_empty() {
            continue;
        }
        let mut report = Report::default();
        run_rounds(engine, rounds, &guests, &mut report).await?;
        stop_workers(engine, &guests, &mut report).await?;
        say(&format!("\n{engine}\n{report}"));
        for (_, guest) in guests {
            guest.leave().await?;
        }
    }
    Ok(())
}

type Guests<'a> = [(Candidate, Guest<'a>)];

async fn run_rounds(
    engine: Engine,
    rounds: usize,
    guests: &Guests<'_>,
    report: &mut Report,
) -> Result<()> {
    for round in 0..rounds {
        say(&format!("{engine}: round {} of {rounds}", round + 1));
        let first = round % guests.len();
        for (candidate, guest) in guests[first..].iter().chain(&guests[..first]) {
            let what = || format!("{candidate:?} in {engine}");
            guest.ask(WARM_UP).await.with_context(what)?;
            let in_turn = guest.ask(IN_TURN).await.with_context(what)?;
            let at_once = guest.ask(AT_ONCE).await.with_context(what)?;
            report.add_round(*candidate, in_turn.latencies, at_once.latencies);
        }
    }
    Ok(())
}

async fn stop_workers(engine: Engine, guests: &Guests<'_>, report: &mut Report) -> Result<()> {
    say(&format!("{engine}: stopping workers, {STOPS} times"));
    let mortal = guests.iter().filter(|(who, _)| *who != Candidate::Page);
    let mortal: Vec<_> = mortal.collect();
    for _ in 0..STOPS {
        for (candidate, guest) in &mortal {
            let what = || format!("{candidate:?} in {engine}");
            tokio::time::sleep(PAUSE).await;
            let live = guest.ask(Requests::ONE).await.with_context(what)?;
            tokio::time::sleep(PAUSE).await;
            guest.stop_worker().await.with_context(what)?;
            let woken = guest.insist().await.with_context(what)?;
            if woken.allowed.is_none() {
                guest.start_over().await.with_context(what)?;
            }
            report.add_stop(*candidate, &live, &woken);
        }
    }
    Ok(())
}
