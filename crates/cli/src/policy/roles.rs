//! `mlflow-shell policy roles`: for sites without this gateway, which puts them
//! into its `config.json` itself.

use anyhow::Result;
use clap::Args;
use serde_json::Value;
use shell_core::policy::Policy;

use super::{output::CommandOutput, policy_source::PolicySource};

/// Print the `roles` of a config.json, which describe each group to users
#[derive(Debug, Args)]
pub(super) struct Roles {
    #[command(flatten)]
    policy_source: PolicySource,
}

pub(super) fn output(roles: &Roles) -> Result<CommandOutput> {
    Ok(CommandOutput::new(text(&roles.policy_source.policy()?)))
}

/// A role a line.
pub(super) fn text(policy: &Policy) -> String {
    let line = |role: shell_core::config::Role| {
        let (group, rights) = (Value::from(role.group), Value::from(role.rights));
        format!(r#"  {{"group": {group}, "rights": {rights}}}"#)
    };
    let lines: Vec<String> = policy.roles().into_iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
