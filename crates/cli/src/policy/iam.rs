//! `mlflow-shell policy iam`: the same rights, for roles that sign their
//! requests to API Gateway.
//!
//! Only MLflow's API for programs is in it, which is what the path begins with:
//! `api/`. What a browser uses is for the authorizer.

mod arn;
mod documents;
mod notes;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use shell_core::policy::{self, Grant, Policy};

use self::{
    arn::{ApiArn, Stage},
    documents::{INLINE, MANAGED, MOST_MANAGED, Too},
};
use super::{output::CommandOutput, policy_source::PolicySource};

/// Prints the IAM policies that give a role the same rights.
#[derive(Debug, Args)]
pub(super) struct Iam {
    #[command(flatten)]
    policy_source: PolicySource,
    /// Group whose rights the role gets; may be repeated
    #[arg(long = "group", value_name = "GROUP", required = true)]
    groups: Vec<String>,
    /// The API: `arn:aws:execute-api:REGION:ACCOUNT:API`
    #[arg(long, value_name = "ARN")]
    api_arn: ApiArn,
    /// Stage of the API; may be repeated. `*` is refused: in IAM it would also match
    /// a method and path anywhere in a longer path
    #[arg(long = "stage", value_name = "NAME", required = true)]
    stages: Vec<Stage>,
    /// Print one policy to embed in the role, instead of managed policies
    #[arg(long)]
    inline: bool,
    /// Write `policy-1.json` and so on to this folder, instead of printing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn output(iam: &Iam) -> Result<CommandOutput> {
    let policy = iam.policy_source.policy()?;
    let documents = documents(iam, &policy)?;
    let notes = notes::notes(iam, &policy, &grants(iam, &policy), &documents);
    let text = match (&iam.out, documents.as_slice()) {
        (Some(folder), documents) => write(folder, documents)?,
        (None, [one]) => one.clone(),
        (None, several) => bail!(
            "these rights take {} policies: name a folder for them with --out, or, for one that \
             is embedded in the role, try --inline",
            several.len()
        ),
    };
    Ok(CommandOutput {
        notes,
        ..CommandOutput::new(text)
    })
}

/// The documents, as few as hold the rights of all groups on all stages.
fn documents(iam: &Iam, policy: &Policy) -> Result<Vec<String>> {
    let known = policy.groups();
    if let Some(stranger) = iam
        .groups
        .iter()
        .find(|group| !known.contains(&group.as_str()))
    {
        bail!(
            "no rule is for `{stranger}` (--group); the groups are: {}",
            known.join(", ")
        );
    }
    let granted = grants(iam, policy);
    ensure!(
        !granted.is_empty(),
        "nothing that IAM can express is allowed to {}: rules with limits are left \
         out",
        iam.groups.join(", ")
    );
    let on_stage = |stage: &Stage| {
        let resources = granted
            .iter()
            .map(|grant| iam.api_arn.resource(stage, grant));
        resources.collect::<Vec<_>>()
    };
    let resources: Vec<String> = iam.stages.iter().flat_map(on_stage).collect();
    let (most, limit) = if iam.inline {
        (1, INLINE)
    } else {
        (MOST_MANAGED, MANAGED)
    };
    documents::pack(&resources, most, limit).map_err(|Too(many)| {
        let cure = if iam.inline {
            "leave out --inline, or name fewer stages"
        } else {
            "name fewer stages"
        };
        anyhow::anyhow!("these rights take {many} policies, and a role has {most}: {cure}")
    })
}

fn grants(iam: &Iam, policy: &Policy) -> Vec<Grant> {
    policy::grants(policy, &iam.groups, &["api"], false)
}

/// Writes the documents, and returns where.
fn write(folder: &Path, documents: &[String]) -> Result<String> {
    let named = |file: &Path| format!("cannot write `{}` (--out)", file.display());
    std::fs::create_dir_all(folder).with_context(|| named(folder))?;
    let mut written = String::new();
    for (index, document) in documents.iter().enumerate() {
        let file = folder.join(format!("policy-{}.json", index + 1));
        std::fs::write(&file, document).with_context(|| named(&file))?;
        written = written + &file.display().to_string() + "\n";
    }
    Ok(written)
}

#[cfg(test)]
mod tests;
