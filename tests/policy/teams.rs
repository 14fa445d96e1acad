//! Two teams with experiments and models of their own at one MLflow: every endpoint
//! that says what it is about, tried on what is the team's and on what is not.

use serde_json::{Value, json};
use shell_core::policy::{
    Operation, Request,
    endpoints::{About, Endpoint as Known, SPANS_PATH},
};
use shell_tests::{client::Answer, endpoints, endpoints::Endpoint};

use crate::{
    deployment::{ADMIN, PolicyDeployment, is_denied},
    subject::Subject,
};

/// A team may do everything with its experiments and models, and nothing else.
const TEAMS: &str = r#"{"rules": [
    {"name": "administration", "groups": ["admins"], "allow": "everything"},
    {"name": "pages", "groups": ["team-a", "team-b"], "allow": {"server": ["read"]}},
    {"name": "team-a", "groups": ["team-a"], "experiments": ["team-a-*"], "models": ["team-a-*"],
     "allow": {"experiments": ["read", "write"], "runs": ["read", "write"],
               "artifacts": ["read", "write"], "logged-models": ["read", "write"],
               "traces": ["read", "write"], "datasets": ["read", "write"],
               "scorers": ["read", "write"], "reviews": ["read", "write"],
               "issues": ["read", "write"],
               "registered-models": ["read", "write", "manage"]}}
]}"#;

const TEAM: &str = "team-a";

