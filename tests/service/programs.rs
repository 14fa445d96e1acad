//! What programs may do, and with which token.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_tests::{client::Answer, deployment::DeploymentSpec, wait};

use crate::fixture::{FRAME, Fixture, SCRIPT, TAB, given};

const API: &str = "/api/2.0/mlflow/experiments/search";
const TOKENS: &str = "/mlflow/@shell/tokens";

type Headers<'a> = &'a [(&'a str, &'a str)];

/// What the worker's own requests look like.
const OURS: &[(&str, &str)] = &[
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "same-origin"),
    ("sec-fetch-dest", "empty"),
    ("accept", "*/*"),
];

/// What a program's requests look like.
const PROGRAM: &[(&str, &str)] = &[("accept", "*/*"), ("user-agent", "mlflow-python-client")];

async fn with_tokens(lifetime: u64) -> Fixture {
    let python = json!({ "access": "token", "lifetime": lifetime });
    Fixture::with(|spec| spec.with_config("python", python)).await
}

async fn ask(fixture: &Fixture, method: &str, bearer: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}{TOKENS}", fixture.deployment.origin);
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !bearer.is_empty() {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let request = request.body(Body::empty()).expect("a request");
    fixture.send(request).await
}

/// A token for programs of the user with this bearer.
async fn issue(fixture: &Fixture, bearer: &str) -> String {
    let answer = ask(fixture, "POST", bearer, OURS).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let token = answer.json()["token"].as_str().map(ToOwned::to_owned);
    token.expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_given_a_token_that_opens_the_api() {
    let fixture = with_tokens(3600).await;

    let answer = ask(&fixture, "POST", &fixture.token(), OURS).await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    assert_eq!(told["expires_in"], 3600);
    let token = told["token"].as_str().expect("a token");
    assert!(token.starts_with("mlflow_") && token.len() < 400);
    assert!(fixture.reached().is_empty());

    let told = fixture.get_with(API, token, PROGRAM).await.json();
    assert_eq!(told["path"], API);
    assert!(told["headers"]["authorization"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_programs_opens_the_api_and_nothing_else() {
    let fixture = with_tokens(3600).await;
    let token = issue(&fixture, &fixture.token()).await;
    let paths = [
        "/mlflow/",
        "/mlflow/graphql",
        "/mlflow/ajax-api/2.0/mlflow/experiments/search",
        "/mlflow/api/2.0/mlflow/experiments/search",
    ];
    // As the worker asks for a page: nothing else tells it from Node's `fetch`.
    for path in paths {
        let answer = fixture.get_with(path, &token, OURS).await;
        assert_eq!(answer.status, 401, "{path}");
    }
    assert_eq!(ask(&fixture, "POST", &token, OURS).await.status, 401);
    for path in [
        "/api/../graphql",
        "/api/%2e%2e/graphql",
        "/api/..%2fgraphql",
    ] {
        let answer = fixture.get_with(path, &token, PROGRAM).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let basic = [("authorization", "Basic dXNlcjptbGZsb3dfeA==")];
    assert_eq!(fixture.get(API, &basic).await.status, 401);
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());
}

/// MLflow's client asks for both outside the API.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_learns_the_version_and_sends_spans() {
    let python = json!({ "access": "token" });
    let fixture = Fixture::with(|spec| {
        spec.with_config("python", python)
            .with_upstream("dev", &[])
            .with_upstream("central", &["admins"])
    })
    .await;
    let reader = issue(&fixture, &fixture.token()).await;
    let admin = issue(&fixture, &fixture.admin()).await;
    let table = [
        ("GET", "/@dev/version", reader.as_str(), 200),
        ("GET", "/@dev/version", "garbage", 401),
        ("GET", "/@dev/version", "", 401),
        ("POST", "/@dev/v1/traces", &reader, 403),
        ("POST", "/@dev/v1/traces", &admin, 200),
        ("POST", "/@dev/v1/traces", "", 401),
        ("GET", "/@central/version", &reader, 403),
        ("GET", "/@other/version", &admin, 404),
        ("GET", "/dev/version", &admin, 404),
        ("GET", "/version", &admin, 404),
    ];
    for (method, path, token, status) in table {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", fixture.deployment.origin))
            .header("authorization", format!("Bearer {token}"));
        let answer = fixture.send(request.body(Body::empty()).expect("a request"));
        let answer = answer.await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    let reached = fixture.reached();
    let paths: Vec<_> = reached.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/version", "/v1/traces"]);

    let off = Fixture::new().await;
    for path in ["/version", "/v1/traces"] {
        let answer = off.get_with(path, &off.token(), PROGRAM).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_needs_a_token_of_either_kind() {
    let fixture = with_tokens(3600).await;
    assert_eq!(
        fixture
            .get_with(API, &fixture.token(), PROGRAM)
            .await
            .status,
        200
    );
    let before = fixture.reached().len();

    let unknown = format!("mlflow_{}", "A".repeat(43));
    for headers in [PROGRAM, SCRIPT, TAB, FRAME] {
        for token in [unknown.as_str(), "mlflow_", "garbage"] {
            let answer = fixture.get_with(API, token, headers).await;
            assert_eq!(answer.status, 401, "{token}");
            assert_eq!(answer.json()["error_code"], "UNAUTHENTICATED", "{token}");
        }
        for path in [API, "/api", "/api/"] {
            let answer = fixture.get(path, headers).await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.json()["error_code"], "UNAUTHENTICATED", "{path}");
        }
    }
    assert_eq!(fixture.reached().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_its_time_is_over() {
    let fixture = with_tokens(1).await;
    let token = issue(&fixture, &fixture.token()).await;

    let ended = wait::until("the token is over", async || {
        let answer = fixture.get_with(API, &token, PROGRAM).await;
        Ok((answer.status == 401).then_some(answer))
    });

    let told = ended.await.expect("it ends").json();
    assert_eq!(told["error_code"], "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_time_however_many_there_are() {
    let fixture = with_tokens(3600).await;
    let mut tokens = Vec::new();
    for _ in 0..12 {
        tokens.push(issue(&fixture, &fixture.token()).await);
    }
    for token in &tokens {
        assert_eq!(fixture.get_with(API, token, PROGRAM).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_gateways_key_is_none() {
    let [one, other] = [with_tokens(3600).await, with_tokens(3600).await];
    let token = issue(&one, &one.token()).await;
    assert_eq!(other.get_with(API, &token, PROGRAM).await.status, 401);
    assert_eq!(one.get_with(API, &token, PROGRAM).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_script_of_this_site_is_given_one() {
    let fixture = with_tokens(3600).await;
    let good = fixture.token();
    let nobody = fixture.token_with("cognito:groups", json!([]));
    let site = |site: &'static str| {
        let mut headers = OURS.to_vec();
        headers[0].1 = site;
        headers
    };
    let mut navigation = OURS.to_vec();
    navigation[3].1 = "text/html,*/*";
    let navigated = [TAB, &[("sec-fetch-site", "same-origin")]].concat();
    let table: [(&str, &str, &str, Headers<'_>, u16); 11] = [
        ("no token", "POST", "", OURS, 401),
        ("a wrong token", "POST", "garbage", OURS, 401),
        ("nobody's user", "POST", &nobody, OURS, 403),
        ("another site", "POST", &good, &site("cross-site"), 403),
        ("a sibling", "POST", &good, &site("same-site"), 403),
        ("an address typed in", "POST", &good, &site("none"), 403),
        ("a program", "POST", &good, PROGRAM, 403),
        ("a form, by the worker", "POST", &good, &navigation, 403),
        ("a form", "POST", &good, &navigated, 403),
        ("listing, without a list", "GET", &good, OURS, 404),
        ("putting", "PUT", &good, OURS, 400),
    ];
    for (case, method, bearer, headers, status) in table {
        let answer = ask(&fixture, method, bearer, headers).await;
        assert_eq!(answer.status, status, "{case}");
        assert_ne!(answer.json()["error_code"], Value::Null, "{case}");
    }
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_for_programs_unless_it_is_configured() {
    let off = Fixture::new().await;
    let elsewhere = json!({ "access": "sigv4", "tracking_uri": "https://api.example/prod" });
    let aws = Fixture::with(|spec| spec.with_config("python", elsewhere)).await;
    let table = [
        (&off, "its administrator may allow it"),
        (
            &aws,
            "they call https://api.example/prod with AWS credentials.",
        ),
    ];
    for (fixture, cure) in table {
        for answer in [
            fixture.get_with(API, &fixture.token(), PROGRAM).await,
            fixture.get_with(API, &fixture.token(), TAB).await,
            ask(fixture, "POST", &fixture.token(), OURS).await,
        ] {
            assert_eq!(answer.status, 404);
            let told = answer.json();
            assert_eq!(told["error_code"], "ENDPOINT_NOT_FOUND");
            assert!(told["message"].as_str().expect("words").contains(cure));
        }
        assert!(fixture.reached().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_names_its_server_and_needs_its_groups() {
    let python = json!({ "access": "token" });
    let fixture = Fixture::with(|spec| {
        spec.with_config("python", python)
            .with_upstream("dev", &[])
            .with_upstream("central", &["admins"])
    })
    .await;
    let token = issue(&fixture, &fixture.token()).await;
    let table = [
        (format!("/@dev{API}"), 200),
        (format!("/@central{API}"), 403),
        (format!("/@other{API}"), 404),
        (format!("/@Dev{API}"), 404),
        (format!("/@shell{API}"), 404),
        (format!("/%40dev{API}"), 404),
        (format!("/dev{API}"), 404),
        (format!("/@dev/graphql{API}"), 404),
        (API.to_owned(), 404),
    ];
    for (path, status) in table {
        let answer = fixture.get_with(&path, &token, PROGRAM).await;
        assert_eq!(answer.status, status, "{path}");
    }
    let reached = fixture.reached();
    let [one] = reached.as_slice() else {
        panic!("{reached:?}");
    };
    assert_eq!((one.upstream, one.path.as_str()), (Some("dev"), API));
}

/// As pages are, and by the same rules of what a client may say.
#[tokio::test(flavor = "multi_thread")]
async fn mlflow_is_told_who_asks_by_a_program() {
    let python = json!({ "access": "token" });
    let spec = |spec: DeploymentSpec| spec.with_config("python", python).with_identity_headers();
    let fixture = Fixture::with(spec).await;
    let token = issue(&fixture, &fixture.token()).await;
    let forged = [
        ("x-forwarded-user", "root"),
        ("x_forwarded_email", "root@example.com"),
    ];

    let told = fixture.get_with(API, &token, &forged).await.json();

    assert_eq!(told["headers"]["x-forwarded-user"], "8f1c3c52");
    assert_eq!(told["headers"]["x-forwarded-email"], "reader@example.com");
    assert!(told["headers"]["x_forwarded_email"].is_null());

    let twice = [("x-mlflow-workspace", "a"), ("x-mlflow-workspace", "b")];
    let answer = fixture.get_with(API, &token, &twice).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error_code"], "BAD_REQUEST");
}

/// mlflow-export-import 1.2.0 sends its questions so.
#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_get_becomes_its_query_or_agrees_with_it() {
    let fixture = with_tokens(3600).await;
    let get = "/api/2.0/mlflow/runs/get";
    let table = [
        ("", r#"{"run_id": "a b"}"#, 200, "run_id=a+b"),
        ("?run_id=a", r#"{"run_id": "a"}"#, 200, "run_id=a"),
        ("?run_id=a", "{}", 200, "run_id=a"),
        (
            "?run_id=a",
            r#"{"run_id": "b"}"#,
            400,
            "send the query only",
        ),
        ("", r#"{"run": {"id": "b"}}"#, 400, "Send them in the query"),
        ("", "run_id=a", 400, "Send them in the query"),
    ];
    for (query, body, status, expected) in table {
        let request = Request::get(format!("{}{get}{query}", fixture.deployment.origin))
            .header("authorization", format!("Bearer {}", fixture.token()))
            .header("content-type", "application/json");
        let request = request.body(Body::from(body)).expect("a request");
        let answer = fixture.send(request).await;
        assert_eq!(answer.status, status, "{query} {body}: {}", answer.text());
        let told = answer.json();
        if status == 200 {
            assert_eq!(told["query"], expected, "{body}");
            assert_eq!(told["length"], 0, "{body}");
            assert!(told["headers"]["content-type"].is_null(), "{told}");
        } else {
            assert!(answer.text().contains(expected), "{}", answer.text());
        }
    }
    let long = json!({ "run_id": "x".repeat(5000) }).to_string();
    let request = Request::get(format!("{}{get}", fixture.deployment.origin))
        .header("authorization", format!("Bearer {}", fixture.token()));
    let request = request.body(Body::from(long)).expect("a request");
    let answer = fixture.send(request).await;
    assert!(
        answer.text().contains("may have 4096 bytes"),
        "{}",
        answer.text()
    );
}

/// Each in words of its own, in the header that RFC 6750 has for it, and in the
/// status line.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let [fixture, other] = [with_tokens(3600).await, with_tokens(3600).await];
    let api_token = issue(&fixture, &fixture.token()).await;
    let strange = issue(&other, &other.token()).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let below = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
    let table = [
        (
            API,
            String::new(),
            "",
            "Token missing",
            "The request has no token.",
        ),
        (
            API,
            bearer("garbage"),
            "invalid_token",
            "Not a token",
            "is none",
        ),
        (
            API,
            bearer(&strange),
            "invalid_token",
            "Token of another gateway",
            "MLFLOW_TRACKING_URI",
        ),
        (
            API,
            bearer(&fixture.token_with("exp", json!(1))),
            "invalid_token",
            "Token expired",
            "The token has expired.",
        ),
        (
            API,
            bearer(&fixture.token_with("aud", json!("x"))),
            "invalid_token",
            "Token for another application",
            "for another application",
        ),
        (
            API,
            bearer(&fixture.token_with("iss", json!("https://other.example"))),
            "invalid_token",
            "Token of another issuer",
            "does not take tokens of",
        ),
        (
            API,
            "Basic bWU6c2VjcmV0".to_owned(),
            "invalid_token",
            "Password not taken",
            "takes no passwords",
        ),
        (
            below,
            bearer(&api_token),
            "invalid_token",
            "Token not for this address",
            "Set MLFLOW_TRACKING_URI to http",
        ),
    ];
    for (path, authorization, error, phrase, words) in table {
        let mut headers = PROGRAM.to_vec();
        if !authorization.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let answer = fixture.get(path, &headers).await;
        assert_eq!(answer.status, 401, "{phrase}");
        let told = answer.json();
        let message = told["message"].as_str().expect("a sentence");
        assert!(message.contains(words), "{message}");
        assert_eq!(answer.phrase(), phrase);
        let challenge = match error {
            "" => "Bearer realm=\"mlflow\"".to_owned(),
            error => format!(
                "Bearer realm=\"mlflow\", error=\"{error}\", error_description=\"{message}\""
            ),
        };
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
    assert!(fixture.reached().is_empty());
    let counted = fixture.deployment.metrics.text();
    for reason in [
        "missing",
        "malformed",
        "unknown",
        "expired",
        "audience",
        "issuer",
        "password",
        "path",
    ] {
        let line = format!("mlflow_shell_token_refusals_total{{reason=\"{reason}\"}} 1");
        assert!(counted.contains(&line), "{line} in {counted}");
    }
}

async fn act(fixture: &Fixture, method: &str, path: &str, bearer: &str, body: &str) -> Answer {
    let url = format!("{}{TOKENS}{path}", fixture.deployment.origin);
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in OURS {
        request = request.header(*name, *value);
    }
    let request = request.header("authorization", format!("Bearer {bearer}"));
    let body = Body::from(body.to_owned());
    fixture.send(request.body(body).expect("a request")).await
}

fn names(answer: &Answer) -> Vec<String> {
    let told = answer.json();
    let tokens = told["tokens"].as_array().expect("a list").iter();
    tokens.map(|token| token["name"].to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_lists_and_revokes_their_own_tokens_and_an_administrator_those_of_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = folder.path().join("tokens.jsonl");
    let settings = given(json!({ "tokens": { "registry": registry } }));
    let python = json!({ "access": "token", "lifetime": 3600 });
    let spec = |spec: DeploymentSpec| spec.with_config("python", python).with_settings(settings);
    let fixture = Fixture::with(spec).await;
    let (anna, bert) = (fixture.token(), fixture.token_with("sub", json!("bert")));
    let admin = fixture.admin();

    let asked = r#"{"name": "nightly", "lifetime": 600}"#;
    let issued = act(&fixture, "POST", "", &anna, asked).await;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let issued = issued.json();
    assert_eq!(issued["expires_in"], 600);
    let (id, token) = (
        issued["id"].as_str().unwrap(),
        issued["token"].as_str().unwrap(),
    );
    assert_eq!(act(&fixture, "POST", "", &bert, "").await.status, 201);
    assert_eq!(fixture.get_with(API, token, PROGRAM).await.status, 200);

    let own = act(&fixture, "GET", "", &anna, "").await;
    assert_eq!(names(&own), ["\"nightly\""]);
    assert!(!own.text().contains("mlflow_"), "{}", own.text());
    let of_all = act(&fixture, "GET", "?all", &admin, "").await;
    assert_eq!(names(&of_all).len(), 2);
    assert_eq!(act(&fixture, "GET", "?all", &bert, "").await.status, 403);

    let path = format!("/{id}");
    assert_eq!(act(&fixture, "DELETE", &path, &bert, "").await.status, 404);
    assert_eq!(fixture.get_with(API, token, PROGRAM).await.status, 200);
    assert_eq!(act(&fixture, "DELETE", &path, &anna, "").await.status, 200);
    let refused = fixture.get_with(API, token, PROGRAM).await;
    assert_eq!(
        (refused.status.as_u16(), refused.phrase()),
        (401, "Token revoked")
    );
    assert_eq!(act(&fixture, "DELETE", &path, &anna, "").await.status, 404);
    let others = act(&fixture, "GET", "", &bert, "").await.json();
    let path = format!("/{}", others["tokens"][0]["id"].as_str().unwrap());
    assert_eq!(act(&fixture, "DELETE", &path, &admin, "").await.status, 200);
    assert!(names(&act(&fixture, "GET", "", &bert, "").await).is_empty());

    let wrong = [
        ("POST", "", r#"{"lifetime": 0}"#),
        ("POST", "", r#"{"nam": "x"}"#),
        ("PUT", "", ""),
        ("GET", &path, ""),
        ("DELETE", "", ""),
    ];
    for (method, path, body) in wrong {
        let answer = act(&fixture, method, path, &anna, body).await;
        assert_eq!(
            answer.status,
            400,
            "{method} {path} {body}: {}",
            answer.text()
        );
    }
    let longest = act(&fixture, "POST", "", &anna, r#"{"lifetime": 999999}"#).await;
    assert_eq!(longest.json()["expires_in"], 3600);

    // Without the list no token is taken, and none is issued.
    std::fs::remove_file(&registry).expect("it is there");
    let token = longest.json()["token"].as_str().unwrap().to_owned();
    let refused = wait::until("the list is missed", async || {
        let answer = fixture.get_with(API, &token, PROGRAM).await;
        Ok((answer.status == 503).then_some(answer))
    });
    let refused = refused.await.expect("it is");
    assert!(
        refused.text().contains("list of tokens"),
        "{}",
        refused.text()
    );
    assert_eq!(act(&fixture, "POST", "", &anna, "").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_tokens_are_issued_and_not_revoked_singly() {
    let fixture = with_tokens(3600).await;
    let token = issue(&fixture, &fixture.token()).await;
    let listed = act(&fixture, "GET", "", &fixture.token(), "").await;
    assert_eq!(listed.status, 404);
    assert!(
        listed.text().contains("tokens.registry"),
        "{}",
        listed.text()
    );
    assert_eq!(fixture.get_with(API, &token, PROGRAM).await.status, 200);
}
