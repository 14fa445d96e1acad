//! How a request without a token is refused, and that it is.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use axum::{body::Body, http::Request};

use crate::fixture::{FRAME, Fixture, SCRIPT, TAB};

#[tokio::test(flavor = "multi_thread")]
async fn each_asker_is_refused_in_its_own_language() {
    let fixture = Fixture::new().await;
    let worker: &[(&str, &str)] = &[
        ("sec-fetch-mode", "same-origin"),
        ("sec-fetch-dest", "empty"),
        ("accept", "text/html,*/*"),
    ];
    let table = [
        ("a script", SCRIPT, 401, "application/json"),
        ("a program", &[("accept", "*/*")], 401, "application/json"),
        ("a tab", TAB, 303, ""),
        ("a frame", FRAME, 401, "text/html"),
        ("the worker for a frame", worker, 401, "text/html"),
    ];
    for (asker, headers, status, kind) in table {
        for path in ["/mlflow", "/mlflow/", "/mlflow/get-artifact"] {
            let answer = fixture.get(path, headers).await;

            assert_eq!(answer.status, status, "{asker}: {path}");
            assert!(
                answer.header("content-type").starts_with(kind),
                "{asker}: {path}"
            );
            assert_eq!(
                answer.header("cache-control"),
                "no-store",
                "{asker}: {path}"
            );
        }
    }
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_is_sent_to_the_shell() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/mlflow/", TAB).await;

    assert_eq!(answer.header("location"), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frames_page_is_inert_and_leads_out() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/mlflow/", FRAME).await;

    let page = answer.text();
    assert!(page.contains("Please sign in"), "{page}");
    assert!(page.contains("target=_top"), "{page}");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(answer.body.len() < 2048);
}

/// Only a plain path below `static-files` is public.
#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_of_the_bundle_need_a_token() {
    let fixture = Fixture::new().await;
    // What climbs is not even on this server.
    let (unauthenticated, nowhere) = (401, 404);
    let table = [
        (nowhere, "/mlflow/static-files/../graphql"),
        (nowhere, "/mlflow/static-files/%2e%2e/graphql"),
        (nowhere, "/mlflow/static-files/%2E./graphql"),
        (nowhere, "/mlflow/static-files/.%2e/graphql"),
        (nowhere, "/mlflow/static-files/..%2fgraphql"),
        (nowhere, "/mlflow/static-files/..%5cgraphql"),
        (nowhere, "/mlflow/static-files/x%2f..%2f..%2fgraphql"),
        (unauthenticated, "/mlflow/static-files//graphql"),
        (unauthenticated, "/mlflow/static-files/./graphql"),
        (unauthenticated, "/mlflow/static-files/%00"),
        (unauthenticated, "/mlflow/static-files/%zz"),
        (unauthenticated, "/mlflow/static-files/"),
        (unauthenticated, "/mlflow/Static-Files/x.js"),
        (unauthenticated, "/mlflow/static-filesx/x.js"),
        (unauthenticated, "/mlflow//static-files/x.js"),
        (unauthenticated, "/mlflow/./static-files/x.js"),
        (nowhere, "/mlflow/x/../static-files/x.js"),
        (unauthenticated, "/mlflow/%73tatic-files/x.js"),
    ];
    for (status, path) in table {
        let answer = fixture.get(path, SCRIPT).await;
        assert_eq!(answer.status, status, "{path}");
    }
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());
}

/// What is not below `/mlflow` is the shell's own, and never MLflow's.
#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_of_the_prefix_lead_nowhere() {
    let fixture = Fixture::new().await;
    let token = fixture.token();
    let table = [
        "/%6dlflow/graphql",
        "/MLFLOW/graphql",
        "/mlflow%2fgraphql",
        "/mlflowx/graphql",
        "//mlflow/graphql",
        "/./mlflow/graphql",
        "/x/../mlflow/graphql",
        "/graphql",
        "/ajax-api/2.0/mlflow/experiments/search",
    ];
    for path in table {
        let answer = fixture.get_with(path, &token, SCRIPT).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reading_the_bundle_is_public() {
    let fixture = Fixture::new().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let url = format!("{}/mlflow/static-files/x.js", fixture.deployment.origin);
        let request = Request::builder().method(method).uri(url);
        let answer = fixture
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(answer.status, 401, "{method}");
    }
    assert!(fixture.reached().is_empty());
}

/// No file of MLflow's may become the worker of this origin.
#[tokio::test(flavor = "multi_thread")]
async fn only_our_worker_is_served_as_a_worker() {
    let fixture = Fixture::new().await;
    let asking = [("service-worker", "script")];
    let table = [
        ("/sw.js", 200),
        ("/favicon.svg", 403),
        ("/mlflow/get-artifact?path=sw.js", 403),
        ("/mlflow/static-files/static/js/main.1a2b3c4d.js", 403),
        ("/sw.js/", 403),
    ];
    for (path, status) in table {
        assert_eq!(fixture.get(path, &asking).await.status, status, "{path}");
    }
    assert!(fixture.reached().is_empty());
}

/// Firefox sees a broken connection, and no 401 to renew a token after, if it
/// is answered while it still sends.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_is_read_to_its_end() {
    const LENGTH: usize = 16 * 1024 * 1024;
    let fixture = Fixture::new().await;
    let address = fixture.deployment.origin.replace("http://", "");
    let sent = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        let head = format!(
            "POST /mlflow/graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: {LENGTH}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&vec![b'x'; LENGTH])?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    });

    let answer = sent.await.unwrap().expect("the whole body is taken");
    assert_eq!(&answer, b"HTTP/1.1 401");
}
