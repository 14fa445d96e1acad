//! A bucket of files, and the headers that they are sent with.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shell_core::{
    Config,
    config::CALLBACK,
    content_security_policy::Sources,
    hosting::{self, Deployment, Row, STATIC_FILES, UI_DOCUMENTS},
    popup,
};

/// Kinds by the end of a file's name. Others are bytes.
const KINDS: [(&str, &str); 13] = [
    ("css", "text/css"),
    ("gif", "image/gif"),
    ("html", "text/html"),
    ("ico", "image/x-icon"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("mjs", "text/javascript"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
    ("woff2", "font/woff2"),
];

/// The files of the shell and of MLflow's UI. Clones are the same.
#[derive(Debug, Clone)]
pub struct Site(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shell: PathBuf,
    ui: PathBuf,
    config: Config,
    table: Vec<Row>,
}

impl Site {
    /// The shell's files in `shell`, with this configuration, and MLflow's
    /// released UI in `ui`.
    pub fn new(shell: PathBuf, ui: PathBuf, config: Config) -> Self {
        let table = hosting::table(&Deployment::of(&config));
        Self(Arc::new(Inner {
            shell,
            ui,
            config,
            table,
        }))
    }

    /// Whether `path` is for a file of MLflow's UI.
    pub(super) fn has_of_mlflow(path: &str) -> bool {
        UI_DOCUMENTS.contains(&path) || path.starts_with(STATIC_FILES)
    }

    /// Says what the template says of an answer of the API, which goes before
    /// what the API says.
    pub(super) fn guard(&self, headers: &mut HeaderMap) {
        let policy = Sources::of(&self.0.config).other_answer();
        let policy = HeaderValue::try_from(policy).expect("what the table has is a header");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        let nowhere = HeaderValue::from_static("private, no-store");
        headers.insert(header::CACHE_CONTROL, nowhere);
    }

    /// Answers a request for a file.
    pub(super) async fn serve(&self, request: Request) -> Response {
        // Without the body, which no file has a use for.
        let (request, _) = request.into_parts();
        let path = request.uri.path();
        let mut response = self.file(path, &request.headers).await;
        let row = hosting::row(&self.0.table, path);
        let headers = response.headers_mut();
        for (name, value) in row.into_iter().flat_map(|row| &row.headers) {
            let value = HeaderValue::try_from(value).expect("what the table has is a header");
            headers.insert(HeaderName::from_static(name), value);
        }
        let reader = request.headers.get(header::ORIGIN);
        let reader = reader.filter(|origin| {
            let may = |origin: &str| self.0.config.may_frame(origin);
            row.is_some_and(|row| row.is_probed) && origin.to_str().is_ok_and(may)
        });
        if let Some(origin) = reader {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        response
    }

    async fn file(&self, path: &str, headers: &HeaderMap) -> Response {
        if path == "/config.json" {
            let text = serde_json::to_string(&self.0.config).expect("it is data");
            return ([(header::CONTENT_TYPE, "application/json")], text).into_response();
        }
        let Some(file) = self.place(path) else {
            return missing();
        };
        let Some(tag) = tag(&file).await else {
            return missing();
        };
        let known = headers.get(header::IF_NONE_MATCH);
        if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        let headers = [
            (header::ETAG, tag),
            (header::CONTENT_TYPE, kind(&file).into()),
        ];
        match tokio::fs::read(&file).await {
            Ok(bytes) => (headers, Body::from(bytes)).into_response(),
            Err(_) => missing(),
        }
    }

    /// Where the file for `path` is. What CloudFront's function does is here,
    /// too: the names of documents that are not those of files.
    fn place(&self, path: &str) -> Option<PathBuf> {
        let (folder, name) = match path {
            "/" | CALLBACK | popup::PATH => (&self.0.shell, "index.html"),
            _ if UI_DOCUMENTS.contains(&path) => (&self.0.ui, "index.html"),
            _ => match path.strip_prefix(STATIC_FILES) {
                Some(name) => (&self.0.ui, name),
                None => (&self.0.shell, path.strip_prefix('/')?),
            },
        };
        let is_plain = name.split('/').all(|part| !part.is_empty() && part != "..");
        is_plain.then(|| folder.join(name))
    }
}

/// What changes with the file; `None` if there is none.
async fn tag(file: &Path) -> Option<String> {
    let known = tokio::fs::metadata(file).await.ok()?;
    let changed = known.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    known
        .is_file()
        .then(|| format!("\"{:x}-{:x}\"", known.len(), changed.as_nanos()))
}

fn kind(file: &Path) -> &'static str {
    let end = file.extension().and_then(|end| end.to_str());
    let known = KINDS.iter().find(|(name, _)| Some(*name) == end);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

/// Who may not list a bucket is not told what it lacks.
fn missing() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/xml")];
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    (StatusCode::FORBIDDEN, kind, body).into_response()
}
