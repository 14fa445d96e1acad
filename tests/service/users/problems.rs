//! What goes wrong is told in a sentence, with what to do about it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode};
use serde_json::json;
use shell_tests::server::{Server, free_port};

use super::fixture::{Pool, finish};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_named() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let nowhere = format!("http://127.0.0.1:{}", free_port().unwrap());
    let region = pool.cognito.region;
    let no_name = format!("no user pool in {region} is called gone: say --user-pool-name");
    let no_pool = format!("there is no user pool {region}_gone in {region}: check the id");
    let gone = format!("{region}_gone");
    let table: &[(&[&str], &str)] = &[
        (&["--user-pool-name", "gone"], &no_name),
        (&["--user-pool-id", &gone], &no_pool),
        (
            &["--user", "alice@example.com", "--group", "admin"],
            "the pool has no group admin: check its name",
        ),
        (&["--endpoint-url", &nowhere], "Cognito cannot be reached"),
        (
            &["--endpoint-url", "nonsense"],
            "--region or --endpoint-url is wrong",
        ),
        (
            &["--region", "no such region"],
            "--region or --endpoint-url is wrong",
        ),
    ];
    for (arguments, sentence) in table {
        let output = pool.cognito_run(arguments);

        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.complained.starts_with("error: "), "{output:?}");
        assert!(output.complained.contains(sentence), "{output:?}");
    }
    assert_eq!(pool.precedences().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_must_be_told_first_is_named() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let table = [
        ("AWS_ACCESS_KEY_ID", "there are no AWS credentials"),
        ("AWS_DEFAULT_REGION", "no region is known: say --region"),
    ];
    for (variable, sentence) in table {
        let mut command = pool.command(&[]);
        command.env_remove(variable);

        let output = finish(command, "");

        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.complained.contains(sentence), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_with_their_cure_and_a_busy_cognito_is_asked_again() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let table = [
        (
            "AccessDeniedException",
            "allow them cognito-idp:ListUserPools",
            1,
        ),
        (
            "ExpiredTokenException",
            "AWS does not accept your credentials",
            1,
        ),
        (
            "TooManyRequestsException",
            "run the same command again in a minute",
            2,
        ),
        (
            "InternalErrorException",
            "Cognito refuses ListUserPools: as it likes",
            1,
        ),
    ];
    for (code, sentence, asked) in table {
        let (server, count) = refusing(code).await;
        let mut command = pool.command(&["--endpoint-url", &server.foreign_origin()]);
        // The pause before the second try is short, before others it is not.
        command.env("AWS_MAX_ATTEMPTS", "2");

        let output = finish(command, "");

        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.complained.contains(sentence), "{output:?}");
        assert_eq!(count.load(Ordering::Relaxed), asked, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_contradict_each_other_are_refused() {
    let Some(pool) = Pool::start().await else {
        return;
    };
    let table: &[&[&str]] = &[
        &["--user", "alice@example.com"],
        &["--group", "admins"],
        &["--email", "alice@example.com"],
        &["--sample-users", "--password", "invite"],
        &["--password", "invite", "--permanent"],
        &["--password", "Secret-1"],
    ];
    for arguments in table {
        let output = pool.cognito_run(arguments);

        assert_eq!(output.status, 2, "{output:?}");
        assert_eq!(output.said, "");
    }
}

/// Something in place of Cognito that refuses everything, and counts.
async fn refusing(code: &'static str) -> (Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::default());
    let counted = Arc::clone(&count);
    let router = Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let refusal = json!({ "__type": code, "message": "as it likes" });
            (StatusCode::BAD_REQUEST, refusal.to_string())
        }
    });
    let server = Server::start(router).await.expect("a port is free");
    (server, count)
}
