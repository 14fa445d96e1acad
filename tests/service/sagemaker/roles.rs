//! Roles that are assumed, by the program itself, from moto's STS.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use shell_tests::{
    child::Program,
    client, environment,
    sagemaker::{Keys, Kind, SageMaker},
    server::free_port,
    wait,
};
use tempfile::TempDir;

use crate::fixture::Fixture;

const ROLE: &str = "arn:aws:iam::210987654321:role/mlflow-gateway";

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

/// The gateway as a program, for the people of a deployment.
struct Gateway {
    origin: String,
    _program: Program,
    _folder: TempDir,
}

impl Gateway {
    /// Starts `program` in front of `sagemaker`, as [`ROLE`].
    async fn start(program: &Path, fixture: &Fixture, sagemaker: &SageMaker) -> Self {
        let folder = tempfile::tempdir().expect("as the test needs it");
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("as the test needs it");
            path
        };
        let config = serde_json::to_string(&fixture.world.config).expect("as the test needs it");
        let (arn, url) = (Kind::TrackingServer.arn(), &sagemaker.url);
        let settings = format!(
            "upstream = {{ sagemaker = {{ arn = \"{arn}\", endpoint = \"{url}\", \
             role = \"{ROLE}\", external_id = \"of-this-site\" }} }}\n"
        );
        let port = free_port().expect("as the test needs it");
        let mut command = Command::new(program);
        command
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}"), "--audit-log=off"])
            .arg("--site")
            .arg(environment::site())
            .arg("--config")
            .arg(file("config.json", config))
            .arg("--settings")
            .arg(file("gateway.toml", settings))
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", Keys::PERMANENT.id)
            .env("AWS_SECRET_ACCESS_KEY", Keys::PERMANENT.secret)
            .env(
                "AWS_ENDPOINT_URL_STS",
                sagemaker.sts.as_ref().expect("as the test needs it"),
            );
        let gateway = Self {
            origin: format!("http://127.0.0.1:{port}"),
            _program: Program::spawn(&mut command).expect("as the test needs it"),
            _folder: folder,
        };
        let healthy = format!("{}/healthz", gateway.origin);
        let asked = wait::until("the gateway", async || {
            Ok(client::get(&healthy, &[]).await.ok().map(drop))
        });
        asked.await.expect("as the test needs it");
        gateway
    }

    /// Asks as a reader, and returns what SageMaker saw last.
    async fn search(&self, fixture: &Fixture, sagemaker: &SageMaker) -> Value {
        let bearer = format!("Bearer {}", fixture.token());
        let url = format!("{}{SEARCH}", self.origin);
        let answer = client::get(&url, &[("authorization", &bearer)]).await;
        let answer = answer.expect("as the test needs it");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut seen = sagemaker.seen().await.expect("as the test needs it");
        seen.pop().expect("it was asked")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_another_account_is_assumed_and_again_when_its_credentials_end() {
    let program = environment::program("SHELL_TEST_GATEWAY", "roles that the gateway assumes");
    let (Some(program), Some(_)) = (program, environment::moto()) else {
        return;
    };
    let fixture = Fixture::new().await;
    let upstream = fixture.world.upstream.origin();
    let sagemaker =
        SageMaker::with_sts(Kind::TrackingServer, &upstream).expect("as the test needs it");
    let sagemaker = sagemaker.expect("moto is there");
    let gateway = Gateway::start(&program, &fixture, &sagemaker).await;

    let first = gateway.search(&fixture, &sagemaker).await;

    assert_eq!(first["equal"], json!(true));
    assert_eq!(first["role"], ROLE);
    assert_eq!(first["session"], "mlflow-auth-shell");
    assert_eq!(first["external_id"], "of-this-site");
    assert!(first["headers"]["x-amz-security-token"].is_string());

    let again = gateway.search(&fixture, &sagemaker).await;
    assert_eq!(again["key"], first["key"], "they are kept");

    let ended = json!({ "ended": [first["key"]] });
    sagemaker.tell(ended).await.expect("as the test needs it");
    let second = gateway.search(&fixture, &sagemaker).await;
    assert_ne!(second["key"], first["key"]);
    assert_eq!(second["role"], ROLE);
}
