//! The scripts in `examples`, run by three users.

use std::process::Output;

use shell_tests::environment;

use crate::deployment::{ADMIN, APPROVER, READER, SdkDeployment, output, said};

/// How a script ends.
enum End {
    /// Well, and with these words in its last line.
    Says(&'static str),
    /// As the gateway has it: in one sentence with these words.
    IsRefused(&'static str),
}
use End::{IsRefused, Says};

/// What is refused to those who may only read, in the words of the policy.
const CHANGES: &str = "Members of these groups may: admins";

#[tokio::test(flavor = "multi_thread")]
async fn each_user_does_in_the_examples_what_they_may() {
    let tune: &[&str] = &["tune.py", "--alpha", "0.1", "--ratio", "0.2", "0.8"];
    let register: &[&str] = &["registry.py", "register"];
    let approve: &[&str] = &["registry.py", "approve"];
    let predict: &[&str] = &["registry.py", "predict"];
    let table = [
        (ADMIN, &["train.py"] as &[&str], Says("/runs/")),
        (READER, &["train.py"], IsRefused(CHANGES)),
        (APPROVER, &["train.py"], IsRefused(CHANGES)),
        (ADMIN, tune, Says("/runs/")),
        (READER, tune, IsRefused(CHANGES)),
        (READER, register, IsRefused("model-approvers")),
        (APPROVER, register, Says("version 1, is registered")),
        (READER, approve, IsRefused("model-approvers")),
        (APPROVER, approve, Says("version 1, is the one in use")),
        (READER, predict, Says("predicted: ")),
        (ADMIN, register, Says("version 2, is registered")),
    ];
    for deployment in SdkDeployment::all().await {
        let folder = tempfile::tempdir().expect("a folder");
        let unique = folder.path().file_name().expect("a name");
        let unique = unique.to_string_lossy().into_owned();
        for (group, script, end) in &table {
            let output = run(&deployment, &unique, group, script).await;
            check(&deployment, group, script, &output, end);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_explains_itself() {
    let deployment = SdkDeployment::newest().await;
    for script in ["train.py", "tune.py", "registry.py"] {
        let output = run(&deployment, "", READER, &[script, "--help"]).await;
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        for words in ["MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN", "--help"] {
            assert!(said.contains(words), "{script}: {said}");
        }
    }
}

/// Runs a script, which works in the experiment and on the model called `name`.
async fn run(deployment: &SdkDeployment, name: &str, group: &str, script: &[&str]) -> Output {
    let [file, arguments @ ..] = script else {
        panic!("no script");
    };
    let token = deployment.token(group).await;
    let mut command = deployment.python(&token);
    command
        .arg(environment::workspace().join("examples").join(file))
        .args(arguments)
        .env("MLFLOW_EXPERIMENT_NAME", name)
        .env("MLFLOW_UI_URI", "https://shell.example/")
        .env("MLFLOW_USER", group);
    if file == &"registry.py" && !name.is_empty() {
        command.args(["--model", name]);
    }
    output(command).await
}

fn check(deployment: &SdkDeployment, group: &str, script: &[&str], output: &Output, end: &End) {
    let named = format!(
        "{}: {group}: {script:?}: {}",
        deployment.version,
        said(output)
    );
    let last = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        text.trim_end()
            .lines()
            .next_back()
            .unwrap_or_default()
            .to_owned()
    };
    match end {
        Says(words) => {
            assert!(output.status.success(), "{named}");
            let last = last(&output.stdout);
            assert!(last.contains(words), "{named}");
            let is_link = *words == "/runs/";
            let begins = last.starts_with("https://shell.example/#/experiments/");
            assert_eq!(is_link, begins, "{named}");
        }
        IsRefused(words) => {
            assert_eq!(output.status.code(), Some(1), "{named}");
            let last = last(&output.stderr);
            assert!(
                last.starts_with("refused: ") && last.contains(words),
                "{named}"
            );
        }
    }
}
