//! Programs that are no user: access tokens of client credentials, whose scopes
//! say what they may.

use serde_json::{Value, json};
use shell_tests::issuer;

use crate::deployment::{SdkDeployment, output, said};

/// Reads, and then makes a run. What is refused is its last line.
const PROGRAM: &str = "
import sys
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

client = MlflowClient()
print('read', client.get_experiment('0').name)
try:
    print('wrote', client.create_run('0').info.status)
except MlflowException as error:
    print(error.error_code, error.message)
";

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_may_what_its_scopes_say() {
    let table = [
        (
            "mlflow/read",
            &["read Default", "PERMISSION_DENIED"] as &[&str],
        ),
        ("mlflow/write", &["read Default", "wrote RUNNING"]),
        (
            "mlflow/read mlflow/write",
            &["read Default", "wrote RUNNING"],
        ),
    ];
    let deployment = for_machines().await;
    for (scope, expected) in table {
        let output = output(program(&deployment, scope)).await;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{scope}: {}", said(&output));
        for (line, begin) in lines.iter().zip(expected) {
            assert!(line.starts_with(begin), "{scope}: {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_a_scope_of_ours_reads_nothing() {
    let deployment = for_machines().await;
    for scope in ["", "other/read", "mlflow/reader", "mlflow/read/"] {
        let output = output(program(&deployment, scope)).await;
        assert_eq!(output.status.code(), Some(1), "{scope}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{scope}: {}", said(&output));
        assert!(
            said(&output).contains("PERMISSION_DENIED"),
            "{}",
            said(&output)
        );
    }
}

/// A site whose people and machines show access tokens.
async fn for_machines() -> SdkDeployment {
    let groups = json!([
        { "claim": "cognito:groups" },
        { "claim": "scope", "value": "mlflow/read", "group": "readers" },
        { "claim": "scope", "value": "mlflow/write", "group": "admins" },
    ]);
    let change = [("bearer", json!("access")), ("provider.groups", groups)];
    SdkDeployment::newest_with(&change).await
}

fn program(deployment: &SdkDeployment, scope: &str) -> std::process::Command {
    let token = deployment.sign(&claims(&deployment.inner.login.origin(), scope));
    let mut command = deployment.python(&token);
    command.args(["-c", PROGRAM]);
    command
}

/// The claims of a machine's token as Cognito documents them: no name, no
/// groups, and the client is the subject.
fn claims(issuer: &str, scope: &str) -> Value {
    json!({
        "sub": "shell-under-test",
        "token_use": "access",
        "scope": scope,
        "auth_time": issuer::now(),
        "iss": issuer,
        "exp": issuer::now() + 600,
        "iat": issuer::now(),
        "version": 2,
        "jti": "59a1f2d7-6b3e-4a3c-9f0e-1f2d3c4b5a69",
        "client_id": "shell-under-test",
    })
}
