//! What a decision costs by itself, in this process.

use std::{hint::black_box, time::Instant};

use anyhow::{Context, Result, anyhow};
use shell_core::{
    Timestamp,
    algorithm::Algorithm,
    policy::{
        Policy, Request,
        resources::{Labels, Resource},
    },
};
use shell_jose::{KeyCache, KeyHint, KeySet, Lookup, Verified, VerifiedTokens, jwks};
use shell_tests::issuer;

use crate::{proxy::Deployment, scenario::Scenario, series::Series};

/// How often each is done for one figure.
const TIMES: u32 = 2000;

/// Nanoseconds for each.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    pub(crate) first_check: Series,
    pub(crate) cached_check: Series,
    pub(crate) decision: Series,
    /// With a policy that has limits, about a run whose experiment is known.
    pub(crate) limited_decision: Series,
}

/// Adds one figure to each.
pub(crate) fn measure(deployment: &Deployment, costs: &mut Costs) -> Result<()> {
    let token = deployment.token()?;
    let now = Timestamp(issuer::now());
    let issuer = Deployment::issuer();
    let mut keys = KeyCache::new();
    keys.reloaded(KeySet::parse(&jwks([deployment.key()]).to_string())?, now);
    let check = || {
        let hint = KeyHint::new(Some("key=".to_owned()), Algorithm::Rs256);
        let Lookup::Found(keys) = keys.lookup(&hint, now) else {
            return None;
        };
        Verified::new(&token, keys, &issuer, now).ok()
    };
    costs.first_check.0.push(each(|| check().is_some())?);

    let mut tokens = VerifiedTokens::default();
    tokens.keep(&token, check().context("the token is good")?.into());
    let again = || {
        let known = tokens.get(&token)?;
        let Lookup::Found(keys) = keys.lookup(known.key(), now) else {
            return None;
        };
        known.claims(&keys, now).ok()?
    };
    costs.cached_check.0.push(each(|| again().is_some())?);

    let claims = again().context("the token is known")?;
    let policy = Policy::built_in();
    let (method, path) = Scenario::Small.request();
    let (path, query) = path.split_once('?').context("it has a query")?;
    let decide = || {
        let request = Request::read(method.as_str(), path).ok()?;
        policy
            .permit(None, &claims, &request.with_query(query))
            .ok()
    };
    costs.decision.0.push(each(|| decide().is_some())?);
    costs.limited_decision.0.push(each(limited()?)?);
    Ok(())
}

/// A decision of a policy with limits, with all that the gateway does for it but
/// looking into its cache.
fn limited() -> Result<impl FnMut() -> bool> {
    let text = r#"{"rules": [{"name": "team", "groups": ["team"], "experiments": ["team-*"],
        "allow": {"runs": ["read"]}}]}"#;
    let policy = Policy::parse(text).map_err(|error| anyhow!("{error}"))?;
    let groups = ["team".to_owned()];
    let labels = Labels {
        name: "team-a".to_owned(),
        ..Labels::default()
    };
    Ok(move || {
        let Ok(request) = Request::read("GET", "/api/2.0/mlflow/runs/get") else {
            return false;
        };
        let mut request = request.with_query("run_id=0123456789abcdef0123456789abcdef");
        for found in [
            Resource::Of(vec!["7".to_owned()]),
            Resource::Labelled(labels.clone()),
        ] {
            for missing in policy.unresolved(&groups, &request) {
                request.know(&missing, found.clone());
            }
        }
        policy.unresolved(&groups, &request).is_empty()
            && policy.allowing(&groups, &request).is_some()
    })
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