/// How many experiments each team has.
const EXPERIMENTS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_team_does_all_with_its_own_and_sees_and_changes_nothing_of_another() {
    for deployment in PolicyDeployment::all_with(TEAMS).await.iter() {
        if !["2.22.5", "3.18.0"].contains(&deployment.version.as_str()) {
            continue;
        }
        fill(deployment).await;
        let foreign = Subject::create(deployment, "team-b-subject").await;
        let before = deployment.stored();
        let refused = try_foreign(deployment, &foreign).await;
        deployment.refuse_change(&before);
        let done = try_own(deployment).await;
        let least = match deployment.version.as_str() {
            "2.22.5" => 65,
            _ => 100,
        };
        assert!(
            refused >= least && done >= least,
            "{refused} refused, {done} done"
        );
        report(deployment, done, refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_what_a_team_may_see() {
    for deployment in PolicyDeployment::all_with(TEAMS).await.iter() {
        let names = async |group: &str, path: &str, list: &str| {
            let answer = deployment.ask(group, "GET", path, &json!({})).await;
            let told = answer.json();
            let names = told[list].as_array().into_iter().flatten();
            let names = names.map(|it| it["name"].as_str().expect("a name").to_owned());
            names.collect::<Vec<_>>()
        };
        let own = Subject::create(deployment, "team-a-listed").await;
        Subject::create(deployment, "team-b-listed").await;
        let lists = [
            ("experiments/search?max_results=1000", "experiments"),
            (
                "registered-models/search?max_results=1000",
                "registered_models",
            ),
            ("model-versions/search?max_results=1000", "model_versions"),
        ];
        for (path, list) in lists {
            let path = format!("/api/2.0/mlflow/{path}");
            let all = names(ADMIN, &path, list).await;
            let seen = names(TEAM, &path, list).await;
            assert!(all.iter().any(|name| name.starts_with("team-b-")), "{path}");
            assert!(
                seen.iter().all(|name| name.starts_with("team-a-")),
                "{seen:?}"
            );
            let own = all.iter().filter(|name| name.starts_with("team-a-"));
            assert_eq!(seen.len(), own.count(), "{path}");
        }
        // A page is full though others' experiments are before the team's.
        let path = "/api/2.0/mlflow/experiments/search?max_results=1&order_by=name%20DESC";
        assert_eq!(names(TEAM, path, "experiments").await.len(), 1);
        let body = json!({"max_results": 1000, "filter": "name LIKE '%listed%'"});
        let path = "/api/2.0/mlflow/experiments/search";
        let found = deployment.ask(TEAM, "POST", path, &body).await.json();
        let found = found["experiments"].as_array().expect("a list");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["name"], own.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_change_decide_anew() {
    for deployment in PolicyDeployment::all_with(TEAMS).await.iter() {
        let subject = Subject::create(deployment, "team-b-moved").await;
        let get = subject.fill("/api/2.0/mlflow/runs/get?run_id={run_id}");
        assert!(is_denied(
            &deployment.ask(TEAM, "GET", &get, &json!({})).await
        ));
        let renamed =
            json!({"experiment_id": subject.id("experiment_id"), "new_name": "team-a-moved"});
        let path = "/api/2.0/mlflow/experiments/update";
        deployment.done(ADMIN, "POST", path, renamed).await;
        let answer = deployment.ask(TEAM, "GET", &get, &json!({})).await;
        assert!(!is_denied(&answer), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_go_into_a_teams_own_traces() {
    for deployment in PolicyDeployment::all_with(TEAMS).await.iter() {
        if deployment.version != "3.18.0" {
            continue;
        }
        let own = Subject::create(deployment, "team-a-spans").await;
        let foreign = Subject::create(deployment, "team-b-spans").await;
        let trace = |subject: &Subject| subject.id("trace_id").replace("tr-", "");
        let table = [
            (&own, trace(&own), true),
            (&own, "0".repeat(31) + "7", true),
            (&own, trace(&foreign), false),
            (&foreign, "0".repeat(31) + "8", false),
        ];
        for (subject, trace, expected) in table {
            let before = deployment.stored();
            let span = json!({"traceId": trace, "spanId": "0000000000000001", "name": "s",
                "kind": 1, "startTimeUnixNano": "1", "endTimeUnixNano": "2"});
            let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
            let header = ("x-mlflow-experiment-id", subject.id("experiment_id"));
            let headers = [header];
            let asked = deployment.ask_with(TEAM, ("POST", "/v1/traces"), &headers, &body);
            let answer = asked.await;
            assert_eq!(!is_denied(&answer), expected, "{trace}: {}", answer.text());
            if expected {
                assert_eq!(answer.status, 200, "{}", answer.text());
            } else {
                deployment.refuse_change(&before);
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(deployment: &PolicyDeployment, done: usize, refused: usize) {
    eprintln!(
        "MLflow {}: a team: {done} requests for its own, {refused} for another's, all refused",
        deployment.version
    );
}

/// Fills the store with experiments of both teams.
async fn fill(deployment: &PolicyDeployment) {
    for team in ["team-a", "team-b"] {
        for number in 0..EXPERIMENTS {
            let body = json!({"name": format!("{team}-{number:03}")});
            let path = "/api/2.0/mlflow/experiments/create";
            deployment.ask(ADMIN, "POST", path, &body).await;
        }
    }
}

/// Tries every endpoint on another team's entities; how many were refused.
async fn try_foreign(deployment: &PolicyDeployment, foreign: &Subject) -> usize {
    let mut refused = 0;
    for (endpoint, known) in about_something(&deployment.version) {
        let answer = ask(deployment, foreign, endpoint).await;
        let named = format!(
            "{}: {} {}",
            deployment.version, endpoint.method, endpoint.path
        );
        match known.about {
            About::List(_) => {
                assert!(
                    !answer.text().contains("team-b"),
                    "{named}: {}",
                    answer.text()
                );
            }
            About::References(_) | About::Unsaid => {
                assert!(is_denied(&answer), "{named}: {}", answer.text());
                refused += 1;
            }
        }
    }
    refused
}

/// Tries every endpoint on the team's own entities; how many were not refused.
async fn try_own(deployment: &PolicyDeployment) -> usize {
    let mut done = 0;
    for (number, (endpoint, _)) in about_something(&deployment.version).into_iter().enumerate() {
        // Some of them delete what the next needs.
        let own = Subject::create(deployment, &format!("team-a-own-{number}")).await;
        let answer = ask(deployment, &own, endpoint).await;
        let named = format!(
            "{}: {} {}",
            deployment.version, endpoint.method, endpoint.path
        );
        assert!(!is_denied(&answer), "{named}: {}", answer.text());
        // So the gateway answers if MLflow does not say what is asked for.
        assert_ne!(answer.status, 502, "{named}: {}", answer.text());
        done += 1;
    }
    done
}

/// The endpoints that say what they are about, once for each prefix.
fn about_something(version: &str) -> Vec<(Endpoint, &'static Known)> {
    let known = |endpoint: &Endpoint| {
        let request = Request::read(endpoint.method, &endpoint.sample()).ok()?;
        let Operation::Endpoint(known) = request.operation() else {
            return None;
        };
        // Workspaces and spans have tests of their own.
        let is_other = known.path.contains("workspaces") || known.path == SPANS_PATH;
        let is_said = known.about != About::Unsaid && !is_other;
        is_said.then_some(*known)
    };
    let all = endpoints::of_version(version).into_iter();
    all.filter_map(|endpoint| Some((endpoint, known(&endpoint)?)))
        .collect()
}

async fn ask(deployment: &PolicyDeployment, subject: &Subject, endpoint: Endpoint) -> Answer {
    let path = endpoint.path.replace("{api|ajax-api}", "api");
    let path = subject.fill(&path);
    let is_upload = endpoint.path.ends_with("upload-artifact");
    let path = if endpoint.method == "GET" || is_upload {
        format!("{path}?{}", subject.query(endpoint.path))
    } else {
        path
    };
    let body: Value = subject.body(endpoint.path);
    deployment.ask(TEAM, endpoint.method, &path, &body).await
}
