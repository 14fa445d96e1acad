//! What came of the requests.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use shell_tests::client::Answer;

/// What an outage may be answered with.
const OUTAGES: [u16; 3] = [502, 503, 504];

#[derive(Debug, Default)]
pub(crate) struct AnswerCounts(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    statuses: BTreeMap<u16, u64>,
    /// Runs that were answered with success.
    acknowledged: Vec<String>,
    /// What should never have come.
    wrong: Vec<String>,
    /// Errors that came while nothing was out of order.
    unexplained: u64,
    /// Whether something is out of order on purpose.
    is_out_of_order: bool,
}

impl AnswerCounts {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no other thread panicked")
    }

    /// Says whether something is out of order from now on.
    pub(crate) fn out_of_order(&self, is_out_of_order: bool) {
        self.counts().is_out_of_order = is_out_of_order;
    }

    /// Notes an answer. `right` says what is wrong with one of success.
    pub(crate) fn note(
        &self,
        answer: anyhow::Result<Answer>,
        right: impl FnOnce(&Answer) -> Result<Option<String>, String>,
    ) {
        let mut counts = self.counts();
        match answer {
            Err(error) => counts.wrong.push(format!("no answer: {error:#}")),
            Ok(answer) => {
                let status = answer.status.as_u16();
                *counts.statuses.entry(status).or_default() += 1;
                match judge(&answer, right) {
                    Ok(run) => counts.acknowledged.extend(run),
                    Err(problem) => counts.wrong.push(problem),
                }
                let is_explained = status == 200 || counts.is_out_of_order;
                counts.unexplained += u64::from(!is_explained);
            }
        }
    }

    pub(crate) fn acknowledged(&self) -> Vec<String> {
        self.counts().acknowledged.clone()
    }

    pub(crate) fn answers_per_second(&self, took: Duration) -> f64 {
        let answered = self.counts().statuses.get(&200).copied().unwrap_or(0);
        f64::from(u32::try_from(answered).unwrap_or(u32::MAX)) / took.as_secs_f64()
    }

    pub(crate) fn require_no_errors(&self) {
        self.require_right_answers();
        let counts = self.counts();
        let only_good = counts.statuses.keys().eq([&200]);
        assert!(only_good, "{:?}", counts.statuses);
    }

    /// Every success is right, every error is one of an outage in MLflow's words.
    pub(crate) fn require_right_answers(&self) {
        let counts = self.counts();
        let first: Vec<_> = counts.wrong.iter().take(5).collect();
        assert!(first.is_empty(), "{} wrong: {first:#?}", counts.wrong.len());
    }

    /// Some were turned away, and others were not.
    pub(crate) fn require_shedding(&self) {
        let counts = self.counts();
        let both = counts.statuses.keys().eq([&200, &503]);
        assert!(both, "{:?}", counts.statuses);
    }

    /// Nothing failed while all was in order.
    pub(crate) fn require_explained(&self) {
        let unexplained = self.counts().unexplained;
        assert_eq!(unexplained, 0, "errors while all was in order");
    }

    pub(crate) fn summary(&self) -> String {
        let counts = self.counts();
        let Counts {
            statuses,
            wrong,
            unexplained,
            acknowledged,
            ..
        } = &*counts;
        format!(
            "{statuses:?} by status, {} runs acknowledged, {unexplained} errors while all was in \
             order, {} wrong",
            acknowledged.len(),
            wrong.len()
        )
    }
}

fn judge(
    answer: &Answer,
    right: impl FnOnce(&Answer) -> Result<Option<String>, String>,
) -> Result<Option<String>, String> {
    let status = answer.status.as_u16();
    if status == 200 {
        return right(answer);
    }
    let told = answer.json();
    let is_worded = told["error_code"].is_string() && told["message"].is_string();
    if OUTAGES.contains(&status) && is_worded {
        Ok(None)
    } else {
        Err(format!("{status}: {}", answer.text()))
    }
}
