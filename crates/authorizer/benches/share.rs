//! What the authorizer itself takes of an answer, without Lambda's interface: from
//! the text of an event to the text of the answer, in this process.
//!
//! The log's lines are made and thrown away. `cargo xtask bench authorizer` runs it
//! before the measurement of the whole function; no figure makes it fail.

use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use serde_json::{Value, json};
use shell_authorizer::{Authorizer, Settings};
use shell_jose::{SigningKey, jwks};
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt;

/// How many answers a figure is made of.
const TIMES: usize = 1000;

/// Most that an answer may take that is to be made again and again, in microseconds.
const AIM: f64 = 40.0;

const ISSUER: &str = "https://issuer.example";
const EVENT: &str = include_str!("../fixtures/request.json");

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    let log = tracing_subscriber::registry().with(lines.with_writer(io::sink));
    tracing::subscriber::set_global_default(log)?;
    let key = SigningKey::generate("key=")?;
    let keys = serve(jwks([&key]).to_string()).await?;
    let token = |number| sign(&key, number);
    let known = vec![event(Some(&token(0)?)); TIMES];
    let new: Outcome<Vec<_>> = (1..=TIMES).map(|it| Ok(event(Some(&token(it)?)))).collect();
    let (new, none) = (new?, vec![event(None); TIMES]);

    say("ours alone, from event to answer, µs          median       p99");
    let mut known_took = f64::NAN;
    for (name, answer, events) in [
        ("a token seen before", "request", &known),
        ("another token each time", "request", &new),
        ("no token", "request", &none),
        ("a token seen before, ANSWER=user", "user", &known),
        ("another token each time, ANSWER=user", "user", &new),
    ] {
        let [median, p99] = measure(&authorizer(&keys, answer)?, events).await?;
        if known_took.is_nan() {
            known_took = median;
        }
        say(&format!("  {name:<40}{median:>10.1}{p99:>10.1}"));
    }
    let verdict = if known_took <= AIM { "met" } else { "not met" };
    say(&format!("  a token seen before: ≤ {AIM} {verdict}"));
    Ok(())
}

/// Median and 99th percentile of what an answer takes, in microseconds.
async fn measure(authorizer: &Authorizer, events: &[String]) -> Outcome<[f64; 2]> {
    // The keys are loaded before, with a token that none of the events has.
    let mut took: Vec<Duration> = Vec::with_capacity(events.len());
    answer(authorizer, &events[0]).await?;
    for event in &events[1..] {
        let began = Instant::now();
        answer(authorizer, event).await?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1e6;
    Ok([at(50), at(99)])
}

/// What Lambda's interface has the function do. A refusal is an answer, too.
async fn answer(authorizer: &Authorizer, event: &str) -> Outcome<Vec<u8>> {
    let payload: Value = serde_json::from_str(event)?;
    Ok(match authorizer.authorize(&payload).await {
        Ok(answer) => serde_json::to_vec(&answer)?,
        Err(failure) if failure.to_string() == "Unauthorized" => failure.to_string().into(),
        Err(failure) => return Err(failure.into()),
    })
}

fn authorizer(keys: &str, answer: &str) -> Outcome<Authorizer> {
    let variable = |name: &str| match name {
        "ISSUER" => Some(ISSUER.into()),
        "CLIENT_ID" => Some("client".into()),
        "JWKS_URL" => Some(keys.into()),
        "ANSWER" => Some(answer.into()),
        _ => None,
    };
    let no_file = |_: &str| Err(io::ErrorKind::NotFound.into());
    Ok(Authorizer::new(Settings::read(variable, no_file)?))
}

/// A token of the size that Cognito's have.
fn sign(key: &SigningKey, number: usize) -> Outcome<String> {
    let token = key.sign(&json!({
        "iss": ISSUER, "aud": "client", "exp": 4_000_000_000_u64, "iat": 1, "auth_time": 1,
        "sub": format!("8f1c3c52-70d1-70f9-1c3c-{number:012}"), "token_use": "id",
        "cognito:username": format!("8f1c3c52-70d1-70f9-1c3c-{number:012}"),
        "cognito:groups": ["data-science", "readers", "model-approvers"],
        "email": "ann@example.com", "email_verified": true,
        "event_id": "b3e8f4b4-4b9b-4c61-9f0e-5a4f1b0d2c3e",
        "origin_jti": "6a3e8f4b-5b9b-4c61-9f0e-5a4f1b0d2c3e",
    }))?;
    Ok(token.expose().to_owned())
}

fn event(token: Option<&str>) -> String {
    let mut event: Value = serde_json::from_str(EVENT).expect("the fixture is JSON");
    if let Some(token) = token {
        let value = format!("Bearer {token}");
        event["headers"]["Authorization"] = json!(value);
        event["multiValueHeaders"]["Authorization"] = json!([value]);
    }
    event.to_string()
}

/// Publishes the issuer's keys, and returns where.
async fn serve(keys: String) -> Outcome<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/keys", get(|| async move { keys }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}/keys"))
}

#[expect(clippy::print_stdout, reason = "a measurement talks to a person")]
fn say(line: &str) {
    println!("{line}");
}
