//! `mlflow-shell policy`: checks and explains an access policy.
//!
//! Each command is a function from its options to a [`CommandOutput`]; only [`run`]
//! writes it.

mod check;
mod explain;
mod grid;
mod iam;
mod output;
mod page_url;
mod policy_source;
mod roles;
mod show;
mod table;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::{
    check::Check, explain::Explain, iam::Iam, output::CommandOutput, roles::Roles, show::Show,
    table::Table,
};

/// Check and explain an access policy
#[derive(Debug, Args)]
pub(crate) struct PolicyCommand {
    #[command(subcommand)]
    command: PolicySubcommand,
}

#[derive(Debug, Subcommand)]
enum PolicySubcommand {
    /// Summarize a policy file, and report errors and likely mistakes in it
    Check(Check),
    /// Print a policy as a file, to start your own from
    Show(Show),
    /// Tell whether members of groups may make a request, and why
    ///
    /// The exit code is 0 if they may, 1 if they may not, and 2 for an invalid policy
    /// or option.
    Explain(Explain),
    /// Print what members of each group may do, by area or by endpoint
    Table(Table),
    /// Print IAM policies that give a role, such as a SageMaker execution role, the
    /// same rights to MLflow's API behind API Gateway
    Iam(Iam),
    /// Print the `roles` of a config.json, which describe each group to users
    Roles(Roles),
}

/// Runs the command, and returns its exit code.
///
/// # Errors
/// If the output cannot be written.
pub(crate) fn run(policy: &PolicyCommand) -> Result<ExitCode> {
    let output = policy.command.output();
    output
        .unwrap_or_else(|error| CommandOutput::failed(&error, policy.command.code_of_failure()))
        .write()
}

impl PolicySubcommand {
    fn output(&self) -> Result<CommandOutput> {
        match self {
            Self::Check(check) => check::output(check),
            Self::Show(show) => show::output(show),
            Self::Explain(explain) => explain::output(explain),
            Self::Table(table) => table::output(table),
            Self::Iam(iam) => iam::output(iam),
            Self::Roles(roles) => roles::output(roles),
        }
    }

    /// The exit code for when there is no answer: one that no answer has.
    fn code_of_failure(&self) -> u8 {
        match self {
            Self::Explain(_) => 2,
            Self::Check(_) | Self::Show(_) | Self::Table(_) | Self::Iam(_) | Self::Roles(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests;
