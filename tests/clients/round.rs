//! One client, directly and as everyone through the gateway.

use std::process::{Command, Output};

use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    deployment::{Caller, ClientsDeployment},
    report, stand_in,
};

/// What asks MLflow's AI gateway, which needs endpoints and what answers behind them.
const ASKS_MODELS: &str = "models";

/// A step of a client, and what came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: String,
    reads: bool,
    outcome: Outcome,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done(Value),
    Denied,
    Failed(String),
}

/// Compares what a client gets from MLflow with what it gets through the gateway.
pub(crate) async fn compare(client: &str) {
    let deployment = ClientsDeployment::start().await;
    let _models = match client {
        ASKS_MODELS => Some(stand_in::start(&deployment).await),
        _ => None,
    };
    let direct = play(deployment.python(client, &deployment.tracking.url, None)).await;
    let through = join_all(Caller::ALL.map(|caller| play_as(&deployment, client, caller))).await;
    let seen: Vec<_> = Caller::ALL.into_iter().zip(&through).collect();
    report::add(client, &direct, &seen);

    let failed: Vec<_> = direct.iter().filter(|step| !step.is_done()).collect();
    assert!(failed.is_empty(), "{client}, directly: {failed:#?}");
    for (caller, steps) in seen {
        assert_eq!(steps.len(), direct.len(), "{client}: {caller:?}");
        let pairs = direct.iter().zip(steps);
        let wrong: Vec<_> = pairs
            .filter(|(direct, through)| direct.verdict(through) != direct.expected(caller))
            .collect();
        assert!(wrong.is_empty(), "{client}: {caller:?}: {wrong:#?}");
    }
}

async fn play_as(deployment: &ClientsDeployment, client: &str, caller: Caller) -> Vec<Step> {
    let token = deployment.token(caller).await;
    let origin = &deployment.inner.origin;
    let steps = play(deployment.python(client, origin, Some(&token))).await;
    let words = format!("{steps:?}");
    assert!(
        !words.contains(&token),
        "{client}: a client shows its token"
    );
    steps
}

/// Runs a program to its end, and reads its steps.
async fn play(command: Command) -> Vec<Step> {
    let output = run(command).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{said}");
    // Clients say things of their own there, too.
    let lines = text.lines().filter(|line| line.starts_with(r#"{"step""#));
    lines.map(Step::read).collect()
}

pub(crate) async fn run(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    output.expect("no panic").expect("Python starts")
}

impl Step {
    fn read(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let words = || line["words"].as_str().unwrap_or_default().to_owned();
        let outcome = match (line.get("outcome"), &line["denied"]) {
            (Some(outcome), _) => Outcome::Done(outcome.clone()),
            (None, Value::Bool(true)) => Outcome::Denied,
            _ => Outcome::Failed(words()),
        };
        Self {
            name: line["step"].as_str().expect("a name").to_owned(),
            reads: line["reads"] == true,
            outcome,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.outcome, Outcome::Done(_))
    }

    /// What `caller` is to get, where this is what MLflow alone gives.
    fn expected(&self, caller: Caller) -> &'static str {
        if self.reads || caller != Caller::Reader {
            "same"
        } else {
            "denied"
        }
    }

    /// How the same step went through the gateway.
    pub(crate) fn verdict(&self, through: &Self) -> &'static str {
        match &through.outcome {
            _ if self.name != through.name => "another step",
            outcome if *outcome == self.outcome => "same",
            Outcome::Denied => "denied",
            Outcome::Done(_) => "different",
            Outcome::Failed(_) => "fails",
        }
    }
}
