//! MLflow's UI among the site's own files.

use std::{fs, path::Path};

use serde_json::json;
use shell_core::{Config, hosting};
use shell_gateway::{UiError, check_ui};
use tempfile::TempDir;

use crate::fixture::{FRAME, Fixture, SCRIPT};

const DOCUMENT: &str = "<!doctype html><title>as released</title>";
const HASHED: &str = "static-files/static/js/main.1a2b3c4d.js";
const NAMED: &str = "static-files/pdf.worker.js";

/// A site with a UI that says it is of this version.
fn site(version: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mlflow = folder.path().join("mlflow");
    fs::create_dir_all(mlflow.join("static-files/static/js")).expect("folders");
    let note = json!({ "version": version }).to_string();
    let files = [
        ("ui.json", note.as_str()),
        ("index.html", DOCUMENT),
        (HASHED, "console.log('hosted')"),
        (NAMED, "onmessage = null"),
    ];
    for (name, content) in files {
        fs::write(mlflow.join(name), content).expect("a file");
    }
    let compressed = format!("{HASHED}.br");
    fs::write(mlflow.join(compressed), "in short").expect("a file");
    fs::write(folder.path().join("index.html"), "the shell").expect("a file");
    folder
}

async fn fixture(site: &Path) -> Fixture {
    let folder = site.to_owned();
    Fixture::with(|plan| {
        plan.with_config("ui", json!("3.18.0"))
            .with_config("frame_ancestors", json!(["https://studio.example"]))
            .with_site(folder)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_its_files_are_public_and_as_they_are() {
    let site = site("3.18.0");
    let fixture = fixture(site.path()).await;
    let table = [
        ("/mlflow/", DOCUMENT, hosting::ASK_FIRST),
        ("/mlflow/?x=y", DOCUMENT, hosting::ASK_FIRST),
        ("/mlflow/index.html", DOCUMENT, hosting::ASK_FIRST),
        (
            &format!("/mlflow/{HASHED}"),
            "console.log('hosted')",
            hosting::FOREVER,
        ),
        (
            &format!("/mlflow/{NAMED}"),
            "onmessage = null",
            hosting::ASK_FIRST,
        ),
    ];
    for (path, content, caching) in table {
        let answer = fixture.get(path, FRAME).await;

        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, content.into()),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), caching, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        let ends = "; frame-ancestors 'self' https://studio.example";
        assert!(policy.ends_with(ends), "{path}: {policy}");
        assert!(policy.contains("connect-src 'self' data: blob:;"), "{path}");
        assert!(!policy.contains("'unsafe-eval'"), "{path}: {policy}");
    }
    assert!(fixture.reached().is_empty(), "{:?}", fixture.reached());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_compressed_is_sent_so() {
    let site = site("3.18.0");
    let fixture = fixture(site.path()).await;

    let path = format!("/mlflow/{HASHED}");
    let answer = fixture.get(&path, &[("accept-encoding", "gzip, br")]).await;

    assert_eq!(answer.header("content-encoding"), "br");
    assert!(answer.header("content-type").starts_with("text/javascript"));
    assert_eq!(answer.text(), "in short");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_is_mlflows_and_takes_a_token() {
    let site = site("3.18.0");
    let fixture = fixture(site.path()).await;
    for path in [
        "/mlflow/ajax-api/2.0/mlflow/experiments/get",
        "/mlflow/graphql",
        "/mlflow/version",
        "/mlflow/static-files//pdf.worker.js",
        "/mlflow/ui.json",
    ] {
        let refused = fixture.get(path, SCRIPT).await;
        assert_eq!(refused.status, 401, "{path}");
    }
    assert!(fixture.reached().is_empty());

    let answer = fixture
        .get_as_reader("/mlflow/ajax-api/2.0/mlflow/experiments/get")
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(fixture.reached().len(), 1);
}

/// A file of another build is no reason to ask MLflow for it, whose UI may be
/// of another version.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_is_nowhere() {
    let site = site("3.18.0");
    let fixture = fixture(site.path()).await;

    let path = "/mlflow/static-files/static/js/main.00000000.js";
    let answer = fixture.get(path, SCRIPT).await;

    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("cache-control"), hosting::ASK_FIRST);
    assert!(fixture.reached().is_empty());
}

#[test]
fn another_version_or_none_is_an_error_at_the_start() {
    let cure = "put that UI into the site with `cargo xtask ui --mlflow 3.18.0`, or change \
                `ui`; without it the UI comes from the MLflow server";
    let [right, other] = ["3.18.0", "2.12.2"].map(site);
    let broken = site("3.18.0");
    fs::write(broken.path().join("mlflow/ui.json"), "{}").expect("a file");
    let none = tempfile::tempdir().expect("a folder");
    let table = [
        (right.path(), None),
        (
            other.path(),
            Some(format!("`{}` has the UI of 2.12.2", other.path().display())),
        ),
        (
            broken.path(),
            Some(format!(
                "`mlflow/ui.json` in `{}` names no version",
                broken.path().display()
            )),
        ),
        (
            none.path(),
            Some(format!(
                "`{}` has no `mlflow/ui.json`",
                none.path().display()
            )),
        ),
    ];
    for (folder, found) in table {
        let outcome = check_ui(&config(), &folder.to_path_buf().into());
        let expected =
            found.map(|found| format!("config.json: `ui` is 3.18.0, but {found}: {cure}"));
        assert_eq!(
            outcome.err().map(|error: UiError| error.to_string()),
            expected
        );
    }
}

fn config() -> Config {
    let text = r#"{"origin": "https://mlflow.example.com", "ui": "3.18.0", "provider": {
        "domain": "https://login.example.com", "issuer": "https://issuer.example",
        "client_id": "client"}}"#;
    Config::parse(text).expect("a configuration")
}
