//! The rewrites of an Amplify app, and the script that sets them.

use std::{
    fs,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::get};
use serde_json::{Value, json};
use shell_tests::{amplify::Rules, environment, server::Server};
use tempfile::TempDir;

fn rewrites() -> String {
    let file = environment::workspace().join("deploy/amplify/rewrites.json");
    fs::read_to_string(file).expect("the rewrites are there")
}

#[test]
fn documents_have_their_files_and_nothing_else_is_rewritten() {
    let rules = Rules::parse(&rewrites());
    let table = [
        ("/callback", Some("/callback.html")),
        ("/relay", Some("/relay.html")),
        ("/mlflow/", Some("/mlflow/index.html")),
        ("/", None),
        ("/callback/", None),
        ("/sw.js", None),
        ("/config.json", None),
        ("/favicon.ico", None),
        ("/shell-app-d527723430b7c3a2_bg.wasm", None),
        ("/site.webmanifest", None),
        ("/mlflow/index.html", None),
        (
            "/mlflow/static-files/static/media/pdf.worker.min.b0b0a2ac.mjs",
            None,
        ),
        // Requests that the worker has missed must fail, not get a page.
        ("/mlflow/ajax-api/2.0/mlflow/runs/search", None),
        ("/mlflow/graphql", None),
        ("/mlflow/get-artifact", None),
        ("/no/such/page", None),
    ];
    for (path, target) in table {
        let lead = rules.lead(path);
        let expected = target.map(|target| (target.to_owned(), "200"));
        assert_eq!(lead, expected, "{path}");
    }
}

/// An app, as Amplify's API tells it and takes it.
#[derive(Clone)]
struct Api(Arc<Mutex<Value>>);

impl Api {
    fn new(rules: &Value) -> Self {
        let app = json!({ "name": "mlflow-ui", "appId": "d1a2b3c4", "customRules": rules });
        Self(Arc::new(Mutex::new(app)))
    }

    fn app(&self) -> Value {
        self.0.lock().expect("no other thread panicked").clone()
    }

    fn change(&self, changes: &str) {
        let changes: Value = serde_json::from_str(changes).expect("JSON");
        let mut app = self.0.lock().expect("no other thread panicked");
        for (key, value) in changes.as_object().expect("an object") {
            app[key] = value.clone();
        }
    }

    fn router(&self) -> Router {
        let (asked, changed) = (self.clone(), self.clone());
        let tell = |api: Self| json!({ "app": api.app() }).to_string();
        let take = async move |changes: String| {
            changed.change(&changes);
            tell(changed.clone())
        };
        let route = get(async move || tell(asked.clone())).post(take);
        Router::new().route("/apps/d1a2b3c4", route)
    }
}

/// Runs the script, and returns whether it succeeded and what it said.
async fn run(api: &Api, arguments: &[&str]) -> Option<(bool, String)> {
    let python = environment::moto()?;
    let server = Server::start(api.router()).await.expect("a port is free");
    let home = TempDir::new().expect("a folder");
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(environment::workspace().join("deploy/amplify/app.py"))
        .args([
            "--endpoint-url",
            &server.origin(),
            "--region",
            "eu-central-1",
        ])
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing");
    let ended = tokio::task::spawn_blocking(move || command.output());
    let output = ended.await.expect("no panic").expect("Python starts");
    let said = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}

const APP: [&str; 2] = ["--app-id", "d1a2b3c4"];

#[tokio::test(flavor = "multi_thread")]
async fn the_script_sets_the_rules_once_and_keeps_others() {
    let other =
        json!({ "source": "/docs/<*>", "target": "https://docs.example/<*>", "status": "302" });
    let fallback = json!({ "source": "/<*>", "target": "/index.html", "status": "404-200" });
    let api = Api::new(&json!([fallback, other]));

    let Some((worked, said)) = run(&api, &APP).await else {
        return;
    };

    assert!(worked, "{said}");
    assert!(
        said.contains("rewrite /<*> to /index.html: dropped\n"),
        "{said}"
    );
    let mut expected: Value = serde_json::from_str(&rewrites()).expect("JSON");
    let list = expected.as_array_mut().expect("a list");
    list.push(other);
    assert_eq!(api.app()["customRules"], expected);
    assert!(api.app()["customHeaders"].is_null());

    let (worked, said) = run(&api, &APP).await.expect("it ran before");
    assert!(worked && said.ends_with("nothing to change\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_sets_headers_and_a_dry_run_sets_nothing() {
    let api = Api::new(&json!([]));
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("custom-headers.json");
    let headers = r#"{"customHeaders": []}"#;
    fs::write(&file, headers).expect("a file");
    let file = file.to_str().expect("a plain name");
    let arguments = [&APP[..], &["--headers", file]].concat();

    let dry = [&arguments[..], &["--dry-run"]].concat();
    let Some((worked, said)) = run(&api, &dry).await else {
        return;
    };
    assert!(worked && said.ends_with("nothing was changed\n"), "{said}");
    assert_eq!(api.app()["customRules"], json!([]));

    let (worked, said) = run(&api, &arguments).await.expect("it ran before");
    assert!(worked, "{said}");
    assert_eq!(api.app()["customHeaders"], headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_says_what_is_wrong() {
    let api = Api::new(&json!([]));
    let headers = environment::workspace().join("deploy/amplify/rewrites.json");
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    };
    let broken = file("broken", br#"{"customHeaders": ["#);
    let binary = file("binary", b"\xff\xfe");
    let long = json!({ "customHeaders": "x".repeat(25_000) }).to_string();
    let long = file("long", long.as_bytes());
    let table = [
        (
            vec!["--headers", &broken],
            "broken (--headers) is no JSON: ",
        ),
        (
            vec!["--rewrites", &binary],
            "binary (--rewrites) is no text",
        ),
        (
            vec!["--headers", &long],
            "and Amplify takes 25000: name fewer",
        ),
        (
            vec!["--headers", "no-such-file"],
            "no-such-file (--headers) cannot be read",
        ),
        (
            vec!["--headers", headers.to_str().expect("a plain name")],
            "has no customHeaders",
        ),
    ];
    for (more, problem) in table {
        let arguments = [&APP[..], &more].concat();
        let Some((worked, said)) = run(&api, &arguments).await else {
            return;
        };
        assert!(!worked, "{said}");
        assert!(
            said.starts_with("error: ") && said.contains(problem),
            "{said}"
        );
    }
}
