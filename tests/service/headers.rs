//! What the shell's own files say to browsers.

use shell_core::hosting;

use crate::fixture::{Fixture, TAB};

#[tokio::test(flavor = "multi_thread")]
async fn each_document_has_the_policy_it_needs() {
    let fixture = Fixture::new().await;
    let provider = fixture.deployment.login.origin();
    let shell = [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self';",
        "frame-src 'self'",
    ];
    let connect = format!("connect-src 'self' {provider}");
    let worker = ["default-src 'none'", connect.as_str()];
    let table: [(&str, &[&str]); 4] = [
        ("/", &shell),
        ("/callback", &shell),
        ("/relay", &shell),
        ("/sw.js", &worker),
    ];
    for (path, directives) in table {
        let answer = fixture.get(path, TAB).await;

        let policy = answer.header("content-security-policy");
        for directive in directives {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("'unsafe-inline'"), "{path}: {policy}");
        assert!(!policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflows_document_may_talk_to_nobody_else() {
    let fixture = Fixture::new().await;

    let answer = fixture.get_as_reader("/mlflow/").await;

    let policy = answer.header("content-security-policy");
    for directive in [
        "connect-src 'self' data: blob:;",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'self'",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("'unsafe-eval'"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_the_type_and_the_coding_they_are_served_with() {
    let fixture = Fixture::new().await;
    let table = [
        ("/", "text/html"),
        ("/callback?code=x&state=y", "text/html"),
        ("/sw.js", "text/javascript"),
        ("/favicon.svg", "image/svg+xml"),
    ];
    for (path, kind) in table {
        for coding in ["br", "gzip"] {
            let answer = fixture.get(path, &[("accept-encoding", coding)]).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.header("content-type").starts_with(kind), "{path}");
            assert_eq!(answer.header("content-encoding"), coding, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_has_not_changed_is_kept_as_long_as_before() {
    let fixture = Fixture::new().await;
    let page = fixture.get("/", &[]).await.text();
    let (_, rest) = page.split_once("/shell-").unwrap();
    let (name, _) = rest.split_once('"').unwrap();
    let hashed = format!("/shell-{name}");
    for (path, caching) in [("/sw.js", "no-cache"), (hashed.as_str(), hosting::FOREVER)] {
        let first = fixture.get(path, &[]).await;
        let changed = first.header("last-modified").to_owned();
        let again = fixture.get(path, &[("if-modified-since", &changed)]).await;

        assert_eq!(
            (first.status.as_u16(), again.status.as_u16()),
            (200, 304),
            "{path}"
        );
        for answer in [first, again] {
            assert_eq!(answer.header("cache-control"), caching, "{path}");
        }
    }
    let missing = fixture.get("/shell-0123456789abcdef.js", &[]).await;
    assert_eq!(missing.header("cache-control"), "no-cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_the_one_given() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/config.json", &[]).await;

    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-cache");
    let config = answer.json();
    assert_eq!(config["origin"], fixture.deployment.origin);
    assert_eq!(
        config["provider"]["domain"],
        fixture.deployment.login.origin()
    );
    assert_eq!(config["provider"]["client_id"], "shell-under-test");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_site_is_served() {
    let fixture = Fixture::new().await;
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/%2fetc/passwd",
        "/nothing",
        "/.env",
    ] {
        let status = fixture.get(path, &[]).await.status;
        assert!(status.is_client_error(), "{path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_lives() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get("/healthz", &[]).await.status, 200);
}
