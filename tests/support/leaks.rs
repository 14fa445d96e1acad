//! What must never be in a record.

use std::{collections::HashSet, fmt};

use anyhow::{Result, ensure};

use crate::record::{Bearer, Recipient, Record, below_prefix};

/// How many requests there were that must not be, beside those that may.
#[derive(Debug, Default)]
pub struct Leaks {
    /// Requests below `/mlflow`, its public bundle aside.
    pub guarded: usize,
    /// Those of them without a valid bearer.
    pub bare: Vec<Record>,
    /// Requests to the provider and to other origins.
    pub elsewhere: usize,
    /// Those of them with a bearer.
    pub betrayed: Vec<Record>,
    /// Requests that reached MLflow, its public bundle aside.
    pub upstream: usize,
    /// Those of them that no authorised request to the gateway explains.
    pub unexplained: Vec<Record>,
}

/// Looks for leaks in `records`.
pub fn find(records: &[Record]) -> Leaks {
    let authorised = Authorised::of(records);
    let mut leaks = Leaks::default();
    for record in records {
        match record.recipient {
            Recipient::Gateway | Recipient::Api if record.needs_bearer() => {
                leaks.guarded += 1;
                leaks
                    .bare
                    .extend(bad(record, record.bearer != Bearer::Valid));
            }
            // Public files need no token.
            Recipient::Api if record.is_preflight() => {
                leaks
                    .betrayed
                    .extend(bad(record, record.bearer != Bearer::None));
            }
            Recipient::Gateway | Recipient::Api => {}
            Recipient::Provider | Recipient::Other => {
                leaks.elsewhere += 1;
                leaks
                    .betrayed
                    .extend(bad(record, record.bearer != Bearer::None));
            }
            Recipient::Upstream if is_the_gateways_own(record) => {}
            Recipient::Upstream => {
                leaks.upstream += 1;
                let explained = authorised.explains(record);
                leaks.unexplained.extend(bad(record, !explained));
            }
        }
    }
    leaks
}

impl Leaks {
    /// Fails if a token went astray, or MLflow was reached without one.
    pub fn refuse_any(&self) -> Result<()> {
        ensure!(
            self.betrayed.is_empty() && self.unexplained.is_empty(),
            "{self}"
        );
        Ok(())
    }

    /// Fails if, besides, a request lacked its token.
    pub fn refuse_bare(&self) -> Result<()> {
        ensure!(self.bare.is_empty(), "{self}");
        self.refuse_any()
    }
}

impl fmt::Display for Leaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            (
                "requests for MLflow outside static-files",
                self.guarded,
                "without a valid bearer",
                &self.bare,
            ),
            (
                "requests to other origins",
                self.elsewhere,
                "with a bearer",
                &self.betrayed,
            ),
            (
                "requests that reached MLflow",
                self.upstream,
                "unauthenticated",
                &self.unexplained,
            ),
        ];
        for (what, all, fault, bad) in lines {
            writeln!(f, "{what}: {all}, {fault}: {}", bad.len())?;
            for record in bad {
                writeln!(f, "    {record}")?;
            }
        }
        Ok(())
    }
}

/// The requests to the gateway that may reach MLflow.
struct Authorised<'a> {
    /// By the name the gateway gave them.
    named: HashSet<&'a str>,
    /// Those the browser gave up, which were never told their name.
    abandoned: HashSet<(&'a str, Option<&'a str>, &'a str)>,
}

impl<'a> Authorised<'a> {
    fn of(records: &'a [Record]) -> Self {
        let authorised = || {
            records
                .iter()
                .filter(|record| record.is_for_us() && is_authorised(record))
        };
        let abandoned = authorised().filter(|record| record.status.is_none());
        Self {
            named: authorised()
                .filter_map(|record| record.id.as_deref())
                .collect(),
            abandoned: abandoned
                .filter_map(|record| {
                    let (upstream, path) = below_prefix(&record.path)?;
                    Some((record.method.as_str(), upstream, path))
                })
                .collect(),
        }
    }

    fn explains(&self, record: &Record) -> bool {
        let named = record
            .id
            .as_deref()
            .is_some_and(|id| self.named.contains(id));
        let (method, path) = (record.method.as_str(), record.path.as_str());
        let request = (method, record.upstream, path);
        named || (record.id.is_some() && self.abandoned.contains(&request))
    }
}

/// Programs may bring a token of the gateway's own, which it alone can judge.
fn is_authorised(record: &Record) -> bool {
    match record.bearer {
        Bearer::Valid => true,
        Bearer::Invalid => record.is_for_programs() && record.status != Some(401),
        Bearer::None => false,
    }
}

fn bad(record: &Record, is_bad: bool) -> Option<Record> {
    is_bad.then(|| record.clone())
}

/// The gateway asks MLflow for its version, and for each file of the bundle
/// that it does not have yet, without a user.
fn is_the_gateways_own(record: &Record) -> bool {
    let asked = record.path == "/version" || record.path.starts_with("/static-files/");
    asked && record.id.is_none() && record.method == "GET" && record.bearer == Bearer::None
}
