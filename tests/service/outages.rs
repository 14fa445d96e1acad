//! What people and programs are told while something is down.

use shell_tests::deployment::DeploymentSpec;

use crate::fixture::{FRAME, Fixture, SCRIPT};

const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_down() {
    let fixture = Fixture::new().await;
    fixture.deployment.upstream.stop();

    let script = fixture.get_as_reader(API).await;
    let frame = fixture.get_with("/mlflow/", &fixture.token(), FRAME).await;
    let file = fixture.get("/mlflow/static-files/x.js", SCRIPT).await;

    assert_eq!(script.status, 502);
    assert_eq!(script.json()["error_code"], "TEMPORARILY_UNAVAILABLE");
    assert_eq!(frame.status, 502);
    assert!(frame.text().contains("MLflow is not answering"));
    assert_eq!(file.status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_back_again() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get_as_reader(API).await.status, 200);

    fixture.deployment.upstream.stop();
    assert_eq!(fixture.get_as_reader(API).await.status, 502);
    fixture
        .deployment
        .upstream
        .resume()
        .await
        .expect("it starts");

    assert_eq!(fixture.get_as_reader(API).await.status, 200);
}

/// Neither accepted nor refused: no user is signed out because of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_issuers_keys_out_of_reach() {
    let fixture = Fixture::with(DeploymentSpec::while_login_is_down).await;

    let script = fixture.get_as_reader(API).await;
    let frame = fixture.get_with("/mlflow/", &fixture.token(), FRAME).await;

    assert_eq!(script.status, 503);
    assert_eq!(script.json()["error_code"], "TEMPORARILY_UNAVAILABLE");
    assert_eq!(frame.status, 503);
    assert!(
        frame.text().contains("cannot be checked"),
        "{}",
        frame.text()
    );
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn known_keys_are_enough_while_the_issuer_is_down() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get_as_reader(API).await.status, 200);

    fixture.deployment.login.stop();

    assert_eq!(fixture.get_as_reader(API).await.status, 200);
}
