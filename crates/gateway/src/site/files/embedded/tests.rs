use std::path::PathBuf;

use axum::{body, http::HeaderName};

use super::*;
use crate::site::files::{Files, Site};

/// What differs on purpose.
const VALIDATORS: [HeaderName; 2] = [header::LAST_MODIFIED, header::ETAG];

type Answer = (StatusCode, Vec<(String, String)>, Bytes);

/// Every file that is embedded, in every coding, and what is no file.
#[tokio::test]
async fn files_of_the_program_are_served_as_a_folders_are() {
    let requests = paths().into_iter().flat_map(|path| {
        let headers = HEADERS.iter();
        headers.map(move |headers| (path.clone(), *headers))
    });
    for (path, headers) in requests {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let of_folder = ask(folder().files(), &method, &path, headers).await;
            let of_program = ask(program().files(), &method, &path, headers).await;
            assert_eq!(of_program, of_folder, "{method} {path} {headers:?}");
        }
    }
}

#[test]
fn what_is_in_a_file_is_the_same_wherever_it_is() {
    for name in FILES.keys() {
        let (of_program, of_folder) = (program().read(name), folder().read(name));
        assert!(of_program.is_some() && of_program == of_folder, "{name}");
    }
    assert_eq!(program().read("nothing"), None);
}

#[tokio::test]
async fn the_document_is_served_at_any_path() {
    for method in [Method::GET, Method::HEAD, Method::POST] {
        for headers in HEADERS {
            let of_folder = ask(folder().document(), &method, "/callback", headers).await;
            let of_program = ask(program().document(), &method, "/callback", headers).await;
            assert_eq!(of_program, of_folder, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let tag = tag("index.html");
    let coded = self::tag("index.html.br");
    let weak = format!("\"x\", W/{tag}");
    let table: [(&[(&str, &str)], u16); 5] = [
        (&[("if-none-match", &tag)], 304),
        (&[("if-none-match", &weak)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", &coded)], 200),
        (&[("if-none-match", &coded), ("accept-encoding", "br")], 304),
    ];
    for (headers, status) in table {
        let answer = ask(program().files(), &Method::GET, "/", headers).await;
        assert_eq!(answer.0, status, "{headers:?}");
        assert_eq!(answer.2.is_empty(), status == 304, "{headers:?}");
    }
}

#[tokio::test]
async fn a_part_of_other_content_is_not_sent() {
    let tag = tag("index.html");
    for (known, status) in [(tag.as_str(), 206), ("\"other\"", 200)] {
        let headers = [("range", "bytes=0-1"), ("if-range", known)];
        let answer = ask(program().files(), &Method::GET, "/", &headers).await;
        assert_eq!(answer.0, status, "{known}");
    }
}

const HEADERS: [&[(&str, &str)]; 10] = [
    &[],
    &[("accept-encoding", "gzip, deflate, br, zstd")],
    &[("accept-encoding", "gzip")],
    &[("accept-encoding", "br;q=0.1, gzip;q=0.2")],
    &[("accept-encoding", "identity;q=1, br;q=0.5")],
    &[("range", "bytes=2-5")],
    &[("range", "bytes=-3"), ("accept-encoding", "br")],
    &[("range", "bytes=4-")],
    &[("range", "bytes=99999999-")],
    &[("range", "lines=1-2")],
];

fn paths() -> Vec<String> {
    let files = FILES.keys().map(|name| format!("/{name}"));
    let others = [
        "/",
        "/nothing",
        "/nothing/",
        "/%69ndex.html",
        "/%ff",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/notes",
        "/notes/",
        "/notes?a=b",
    ];
    files.chain(others.map(ToOwned::to_owned)).collect()
}

async fn ask(files: Files, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let Ok(response) = tower::ServiceExt::oneshot(files, request).await;
    let (parts, body) = response.into_parts();
    let said = parts.headers.iter();
    let said = said.filter(|(name, _)| !VALIDATORS.contains(name));
    let said = said.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut said: Vec<_> = said.collect();
    said.sort();
    (
        parts.status,
        said,
        body::to_bytes(body, usize::MAX).await.unwrap(),
    )
}

fn tag(name: &str) -> String {
    FILES[name].tag.to_str().unwrap().to_owned()
}

fn program() -> Site {
    Site::embedded().unwrap()
}

fn folder() -> Site {
    Site::from(PathBuf::from(env!("MLFLOW_SHELL_SITE")))
}
