//! MLflow's released bundle: public, compressed, asked for once.

mod flood;

use std::io::Read;

use futures_util::future::join_all;
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, Login},
    gate::Gate,
    issuer::Issuer,
    wait,
};

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

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_a_path_is_one_file() {
    let fixture = Fixture::new().await;
    let (_, name) = echo::SCRIPT.rsplit_once("static/").unwrap();
    let escaped: String = name.bytes().map(escape).collect();
    let mut etags = Vec::new();
    for path in [
        format!("static/{name}"),
        format!("static/{escaped}"),
        format!("static/{}", name.replace('j', "%6A")),
        format!("%73tat%69c/{name}"),
        format!("static/{name}?v=1"),
        format!("static/{name}?v=2&x"),
    ] {
        let url = format!("/mlflow/static-files/{path}");
        let answer = fixture.get(&url, &[BROTLI]).await;
        assert_eq!(answer.status, 200, "{path}");
        etags.push(answer.header("etag").to_owned());
    }
    etags.dedup();
    assert_eq!(etags.len(), 1);

    let mut reached = fixture.reached();
    // Its version decides on the policy of its files.
    reached.retain(|record| record.path != "/version");
    assert_eq!(reached.len(), 1, "{reached:?}");
    assert_eq!(reached[0].path, echo::SCRIPT);
}

fn escape(byte: u8) -> String {
    match byte {
        b'/' => "/".to_owned(),
        byte => format!("%{byte:02x}"),
    }
}

/// MLflow is behind a gate, so that all of them come before it has answered.
#[tokio::test(flavor = "multi_thread")]
async fn who_wants_a_file_that_is_being_loaded_waits_for_that() {
    let gate = Gate::default();
    let deployment = Deployment::start(Login::Signed(Issuer::default()), gate.router()).await;
    let deployment = deployment.expect("everything starts");
    let spelt = ["x.js", "%78.js", "x%2Ejs", "x.js?query"];
    let get = |number: usize| {
        let name = spelt[number % spelt.len()];
        let url = format!("{}/mlflow/static-files/{name}", deployment.origin);
        tokio::spawn(async move { client::get(&url, &[]).await })
    };
    let first = get(0);
    let came = wait::until("a request at the gate", async || {
        Ok((!gate.arrived().is_empty()).then_some(()))
    });
    came.await.expect("it comes");
    let others: Vec<_> = (1..40).map(get).collect();
    // Each connection of theirs is answered at last, and none by MLflow. Its
    // version, which decides on the policy of its files, is asked for once.
    gate.pass(2);
    for answer in join_all(others.into_iter().chain([first])).await {
        let answer = answer.expect("no panic").expect("an answer");
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, "passed")
        );
    }
    assert_eq!(gate.arrived().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mlflow_does_not_have_is_asked_for_each_time() {
    let missing = axum::Router::new().fallback(async || axum::http::StatusCode::NOT_FOUND);
    let deployment = Deployment::start(Login::Signed(Issuer::default()), missing).await;
    let deployment = deployment.expect("everything starts");
    let url = format!("{}/mlflow/static-files/none.1a2b3c4d.js", deployment.origin);
    for _ in 0..3 {
        assert_eq!(client::get(&url, &[]).await.expect("an answer").status, 404);
    }
    let mut reached = deployment
        .record
        .of(shell_tests::record::Recipient::Upstream);
    reached.retain(|record| record.path != "/version");
    assert_eq!(reached.len(), 3, "{reached:?}");
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
