//! Who may frame what, and what they may read first.

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_tests::client::Answer;

use crate::fixture::{FRAME, Fixture, SCRIPT, TAB};

const STUDIO: &str = "https://studio.example";
const LISTED: &str = "frame-ancestors 'self' https://studio.example";

async fn framed() -> Fixture {
    Fixture::configured(&[("frame_ancestors", json!([STUDIO]))]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_framed_by_whom_the_configuration_lists() {
    const ALONE: &str = "frame-ancestors 'self'";
    const NONE: &str = "frame-ancestors 'none'";
    let (framed, alone) = (framed().await, Fixture::new().await);
    let table = [
        (&framed, "/", LISTED),
        (&framed, "/index.html", LISTED),
        (&framed, "/?reset", LISTED),
        (&framed, "/callback?code=x&state=y", NONE),
        (&framed, "/relay", NONE),
        (&alone, "/", ALONE),
        (&alone, "/callback", NONE),
        (&alone, "/relay", NONE),
    ];
    for (fixture, path, expected) in table {
        let answer = fixture.get(path, TAB).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(ancestors(&answer), expected, "{path}");
        assert_eq!(answer.header("x-frame-options"), "", "{path}");
    }
    for (fixture, expected) in [(&framed, LISTED), (&alone, ALONE)] {
        let answer = fixture.get_with("/mlflow/", &fixture.token(), FRAME).await;
        assert_eq!(ancestors(&answer), expected);
        assert_eq!(answer.header("x-frame-options"), "");
        let refused = fixture.get("/mlflow/", FRAME).await;
        assert_eq!(refused.status, 401);
        assert_eq!(ancestors(&refused), expected);
    }
}

/// A relay that is cut off from its opener is of no use; nothing else has a
/// stranger for an opener.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_relay_keeps_its_opener() {
    let fixture = framed().await;
    let table = [
        ("/", "same-origin"),
        ("/callback", "same-origin"),
        ("/index.html", "same-origin"),
        ("/relay", "unsafe-none"),
        ("/relay?state=x", "unsafe-none"),
    ];
    for (path, policy) in table {
        let answer = fixture.get(path, TAB).await;
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            policy,
            "{path}"
        );
    }
    let [callback, relay] = ["/callback", "/relay"].map(|path| fixture.get(path, TAB));
    assert_eq!(callback.await.body, relay.await.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_frame_the_shell_may_read_what_it_asks_for_first() {
    let fixture = framed().await;
    let table = [
        ("GET", "/", STUDIO, STUDIO),
        ("HEAD", "/", STUDIO, STUDIO),
        ("GET", "/favicon.ico", STUDIO, STUDIO),
        ("GET", "/", "https://studio.example.evil.test", ""),
        ("GET", "/", "https://other.example", ""),
        ("GET", "/", "null", ""),
        ("GET", "/", "", ""),
        ("GET", "/config.json", STUDIO, ""),
        ("GET", "/sw.js", STUDIO, ""),
        ("GET", "/callback", STUDIO, ""),
        ("GET", "/mlflow/graphql", STUDIO, ""),
    ];
    for (method, path, origin, allowed) in table {
        let answer = ask(&fixture, method, path, origin).await;
        check_reader(&answer, allowed, &format!("{method} {path} for {origin}"));
        if ["/", "/favicon.ico"].contains(&path) {
            assert_eq!(answer.status, 200, "{path}");
            assert!(varies(&answer), "{path} for {origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_whether_it_may_ask_is_told() {
    let fixture = framed().await;
    let table = [
        ("/", STUDIO, STUDIO, 204),
        ("/favicon.ico", STUDIO, STUDIO, 204),
        ("/", "https://other.example", "", 405),
        ("/config.json", STUDIO, "", 405),
    ];
    for (path, origin, allowed, status) in table {
        let answer = ask(&fixture, "OPTIONS", path, origin).await;
        assert_eq!(answer.status, status, "{path} for {origin}");
        check_reader(&answer, allowed, path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_nobody_frames_is_read_by_nobody() {
    let fixture = Fixture::new().await;
    for path in ["/", "/favicon.ico"] {
        for origin in [STUDIO, fixture.deployment.origin.as_str()] {
            let answer = ask(&fixture, "GET", path, origin).await;
            check_reader(&answer, "", path);
            assert!(!varies(&answer), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_is_one() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/favicon.ico", SCRIPT).await;

    assert_eq!(answer.header("content-type"), "image/x-icon");
    assert!(answer.body.starts_with(&[0, 0, 1, 0, 1, 0, 32, 32]));
}

async fn ask(fixture: &Fixture, method: &str, path: &str, origin: &str) -> Answer {
    let url = format!("{}{path}", fixture.deployment.origin);
    let mut request = Request::builder().method(method).uri(url);
    if !origin.is_empty() {
        request = request.header("origin", origin);
    }
    fixture
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

fn check_reader(answer: &Answer, allowed: &str, case: &str) {
    let header = |name| answer.header(name);
    assert_eq!(header("access-control-allow-origin"), allowed, "{case}");
    assert_eq!(header("access-control-allow-credentials"), "", "{case}");
}

fn varies(answer: &Answer) -> bool {
    let values = answer.headers.get_all("vary").iter();
    let mut names = values.filter_map(|value| value.to_str().ok());
    names.any(|name| name.eq_ignore_ascii_case("origin"))
}

fn ancestors(answer: &Answer) -> &str {
    let policy = answer.header("content-security-policy");
    let mut directives = policy.split(';').map(str::trim);
    directives
        .find(|directive| directive.starts_with("frame-ancestors"))
        .unwrap_or_default()
}
