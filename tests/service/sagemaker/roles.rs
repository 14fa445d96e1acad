//! Roles that are assumed, by the program itself, from moto's STS.

use std::path::Path;

use serde_json::{Value, json};
use shell_tests::{
    client, environment,
    program::GatewayProgram,
    sagemaker::{Keys, Kind, SageMaker},
};

use crate::fixture::Fixture;

const ROLE: &str = "arn:aws:iam::210987654321:role/mlflow-gateway";

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// Starts `program` in front of `sagemaker`, as [`ROLE`].
async fn start(program: &Path, fixture: &Fixture, sagemaker: &SageMaker) -> GatewayProgram {
    let (arn, url) = (Kind::TrackingServer.arn(), &sagemaker.url);
    let settings = format!(
        "upstream = {{ sagemaker = {{ arn = \"{arn}\", endpoint = \"{url}\", \
         role = \"{ROLE}\", external_id = \"of-this-site\" }} }}\n"
    );
    let sts = sagemaker.sts.as_ref().expect("as the test needs it");
    let variables = [
        ("AWS_ACCESS_KEY_ID", Keys::PERMANENT.id),
        ("AWS_SECRET_ACCESS_KEY", Keys::PERMANENT.secret),
        ("AWS_ENDPOINT_URL_STS", sts.as_str()),
    ];
    let config = &fixture.deployment.config;
    let gateway = GatewayProgram::start(program, config, &settings, &variables).await;
    gateway.expect("as the test needs it")
}

/// Asks as a reader, and returns what SageMaker saw last.
async fn search(gateway: &GatewayProgram, fixture: &Fixture, sagemaker: &SageMaker) -> Value {
    let bearer = format!("Bearer {}", fixture.token());
    let url = format!("{}{SEARCH}", gateway.origin);
    let answer = client::get(&url, &[("authorization", &bearer)]).await;
    let answer = answer.expect("as the test needs it");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut seen = sagemaker.seen().await.expect("as the test needs it");
    seen.pop().expect("it was asked")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_another_account_is_assumed_and_again_when_its_credentials_end() {
    let program = environment::program("SHELL_TEST_GATEWAY", "roles that the gateway assumes");
    let (Some(program), Some(_)) = (program, environment::moto()) else {
        return;
    };
    let fixture = Fixture::new().await;
    let upstream = fixture.deployment.upstream.origin();
    let sagemaker =
        SageMaker::with_sts(Kind::TrackingServer, &upstream).expect("as the test needs it");
    let sagemaker = sagemaker.expect("moto is there");
    let gateway = start(&program, &fixture, &sagemaker).await;

    let first = search(&gateway, &fixture, &sagemaker).await;

    assert_eq!(first["equal"], json!(true));
    assert_eq!(first["role"], ROLE);
    assert_eq!(first["session"], "mlflow-auth-shell");
    assert_eq!(first["external_id"], "of-this-site");
    assert!(first["headers"]["x-amz-security-token"].is_string());

    let again = search(&gateway, &fixture, &sagemaker).await;
    assert_eq!(again["key"], first["key"], "they are kept");

    let ended = json!({ "ended": [first["key"]] });
    sagemaker.tell(ended).await.expect("as the test needs it");
    let second = search(&gateway, &fixture, &sagemaker).await;
    assert_ne!(second["key"], first["key"]);
    assert_eq!(second["role"], ROLE);
}
