//! `mlflow-shell policy check`: what a file allows, and what looks wrong.

use std::{fmt::Write, path::PathBuf};

use anyhow::Result;
use clap::Args;
use shell_core::{
    config::Role,
    policy::{Access, Area, Coverage, Pattern, Policy, Rule, endpoints},
};

use super::{grid, output::CommandOutput, policy_source};

/// Summarize a policy file, and report errors and likely mistakes in it
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The policy file
    file: PathBuf,
}

pub(super) fn output(check: &Check) -> Result<CommandOutput> {
    let policy = policy_source::read(&check.file)?;
    let name = check.file.display().to_string();
    Ok(CommandOutput::new(report(&name, &policy)))
}

/// The summary, then the likely mistakes.
pub(super) fn report(name: &str, policy: &Policy) -> String {
    let roles = policy.roles();
    let row = |role: &Role| vec![role.group.clone(), role.rights.clone()];
    let rows: Vec<Vec<String>> = roles.iter().map(row).collect();
    let size = [
        count(policy.rules().len(), "rule"),
        count(roles.len(), "group"),
    ];
    let mut report = format!("{name} is a policy: {}.\n\n", size.join(" for "));
    report.push_str(&grid::aligned("  ", &rows));
    for warning in warnings(policy) {
        // Writing to a String does not fail.
        writeln!(report, "\nwarning: {warning}").unwrap_or_default();
    }
    report
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn warnings(policy: &Policy) -> Vec<String> {
    let rules = policy.rules().iter();
    let limited = rules.filter(|rule| !rule.limits.is_empty());
    let mut warnings: Vec<String> = limited.map(of_limits).collect();
    let groups = policy.groups().into_iter();
    warnings.extend(groups.flat_map(|group| of_group(policy, group)));
    if !policy.rules().iter().any(|rule| rule.allow.is_everything()) {
        warnings.push(
            "no rule allows \"everything\", so what this version does not know, such as an \
             endpoint of a later MLflow, is refused to everyone."
                .to_owned(),
        );
    }
    warnings
}

fn of_limits(rule: &Rule) -> String {
    let kinds = [
        ("experiments", &rule.limits.experiments),
        ("models", &rule.limits.models),
        ("workspaces", &rule.limits.workspaces),
    ];
    let kinds = kinds
        .into_iter()
        .filter(|(_, patterns)| !patterns.is_empty());
    let limits = kinds.map(|(kind, patterns)| {
        let patterns: Vec<String> = patterns.iter().map(Pattern::text).collect();
        format!("{kind} {}", patterns.join(", "))
    });
    let limits: Vec<String> = limits.collect();
    let does = |(area, access): &(Area, Access)| {
        let mut all = endpoints::all().filter(|it| it.area == *area && it.access == *access);
        all.any(|endpoint| rule.limits.reach(*area, endpoint.about) != Coverage::Nothing)
    };
    let (of_use, idle): (Vec<_>, Vec<_>) = accesses(rule).into_iter().partition(does);
    if of_use.is_empty() {
        let name = &rule.name;
        return format!("rule `{name}` allows nothing: no request for this is about such things.");
    }
    let idle: Vec<String> = idle
        .iter()
        .map(|(area, access)| words(*area, *access))
        .collect();
    let idle = match idle.as_slice() {
        [] => String::new(),
        idle => format!(" No request is about them for {}.", idle.join(", ")),
    };
    format!(
        "rule `{}` is limited ({}). The gateway asks MLflow what a request is about, and shows \
         its part of lists.{idle} The Lambda authorizer cannot ask: it starts only if rules with \
         limits name experiments or registered models and allow these only; IAM leaves such \
         rules out.",
        rule.name,
        limits.join("; "),
    )
}

fn of_group(policy: &Policy, group: &str) -> Vec<String> {
    let rules = policy.rules().iter();
    let rules: Vec<&Rule> = rules
        .filter(|rule| rule.is_for(&[group.to_owned()]))
        .collect();
    let has = |area, access| rules.iter().any(|rule| rule.allow.has(area, access));
    let is_blind = |area: &Area| {
        let changes = has(*area, Access::Write) || has(*area, Access::Manage);
        changes && !has(*area, Access::Read) && can_be_read(*area)
    };
    let blind: Vec<&str> = Area::ALL
        .iter()
        .filter(|area| is_blind(area))
        .map(|it| it.as_str())
        .collect();
    let mut warnings = Vec::new();
    if !blind.is_empty() {
        let blind = blind.join(", ");
        warnings.push(format!(
            "`{group}` may change what it may not read: {blind}. Add \"read\"."
        ));
    }
    if !has(Area::Server, Access::Read) {
        warnings.push(format!(
            "`{group}` may not read `server`, so MLflow's pages do not open for its members; \
             programs can use the rights. Add \"server\": [\"read\"]."
        ));
    }
    warnings
}

fn can_be_read(area: Area) -> bool {
    endpoints::all().any(|endpoint| endpoint.area == area && endpoint.access == Access::Read)
}

/// What the rule allows, one by one.
fn accesses(rule: &Rule) -> Vec<(Area, Access)> {
    let of_area = |area: Area| Access::ALL.into_iter().map(move |access| (area, access));
    let all = Area::ALL.into_iter().flat_map(of_area);
    all.filter(|(area, access)| rule.allow.has(*area, *access))
        .collect()
}

/// An access, as a policy has it.
pub(super) fn words(area: Area, access: Access) -> String {
    format!("{}: {}", area.as_str(), access.as_str())
}
