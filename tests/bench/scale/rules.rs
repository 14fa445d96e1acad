//! What a decision costs by a policy of many rules, in this process.

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use anyhow::{Result, anyhow, ensure};
use serde_json::{Value, json};
use shell_core::policy::{
    Policy, Request,
    resources::{Labels, Resource},
};

use crate::table::Table;

/// How many rules a policy has.
const RULES: [usize; 4] = [3, 10, 100, 1000];

/// How often each decision is made for one figure.
const TIMES: u32 = 1000;

/// What the rules are limited to.
#[derive(Debug, Clone, Copy)]
enum Limit {
    Nothing,
    Name,
    Prefix,
    Tag,
}

/// Adds one figure for each policy. The user is in the group of its last rule, so that
/// one that goes through all of them has to go all the way.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    for limit in [Limit::Nothing, Limit::Name, Limit::Prefix, Limit::Tag] {
        for count in RULES {
            let of_teams = (0..count).map(|team| rule(team, &format!("team-{team}"), limit));
            let of_teams: Vec<_> = of_teams.collect();
            let name = format!(
                "{count} rules of as many groups, limited to {}",
                limit.name()
            );
            table.decided(&name, decision(&of_teams, count - 1)?);
        }
    }
    for count in RULES {
        let of_one = (0..count).map(|team| rule(team, "everybody", Limit::Name));
        let of_one: Vec<_> = of_one.collect();
        let name = format!("{count} rules of one group, each with a name");
        table.decided(&name, decision(&of_one, count - 1)?);
    }
    Ok(())
}

impl Limit {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Name => "a name",
            Self::Prefix => "a prefix",
            Self::Tag => "a tag",
        }
    }
}

fn rule(team: usize, group: &str, limit: Limit) -> Value {
    let mut rule = json!({
        "name": format!("rule-{team}"), "groups": [group], "allow": { "runs": ["read"] },
    });
    let limit = match limit {
        Limit::Nothing => return rule,
        Limit::Name => json!(format!("project-{team}")),
        Limit::Prefix => json!(format!("project-{team}*")),
        Limit::Tag => json!({ "tag": "team", "value": format!("{team}") }),
    };
    rule["experiments"] = json!([limit]);
    rule
}

/// The time of a decision about a run of this team, in nanoseconds, with all that the
/// gateway does for it but looking into its cache.
fn decision(rules: &[Value], team: usize) -> Result<f64> {
    let policy = Policy::parse(&json!({ "rules": rules }).to_string());
    let policy = policy.map_err(|error| anyhow!("{error}"))?;
    let groups = ["data-science", "staff", "everybody"].map(ToOwned::to_owned);
    let groups = [groups.to_vec(), vec![format!("team-{team}")]].concat();
    let labels = Labels {
        name: format!("project-{team}"),
        tags: BTreeMap::from([("team".to_owned(), team.to_string())]),
    };
    let began = Instant::now();
    let mut allowed = 0;
    for _ in 0..TIMES {
        allowed += u32::from(is_allowed(&policy, &groups, &labels));
    }
    let took = began.elapsed();
    ensure!(allowed == TIMES, "a decision was refused");
    Ok(took.as_secs_f64() * 1e9 / f64::from(TIMES))
}

fn is_allowed(policy: &Policy, groups: &[String], labels: &Labels) -> bool {
    let Ok(request) = Request::read("GET", "/ajax-api/2.0/mlflow/runs/get") else {
        return false;
    };
    let mut request = request.with_query("run_id=0123456789abcdef0123456789abcdef");
    let of_experiment = Resource::Of(vec!["7".to_owned()]);
    for found in [of_experiment, Resource::Labelled(labels.clone())] {
        for missing in policy.unresolved(groups, &request) {
            request.know(&missing, found.clone());
        }
    }
    policy.unresolved(groups, &request).is_empty()
        && policy.judge("ann", black_box(groups), &request).is_ok()
}
