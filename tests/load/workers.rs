//! Those who ask: three of four read, and one makes runs.

use std::time::{Duration, Instant};

use axum::{body::Body, http::Request};
use futures_util::future::join_all;
use serde_json::json;
use shell_tests::client::Answer;

use crate::{answer_counts::AnswerCounts, deployment::LoadDeployment};

/// When the next request is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// As soon as the one before is answered.
    Closed,
    /// One each time, by all together.
    Every(Duration),
}

/// Asks for so long, so many at a time.
pub(crate) async fn run(
    deployment: &LoadDeployment,
    counts: &AnswerCounts,
    workers: usize,
    pace: Pace,
    whole: Duration,
) {
    let all = (0..workers).map(|number| work(deployment, counts, number, workers, pace, whole));
    join_all(all).await;
}

async fn work(
    deployment: &LoadDeployment,
    counts: &AnswerCounts,
    number: usize,
    workers: usize,
    pace: Pace,
    whole: Duration,
) {
    let begin = Instant::now();
    let count = u32::try_from(workers).expect("a few");
    let mut next = begin;
    if let Pace::Every(between) = pace {
        next += between * u32::try_from(number).expect("a few");
    }
    let mut asked = 0_u64;
    while begin.elapsed() < whole {
        if let Pace::Every(between) = pace {
            tokio::time::sleep_until(next.into()).await;
            next += between * count;
        }
        asked += 1;
        if (asked + number as u64).is_multiple_of(4) {
            write(deployment, counts).await;
        } else {
            read(deployment, counts).await;
        }
    }
}

async fn read(deployment: &LoadDeployment, counts: &AnswerCounts) {
    let path = format!(
        "/api/2.0/mlflow/experiments/get?experiment_id={}",
        deployment.experiment
    );
    let request = deployment.request("GET", &path, Body::empty());
    counts.note(deployment.send(request).await, |answer| {
        let name = &answer.json()["experiment"]["name"];
        if name == deployment.name.as_str() {
            Ok(None)
        } else {
            Err(format!("another experiment: {}", answer.text()))
        }
    });
}

async fn write(deployment: &LoadDeployment, counts: &AnswerCounts) {
    let name = deployment.next_name();
    let body = json!({ "experiment_id": deployment.experiment, "run_name": name, "start_time": 1 });
    let request: Request<Body> = deployment.request(
        "POST",
        "/api/2.0/mlflow/runs/create",
        body.to_string().into(),
    );
    let right = |answer: &Answer| {
        let told = answer.json();
        let info = &told["run"]["info"];
        match info["run_id"].as_str() {
            Some(run) if info["run_name"] == name.as_str() => Ok(Some(run.to_owned())),
            _ => Err(format!("another run: {}", answer.text())),
        }
    };
    counts.note(deployment.send(request).await, right);
}
