//! What is checked with a token, and what becomes of it.

use serde_json::json;

use super::{
    PAGE,
    breaks::{At, Break, How, answer},
    deployment::Deployment,
    wrong,
};

/// What MLflow answers to a user who is signed in.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_what_we_forward_is_explained() {
    let host = answer(
        403,
        "text/plain",
        "Invalid Host header - possible DNS rebinding",
    );
    let origin = answer(403, "text/plain", "Cross-origin request blocked");
    let table: [(&str, &str, How, &[&str], &str); 3] = [
        (
            "a host",
            "/ajax-api*",
            host,
            &["experiments", "own-origin"],
            "ALLOWED_HOSTS",
        ),
        (
            "an origin",
            "POST *",
            origin,
            &["own-origin"],
            "CORS_ALLOWED_ORIGINS",
        ),
        (
            "no version",
            "/version",
            PAGE,
            &["version"],
            "/mlflow/version",
        ),
    ];
    for (what, path, how, expected, cure) in table {
        let deployment = Deployment::start(&[], &[Break::new(At::Server, path, how)]).await;
        let token = deployment.token(&["readers"]);
        let report = deployment.smoke(Some(&token)).await;
        assert_eq!(wrong(&report), expected, "{what}:\n{}", report.table());
        assert!(report.table().contains(cure), "{what}:\n{}", report.table());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_good_is_told_and_never_printed() {
    let deployment = Deployment::start(&[], &[]).await;
    let old = deployment.token_with("exp", json!(1));
    let nobody = deployment.token(&[]);
    let all: &[&str] = &["token", "experiments", "own-origin", "version"];
    for (token, expected) in [(old, all), (nobody, &all[1..]), ("x.y.z".into(), all)] {
        let report = deployment.smoke(Some(&token)).await;

        assert_eq!(wrong(&report), expected, "{}", report.table());
        for printed in [report.table(), report.json().to_string()] {
            assert!(!printed.contains(&token), "{printed}");
        }
    }
}

/// A token that is sent back is not printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_comes_back_is_not_printed() {
    let breaks = [Break::new(At::Site, "/mlflow/version", How::Repeat)];
    let deployment = Deployment::start(&[], &breaks).await;
    let token = deployment.token(&["readers"]);

    let report = deployment.smoke(Some(&token)).await;

    assert!(deployment.was_sent(&token));
    assert_eq!(wrong(&report), ["version"], "{}", report.table());
    for printed in [report.table(), report.json().to_string()] {
        assert!(!printed.contains(&token), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_only_to_the_site_that_its_configuration_names() {
    let deployment = Deployment::start(&[], &[]).await;
    let token = deployment.token(&["admins"]);

    let report = deployment.smoke_elsewhere(&token).await;

    assert_eq!(wrong(&report), ["config"], "{}", report.table());
    assert!(!deployment.was_sent(&token));
}
