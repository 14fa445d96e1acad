//! `mlflow-shell smoke` against a good deployment, and against others of which
//! each is broken in one way.

mod breaks;
mod cross;
mod deployment;
mod provider;
mod signed_in;

use serde_json::{Value, json};

use self::{
    breaks::{At, Break, How, answer, header},
    deployment::Deployment,
};

const PAGE: How = answer(200, "text/html", "<!doctype html><title>MLflow</title>");
const JSON: &str = "application/json";

/// What is configured otherwise than in a good deployment.
type Config<'a> = &'a [(&'a str, Value)];

#[tokio::test(flavor = "multi_thread")]
async fn a_good_deployment_is_fine_with_and_without_a_token() {
    let deployment = Deployment::start(&[], &[]).await;

    let without = deployment.smoke(None).await;
    let token = deployment.token(&["readers"]);
    let with = deployment.smoke(Some(&token)).await;

    assert!(without.is_fine(), "{}", without.table());
    assert!(without.table().contains("left out"), "{}", without.table());
    assert!(with.is_fine(), "{}", with.table());
    for check in [
        "page",
        "sign-in",
        "keys",
        "forged-token",
        "experiments",
        "version",
    ] {
        assert!(with.table().contains(check), "{check}: {}", with.table());
    }
    assert_eq!(with.json()["fine"], true);
    assert_eq!(with.json()["origin"], deployment.origin());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_of_several_is_checked() {
    let deployment = Deployment::with_servers(&["dev", "central"]).await;

    let report = deployment.smoke(Some(&deployment.token(&["admins"]))).await;

    assert!(report.is_fine(), "{}", report.table());
    for check in ["no-token@dev", "no-token@central", "version@central"] {
        assert!(
            report.table().contains(check),
            "{check}: {}",
            report.table()
        );
    }
}

/// What is broken on the way to the site's files, and which check says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_site_is_told_by_the_check_of_what_is_broken() {
    let cached = header("cache-control", Some("public, max-age=300"));
    let open = header("content-security-policy", Some("frame-ancestors *"));
    let table: [(&str, &str, How, &[&str]); 12] = [
        (
            "no configuration",
            "/config.json",
            answer(404, JSON, ""),
            &["config"],
        ),
        (
            "a page for the configuration",
            "/config.json",
            PAGE,
            &["config"],
        ),
        (
            "a key that is none",
            "/config.json",
            answer(200, JSON, "{\"a\": 1}"),
            &["config"],
        ),
        (
            "no policy",
            "/",
            header("content-security-policy", None),
            &["page"],
        ),
        ("a policy that lets all frame it", "/", open, &["page"]),
        ("somebody else's page", "/", PAGE, &["page"]),
        ("a worker that is cached", "/sw.js", cached, &["worker"]),
        ("a page for the worker", "/sw.js", PAGE, &["worker"]),
        ("a page for the module", "*.wasm", PAGE, &["modules"]),
        (
            "no callback",
            "/callback",
            answer(404, JSON, ""),
            &["callback"],
        ),
        (
            "a relay cut off from its opener",
            "/relay",
            header("cross-origin-opener-policy", Some("same-origin")),
            &["relay"],
        ),
        (
            "a page that everybody may read",
            "/",
            header("access-control-allow-origin", Some("*")),
            &["framing"],
        ),
    ];
    for (what, path, how, expected) in table {
        expect(what, &[], Break::new(At::Site, path, how), expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_may_frame_the_shell_must_be_able_to_read_it_first() {
    let framer = json!(["https://d-example.studio.eu-central-1.sagemaker.aws"]);
    let config = [("frame_ancestors", framer)];
    let mute = header("access-control-allow-origin", None);
    expect(
        "a mute site",
        &config,
        Break::new(At::Site, "/", mute),
        &["framing"],
    )
    .await;

    let good = Deployment::start(&config, &[]).await;
    let report = good.smoke(None).await;
    assert!(report.is_fine(), "{}", report.table());
}

/// What is broken between us and the provider.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_would_fail_is_told_without_signing_in() {
    let other_client = [("provider.client_id", json!("another"))];
    let other_scopes = [("provider.scopes", json!(["openid", "pets"]))];
    let table: [(&str, Config<'_>, &[Break], &[&str]); 5] = [
        ("another client", &other_client, &[], &["sign-in"]),
        (
            "scopes that the client has not",
            &other_scopes,
            &[],
            &["sign-in"],
        ),
        (
            "no login page",
            &[],
            &[Break::new(
                At::Provider,
                "/login",
                answer(403, "text/html", ""),
            )],
            &["sign-in"],
        ),
        (
            "an issuer of another name",
            &[],
            &[Break::new(
                At::Provider,
                "*/openid-configuration",
                answer(200, JSON, r#"{"issuer": "https://issuer.example"}"#),
            )],
            &["issuer"],
        ),
        (
            "keys of another kind",
            &[],
            &[Break::new(
                At::Provider,
                "*/jwks.json",
                answer(
                    200,
                    JSON,
                    r#"{"keys": [{"kty": "EC", "kid": "a", "alg": "ES256"}]}"#,
                ),
            )],
            &["keys", "forged-token"],
        ),
    ];
    for (what, config, breaks, expected) in table {
        let deployment = Deployment::start(config, breaks).await;
        let report = deployment.smoke(None).await;
        assert_eq!(wrong(&report), expected, "{what}:\n{}", report.table());
    }
}

/// What answers for MLflow when no user has signed in.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_answers_whoever_asks_is_told() {
    const OPEN: How = answer(200, JSON, r#"{"experiments": [{"name": "secret"}]}"#);
    const NO_ROUTE: How = answer(403, JSON, r#"{"message":"Missing Authentication Token"}"#);
    let both: &[&str] = &["no-token", "forged-token"];
    let table: [(&str, &str, How, &[&str]); 8] = [
        ("an open API", "/mlflow/ajax-api*", OPEN, both),
        (
            "an API that believes",
            "/mlflow/ajax-api*",
            OPEN.to_bearers(),
            &["forged-token"],
        ),
        ("a page for the API", "/mlflow/ajax-api*", PAGE, both),
        (
            "a broken authorizer",
            "/mlflow/ajax-api*",
            answer(500, JSON, "{}"),
            both,
        ),
        ("no such route", "/mlflow/ajax-api*", NO_ROUTE, both),
        (
            "a firewall",
            "/mlflow/ajax-api*",
            answer(403, "text/html", ""),
            both,
        ),
        ("an open API for programs", "/api*", OPEN, &["programs"]),
        (
            "files that want a token",
            "/mlflow/static-files*",
            answer(401, JSON, ""),
            &["static-files"],
        ),
    ];
    for (what, path, how, expected) in table {
        expect(what, &[], Break::new(At::Site, path, how), expected).await;
    }
}

async fn expect(what: &str, config: Config<'_>, broken: Break, expected: &[&str]) {
    let deployment = Deployment::start(config, &[broken]).await;
    let report = deployment.smoke(None).await;
    assert_eq!(wrong(&report), expected, "{what}:\n{}", report.table());
}

fn wrong(report: &shell_cli::checks::Report) -> Vec<&str> {
    report.wrong().collect()
}
