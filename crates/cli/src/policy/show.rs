//! `mlflow-shell policy show`: a policy as a document.

use anyhow::Result;
use clap::Args;
use serde_json::Value;
use shell_core::policy::{Access, Area, Pattern, Policy, Rights, Rule};

use super::{output::CommandOutput, policy_source::PolicySource};

/// Prints a policy as a file: where one's own begins.
#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    policy_source: PolicySource,
}

pub(super) fn output(show: &Show) -> Result<CommandOutput> {
    Ok(CommandOutput::new(document(&show.policy_source.policy()?)))
}

/// A document from which the same policy is read.
pub(super) fn document(policy: &Policy) -> String {
    let rules: Vec<String> = policy.rules().iter().map(rule).collect();
    format!("{{\n  \"rules\": [\n{}\n  ]\n}}\n", rules.join(",\n"))
}

fn rule(rule: &Rule) -> String {
    let limits = |key: &str, patterns: &[Pattern]| {
        let items: Vec<String> = patterns.iter().map(pattern).collect();
        (!items.is_empty()).then(|| format!("\"{key}\": [{}]", items.join(", ")))
    };
    let fields = [
        Some(format!("\"name\": {}", text(&rule.name))),
        Some(format!("\"groups\": {}", list(&rule.groups))),
        limits("experiments", &rule.limits.experiments),
        limits("models", &rule.limits.models),
        limits("workspaces", &rule.limits.workspaces),
        Some(format!("\"allow\": {}", rights(rule.allow))),
    ];
    let fields: Vec<String> = fields.into_iter().flatten().collect();
    format!("    {{\n      {}\n    }}", fields.join(",\n      "))
}

fn rights(rights: Rights) -> String {
    if rights.is_everything() {
        return text("everything");
    }
    let (everywhere, elsewhere): (Vec<Access>, Vec<Access>) = Access::ALL
        .into_iter()
        .partition(|access| Area::ALL.iter().all(|area| rights.has(*area, *access)));
    let line = |area: &str, accesses: &[Access]| {
        let names: Vec<String> = accesses.iter().map(|it| it.as_str().to_owned()).collect();
        (!names.is_empty()).then(|| format!("{}: {}", text(area), list(&names)))
    };
    let of_area = |area: Area| {
        let has = |access: &Access| rights.has(area, *access);
        let accesses: Vec<Access> = elsewhere.iter().copied().filter(has).collect();
        line(area.as_str(), &accesses)
    };
    let lines = [line("*", &everywhere)].into_iter();
    let lines = lines.chain(Area::ALL.into_iter().map(of_area)).flatten();
    let lines: Vec<String> = lines.collect();
    match lines.as_slice() {
        [one] => format!("{{{one}}}"),
        several => format!("{{\n        {}\n      }}", several.join(",\n        ")),
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| text(item)).collect();
    format!("[{}]", items.join(", "))
}

fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Tag(key, value) => {
            format!("{{\"tag\": {}, \"value\": {}}}", text(key), text(value))
        }
        Pattern::Exact(_) | Pattern::Prefix(_) => text(&pattern.text()),
    }
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}
