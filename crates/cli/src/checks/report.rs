//! What the checks found, as a table or as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::failure::{CheckResult, Failure};

/// What the checks of one deployment found.
#[derive(Debug)]
pub struct Report {
    origin: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    check: String,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Fine(String),
    Wrong(Failure),
    LeftOut(&'static str),
}

impl Report {
    pub(super) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            lines: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, check: impl Into<String>, judged: CheckResult) {
        let outcome = match judged {
            Ok(found) => Outcome::Fine(found),
            Err(failure) => Outcome::Wrong(failure),
        };
        self.put(check.into(), outcome);
    }

    pub(super) fn leave_out(&mut self, check: impl Into<String>, why: &'static str) {
        self.put(check.into(), Outcome::LeftOut(why));
    }

    fn put(&mut self, check: String, outcome: Outcome) {
        self.lines.push(Line { check, outcome });
    }

    /// Whether nothing differs from expectation.
    pub fn is_fine(&self) -> bool {
        self.wrong().next().is_none()
    }

    /// The checks that found something else than expected.
    pub fn wrong(&self) -> impl Iterator<Item = &str> {
        let is_wrong = |line: &&Line| matches!(line.outcome, Outcome::Wrong(_));
        let wrong = self.lines.iter().filter(is_wrong);
        wrong.map(|line| line.check.as_str())
    }

    /// One line for each check.
    pub fn table(&self) -> String {
        let names = self.lines.iter().map(|line| line.check.len());
        let width = names.max().unwrap_or_default();
        let mut table = String::new();
        for Line { check, outcome } in &self.lines {
            let word = outcome.word();
            let words = match outcome {
                Outcome::Fine(found) => found.clone(),
                Outcome::Wrong(Failure { found, cure }) => format!("{found}. Cure: {cure}."),
                Outcome::LeftOut(why) => (*why).to_owned(),
            };
            // Writing to a string cannot fail.
            writeln!(table, "{word:<8}  {check:<width$}  {words}").ok();
        }
        table
    }

    /// Each check with what was found, or with what is wrong and its cure.
    pub fn findings(&self) -> impl Iterator<Item = (&str, Result<String, String>)> {
        self.lines.iter().map(|line| {
            let found = match &line.outcome {
                Outcome::Fine(found) => Ok(found.clone()),
                Outcome::Wrong(Failure { found, cure }) => Err(format!("{found}. Cure: {cure}.")),
                Outcome::LeftOut(why) => Ok((*why).to_owned()),
            };
            (line.check.as_str(), found)
        })
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        let checks: Vec<Value> = self.lines.iter().map(Line::json).collect();
        json!({ "origin": self.origin, "fine": self.is_fine(), "checks": checks })
    }
}

impl Line {
    fn json(&self) -> Value {
        let (check, outcome) = (&self.check, self.outcome.word());
        match &self.outcome {
            Outcome::Fine(found) => json!({ "check": check, "outcome": outcome, "found": found }),
            Outcome::Wrong(Failure { found, cure }) => {
                json!({ "check": check, "outcome": outcome, "found": found, "cure": cure })
            }
            Outcome::LeftOut(why) => json!({ "check": check, "outcome": outcome, "why": why }),
        }
    }
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Fine(_) => "ok",
            Self::Wrong(_) => "WRONG",
            Self::LeftOut(_) => "left out",
        }
    }
}
