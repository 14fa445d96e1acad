use std::time;

use axum::http::Request;
use serde_json::Value;

use super::*;
use crate::{client, server::Server};

async fn serve() -> (Server, Refusing) {
    let refusing = Refusing::default();
    let mlflow = Router::new().fallback(|| async { "MLflow" });
    let router = refusing.around(with_extras(mlflow));
    (Server::start(router).await.unwrap(), refusing)
}

#[tokio::test]
async fn who_is_refused_still_gets_the_bundle() {
    let (server, refusing) = serve().await;
    let table = [
        ("/", 401),
        ("/ajax-api/2.0/mlflow/runs/search", 401),
        ("/ajax-api/2.0/echo", 401),
        ("/static-files/main.js", 200),
        ("/version", 200),
    ];
    for (path, refused) in table {
        let url = format!("{}{path}", server.origin());
        let status = async || client::get(&url, &[]).await.unwrap().status;

        refusing.set(true);
        assert_eq!(status().await, refused, "{path}");
        refusing.set(false);
        assert_eq!(status().await, 200, "{path}");
    }
}

#[tokio::test]
async fn the_echo_tells_what_arrived() {
    let (server, _) = serve().await;
    let url = format!("{}/ajax-api/2.0/echo", server.origin());
    // FIPS 180-2, appendix B.1.
    let digest = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    let table = [
        (&b"abc"[..], "yes", json!(digest), true),
        (b"\xff", "no", Value::Null, false),
    ];
    for (body, shown, sha256, bearer) in table {
        let request = Request::put(&url)
            .header(BEARER, shown)
            .body(body.into())
            .unwrap();
        let answer = client::send(request).await.unwrap();

        let expected = json!({
            "method": "PUT", "length": body.len(), "sha256": sha256, "bearer": bearer,
        });
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn the_slow_answer_has_no_length_and_takes_its_time() {
    let (server, _) = serve().await;
    let url = format!("{}/ajax-api/2.0/slow", server.origin());
    let start = time::Instant::now();

    let answer = client::get(&format!("{url}?seconds=1"), &[]).await.unwrap();

    assert!(start.elapsed() >= 2 * BEAT);
    assert_eq!(answer.text(), "..");
    assert_eq!(answer.header("content-length"), "");
    let wrong = client::get(&format!("{url}?seconds=x"), &[]).await.unwrap();
    assert_eq!(wrong.status, 400);
}
