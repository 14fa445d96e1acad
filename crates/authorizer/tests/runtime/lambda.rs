//! Lambda's runtime interface and an issuer, around the function.

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
use shell_jose::SigningKey;
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

/// Lambda's runtime interface and the issuer's keys, with the function running.
pub(crate) struct Lambda {
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
    /// Starts the function with `variables` and an issuer that publishes `keys`
    /// if there are any.
    pub(crate) async fn start(keys: Option<String>, variables: &[(&str, &str)]) -> Self {
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
            .envs(variables.iter().copied())
            .spawn()
            .expect("the function starts");
        Self {
            events,
            posted,
            loads,
            function,
        }
    }

    /// What the function fails with at `event`, if it does.
    pub(crate) async fn failure(&mut self, event: &Value) -> Option<String> {
        let (kind, body) = self.invoke(event).await;
        let text = body["errorMessage"].as_str().map(ToOwned::to_owned);
        text.filter(|_| kind == "error")
    }

    /// What the function posts for `event`, and as what.
    pub(crate) async fn invoke(&mut self, event: &Value) -> (String, Value) {
        drop(self.events.send(event.to_string()));
        let posted = tokio::time::timeout(Duration::from_secs(30), self.posted.recv());
        posted.await.ok().flatten().expect("an answer in time")
    }

    /// How often the keys were loaded.
    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// Stops the function and returns its log.
    pub(crate) fn stop(mut self) -> Vec<Value> {
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

/// The function, with the least it needs.
pub(crate) fn function() -> Command {
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

/// Every kind of event about the same request, with the token if there is one.
pub(crate) fn events(token: Option<&str>) -> [Value; 4] {
    [
        include_str!("../../fixtures/token.json"),
        include_str!("../../fixtures/request.json"),
        include_str!("../../fixtures/http-api-1.0.json"),
        include_str!("../../fixtures/http-api-2.0.json"),
    ]
    .map(|event| {
        let mut event: Value = serde_json::from_str(event).expect("JSON");
        if let Some(token) = token {
            let value = format!("Bearer {token}");
            if event["type"] == "TOKEN" {
                event["authorizationToken"] = value.into();
            } else {
                event["headers"]["Authorization"] = value.into();
            }
        }
        event
    })
}

/// An event of a REST API's `REQUEST` authorizer.
pub(crate) fn event(token: Option<&str>) -> Value {
    let [_, event, ..] = events(token);
    event
}

/// Claims of a good ID token of a member of `group`.
pub(crate) fn claims(group: &str) -> Value {
    json!({
        "iss": "https://issuer.example",
        "sub": "user-1",
        "aud": "client",
        "token_use": "id",
        "exp": now() + 60,
        "cognito:groups": [group],
    })
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

/// A good ID token of a member of `group`.
pub(crate) fn token(key: &SigningKey, group: &str) -> String {
    sign(key, &claims(group))
}

/// A token with these claims.
pub(crate) fn sign(key: &SigningKey, claims: &Value) -> String {
    key.sign(claims).expect("claims").expose().to_owned()
}
