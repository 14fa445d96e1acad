//! What stands for CloudFront sends each path where the deployment has it, with
//! the headers of the one table.

use std::fs;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Uri},
};
use serde_json::{Value, json};
use shell_core::{
    Config,
    content_security_policy::Sources,
    hosting::{self, Deployment},
};
use shell_tests::{
    cdn::{self, Site},
    client::{self, Answer},
    server::Server,
};
use tempfile::TempDir;

const FRAMER: &str = "https://d-example.studio.eu-central-1.sagemaker.aws";

/// A site and an API behind one distribution.
struct Distribution {
    server: Server,
    config: Config,
    _api: Server,
    _folders: [TempDir; 2],
}

#[tokio::test]
async fn each_path_is_answered_by_what_it_belongs_to() {
    let distribution = Distribution::start().await;
    let table = [
        ("/", 200, "text/html", "<p>shell"),
        ("/callback", 200, "text/html", "<p>shell"),
        ("/relay", 200, "text/html", "<p>shell"),
        ("/sw.js", 200, "text/javascript", "worker"),
        ("/mlflow/", 200, "text/html", "<p>mlflow"),
        ("/mlflow/index.html", 200, "text/html", "<p>mlflow"),
        ("/mlflow/static-files/main.js", 200, "text/javascript", "ui"),
        (
            "/mlflow/static-files/gone.js",
            403,
            "application/xml",
            "<Error>",
        ),
        (
            "/mlflow/static-files/../secret",
            403,
            "application/xml",
            "<Error>",
        ),
        ("/gone", 403, "application/xml", "<Error>"),
        ("/mlflow/get-artifact?path=x", 200, "application/json", "{"),
    ];
    for (path, status, kind, begin) in table {
        let answer = distribution.ask("GET", path, &[]).await;

        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-type"), kind, "{path}");
        assert!(
            answer.text().starts_with(begin),
            "{path}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn files_have_the_headers_of_the_table() {
    let distribution = Distribution::start().await;
    let table = hosting::table(&Deployment::of(&distribution.config));
    for path in [
        "/",
        "/callback",
        "/relay",
        "/sw.js",
        "/config.json",
        "/mlflow/",
        "/mlflow/static-files/main.js",
    ] {
        let answer = distribution.ask("GET", path, &[]).await;

        let row = hosting::row(&table, path).expect("every path has a row");
        for (name, value) in &row.headers {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
    }
    let answer = distribution
        .ask("GET", "/mlflow/get-artifact?path=x", &[])
        .await;
    let policy = Sources::of(&distribution.config).other_answer();
    assert_eq!(answer.header("content-security-policy"), policy);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let probed = distribution.ask("GET", "/", &[("origin", FRAMER)]).await;
    assert_eq!(probed.header("access-control-allow-origin"), FRAMER);
    let strange = distribution
        .ask("GET", "/", &[("origin", "https://a")])
        .await;
    assert_eq!(strange.header("access-control-allow-origin"), "");
}

/// AWS: `AllViewerExceptHostHeader` among the managed origin request policies.
#[tokio::test]
async fn the_api_sees_all_that_the_viewer_sent_but_its_host() {
    let distribution = Distribution::start().await;
    let sent = [
        ("authorization", "Bearer x"),
        ("cookie", "a=b"),
        ("origin", "null"),
        ("range", "bytes=0-9"),
        ("host", "site.example.com"),
    ];

    let answer = distribution.ask("PUT", "/mlflow/x%2Fy?z=1;2", &sent).await;

    let seen = answer.json();
    assert_eq!(seen["url"], "/prod/mlflow/x%2Fy?z=1;2");
    for (name, value) in &sent[..4] {
        assert_eq!(seen["headers"][name], *value);
    }
    let host = seen["headers"]["host"].as_str().unwrap();
    assert!(host.starts_with("localhost:"), "{host}");
    assert_eq!(answer.header("x-cache"), "Miss from cloudfront");
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn a_file_is_not_sent_again_to_who_has_it() {
    let distribution = Distribution::start().await;
    let first = distribution.ask("GET", "/sw.js", &[]).await;
    let tag = first.header("etag");

    let again = distribution
        .ask("GET", "/sw.js", &[("if-none-match", tag)])
        .await;

    assert_eq!(again.status, 304);
    assert_eq!(again.text(), "");
}

/// AWS: `cloudfront-limits`, and the template's function.
#[tokio::test]
async fn what_is_too_long_or_misplaced_is_refused() {
    let distribution = Distribution::start().await;
    let long = "x".repeat(20_480);
    let address = format!("/mlflow/{}", "x".repeat(8_192));
    let table: [(&str, &str, &[_], u16); 5] = [
        ("GET", "/mlflow/x", &[("x-long", long.as_str())], 413),
        ("GET", &address, &[], 414),
        ("POST", "/", &[], 403),
        ("GET", "/mlflow/x", &[("service-worker", "script")], 403),
        ("GET", "/sw.js", &[("service-worker", "script")], 200),
    ];
    for (verb, path, headers, status) in table {
        let answer = distribution.ask(verb, path, headers).await;
        assert_eq!(
            answer.status,
            status,
            "{verb} {}",
            &path[..9.min(path.len())]
        );
    }
}

impl Distribution {
    async fn start() -> Self {
        let api = Server::start(Router::new().fallback(tell)).await;
        let api = api.expect("a port is free");
        let server = Server::bind().await.expect("a port is free");
        let config = json!({
            "origin": server.origin(),
            "ui": "3.18.0",
            "frame_ancestors": [FRAMER],
            "provider": { "domain": server.origin(), "issuer": server.origin(), "client_id": "c" },
        });
        let config = Config::parse(&config.to_string());
        let config = config.expect("it is valid");
        let shell = folder(&[
            ("index.html", "<p>shell"),
            ("sw.js", "worker"),
            ("secret", "s"),
        ]);
        let ui = folder(&[("index.html", "<p>mlflow"), ("main.js", "ui")]);
        let [at, ui_at] = [&shell, &ui].map(|folder| folder.path().to_owned());
        let site = Site::new(at, ui_at, config.clone());
        server.serve(cdn::router(site, Some(&format!("{}/prod", api.origin()))));
        Self {
            server,
            config,
            _api: api,
            _folders: [shell, ui],
        }
    }

    async fn ask(&self, verb: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder()
            .method(verb)
            .uri(format!("{}{path}", self.server.origin()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        client::send(request).await.expect("an answer")
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("there is room");
    }
    folder
}

async fn tell(uri: Uri, headers: HeaderMap) -> ([(&'static str, &'static str); 2], String) {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), Value::from(value))
    });
    let headers: serde_json::Map<_, _> = headers.collect();
    let told = json!({ "url": uri.to_string(), "headers": headers });
    let headers = [("content-type", "application/json"), ("set-cookie", "a=b")];
    (headers, told.to_string())
}
