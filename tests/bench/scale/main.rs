//! What the gateway costs as the work grows: more users, more processes, more rules,
//! more lines in the audit log.
//!
//! * **users**: so many, each with a token of their own, who take turns on 64
//!   connections; and each on a connection of their own, with 400 requests a second
//!   in all.
//! * **processes**: one to four gateways behind nginx. Load, nginx, server and
//!   gateways share the machine, so what counts is the processor's time.
//! * **rules**: a decision, in this process, by policies of up to 1,000 rules.
//! * **audit**: 100,000 requests a minute, each with a line.
//!
//! The last table is a calculation: what 10,000 users need by these figures.
//!
//! Run it as `cargo xtask bench scale`. It reports; no figure makes it fail.

#[path = "../gateway/counted.rs"]
mod counted;
mod gateways;
#[path = "../harness.rs"]
mod harness;
#[expect(dead_code, reason = "what `bench gateway` measures beside it")]
#[path = "../gateway/load.rs"]
mod load;
mod model;
#[expect(dead_code, reason = "what `bench gateway` measures beside it")]
#[path = "../gateway/proxy.rs"]
mod proxy;
mod rules;
#[expect(dead_code, reason = "what `bench gateway` measures beside it")]
#[path = "../gateway/scenario.rs"]
mod scenario;
#[expect(dead_code, reason = "nothing is judged here")]
#[path = "../series.rs"]
mod series;
mod table;
#[path = "../gateway/upstream.rs"]
mod upstream;

use std::{rc::Rc, time::Duration};

use anyhow::Result;

use self::{
    gateways::{AuditTo, Gateways},
    harness::{samples, say},
    load::{Load, Target},
    proxy::Deployment,
    scenario::Scenario,
    table::Table,
};

/// How many users there are at a time.
const USERS: [usize; 4] = [10, 100, 1000, 10_000];

/// The most of them who have a connection of their own at a time.
const MOST_CONNECTIONS: usize = 1000;

const WINDOW: Duration = Duration::from_secs(2);

/// The time between two of 100,000 requests a minute.
const AUDITED: Duration = Duration::from_micros(600);

/// One thread for the load, as in `bench gateway`.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    harness::run(run()).await
}

async fn run() -> Result<()> {
    let rounds = samples()?;
    let deployment = Deployment::begin()?;
    let tokens = (0..USERS[USERS.len() - 1])
        .map(|user| deployment.token_of(&format!("00000000-0000-4000-8000-{user:012x}")));
    let tokens: Vec<String> = tokens.collect::<Result<_>>()?;
    let mut table = Table::default();
    for round in 0..rounds {
        say(&format!("round {} of {rounds}", round + 1));
        users(&deployment, &tokens, &mut table).await?;
        processes(&deployment, &tokens, &mut table).await?;
        audit(&deployment, &tokens, &mut table).await?;
        rules::measure(&mut table)?;
    }
    say(&table.to_string());
    say(&model::of_users(&table));
    Ok(())
}

async fn users(deployment: &Deployment, tokens: &[String], table: &mut Table) -> Result<()> {
    for count in USERS {
        let gateways = Gateways::start(deployment, 1, &AuditTo::Files).await?;
        let load = load(&gateways, &tokens[..count], 64);
        warm(&gateways, &load).await?;
        let name = format!("{count} users, 64 connections");
        table.add(&name, &load.measure(|| gateways.usage()).await?, &gateways)?;
    }
    for count in USERS.into_iter().filter(|it| *it <= MOST_CONNECTIONS) {
        let gateways = Gateways::start(deployment, 1, &AuditTo::Files).await?;
        let load = Load {
            pace: Scenario::Paced.pace(),
            window: Scenario::Paced.window(),
            ..load(&gateways, &tokens[..count], count)
        };
        let name = format!("{count} users, a connection each, 400 requests/s");
        table.add(&name, &load.measure(|| gateways.usage()).await?, &gateways)?;
    }
    Ok(())
}

async fn processes(deployment: &Deployment, tokens: &[String], table: &mut Table) -> Result<()> {
    for count in 1..=4 {
        let gateways = Gateways::start(deployment, count, &AuditTo::Files).await?;
        let load = load(&gateways, &tokens[..1000], 64);
        warm(&gateways, &load).await?;
        let name = format!("{count} behind nginx, 1000 users");
        table.add(&name, &load.measure(|| gateways.usage()).await?, &gateways)?;
    }
    Ok(())
}

async fn audit(deployment: &Deployment, tokens: &[String], table: &mut Table) -> Result<()> {
    for to in [AuditTo::Nothing, AuditTo::Files, AuditTo::StandardOutput] {
        let gateways = Gateways::start(deployment, 1, &to).await?;
        let load = Load {
            pace: Some(AUDITED),
            ..load(&gateways, &tokens[..100], 64)
        };
        warm(&gateways, &load).await?;
        let name = format!("100,000 requests a minute, audit log {}", to.name());
        table.add(&name, &load.measure(|| gateways.usage()).await?, &gateways)?;
    }
    Ok(())
}

/// The small request, of these users in turn.
fn load(gateways: &Gateways, tokens: &[String], connections: usize) -> Load {
    let tokens = tokens.iter();
    let targets: Rc<[Target]> = tokens.map(|token| gateways.target(token)).collect();
    Load {
        targets,
        scenario: Scenario::Small,
        connections,
        pace: None,
        window: WINDOW,
    }
}

/// What a process does once for each user is not what it does all day.
async fn warm(gateways: &Gateways, load: &Load) -> Result<()> {
    load.measure(|| gateways.usage()).await.map(drop)
}
