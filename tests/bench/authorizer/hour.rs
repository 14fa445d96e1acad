//! An hour of work with MLflow's UI behind API Gateway: how many of its requests
//! call the authorizer, by what the authorizer answers and how long that is kept.
//!
//! The hour is made of recorded page views (`hour.txt`: MLflow 3.18.0 in Chromium),
//! one a minute, in turn. Time is simulated; the functions are the real ones. Answers
//! are kept as API Gateway documents it: under the values of the identity sources,
//! whatever the method and path of the request.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};
use shell_tests::{
    api_gateway::{Verdict, evaluate},
    authorizers, environment,
    lambda::{Kind, Lambda},
};

/// The recorded views: a name, a method and a path a line.
const VIEWS: &str = include_str!("hour.txt");

/// How long one is looked at, in seconds.
const VIEW: u64 = 60;

const HOUR: u64 = 3600;

/// When the token is renewed.
const RENEWAL: u64 = HOUR / 2;

const API: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod";

/// A way to deploy an authorizer.
struct Setting {
    name: &'static str,
    /// What stands before MLflow's path.
    base: &'static str,
    /// `None`: the sample's.
    answer: Option<&'static str>,
    time_to_live: u64,
    /// Whether path and method are identity sources, and not the token alone.
    by_request: bool,
}

const fn ours(name: &'static str, answer: &'static str, time_to_live: u64) -> Setting {
    Setting {
        name,
        base: "/mlflow",
        answer: Some(answer),
        time_to_live,
        by_request: false,
    }
}

const fn sample(name: &'static str, time_to_live: u64) -> Setting {
    Setting {
        name,
        base: "",
        answer: None,
        time_to_live,
        by_request: false,
    }
}

const SETTINGS: [Setting; 7] = [
    sample("the sample's, as deployed (TTL 0)", 0),
    sample("the sample's, TTL 500 s", 500),
    Setting {
        by_request: true,
        ..ours("ours, as deployed (`request`, TTL 60 s)", "request", 60)
    },
    Setting {
        by_request: true,
        ..ours("ours, `request`, TTL 500 s", "request", 500)
    },
    ours("ours, `ANSWER=user`, TTL 60 s", "user", 60),
    ours("ours, `ANSWER=user`, TTL 500 s", "user", 500),
    ours("ours, `ANSWER=user`, TTL 3600 s", "user", 3600),
];

/// A request of the hour.
struct Asked<'a> {
    at: u64,
    method: &'a str,
    path: &'a str,
}

/// What became of the hour.
#[derive(Debug, Default)]
struct Count {
    requests: u32,
    calls: u32,
    refused: u32,
    /// The longest answer, in bytes.
    longest: usize,
}

/// Returns the table of all settings.
pub(crate) async fn measure(key: &SigningKey) -> Result<String> {
    let mut lines = vec![
        "\nan hour of a reader".to_owned(),
        "| authorizer | requests | calls | requests per call | kept | refused | answer, bytes |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|".to_owned(),
    ];
    for setting in &SETTINGS {
        let count = count(setting, key).await;
        let it = count.with_context(|| setting.name)?;
        let (requests, calls) = (f64::from(it.requests), f64::from(it.calls));
        let kept = 100.0 * (1.0 - calls / requests);
        lines.push(format!(
            "| {} | {requests} | {calls} | {:.1} | {kept:.1} % | {} | {} |",
            setting.name,
            requests / calls,
            it.refused,
            it.longest
        ));
    }
    Ok(lines.join("\n"))
}

async fn count(setting: &Setting, key: &SigningKey) -> Result<Count> {
    let keys = Some(jwks([key]).to_string());
    let mut function = Lambda::start(|keys| setting.command(keys), keys).await?;
    let tokens = [1, 2].map(|number| token(key, number));
    let mut kept: HashMap<Vec<String>, (u64, Value)> = HashMap::new();
    let mut count = Count::default();
    for asked in hour() {
        let token = tokens[usize::from(asked.at >= RENEWAL)].as_ref();
        let token = token.map_err(|error| anyhow::anyhow!("{error}"))?;
        let sources = setting.sources(&asked, token);
        count.requests += 1;
        let known = kept.get(&sources);
        let known = known.filter(|(at, _)| asked.at < at + setting.time_to_live);
        let answer = if let Some((_, answer)) = known {
            answer.clone()
        } else {
            let answer = function.invoke(&setting.event(&asked, token)).await?;
            ensure!(answer.kind == Kind::Response, "no answer: {answer:?}");
            count.calls += 1;
            count.longest = count.longest.max(answer.body.to_string().len());
            kept.insert(sources, (asked.at, answer.body.clone()));
            answer.body
        };
        let verdict = evaluate(&answer["policyDocument"], &setting.arn(&asked));
        count.refused += u32::from(verdict != Some(Verdict::Allowed));
    }
    function.stop();
    Ok(count)
}

/// All requests, in their order.
fn hour() -> impl Iterator<Item = Asked<'static>> {
    let lines = VIEWS.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<Vec<&str>> = lines.map(|line| line.split(' ').collect()).collect();
    let views = lines.chunk_by(|one, other| one[0] == other[0]);
    let views: Vec<Vec<Vec<&str>>> = views.map(<[_]>::to_vec).collect();
    (0..HOUR / VIEW).flat_map(move |minute| {
        let place = usize::try_from(minute).unwrap_or_default() % views.len();
        let requests = views[place].clone().into_iter();
        requests.map(move |line| Asked {
            at: minute * VIEW,
            method: line[1],
            path: line[2],
        })
    })
}

fn token(key: &SigningKey, number: u64) -> Result<String> {
    let mut claims = authorizers::claims(&["readers"]);
    claims["event_id"] = json!(number);
    Ok(key.sign(&claims)?.expose().to_owned())
}

impl Setting {
    fn command(&self, keys: &str) -> std::process::Command {
        match (self.answer, environment::sample()) {
            (None, Some(sample)) => authorizers::sample(&sample, keys),
            (answer, _) => {
                let mut command = authorizers::ours(&environment::authorizer(), keys);
                command.env("ANSWER", answer.unwrap_or("request"));
                command
            }
        }
    }

    fn sources(&self, asked: &Asked<'_>, token: &str) -> Vec<String> {
        let all = [token, asked.method, asked.path];
        let all = all.map(ToOwned::to_owned).into_iter();
        all.take(if self.by_request { 3 } else { 1 }).collect()
    }

    fn arn(&self, asked: &Asked<'_>) -> String {
        [API, "/", asked.method, self.base, asked.path].concat()
    }

    fn event(&self, asked: &Asked<'_>, token: &str) -> Value {
        let mut event = authorizers::event(Some(&format!("Bearer {token}")));
        let path = [self.base, asked.path].concat();
        event["methodArn"] = json!(self.arn(asked));
        event["httpMethod"] = json!(asked.method);
        event["requestContext"]["path"] = json!(format!("/prod{path}"));
        event["path"] = json!(path);
        event
    }
}
