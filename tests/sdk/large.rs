//! A large file, up and down again: in one piece through the gateway, and in
//! parts to a store like S3.

use std::process::Command;

use crate::deployment::{ADMIN, SdkDeployment, output, said};
use shell_tests::{environment, store::Store};

const MEGABYTES: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_megabytes_arrive_whole_both_ways() {
    let deployment = SdkDeployment::newest().await;
    let requests = transfer(&deployment, |_| ()).await;
    let through = format!("PUT {} ", deployment.inner.origin);
    assert!(requests.iter().any(|line| line.starts_with(&through)));
}

/// The parts go straight to the store, by addresses that MLflow signs: the token
/// is not for the store.
#[tokio::test(flavor = "multi_thread")]
async fn parts_go_to_the_store_without_the_token() {
    let Some(store) = Store::start().await else {
        return;
    };
    let newest = environment::tracking_servers().pop();
    let version = newest.expect("an MLflow was started").version;
    let mlflow = store.mlflow(&environment::client(&version), |_| ()).await;
    let mlflow = mlflow.expect("MLflow starts");
    let deployment = SdkDeployment::start(mlflow.tracking(&version), &[]).await;
    let requests = transfer(&deployment, |command| {
        command.env("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true");
        command.env("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1000000");
        command.env("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "20971520");
    })
    .await;
    let of = |origin: &str| {
        let there = format!(" {origin} ");
        let lines = requests.iter().filter(move |line| line.contains(&there));
        lines.cloned().collect::<Vec<_>>()
    };
    let parts = of(&store.origin());
    assert_eq!(parts.len(), MEGABYTES.div_ceil(20), "{requests:#?}");
    assert!(
        parts.iter().all(|line| line.contains(" none ")),
        "{parts:#?}"
    );
    let ours = of(&deployment.inner.origin);
    assert!(
        ours.iter().all(|line| line.contains(" token ")),
        "{ours:#?}"
    );
    for step in ["/mpu/create/", "/mpu/complete/"] {
        assert!(ours.iter().any(|line| line.contains(step)), "{ours:#?}");
    }
    assert!(
        !ours.iter().any(|line| line.starts_with("PUT ")),
        "{ours:#?}"
    );
}

/// Sends and fetches the file, and returns the requests that this took.
async fn transfer(deployment: &SdkDeployment, change: impl FnOnce(&mut Command)) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = deployment.python(&deployment.token(ADMIN).await);
    let name = folder.path().file_name().expect("a name");
    command
        .arg(environment::workspace().join("tests/sdk/client/large.py"))
        .arg(name)
        .arg(MEGABYTES.to_string())
        .env("TMPDIR", folder.path());
    change(&mut command);
    let output = output(command).await;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<_> = told.lines().map(str::to_owned).collect();
    let expected = format!("the same {}", MEGABYTES << 20);
    assert_eq!(lines.pop(), Some(expected), "{}", said(&output));
    lines
}
