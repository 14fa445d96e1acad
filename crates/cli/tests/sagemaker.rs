//! `mlflow-shell serve` in front of a managed MLflow: what it cannot start with.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

const CONFIG: &str = r#"{"origin": "http://localhost:1", "provider": {
    "domain": "http://localhost:2", "issuer": "http://localhost:2/pool", "client_id": "c"}}"#;

const ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/a";

const ROLE: &str = "arn:aws:iam::210987654321:role/mlflow";

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "a-secret"),
    // Nothing listens there.
    ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9"),
];

#[test]
fn without_credentials_it_does_not_start_and_says_where_to_put_them() {
    let said = refused(&format!("upstream = '{ARN}'"), &[]);
    assert!(said.contains("no AWS credentials were found"), "{said}");
    let role = format!("upstream = {{ sagemaker = {{ arn = '{ARN}', role = '{ROLE}' }} }}");
    let said = refused(&role, &[]);
    assert!(said.contains("no AWS credentials were found"), "{said}");
}

#[test]
fn a_role_that_cannot_be_assumed_is_named() {
    let role = format!("upstream = {{ sagemaker = {{ arn = '{ARN}', role = '{ROLE}' }} }}");
    let said = refused(&role, &KEYS);
    let expected = format!("the role `{ROLE}` cannot be assumed: ");
    assert!(said.contains(&expected), "{said}");
    assert!(said.contains("sts:AssumeRole"), "{said}");
    assert!(!said.contains("a-secret"), "{said}");
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    let table = [
        (
            "upstream = 'arn:aws:s3:::bucket'".to_owned(),
            "is of the service `s3`",
        ),
        (
            format!("upstream = {{ sagemaker = {{ arn = '{ARN}', rolle = 'x' }} }}"),
            "rolle",
        ),
        (
            format!("upstream = {{ sagemaker = {{ arn = '{ARN}', endpoint = 'http://a.b' }} }}"),
            "must be https://",
        ),
        (
            format!("[upstreams]\ncentral = '{ARN}'"),
            "`upstreams.central`",
        ),
    ];
    for (settings, expected) in table {
        let said = refused(&settings, &KEYS);
        assert!(said.contains(expected), "{said}");
    }
}

/// What it says before it ends, in an environment that has nothing else.
fn refused(settings: &str, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| write(folder.path(), name, text);
    file("index.html", "");
    let output = Command::new(env!("CARGO_BIN_EXE_mlflow-shell"))
        .args(["serve", "--listen", "127.0.0.1:0", "--site"])
        .arg(folder.path())
        .args(["--config", &file("config.json", CONFIG)])
        .args(["--settings", &file("gateway.toml", settings)])
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("it can be started");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}
