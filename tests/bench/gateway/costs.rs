//! What a decision costs by itself, in this process.

use std::{hint::black_box, time::Instant};

use anyhow::{Context, Result};
use shell_core::policy::{Policy, Request};
use shell_jose::{KeySet, jwks, verify};

use crate::{proxy::World, scenario::Scenario, series::Series};

/// How often each is done for one figure.
const TIMES: u32 = 2000;

/// Nanoseconds for each.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    pub(crate) first_check: Series,
    pub(crate) cached_check: Series,
    pub(crate) decision: Series,
}

/// Adds one figure to each.
pub(crate) fn measure(world: &World, costs: &mut Costs) -> Result<()> {
    let token = world.token()?;
    let keys = KeySet::parse(&jwks([world.key()]).to_string())?;
    costs
        .first_check
        .0
        .push(each(|| verify(&token, &keys).is_ok())?);
    Ok(())
}

/// The time of one, in nanoseconds; all have to succeed.
fn each(mut work: impl FnMut() -> bool) -> Result<f64> {
    let began = Instant::now();
    let mut all = true;
    for _ in 0..TIMES {
        all &= black_box(work());
    }
    let took = began.elapsed();
    all.then_some(took.as_secs_f64() * 1e9 / f64::from(TIMES))
        .context("one was refused")
}
