//! Which content security policy each kind of answer has.

use serde_json::json;
use shell_core::{Config, content_security_policy::Sources, hosting, ui::UiVersion};
use shell_tests::client::Answer;

use crate::{
    echo::{self, BUNDLE},
    fixture::{FRAME, Fixture, SCRIPT, TAB},
};

const POLICY: &str = "content-security-policy";
const NOTHING: &str = "default-src 'none'; sandbox; frame-ancestors 'self' https://studio.example";
const CDN: &str = "https://cdn.plot.ly";

async fn fixture() -> Fixture {
    Fixture::configured(&[
        ("frame_ancestors", json!(["https://studio.example"])),
        ("artifacts", json!({ "page_origins": [CDN] })),
    ])
    .await
}

async fn sources(fixture: &Fixture) -> Sources {
    let config = fixture.get("/config.json", &[]).await.text();
    let config = Config::parse(&config).expect("a configuration");
    Sources::of(&config)
}

/// The policies of an answer, however many headers they are in.
fn policies(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all(POLICY).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(", "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_answers_does_nothing_as_a_document_or_a_worker() {
    let fixture = fixture().await;
    let paths = [
        "/mlflow/typed?type=text/javascript",
        "/mlflow/typed?type=text/html",
        "/mlflow/typed?type=image/svg%2Bxml",
        "/mlflow/get-artifact?path=x",
        "/mlflow/ajax-api/2.0/mlflow/experiments/search",
        "/mlflow/version",
        "/mlflow/moved",
    ];
    for path in paths {
        // No tab or frame gets that far with an API call.
        let is_api = path.contains("ajax-api");
        let askers = [SCRIPT, FRAME, TAB].into_iter();
        for asker in askers.take(if is_api { 1 } else { 3 }) {
            let answer = fixture.get_with(path, &fixture.admin(), asker).await;
            assert!(answer.status.as_u16() < 400, "{path}: {}", answer.status);
            assert_eq!(policies(&answer), [NOTHING], "{path}");
            assert_eq!(answer.header("x-frame-options"), "", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflows_document_and_its_artifacts_load_from_listed_origins() {
    let fixture = fixture().await;
    let sources = sources(&fixture).await;

    let answer = fixture.get_with("/mlflow/", &fixture.token(), FRAME).await;

    let version = UiVersion::parse("3.18.0");
    assert_eq!(policies(&answer), [sources.mlflow_document(version)]);
    assert_eq!(answer.header("x-frame-options"), "");
    let policy = answer.header(POLICY);
    assert!(policy.contains(&format!(
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob: {CDN};"
    )));
    assert!(
        policy.contains("connect-src 'self' data: blob:;"),
        "{policy}"
    );
    let shell = fixture.get("/", TAB).await;
    assert!(!shell.header(POLICY).contains(CDN));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_bundle_have_the_headers_of_a_site_that_has_them() {
    let fixture = fixture().await;
    let sources = sources(&fixture).await;
    let version = UiVersion::parse("3.18.0");
    let rows = hosting::bundle(version, &sources);
    let hashed = (echo::SCRIPT, "text/javascript; charset=utf-8");
    for (file, kind) in BUNDLE.into_iter().chain([hashed]) {
        let path = format!("/mlflow{file}");
        // The second is from the gateway's memory.
        for _ in 0..2 {
            let answer = fixture.get(&path, FRAME).await;

            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-type"), kind, "{path}");
            let row = hosting::row(&rows, &path).expect("it has one");
            for (name, value) in row.headers.iter().filter(|(name, _)| *name != POLICY) {
                assert_eq!(answer.header(name), value, "{name} of {path}");
            }
            let policy = sources.bundle_file(version);
            let own = (file != echo::SCRIPT).then_some("img-src 'none'");
            let expected: Vec<_> = own.into_iter().chain([policy.as_str()]).collect();
            assert_eq!(policies(&answer), expected, "{path}");
            assert_eq!(answer.header("x-frame-options"), "", "{path}");
        }
    }
}

/// The next release may have it.
#[tokio::test(flavor = "multi_thread")]
async fn that_a_file_is_missing_is_not_kept() {
    let fixture = fixture().await;
    let policy = sources(&fixture)
        .await
        .bundle_file(UiVersion::parse("3.18.0"));

    let answer = fixture.get(&format!("/mlflow{}", echo::GONE), SCRIPT).await;

    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("cache-control"), hosting::ASK_FIRST);
    assert_eq!(policies(&answer), [policy]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_own_policies_are_added_to() {
    let fixture = fixture().await;
    let expected = ["sandbox; default-src 'none'", "img-src 'self'", NOTHING];
    for path in ["/mlflow/strict/answer", "/mlflow/strict/index.html"] {
        for asker in [FRAME, SCRIPT] {
            let answer = fixture.get_with(path, &fixture.admin(), asker).await;

            assert_eq!(policies(&answer), expected, "{path}");
            for name in ["x-frame-options", "content-security-policy-report-only"] {
                assert_eq!(answer.header(name), "", "{name} of {path}");
            }
        }
    }
}
