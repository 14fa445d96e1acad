//! When the gateway says that it is ready.

use serde_json::{Value, json};
use shell_tests::{client::Answer, wait};

use crate::fixture::Fixture;

const READY: &str = "/readyz";

async fn until(fixture: &Fixture, status: u16) -> Answer {
    let what = format!("{READY} of {status}");
    let told = wait::until(&what, async || {
        let told = fixture.get(READY, &[]).await;
        Ok((told.status == status).then_some(told))
    });
    told.await.expect("it comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_when_keys_are_loaded_and_mlflow_answers() {
    let fixture = Fixture::new().await;

    let told = until(&fixture, 200).await;

    let expected = json!({
        "ready": true,
        "keys": "loaded",
        "servers": { "mlflow": "answers" },
        "draining": false,
    });
    assert_eq!(told.json(), expected);
    assert_eq!(told.header("cache-control"), "no-store");
    // No token was shown yet: the keys were loaded ahead.
    let asked: Vec<_> = fixture.reached().into_iter().map(|it| it.path).collect();
    assert!(asked.iter().all(|path| path == "/health"), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_asked_mlflow_is_asked_once() {
    let fixture = Fixture::new().await;
    until(&fixture, 200).await;
    let before = fixture.reached().len();
    for _ in 0..20 {
        fixture.get(READY, &[]).await;
    }
    assert!(fixture.reached().len() <= before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_mlflow_is_down_and_says_so_without_addresses() {
    let fixture = Fixture::new().await;
    until(&fixture, 200).await;

    fixture.deployment.upstream.stop();
    let told = until(&fixture, 503).await;
    assert_eq!(told.json()["servers"]["mlflow"], "does not answer");
    assert_eq!(told.json()["keys"], "loaded");
    for word in ["localhost", "127.0.0.1", "http"] {
        assert!(!told.text().contains(word), "{}", told.text());
    }
    assert_eq!(fixture.get("/healthz", &[]).await.status, 200);

    fixture
        .deployment
        .upstream
        .resume()
        .await
        .expect("it resumes");
    until(&fixture, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_loaded_serve_while_the_issuer_is_down() {
    let fixture = Fixture::new().await;
    until(&fixture, 200).await;
    fixture.deployment.login.stop();
    assert_eq!(until(&fixture, 200).await.json()["keys"], "loaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_that_answers_is_enough() {
    let fixture = Fixture::with(|spec| {
        spec.with_upstream("dev", &[])
            .with_upstream("central", &["admins"])
    })
    .await;
    until(&fixture, 200).await;
    let servers = |told: &Answer| told.json()["servers"].clone();
    let both = json!({ "dev": "answers", "central": "answers" });
    assert_eq!(servers(&until(&fixture, 200).await), both);

    fixture.deployment.upstreams[0].stop();
    let one: Value = json!({ "dev": "does not answer", "central": "answers" });
    let told = wait::until("one that is down", async || {
        let told = fixture.get(READY, &[]).await;
        Ok((servers(&told) == one).then_some(told))
    });
    assert_eq!(told.await.expect("it is noticed").status, 200);
    fixture.deployment.upstreams[1].stop();
    until(&fixture, 503).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_once_it_is_about_to_end() {
    let fixture = Fixture::new().await;
    until(&fixture, 200).await;
    fixture.deployment.draining.begin();
    let told = fixture.get(READY, &[]).await;
    assert_eq!(told.status, 503);
    assert_eq!(told.json()["draining"], true);
}
