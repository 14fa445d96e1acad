//! What `amplify.yml` has built, served as Amplify is documented to serve it.
//!
//! `cargo xtask test amplify` builds it first.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use serde_json::Value;
use shell_core::{
    Config,
    hosting::{self, Deployment, ONE_DOCUMENT, TYPES},
};
use shell_tests::{
    amplify::{App, Compared, Rules, fits},
    client::{self, Answer},
    server::Server,
};

/// What says which UI it is. No browser asks for it.
const NOTE: &str = "/mlflow/ui.json";

/// The checkout in which it was built.
fn checkout() -> PathBuf {
    let folder = env::var_os("SHELL_TEST_AMPLIFY");
    folder.map_or_else(
        || panic!("SHELL_TEST_AMPLIFY is not set: run it by `cargo xtask test amplify`"),
        PathBuf::from,
    )
}

fn read(name: &str) -> String {
    let file = checkout().join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn config() -> Config {
    Config::parse(&read("dist-amplify/config.json")).expect("the shell accepts the configuration")
}

/// The headers in the file that Amplify reads, as its own words.
fn headers() -> Value {
    serde_json::from_str(&read("customHttp.json")).expect("it was YAML")
}

fn app(compared: Compared) -> App {
    App {
        folder: checkout().join("dist-amplify"),
        rules: Rules::parse(&read("deploy/amplify/rewrites.json")),
        headers: headers(),
        compared,
    }
}

/// The files of the artefact, as paths of the site.
fn files() -> BTreeSet<String> {
    let root = checkout().join("dist-amplify");
    let mut folders = vec![root.clone()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("it is below");
                found.insert(format!("/{}", name.display()));
            }
        }
    }
    found
}

#[test]
fn the_configuration_is_the_one_that_was_asked_for() {
    let config = config();
    assert_eq!(
        config.origin.as_str(),
        "https://main.d1a2b3c4.amplifyapp.com"
    );
    let api = config.api.as_ref().map(|api| api.url("/x", ""));
    let expected = "https://a1b2.execute-api.eu-central-1.amazonaws.com/prod/mlflow/x";
    assert_eq!(api.as_deref(), Some(expected));
    assert_eq!(config.frame_ancestors.len(), 1);
}

#[test]
fn the_ui_is_the_one_that_the_configuration_names() {
    let note: Value = serde_json::from_str(&read("dist-amplify/mlflow/ui.json")).expect("JSON");
    assert_eq!(note["version"].as_str(), config().ui.as_deref());
}

/// The rules of `customHttp.yml` that a file fits.
fn rules_for(file: &str) -> Vec<Value> {
    let headers = headers();
    let rules = headers["customHeaders"].as_array().expect("rules").iter();
    let fits = |rule: &&Value| fits(rule["pattern"].as_str().expect("a pattern"), file);
    rules.filter(fits).cloned().collect()
}

/// A file that fits no pattern would have no headers; one that fits two must
/// get the same by each, because it is not known which of them counts.
#[test]
fn each_file_gets_by_any_pattern_what_the_table_says() {
    let table = hosting::table(&Deployment::of(&config()));
    for file in files().iter().filter(|file| *file != NOTE) {
        let address = ONE_DOCUMENT.iter().find(|(_, name)| name == file);
        let address = address.map_or(file.as_str(), |(address, _)| address);
        let row = hosting::row(&table, address).expect("every path has a row");
        let rules = rules_for(file);
        assert!(
            !rules.is_empty(),
            "{file}: see the patterns of core's `hosting`"
        );
        for rule in rules {
            let listed = rule["headers"].as_array().expect("headers");
            for (name, value) in &row.headers {
                let said = listed.iter().find(|header| header["key"] == *name);
                let said = said.and_then(|header| header["value"].as_str());
                assert_eq!(said, Some(value.as_str()), "{file}: {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_answered_as_the_table_says() {
    let table = hosting::table(&Deployment::of(&config()));
    for compared in [Compared::Address, Compared::File] {
        let server = Server::start(app(compared).router()).await.expect("a port");
        let documents = ["/", "/callback", "/relay", "/mlflow/"].map(str::to_owned);
        let renamed: BTreeSet<_> = ONE_DOCUMENT.iter().map(|(_, file)| *file).collect();
        let mut paths = files();
        paths.retain(|path| !renamed.contains(path.as_str()) && path != NOTE);
        paths.extend(documents);
        for path in paths {
            let answer = get(&server, &path).await;

            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.body.is_empty(), "{path}");
            let row = hosting::row(&table, &path).expect("every path has a row");
            for (name, value) in &row.headers {
                assert_eq!(answer.header(name), value, "{path}: {name}, {compared:?}");
            }
            let mut types = TYPES.iter();
            if let Some((_, kind)) = types.find(|(ending, _)| path.ends_with(ending)) {
                assert_eq!(answer.header("content-type"), *kind, "{path}");
            }
            let reader = answer.header("access-control-allow-origin");
            let studio = "https://d-example.studio.eu-central-1.sagemaker.aws";
            assert_eq!(reader, if row.is_probed { studio } else { "" }, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_is_one_document_and_mlflows_is_another() {
    let server = Server::start(app(Compared::Address).router())
        .await
        .expect("a port");
    let built = read("dist/index.html");
    assert!(built.contains("<div id=\"shell\""), "{built}");
    for path in ["/", "/callback", "/relay"] {
        assert_eq!(get(&server, path).await.text(), built, "{path}");
    }
    let document = get(&server, "/mlflow/").await.text();
    assert!(document.contains("static-files/"), "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_answered_with_a_page() {
    let server = Server::start(app(Compared::Address).router())
        .await
        .expect("a port");
    for path in [
        "/mlflow/ajax-api/2.0/mlflow/experiments/search",
        "/mlflow/graphql",
        "/shell-app-0000000000000000_bg.wasm",
        "/no/such/page",
    ] {
        assert_eq!(get(&server, path).await.status, 404, "{path}");
    }
}

async fn get(server: &Server, path: &str) -> Answer {
    let url = format!("{}{path}", server.origin());
    client::get(&url, &[]).await.expect("an answer")
}
