//! The shell itself: static files, precompressed by the build.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use shell_core::Config;
use tower_http::services::{ServeDir, ServeFile};

use crate::{Settings, headers::is_hashed};

/// Names with a content hash never change their content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves the site, its configuration, and the document at `/callback`.
pub(crate) fn router(settings: &Settings) -> Router {
    let policies = Policies::new(&settings.config);
    let config = serde_json::to_string(&settings.config).unwrap_or_default();
    let document = || {
        ServeFile::new(settings.site.join("index.html"))
            .precompressed_br()
            .precompressed_gzip()
    };
    let files = ServeDir::new(&settings.site)
        .precompressed_br()
        .precompressed_gzip();
    Router::new()
        .route("/config.json", get(|| async move { json(config) }))
        .route_service("/callback", document())
        .fallback_service(files)
        .layer(middleware::from_fn(move |request, next| {
            let policies = policies.clone();
            async move { with_headers(&policies, request, next).await }
        }))
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Content security policies, made once.
#[derive(Clone)]
struct Policies {
    document: HeaderValue,
    worker: HeaderValue,
}

impl Policies {
    /// The page talks to the worker only; the worker talks to the provider.
    /// Firefox asks the page's policy about the `blob:` downloads of its frame.
    fn new(config: &Config) -> Self {
        let domain = &config.provider.domain;
        let document = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
             connect-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self' blob:; \
             worker-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'";
        let worker = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {domain}"
        );
        Self {
            document: HeaderValue::from_static(document),
            worker: HeaderValue::try_from(worker)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

async fn with_headers(policies: &Policies, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let policy = if path == "/sw.js" {
        &policies.worker
    } else {
        &policies.document
    };
    let caching = if is_hashed(&path) && response.status().is_success() {
        FOREVER
    } else {
        ASK_FIRST
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
