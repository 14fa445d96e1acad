//! The functions that are measured.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shell_jose::{SigningKey, jwks};
use shell_tests::{
    authorizers,
    environment::{self, Sample},
    lambda::{Answered, Kind, Lambda},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// Our function.
    Ours,
    /// The function that does what the AWS sample's does.
    Sample,
    /// Ours, asked about a request without a token.
    Refusing,
    /// A function in Python that does nothing.
    Idle,
}

/// In the order of their numbers.
pub(crate) const CANDIDATES: [Candidate; 4] = [
    Candidate::Ours,
    Candidate::Sample,
    Candidate::Refusing,
    Candidate::Idle,
];

/// A candidate, ready to be started.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) candidate: Candidate,
    ours: PathBuf,
    sample: Sample,
    keys: String,
}

/// One start, in time since the process was started.
#[derive(Debug)]
pub(crate) struct Cold {
    /// When it asked for its first event.
    pub(crate) asked: Duration,
    /// When its first answer was there.
    pub(crate) answered: Duration,
}

impl Guest {
    /// All candidates, which are to verify tokens with `key`.
    pub(crate) fn all(key: &SigningKey) -> Result<[Self; 4]> {
        let sample = environment::sample().context("the sample's function is needed")?;
        Ok(CANDIDATES.map(|candidate| Self {
            candidate,
            ours: environment::authorizer(),
            sample: sample.clone(),
            keys: jwks([key]).to_string(),
        }))
    }

    /// What this candidate is asked, as text.
    pub(crate) fn event(&self, token: &str) -> String {
        let header = format!("Bearer {token}");
        let header = (self.candidate != Candidate::Refusing).then_some(&*header);
        authorizers::event(header).to_string()
    }

    /// Starts the function and has it answer `event`.
    pub(crate) async fn start(&self, event: &str) -> Result<(Lambda, Cold)> {
        let mut lambda = Lambda::start(|keys| self.command(keys), Some(self.keys.clone())).await?;
        let answered = self.ask(&mut lambda, event).await?;
        let asked = lambda.asked();
        let (asked, _) = asked.get("next").context("it asked for an event")?;
        let cold = Cold {
            asked: *asked,
            answered: lambda.after_start(&answered),
        };
        Ok((lambda, cold))
    }

    /// Has a running function answer `event` as often as that.
    pub(crate) async fn warm(
        &self,
        lambda: &mut Lambda,
        event: &str,
        times: usize,
    ) -> Result<Vec<Duration>> {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            took.push(self.ask(lambda, event).await?.took);
        }
        Ok(took)
    }

    async fn ask(&self, lambda: &mut Lambda, event: &str) -> Result<Answered> {
        let answered = lambda.invoke_text(event.to_owned()).await?;
        ensure!(
            self.candidate.expects(&answered),
            "not the answer that was expected: {answered:?}"
        );
        Ok(answered)
    }

    fn command(&self, keys: &str) -> Command {
        match self.candidate {
            Candidate::Ours | Candidate::Refusing => authorizers::ours(&self.ours, keys),
            Candidate::Sample => authorizers::sample(&self.sample, keys),
            Candidate::Idle => authorizers::idle(&self.sample),
        }
    }
}

impl Candidate {
    /// What a table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Sample => "the sample's",
            Self::Refusing => "ours, no token",
            Self::Idle => "Python, doing nothing",
        }
    }

    fn expects(self, answered: &Answered) -> bool {
        let Answered { kind, body, .. } = answered;
        match self {
            Self::Ours | Self::Sample => {
                let statement = &body["policyDocument"]["Statement"][0];
                *kind == Kind::Response && statement["Effect"] == "Allow"
            }
            Self::Refusing => *kind == Kind::Error && body["errorMessage"] == "Unauthorized",
            Self::Idle => *kind == Kind::Response && *body == Value::Bool(false),
        }
    }
}
