//! MLflow's released bundle: public, compressed, asked for once.

use std::io::Read;

use shell_tests::client::Answer;

use crate::{echo, fixture::Fixture};

const BROTLI: (&str, &str) = ("accept-encoding", "gzip, br");

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_no_token_and_is_compressed() {
    let fixture = Fixture::new().await;

    let answer = get(&fixture, &[BROTLI]).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-encoding"), "br");
    assert_eq!(answer.header("vary"), "accept-encoding");
    assert!(answer.header("content-type").starts_with("text/javascript"));
    assert!(answer.header("cache-control").contains("max-age="));
    assert!(answer.body.len() < echo::script_text().len() / 10);
    assert_eq!(decompress(&answer.body), echo::script_text());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_brotli_gets_it_plain() {
    let fixture = Fixture::new().await;
    for accepted in ["identity", "deflate", "br;q=0"] {
        let answer = get(&fixture, &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.header("content-encoding"), "", "{accepted}");
        assert_eq!(answer.text(), echo::script_text(), "{accepted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_is_asked_once_and_without_the_users_headers() {
    let fixture = Fixture::new().await;
    for _ in 0..5 {
        let asked = [
            BROTLI,
            ("authorization", "Bearer x"),
            ("x-request-id", "mine"),
        ];
        assert_eq!(get(&fixture, &asked).await.status, 200);
    }

    let reached = fixture.reached();
    let paths: Vec<_> = reached.iter().map(|record| record.path.as_str()).collect();
    // The policy of its files depends on the server's version.
    assert_eq!(paths, [echo::SCRIPT, "/version"]);
    assert!(
        reached.iter().all(|record| record.id.is_none()),
        "{reached:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_it_is_told_so() {
    let fixture = Fixture::new().await;
    let tag = get(&fixture, &[BROTLI]).await.header("etag").to_owned();
    assert!(!tag.is_empty());

    let again = get(&fixture, &[BROTLI, ("if-none-match", &tag)]).await;
    let other = get(&fixture, &[BROTLI, ("if-none-match", "\"other\"")]).await;

    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), tag);
    assert_eq!(other.status, 200);
}

async fn get(fixture: &Fixture, headers: &[(&str, &str)]) -> Answer {
    fixture
        .get(&format!("/mlflow{}", echo::SCRIPT), headers)
        .await
}

fn decompress(body: &[u8]) -> String {
    let mut text = String::new();
    brotli::Decompressor::new(body, 4096)
        .read_to_string(&mut text)
        .expect("brotli");
    text
}
