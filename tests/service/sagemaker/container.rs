//! Credentials of a container's role (ECS, EKS Pod Identity): asked for at the endpoint
//! that the platform names, renewed, and used until their end.
//!
//! On ECS the endpoint is `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` at 169.254.170.2,
//! which no test can listen on; `…_FULL_URI` is the same but for the address.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use serde_json::{Map, Value, json};
use shell_tests::{
    client::{self, Answer},
    environment,
    program::GatewayProgram,
    sagemaker::{Keys, Kind, SageMaker},
    server::Server,
    wait,
};

use crate::fixture::Fixture;

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// Shorter than the five minutes before their end in which credentials are renewed.
const DUE: Duration = Duration::from_mins(4);

const LONG: Duration = Duration::from_hours(6);

/// What the platform's endpoint hands out, and what it has seen.
#[derive(Debug)]
struct Platform {
    /// What has to be in `Authorization`.
    token: &'static str,
    /// How long the next credentials last.
    lasts: Duration,
    handed_out: u32,
    refused: u32,
}

type Shared = Arc<Mutex<Platform>>;

/// Everything that is between the platform and AWS.
struct Task {
    fixture: Fixture,
    sagemaker: SageMaker,
    endpoint: Server,
    platform: Shared,
}

async fn hand_out(
    State(platform): State<Shared>,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    let mut platform = platform.lock().expect("no other thread panicked");
    let shown = headers.get("authorization").map(|value| value.as_bytes());
    if shown != Some(platform.token.as_bytes()) {
        platform.refused += 1;
        return Err(StatusCode::UNAUTHORIZED);
    }
    platform.handed_out += 1;
    let end = SystemTime::now() + platform.lasts;
    let told = json!({
        "RoleArn": "arn:aws:iam::123456789012:role/task",
        "AccessKeyId": key(platform.handed_out),
        "SecretAccessKey": Keys::TEMPORARY.secret,
        "Token": Keys::TEMPORARY.token,
        "Expiration": humantime::format_rfc3339_seconds(end).to_string(),
    });
    Ok(told.to_string())
}

fn key(number: u32) -> String {
    format!("ASIACONTAINER{number:07}")
}

impl Task {
    /// The platform, and a managed MLflow that knows what it hands out; nothing if
    /// botocore is not installed.
    async fn new(token: &'static str, lasts: Duration) -> Option<Self> {
        environment::moto()?;
        let fixture = Fixture::new().await;
        let upstream = fixture.deployment.upstream.origin();
        let sagemaker = SageMaker::start(Kind::TrackingServer, Keys::TEMPORARY, &upstream);
        let sagemaker = sagemaker.expect("it starts").expect("moto is there");
        let known = json!({ "secret": Keys::TEMPORARY.secret, "token": Keys::TEMPORARY.token });
        let known = (1..100).map(|number| (key(number), known.clone()));
        let keys = json!({ "keys": known.collect::<Map<_, _>>() });
        sagemaker.tell(keys).await.expect("it listens");
        let platform = Platform {
            token,
            lasts,
            handed_out: 0,
            refused: 0,
        };
        let platform = Arc::new(Mutex::new(platform));
        let router = Router::new().route("/role", get(hand_out));
        let endpoint = Server::start(router.with_state(platform.clone())).await;
        Some(Self {
            fixture,
            sagemaker,
            endpoint: endpoint.expect("a port is free"),
            platform,
        })
    }

