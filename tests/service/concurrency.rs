//! How many requests are under way, and who waits for whom.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{Router, http::StatusCode};
use serde_json::{Value, json};
use shell_gateway::settings::{Limits, Settings, Time};
use shell_tests::{
    client::{self, Answer},
    gate::Gate,
    issuer::{self, Issuer},
    server::Server,
    wait,
    world::{Login, Plan, World},
};
use tokio::{sync::Semaphore, task::JoinHandle};

use crate::fixture::{Fixture, SCRIPT, given};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// A gateway in front of a gate.
struct Crowd {
    world: World,
    issuer: Issuer,
    gate: Gate,
}

impl Crowd {
    async fn new(requests: usize, per_user: usize, queue: usize, wait: Duration) -> Self {
        let number = |number| NonZeroUsize::new(number).expect("not 0");
        let limits = Limits {
            requests: number(requests),
            requests_per_user: number(per_user),
            queue,
            wait: Time(wait),
            ..Limits::default()
        };
        let given = Settings {
            limits,
            ..Settings::default()
        };
        let (issuer, gate) = (Issuer::default(), Gate::default());
        let plan = Plan::from(Login::Signed(issuer.clone())).with_settings(given);
        let world = World::start(plan, gate.router()).await;
        Self {
            world: world.expect("everything starts"),
            issuer,
            gate,
        }
    }

    /// Sends a request of a user's, which tells the gate whose it is.
    fn send(&self, user: &str) -> JoinHandle<Result<Answer>> {
        let mut claims = issuer::claims(&self.world.login.origin());
        claims["sub"] = json!(user);
        let bearer = format!("Bearer {}", self.issuer.sign(&claims));
        let url = format!("{}{SEARCH}?max_results=1&user={user}", self.world.origin);
        tokio::spawn(async move {
            let mut headers = SCRIPT.to_vec();
            headers.push(("authorization", &bearer));
            client::get(&url, &headers).await
        })
    }

    /// Waits until so many are under way, and so many wait.
    async fn has(&self, under_way: usize, waiting: usize) {
        let expected = [under_way, waiting].map(|count| count.to_string());
        let what = format!("{under_way} and {waiting}");
        let there = wait::until(&what, async || {
            let text = self.world.metrics.text();
            let found = ["requests_under_way", "requests_waiting"].map(|name| value(&text, name));
            Ok((found == expected).then_some(()))
        });
        there.await.expect("they come");
    }

    async fn arrived(&self, count: usize) -> Vec<String> {
        let come = wait::until("requests at the gate", async || {
            let arrived = self.gate.arrived();
            Ok((arrived.len() >= count).then_some(arrived))
        });
        come.await.expect("they come")
    }
}

