//! Where the windows of a framed sign-in meet. How long an answer waits is
//! tested with the store, whose clock is a test's.

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_tests::client::Answer;

use crate::fixture::{Fixture, given};

const STATE: &str = "0123456789-abcdefghijklmnopqrst_ABCDEFGHIJK";
const PUT: &str = "/rendezvous";
const TAKE: &str = "/rendezvous/take";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_handed_out_once() {
    let fixture = Fixture::new().await;
    let taking = format!("state={STATE}");
    let putting = format!("state={STATE}&answer=%3Fcode%3Da%252Bb%26state%3Dx");

    let before = post(&fixture, TAKE, &taking).await;
    let put = post(&fixture, PUT, &putting).await;
    let other = post(&fixture, TAKE, &taking.replace('0', "1")).await;
    let taken = post(&fixture, TAKE, &taking).await;
    let again = post(&fixture, TAKE, &taking).await;

    let status = [&before, &put, &other, &taken, &again].map(|answer| answer.status.as_u16());
    assert_eq!(status, [204, 204, 204, 200, 204]);
    assert_eq!(taken.text(), "?code=a%2Bb&state=x");
    assert_eq!(taken.header("content-type"), "text/plain; charset=utf-8");
    for answer in [&before, &put, &taken] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_pages_put_and_take() {
    let fixture = Fixture::new().await;
    let own = fixture.deployment.origin.as_str();
    let table: [&[(&str, &str)]; 8] = [
        &[],
        &[("origin", own)],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-site"), ("origin", own)],
        &[("sec-fetch-site", "cross-site"), ("origin", own)],
        &[("sec-fetch-site", "none"), ("origin", own)],
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://evil.test"),
        ],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
    ];
    for headers in table {
        for (path, body) in [
            (PUT, format!("state={STATE}&answer=x")),
            (TAKE, format!("state={STATE}")),
        ] {
            let answer = post_with(&fixture, path, &body, headers).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        }
    }
    let left = post(&fixture, TAKE, &format!("state={STATE}")).await;
    assert_eq!(left.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_answer_is_refused() {
    let fixture = Fixture::new().await;
    let answer = |length: usize| format!("state={STATE}&answer={}", "x".repeat(length));
    let state = |text: &str| format!("state={text}&answer=x");
    let table = [
        ("the longest answer", PUT, answer(4096), 204),
        ("a longer one", PUT, answer(4097), 413),
        ("one that is not read", PUT, answer(1_000_000), 413),
        ("the shortest state", PUT, state(&"s".repeat(32)), 204),
        ("a shorter one", PUT, state(&"s".repeat(31)), 400),
        ("the longest state", PUT, state(&"s".repeat(128)), 204),
        ("a longer one", PUT, state(&"s".repeat(129)), 400),
        ("another letter", PUT, state(&"s%2F".repeat(32)), 400),
        ("no answer", PUT, format!("state={STATE}"), 400),
        ("no state", PUT, "answer=x".into(), 400),
        ("more fields", PUT, format!("{}&more=x", answer(1)), 400),
        ("nothing", PUT, String::new(), 400),
        ("nothing", TAKE, String::new(), 400),
        ("a short state", TAKE, "state=s".into(), 400),
    ];
    for (case, path, body, status) in table {
        let answer = post(&fixture, path, &body).await;
        assert_eq!(answer.status, status, "{path}: {case}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let request = request(&fixture, method, PUT);
        let request = request.body(Body::empty()).expect("a request");
        assert_eq!(fixture.send(request).await.status, 405, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds_a_thousand_answers() {
    // More than one client may leave in that time.
    let settings = json!({ "limits": { "deposits_per_second": 100 } });
    let fixture = Fixture::with(|spec| spec.with_settings(given(settings))).await;
    for n in 0..1000 {
        let body = format!("state={STATE}{n}&answer=x");
        assert_eq!(post(&fixture, PUT, &body).await.status, 204, "{n}");
    }

    let more = format!("state={STATE}&answer=x");
    assert_eq!(post(&fixture, PUT, &more).await.status, 503);
    let taken = post(&fixture, TAKE, &format!("state={STATE}0")).await;
    assert_eq!(taken.status, 200);
    assert_eq!(post(&fixture, PUT, &more).await.status, 204);
}

/// As a page of ours.
async fn post(fixture: &Fixture, path: &str, body: &str) -> Answer {
    let request = request(fixture, "POST", path);
    let body = Body::from(body.to_owned());
    fixture.send(request.body(body).expect("a request")).await
}

async fn post_with(fixture: &Fixture, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}{path}", fixture.deployment.origin);
    let mut request = Request::post(url).header("content-type", FORM);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Body::from(body.to_owned());
    fixture.send(request.body(body).expect("a request")).await
}

const FORM: &str = "application/x-www-form-urlencoded";

fn request(fixture: &Fixture, method: &str, path: &str) -> axum::http::request::Builder {
    let origin = fixture.deployment.origin.as_str();
    Request::builder()
        .method(method)
        .uri(format!("{origin}{path}"))
        .header("content-type", FORM)
        .header("origin", origin)
        .header("sec-fetch-site", "same-origin")
}
