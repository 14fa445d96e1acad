//! `mlflow-shell policy`: checks and explains who may do what.
//!
//! Each command is a function from its options to an [`Answer`]; only [`run`]
//! writes it.

mod answer;
mod check;
mod explain;
mod grid;
mod iam;
mod roles;
mod show;
mod source;
mod table;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use self::{
    answer::Answer, check::Check, explain::Explain, iam::Iam, roles::Roles, show::Show,
    table::Table,
};

/// Checks and explains who may do what.
#[derive(Debug, Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what a policy file allows, and what in it is wrong or looks so.
    Check(Check),
    /// Prints a policy as a file: where one's own begins.
    Show(Show),
    /// Says whether members of groups may make a request, and why.
    ///
    /// The exit code is 0 if they may, 1 if they may not, and 2 if that cannot
    /// be said: a policy that is none, an option that is wrong.
    Explain(Explain),
    /// Prints what members of each group may do, by area or by endpoint.
    Table(Table),
    /// Prints the IAM policies that give a role, such as a SageMaker execution
    /// role, the same rights to MLflow's API behind API Gateway.
    Iam(Iam),
    /// Prints the `roles` of a config.json: what the screen says of each group.
    Roles(Roles),
}

/// Does what `policy` asks, and says with which code to exit.
///
/// # Errors
/// If what there is to say cannot be written.
pub(crate) fn run(policy: &Policy) -> Result<ExitCode> {
    let answer = policy.command.answer();
    answer
        .unwrap_or_else(|error| Answer::failed(&error, policy.command.code_of_failure()))
        .write()
}

impl Command {
    fn answer(&self) -> Result<Answer> {
        match self {
            Self::Check(check) => check::answer(check),
            Self::Show(show) => show::answer(show),
            Self::Explain(explain) => explain::answer(explain),
            Self::Table(table) => table::answer(table),
            Self::Iam(iam) => iam::answer(iam),
            Self::Roles(roles) => roles::answer(roles),
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
