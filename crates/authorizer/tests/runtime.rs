//! The function as Lambda runs it: against a runtime interface, with the
//! issuer's keys behind HTTP, judged by what it posts and what it logs.

use std::{
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

#[tokio::test]
async fn the_function_says_what_api_gateway_understands() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = Lambda::start(Some(jwks([&key]).to_string())).await;

    let (kind, body) = lambda.invoke(&event(Some(&token(&key, "readers")))).await;
    assert_eq!(kind, "response");
    assert_eq!(body["policyDocument"]["Statement"][0]["Effect"], "Allow");
    assert_eq!(body["context"]["rule"], "readers");
    assert_eq!(body.as_object().unwrap().len(), 3);

    let (kind, body) = lambda.invoke(&event(Some(&token(&key, "others")))).await;
    assert_eq!(kind, "response");
    assert_eq!(body["policyDocument"]["Statement"][0]["Effect"], "Deny");

    let unknown = token(&key.renamed("other="), "readers");
    for token in [None, Some("a.b.c"), Some(&unknown)] {
        let (kind, body) = lambda.invoke(&event(token)).await;
        assert_eq!(
            (kind.as_str(), &body["errorMessage"]),
            ("error", &json!("Unauthorized"))
        );
    }
    assert_eq!(lambda.loads(), 1, "the keys are kept");

    let log = lambda.stop();
    let verdicts: Vec<_> = log.iter().map(|line| line["verdict"].clone()).collect();
    assert_eq!(verdicts, ["allow", "deny", "refuse", "refuse", "refuse"]);
    assert_eq!(log[0]["path"], "/ajax-api/2.0/mlflow/runs/search");
    assert_eq!(log[0]["user"], "user-1");
    assert!(!format!("{log:?}").contains("eyJ"), "a token in the log");
}

#[tokio::test]
async fn keys_out_of_reach_are_not_the_users_fault() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = Lambda::start(None).await;

    for _ in 0..2 {
        let (kind, body) = lambda.invoke(&event(Some(&token(&key, "readers")))).await;
        assert_eq!(kind, "error");
        assert_eq!(body["errorMessage"], "the issuer's keys cannot be loaded");
    }
    assert_eq!(lambda.loads(), 1, "the issuer is left alone for a while");

    let log = lambda.stop();
    assert_eq!(log[0]["why"], "answered 503 Service Unavailable");
    assert_eq!(
        (&log[1]["verdict"], &log[2]["verdict"]),
        (&json!("fail"), &json!("fail"))
    );
}

#[test]
fn a_start_without_configuration_names_the_variable() {
    let output = function().env_remove("CLIENT_ID").output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();

    assert!(!output.status.success());
    assert!(
        log.contains("environment variable `CLIENT_ID` is not set"),
        "{log}"
    );
}

/// Lambda's runtime interface and the issuer's keys, with the function running.
struct Lambda {
    events: mpsc::UnboundedSender<String>,
    posted: mpsc::UnboundedReceiver<(String, Value)>,
    loads: Arc<AtomicUsize>,
    function: Child,
}

struct Stub {
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    posted: mpsc::UnboundedSender<(String, Value)>,
}

impl Lambda {
    async fn start(keys: Option<String>) -> Self {
        let (events, incoming) = mpsc::unbounded_channel();
        let (outgoing, posted) = mpsc::unbounded_channel();
        let stub = Arc::new(Stub {
            events: Mutex::new(incoming),
            posted: outgoing,
        });
        let loads = Arc::new(AtomicUsize::new(0));
        let count = loads.clone();
        let keys = move || {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(keys.clone().ok_or(StatusCode::SERVICE_UNAVAILABLE))
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(take))
            .with_state(stub)
            .route("/keys", get(keys));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(axum::serve(listener, router).into_future());

        let function = function()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("JWKS_URL", format!("http://{address}/keys"))
            .spawn()
            .expect("the function starts");
        Self {
            events,
            posted,
            loads,
            function,
        }
    }

    /// What the function posts for `event`, and as what.
    async fn invoke(&mut self, event: &Value) -> (String, Value) {
        drop(self.events.send(event.to_string()));
        let posted = tokio::time::timeout(Duration::from_secs(30), self.posted.recv());
        posted.await.ok().flatten().expect("an answer in time")
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// Stops the function and returns its log.
    fn stop(mut self) -> Vec<Value> {
        self.function.kill().expect("the function runs");
        let stdout = self.function.stdout.take().expect("a pipe");
        let log = std::io::read_to_string(stdout).expect("text");
        let lines = log.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().expect("JSON, line by line")
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        drop(self.function.kill());
        drop(self.function.wait());
    }
}

async fn next(State(stub): State<Arc<Stub>>) -> ([(&'static str, &'static str); 3], String) {
    let headers = [
        ("lambda-runtime-aws-request-id", "request-1"),
        ("lambda-runtime-deadline-ms", "4000000000000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:1:function:f",
        ),
    ];
    let event = stub.events.lock().await.recv().await;
    (headers, event.unwrap_or_default())
}

async fn take(
    State(stub): State<Arc<Stub>>,
    Path((_id, kind)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    let body = serde_json::from_str(&body).unwrap_or_default();
    drop(stub.posted.send((kind, body)));
    StatusCode::ACCEPTED
}

fn function() -> Command {
    let mut function = Command::new(env!("CARGO_BIN_EXE_shell-authorizer"));
    function
        .env_clear()
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("ISSUER", "https://issuer.example")
        .env("CLIENT_ID", "client")
        .stdout(Stdio::piped());
    function
}

fn event(token: Option<&str>) -> Value {
    let event = include_str!("../fixtures/request.json");
    let mut event: Value = serde_json::from_str(event).expect("JSON");
    if let Some(token) = token {
        event["headers"]["Authorization"] = json!(format!("Bearer {token}"));
    }
    event
}

fn token(key: &SigningKey, group: &str) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let claims = json!({
        "iss": "https://issuer.example",
        "sub": "user-1",
        "aud": "client",
        "token_use": "id",
        "exp": now.as_secs() + 60,
        "cognito:groups": [group],
    });
    key.sign(&claims).expect("claims").expose().to_owned()
}