/// The value of a metric without labels.
fn value(text: &str, name: &str) -> String {
    let start = format!("mlflow_shell_{name} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&start));
    value.unwrap_or_default().to_owned()
}

async fn answer(request: JoinHandle<Result<Answer>>) -> Answer {
    request.await.expect("no panic").expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_requests_of_one_user_do_not_delay_anothers() {
    let crowd = Crowd::new(4, 4, 1000, Duration::from_mins(1)).await;
    let flood: Vec<_> = (0..200).map(|_| crowd.send("flood")).collect();
    crowd.has(4, 196).await;
    let single = crowd.send("single");
    crowd.has(4, 197).await;
    crowd.arrived(4).await;

    crowd.gate.pass(1);
    let arrived = crowd.arrived(5).await;
    assert!(arrived[4].ends_with("user=single"), "{arrived:?}");
    crowd.gate.pass(4);
    assert_eq!(answer(single).await.status, 200);
    assert!(crowd.gate.arrived().len() < 12);

    crowd.gate.pass(200);
    for request in flood {
        assert_eq!(answer(request).await.status, 200);
    }
    crowd.has(0, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_place_in_time_is_turned_away_and_may_come_again() {
    let crowd = Crowd::new(1, 1, 1, Duration::from_millis(400)).await;
    let first = crowd.send("a");
    crowd.has(1, 0).await;

    for _ in 0..3 {
        let told = answer(crowd.send("a")).await;
        assert_eq!(told.status, 503);
        assert_eq!(told.header("retry-after"), "2");
        assert_eq!(told.json()["error_code"], "TEMPORARILY_UNAVAILABLE");
        assert_ne!(told.json()["message"], Value::Null);
    }
    let two = [crowd.send("a"), crowd.send("a")];
    for one in two {
        assert_eq!(answer(one).await.status, 503);
    }

    crowd.gate.pass(2);
    assert_eq!(answer(first).await.status, 200);
    assert_eq!(answer(crowd.send("a")).await.status, 200);
    crowd.has(0, 0).await;
    let text = crowd.world.metrics.text();
    assert!(!text.contains(r#"shed_total{reason="waited"} 0"#), "{text}");
    let refused = r#"area="unread",access="none",verdict="overloaded",status="5xx"} 5"#;
    assert!(text.contains(refused), "{text}");
}

/// Two issuers, one of which takes every connection and answers none: hundreds of
/// tokens in its name, with invented keys, wait for nothing that others need.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_invented_keys_take_nobodys_place_while_a_key_server_hangs() {
    let (load, together) = (Arc::new(Semaphore::new(1)), Arc::new(AtomicBool::default()));
    let told = together.clone();
    let hangs = Router::new().fallback(async move || {
        let alone = load.try_acquire();
        told.fetch_or(alone.is_err(), Ordering::SeqCst);
        std::future::pending::<StatusCode>().await
    });
    let hanging = Server::start(hangs).await.expect("a free port");
    let name = hanging.origin();
    let flood = invented(&name, 300);
    let settings = given(json!({
        "limits": { "requests": 4, "queue": 4, "requests_per_user": 4 },
        "issuers": [{
            "issuer": name, "jwks": format!("{name}/jwks.json"), "client_ids": ["app"],
            "groups": [{ "claim": "groups" }],
        }],
    }));
    let fixture = Fixture::with(|plan| plan.with_settings(settings)).await;
    let known = fixture.token();
    assert_eq!(fixture.get_with(SEARCH, &known, SCRIPT).await.status, 200);

    let url = format!("{}{SEARCH}", fixture.world.origin);
    let send = |token: String| {
        let (url, bearer) = (url.clone(), format!("Bearer {token}"));
        tokio::spawn(async move { client::get(&url, &[("authorization", &bearer)]).await })
    };
    let flood: Vec<_> = flood.into_iter().map(send).collect();
    let turned_away = wait::until("requests that are turned away", async || {
        let text = fixture.world.metrics.text();
        let count = value(&text, r#"token_checks_total{outcome="unverifiable"}"#);
        Ok((count.parse::<usize>()? >= 200).then_some(()))
    });
    turned_away.await.expect("they are not kept waiting");

    // One that is known, and one of a known key.
    for token in [known, fixture.token_with("sub", json!("another"))] {
        let began = Instant::now();
        let answer = fixture.get_with(SEARCH, &token, SCRIPT).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    assert!(!together.load(Ordering::SeqCst), "one load at a time");
    for request in flood {
        request.abort();
    }
}

/// Tokens that nobody can check, each in the name of another key of `issuer`.
fn invented(issuer: &str, count: usize) -> Vec<String> {
    let key = Issuer::default().key();
    let mut claims = issuer::claims(issuer);
    claims["aud"] = json!("app");
    let sign = |number| {
        let key = key.renamed(format!("invented-{number}"));
        let token = key.sign(&claims).expect("claims are an object");
        token.expose().to_owned()
    };
    (0..count).map(sign).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_gives_the_place_back() {
    let crowd = Crowd::new(1, 1, 8, Duration::from_mins(1)).await;
    let under_way = crowd.send("a");
    crowd.has(1, 0).await;
    let waiting = crowd.send("b");
    crowd.has(1, 1).await;

    waiting.abort();
    crowd.has(1, 0).await;
    under_way.abort();
    crowd.has(0, 0).await;

    crowd.gate.pass(2);
    assert_eq!(answer(crowd.send("c")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_mlflows_needs_no_place() {
    let crowd = Crowd::new(1, 1, 0, Duration::from_secs(1)).await;
    let under_way = crowd.send("a");
    crowd.has(1, 0).await;

    for (path, status) in [("/", 200), ("/config.json", 200), ("/healthz", 200)] {
        let url = format!("{}{path}", crowd.world.origin);
        let told = client::get(&url, &[]).await.expect("an answer");
        assert_eq!(told.status, status, "{path}");
    }
    let stranger = client::get(&format!("{}{SEARCH}", crowd.world.origin), SCRIPT).await;
    assert_eq!(stranger.expect("an answer").status, 401);
    assert_eq!(answer(crowd.send("b")).await.status, 503);

    crowd.gate.pass(1);
    assert_eq!(answer(under_way).await.status, 200);
}
