//! The script that registers an authenticator app, with its user beside it.

use serde_json::json;

use super::fixture::{Output, Pool, finish};

const USER: &str = "ada@example.com";
const PASSWORD: &str = "Bb1!bbbbbbbbbbbbbbbbbbbbbbbb";
const CODE: &str = "123456";

/// Runs it with what the user types.
fn run(pool: &Pool, typed: &[&str]) -> Output {
    let arguments = ["--user-pool-id", &pool.id, "--user", USER];
    let command = pool.script("authenticator.py", &arguments);
    finish(command, &typed.join("\n"))
}

/// Each step lacks what the next has.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_registered_an_app_is_asked_for_its_code() {
    let optional = json!({ "UsernameAttributes": ["email"], "MfaConfiguration": "OPTIONAL" });
    let Some(pool) = Pool::start_with(optional).await else {
        return;
    };
    let refused = |typed: &[&str], words: &str| {
        let output = run(&pool, typed);
        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.complained.contains(words), "{output:?}");
        let shown = [&output.said, &output.complained].map(|text| text.contains(PASSWORD));
        assert_eq!(shown, [false, false]);
    };
    refused(
        &[PASSWORD, CODE],
        "has no app client mlflow-enrolment: deploy identity.yaml",
    );
    let client = json!({
        "ClientName": "mlflow-enrolment",
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    });
    pool.ask("CreateUserPoolClient", client).await;
    refused(
        &[PASSWORD, CODE],
        "there is no user ada@example.com with that password",
    );
    let invited = json!({ "Username": USER, "TemporaryPassword": PASSWORD });
    pool.ask("AdminCreateUser", invited).await;
    refused(&[PASSWORD, CODE], "has to sign in to the shell once");
    let chosen = json!({ "Username": USER, "Password": PASSWORD, "Permanent": true });
    pool.ask("AdminSetUserPassword", chosen).await;
    refused(
        &["another", CODE],
        "there is no user ada@example.com with that password",
    );

    let done = run(&pool, &[PASSWORD, CODE]);

    assert_eq!(done.status, 0, "{done:?}");
    assert!(
        done.said
            .contains("otpauth://totp/MLflow:ada%40example.com?secret=")
    );
    assert!(!done.said.contains(PASSWORD));
    let user = pool.ask("AdminGetUser", json!({ "Username": USER })).await;
    assert_eq!(user["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA"]));
    assert_eq!(user["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
    refused(
        &[PASSWORD, CODE],
        "has registered an app already. If it is lost: aws cognito-idp",
    );
}
