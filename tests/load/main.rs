//! The gateway under load in front of a real MLflow, while everything around it
//! fails in turn: nothing that was acknowledged is lost, and nothing is wrong.

mod answer_counts;
mod certificates;
mod deployment;
mod faults;
mod hostile_clients;
mod programs;
mod workers;

use std::{env, time::Duration};

use answer_counts::AnswerCounts;
use deployment::LoadDeployment;
use workers::Pace;

/// How long the load goes on unless `SHELL_TEST_MINUTES` says otherwise.
const MINUTES: f64 = 10.0;

/// How long the capacity is measured.
const MEASURING: Duration = Duration::from_secs(10);

/// How many ask at a time. MLflow's own server is the bound, long before that.
const WORKERS: usize = 16;

/// How many ask at a time when there are too many.
const CROWD: usize = 512;

/// How much of the capacity is used.
const SHARE: f64 = 0.8;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_wrong() {
    let deployment = LoadDeployment::start().await.expect("everything starts");
    let measured = AnswerCounts::default();
    workers::run(&deployment, &measured, WORKERS, Pace::Closed, MEASURING).await;
    measured.require_no_errors();
    let capacity = measured.answers_per_second(MEASURING);
    let begin = deployment.resident();

    let whole = minutes();
    let counts = AnswerCounts::default();
    let between = Duration::from_secs_f64(1.0 / (capacity * SHARE));
    let middle = tokio::join!(
        workers::run(&deployment, &counts, WORKERS, Pace::Every(between), whole),
        hostile_clients::run(&deployment, whole),
        faults::run(&deployment, &counts, whole),
        deployment.resident_after(whole / 2),
    )
    .3;
    let end = deployment.resident();

    let crowd = AnswerCounts::default();
    workers::run(&deployment, &crowd, CROWD, Pace::Closed, MEASURING).await;
    let after = AnswerCounts::default();
    workers::run(&deployment, &after, 1, Pace::Closed, Duration::from_secs(3)).await;
    let last = deployment.resident();

    say(&format!("capacity                {capacity:.0} requests/s"));
    for (name, counts) in [("load", &counts), ("crowd", &crowd), ("after", &after)] {
        say(&format!("{name:<23} {}", counts.summary()));
    }
    say(&format!(
        "resident, MB            {begin:.1} at first, {middle:.1}, {end:.1}, after the crowd {last:.1}"
    ));

    after.require_no_errors();
    crowd.require_shedding();
    for counts in [&counts, &crowd] {
        counts.require_right_answers();
    }
    counts.require_explained();
    let acknowledged = [&measured, &counts, &crowd, &after].map(AnswerCounts::acknowledged);
    let kept = deployment.runs().await.expect("MLflow lists its runs");
    let missing = acknowledged
        .iter()
        .flatten()
        .filter(|run| !kept.contains(*run));
    assert_eq!(missing.count(), 0, "acknowledged runs are lost");
    say(&format!(
        "acknowledged runs       {}, all there",
        acknowledged.iter().map(Vec::len).sum::<usize>()
    ));
    let most = middle * 1.25 + 4.0;
    assert!(end <= most, "it grew from {middle:.1} to {end:.1} MB");
}

fn minutes() -> Duration {
    let asked = env::var("SHELL_TEST_MINUTES").ok();
    let minutes = asked.and_then(|text| text.parse().ok()).unwrap_or(MINUTES);
    Duration::from_secs_f64(minutes * 60.0)
}

#[expect(clippy::print_stderr, reason = "the figures are the result")]
fn say(line: &str) {
    eprintln!("{line}");
}