    /// The program, with what the platform puts into its environment.
    async fn start(&self, program: &Path, authorization: (&str, &str)) -> GatewayProgram {
        let (arn, url) = (Kind::TrackingServer.arn(), &self.sagemaker.url);
        let upstream = format!("{{sagemaker={{arn=\"{arn}\",endpoint=\"{url}\"}}}}");
        let uri = format!("{}/role", self.endpoint.foreign_origin());
        let variables = [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()),
            authorization,
            ("MLFLOW_SHELL_UPSTREAM", upstream.as_str()),
        ];
        let config = &self.fixture.deployment.config;
        let gateway = GatewayProgram::start(program, config, "", &variables).await;
        gateway.expect("it starts")
    }

    fn platform<T>(&self, look: impl FnOnce(&mut Platform) -> T) -> T {
        look(&mut self.platform.lock().expect("no other thread panicked"))
    }

    async fn ask(&self, gateway: &GatewayProgram) -> Answer {
        let bearer = format!("Bearer {}", self.fixture.token());
        let url = format!("{}{SEARCH}", gateway.origin);
        let answer = client::get(&url, &[("authorization", &bearer)]).await;
        answer.expect("an answer")
    }

    /// Asks, and returns the access key of the request that AWS took.
    async fn signed_by(&self, gateway: &GatewayProgram) -> String {
        let answer = self.ask(gateway).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let seen = self.sagemaker.seen().await.expect("it tells");
        // The gateway asks for the server's version by itself.
        let search = |seen: &&Value| seen["target"] != "/version";
        let last = seen.iter().rfind(search).expect("it was asked");
        assert_eq!(last["equal"], json!(true), "{last}");
        last["key"].as_str().unwrap_or_default().to_owned()
    }
}

/// The program, if it is there.
fn program() -> Option<std::path::PathBuf> {
    environment::program("SHELL_TEST_GATEWAY", "credentials of a container's role")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_containers_credentials_are_kept_and_renewed_before_they_end() {
    let (Some(program), Some(task)) = (program(), Task::new("of-this-task", DUE).await) else {
        return;
    };
    let shown = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of-this-task");
    let gateway = task.start(&program, shown).await;
    let first = task.platform(|platform| {
        platform.lasts = LONG;
        platform.handed_out
    });
    assert!(first > 0, "they are loaded at the start");

    let renewed = task.signed_by(&gateway).await;
    assert_ne!(renewed, key(first), "four minutes before their end");
    for _ in 0..5 {
        assert_eq!(task.signed_by(&gateway).await, renewed, "they are kept");
    }
    assert_eq!(task.platform(|platform| platform.refused), 0);
}

/// EKS Pod Identity replaces the file every few hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_with_the_authorization_is_read_again() {
    let (Some(program), Some(task)) = (program(), Task::new("before", DUE).await) else {
        return;
    };
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "before").expect("room");
    let path = file.path().to_str().expect("a path");
    let shown = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    let gateway = task.start(&program, shown).await;

    fs::write(file.path(), "after").expect("room");
    let before = task.platform(|platform| {
        (platform.token, platform.lasts) = ("after", LONG);
        platform.handed_out
    });
    assert_eq!(task.signed_by(&gateway).await, key(before + 1));
    assert_eq!(task.platform(|platform| platform.refused), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_endpoint_is_away_the_old_credentials_are_used_until_they_end() {
    let short = Duration::from_secs(30);
    let (Some(program), Some(task)) = (program(), Task::new("of-this-task", short).await) else {
        return;
    };
    let shown = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "of-this-task");
    let gateway = task.start(&program, shown).await;
    task.signed_by(&gateway).await;
    task.endpoint.stop();
    let used = key(task.platform(|platform| platform.handed_out));

    assert_eq!(task.signed_by(&gateway).await, used, "they have not ended");

    let refused = wait::until("their end", async || {
        let answer = task.ask(&gateway).await;
        Ok((answer.status != 200).then_some(answer))
    });
    let refused = refused.await.expect("they end");
    assert!(refused.status.is_server_error(), "{}", refused.text());
    for secret in [Keys::TEMPORARY.secret, "of-this-task", used.as_str()] {
        assert!(!refused.text().contains(secret), "{}", refused.text());
    }
    let before = task.sagemaker.seen().await.expect("it tells").len();
    task.ask(&gateway).await;
    let after = task.sagemaker.seen().await.expect("it tells").len();
    assert_eq!(after, before, "nothing is signed with what has ended");

    task.endpoint.resume().await.expect("the port is free");
    let renewed = wait::until("an answer once there are new ones", async || {
        let answer = task.ask(&gateway).await;
        Ok((answer.status == 200).then_some(()))
    });
    renewed.await.expect("they are renewed");
    assert_ne!(task.signed_by(&gateway).await, used);
}
