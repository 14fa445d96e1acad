//! MLflow's AI gateway for programs, and where else than at the root they may call.

use axum::{body::Body, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;
use shell_tests::client::Answer;

use crate::{
    echo,
    fixture::{FRAME, Fixture, TAB},
};

type Headers<'a> = &'a [(&'a str, &'a str)];

const CHAT: &str = "/gateway/mlflow/v1/chat/completions";

async fn serving_programs() -> Fixture {
    let python = json!({ "access": "token" });
    Fixture::with(|spec| {
        spec.with_config("python", python)
            .with_upstream("dev", &[])
            .with_upstream("central", &["admins"])
    })
    .await
}

async fn send(fixture: &Fixture, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}{path}", fixture.deployment.origin);
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    fixture
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_reach_it_wherever_their_tracking_uri_leads() {
    let fixture = serving_programs().await;
    let (admin, reader) = (fixture.admin(), fixture.token());
    let table = [
        ("POST", "/@dev/gateway/mlflow/v1/chat/completions", 200, 403),
        (
            "POST",
            "/mlflow/@dev/gateway/mlflow/v1/chat/completions",
            200,
            403,
        ),
        ("POST", "/@dev/gateway/anthropic/v1/messages", 200, 403),
        (
            "POST",
            "/@dev/gateway/gemini/v1beta/models/m:generateContent",
            200,
            403,
        ),
        ("GET", "/@dev/gateway/mlflow/v1/models", 200, 200),
        ("GET", "/mlflow/@dev/version", 200, 200),
        (
            "GET",
            "/mlflow/@dev/api/2.0/mlflow/experiments/search",
            200,
            200,
        ),
        ("POST", "/mlflow/@dev/v1/traces", 200, 403),
        ("POST", "/@dev/ajax-api/3.0/jobs/", 200, 403),
        ("POST", "/@dev/ajax-api/3.0/jobs/search", 200, 200),
        (
            "POST",
            "/@central/gateway/mlflow/v1/chat/completions",
            200,
            403,
        ),
        (
            "POST",
            "/@other/gateway/mlflow/v1/chat/completions",
            404,
            404,
        ),
        (
            "POST",
            "/mlflow/@other/gateway/mlflow/v1/chat/completions",
            404,
            404,
        ),
        ("POST", CHAT, 404, 404),
    ];
    for (method, path, as_admin, as_reader) in table {
        for (token, status) in [(&admin, as_admin), (&reader, as_reader)] {
            let bearer = format!("Bearer {token}");
            let answer = send(&fixture, method, path, &[("authorization", &bearer)]).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        }
    }
    let reached = fixture.reached();
    let below = reached.iter().find(|one| one.path.contains("mlflow/@"));
    assert!(below.is_none(), "{below:?}");
}

/// No browser's request is a program's, whatever it carries.
#[tokio::test(flavor = "multi_thread")]
async fn below_mlflow_a_browser_is_no_program() {
    let fixture = Fixture::configured(&[("python", json!({ "access": "token" }))]).await;
    let token = issued(&fixture).await;
    let bearer = format!("Bearer {token}");
    let site = |site| [("sec-fetch-site", site), ("sec-fetch-mode", "cors")];
    let own = site("same-origin");
    let other = site("cross-site");
    let origin = [("origin", "https://other.example")];
    let table: [(&str, Headers<'_>, u16); 7] = [
        ("a program", &[], 200),
        ("Node's fetch", &[("sec-fetch-mode", "cors")], 200),
        ("a page of ours", &own, 401),
        ("another site's page", &other, 403),
        ("an old browser, of another site", &origin, 403),
        ("a link", TAB, 403),
        ("a frame", FRAME, 403),
    ];
    for (case, headers, status) in table {
        let headers = [headers, &[("authorization", &*bearer)]].concat();
        let path = "/mlflow/api/2.0/mlflow/experiments/search";
        let answer = send(&fixture, "GET", path, &headers).await;
        assert_eq!(answer.status, status, "{case}: {}", answer.text());
    }
    assert_eq!(fixture.reached().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assistant_is_refused_with_words() {
    let fixture = Fixture::configured(&[("python", json!({ "access": "token" }))]).await;
    let bearer = format!("Bearer {}", fixture.admin());
    let path = "/api/3.0/mlflow/assistant/message";

    let answer = send(&fixture, "POST", path, &[("authorization", &bearer)]).await;

    assert_eq!(answer.status, 403);
    let told = answer.json();
    let words = told["message"].as_str().expect("a sentence");
    assert!(
        words.starts_with("MLflow's assistant runs commands"),
        "{words}"
    );
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_streamed_piece_by_piece() {
    let fixture = Fixture::configured(&[("python", json!({ "access": "token" }))]).await;
    let url = format!("{}{}", fixture.deployment.origin, echo::STREAM);
    let request = Request::post(url)
        .header("authorization", format!("Bearer {}", fixture.admin()))
        .body(Body::empty())
        .expect("a request");
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let mut answer = client.request(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");

    for expected in ["data: 1\n\n", "data: 2\n\n"] {
        let frame = answer.body_mut().frame().await.expect("a piece");
        let piece = frame.expect("it arrives").into_data().expect("data");
        assert_eq!(piece, expected);
        // The next one is sent when this one has arrived.
        echo::NEXT.notify_one();
    }
    assert!(answer.body_mut().frame().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_where_clients_of_models_have_it_and_never_passed_on() {
    let fixture = Fixture::configured(&[("python", json!({ "access": "token" }))]).await;
    let token = issued(&fixture).await;
    let basic = |password: &str| {
        let credentials = BASE64_STANDARD.encode(format!("me:{password}"));
        ("authorization", format!("Basic {credentials}"))
    };
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let key = |name| (name, token.clone());
    let own = ("sec-fetch-site", "same-origin".to_owned());
    let agent = ("user-agent", "claude-cli/2".to_owned());
    let table = [
        (vec![bearer(&token)], 200, ""),
        (vec![basic(&token)], 200, ""),
        (vec![basic(&fixture.admin())], 200, ""),
        (vec![key("x-api-key"), agent], 200, ""),
        (vec![key("x-goog-api-key")], 200, ""),
        (vec![key("api-key")], 200, ""),
        (vec![bearer(&token), key("x-api-key")], 200, ""),
        (vec![], 401, "MLFLOW_TRACKING_PASSWORD to the token"),
        (vec![basic("secret")], 401, "takes no passwords"),
        (vec![basic(&token), own], 401, "never of a browser"),
        (
            vec![bearer("x"), key("api-key")],
            400,
            "two tokens that differ",
        ),
    ];
    for (headers, status, words) in table {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let answer = send(&fixture, "POST", "/gateway/anthropic/v1/messages", &headers).await;
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
        assert!(answer.text().contains(words), "{}", answer.text());
        assert!(!answer.text().contains(&token), "{}", answer.text());
    }
    let address = format!("/gateway/gemini/v1beta/models/m:generateContent?key={token}");
    let answer = send(&fixture, "POST", &address, &[]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("revoke it"), "{}", answer.text());
}

/// A token for programs of an administrator.
async fn issued(fixture: &Fixture) -> String {
    let bearer = format!("Bearer {}", fixture.admin());
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "same-origin"),
        ("authorization", &bearer),
    ];
    let answer = send(fixture, "POST", "/mlflow/@shell/tokens", &headers).await;
    answer.json()["token"].as_str().expect("a token").to_owned()
}
