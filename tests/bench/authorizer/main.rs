//! Our Lambda authorizer beside one in Python that does what the AWS sample's
//! does, each as a process on this machine that AWS's own interface for its
//! language connects with the same stub of Lambda's runtime interface.
//!
//! * **cold**: from the start of the process to its first answer. The issuer's
//!   keys come from the stub, so that no network is in it; nor is what Lambda
//!   does before it starts a process.
//! * **warm**: one event after another, the same one, each from when the stub
//!   hands it out to when it has the answer; and the processor's time for one,
//!   which is what decides where a function has a small part of a processor.
//!
//! Beside them are the floors: Python with a handler that does nothing, and ours
//! with an event that has no token. What both spend on the interface is in
//! every figure.
//!
//! Then an hour of work with MLflow's UI, by how API Gateway keeps answers ([`hour`]).
//!
//! Candidates take turns, so that whatever slows the machine for a while slows
//! them all. Run it as `cargo xtask bench authorizer`. It reports; no figure
//! makes it fail.

mod candidate;
#[path = "../harness.rs"]
mod harness;
mod hour;
#[path = "../percentile.rs"]
mod percentile;
mod report;
#[path = "../series.rs"]
mod series;
mod size;

use anyhow::{Context, Result};
use shell_jose::SigningKey;
use shell_tests::authorizers;

use self::{
    candidate::{CANDIDATES, Guest},
    harness::{samples, say},
    report::Report,
    size::Sizes,
};

/// How often each function is started in a round.
const STARTS: usize = 5;

/// Made first and not counted.
const WARM_UP: usize = 100;

const WARM: usize = 1000;

#[tokio::main]
async fn main() -> Result<()> {
    harness::run(measure()).await
}

async fn measure() -> Result<()> {
    let rounds = samples()?;
    let key = SigningKey::generate("key=")?;
    let guests = Guest::all(&key)?;
    let mut report = Report::new(Sizes::look()?);
    for round in 0..rounds {
        say(&format!("round {} of {rounds}", round + 1));
        let token = key.sign(&authorizers::claims(&["readers"]))?;
        let first = round % CANDIDATES.len();
        for candidate in CANDIDATES[first..].iter().chain(&CANDIDATES[..first]) {
            let guest = &guests[*candidate as usize];
            let run = run(guest, token.expose(), &mut report);
            run.await.with_context(|| format!("{candidate:?}"))?;
        }
    }
    say(&report.to_string());
    say(&hour::measure(&key).await?);
    Ok(())
}

async fn run(guest: &Guest, token: &str, report: &mut Report) -> Result<()> {
    let figures = report.of(guest.candidate);
    let event = guest.event(token);
    for start in 1..=STARTS {
        let (mut lambda, cold) = guest.start(&event).await?;
        figures.add_start(&cold);
        if start == STARTS {
            guest.warm(&mut lambda, &event, WARM_UP).await?;
            let before = lambda.usage()?;
            let took = guest.warm(&mut lambda, &event, WARM).await?;
            figures.add_warm(&took, before, lambda.usage()?);
        }
        lambda.stop();
    }
    Ok(())
}
