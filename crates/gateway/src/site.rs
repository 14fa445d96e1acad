//! The shell itself: static files, precompressed by the build.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use shell_core::{Config, config::CALLBACK, relay::PATH as RELAY};
use tower_http::services::{ServeDir, ServeFile};

use crate::{Settings, headers::is_hashed, probe};

/// Names with a content hash never change their content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves the site, its configuration, and the document at [`CALLBACK`] and
/// [`RELAY`] too.
pub(crate) fn router(settings: &Settings) -> Router {
    let policies = Policies::new(&settings.config);
    let framers = settings.config.clone();
    let (config, policy) = (settings.config.clone(), settings.policy.clone());
    let document = || {
        ServeFile::new(settings.site.join("index.html"))
            .precompressed_br()
            .precompressed_gzip()
    };
    let files = ServeDir::new(&settings.site)
        .precompressed_br()
        .precompressed_gzip();
    Router::new()
        .route(
            "/config.json",
            get(|| async move { json(&policy.in_force().tell(&config)) }),
        )
        .route_service(CALLBACK, document())
        .route_service(RELAY, document())
        .fallback_service(files)
        .layer(middleware::from_fn(move |request, next| {
            let policies = policies.clone();
            async move { with_headers(&policies, request, next).await }
        }))
        .layer(middleware::from_fn_with_state(
            Arc::new(framers),
            probe::answer,
        ))
}

fn json(config: &Config) -> Response {
    let text = serde_json::to_string(config).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Content security policies, made once.
#[derive(Clone)]
struct Policies {
    document: HeaderValue,
    /// For documents that belong into a window of their own.
    window: HeaderValue,
    worker: HeaderValue,
}

impl Policies {
    /// The page talks to the worker only; the worker talks to the provider.
    /// Firefox asks the page's policy about the `blob:` downloads of its frame.
    fn new(config: &Config) -> Self {
        let domain = &config.provider.domain;
        let document = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
             connect-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self' blob:; \
             worker-src 'self'; base-uri 'self'; form-action 'none'";
        let worker = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {domain}"
        );
        let ancestors = config.frame_ancestors();
        Self {
            document: value(format!("{document}; {ancestors}")),
            window: value(format!("{document}; frame-ancestors 'none'")),
            worker: value(worker),
        }
    }

    fn of(&self, path: &str) -> HeaderValue {
        let policy = match path {
            "/sw.js" => &self.worker,
            CALLBACK | RELAY => &self.window,
            _ => &self.document,
        };
        policy.clone()
    }
}

fn value(policy: String) -> HeaderValue {
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Who else may hold on to the window of a document. The relay is opened by a
/// framed shell, whose window belongs to another site: cut off from its opener
/// it could not hand over what the sign-in brought (rule E3).
fn opener_policy(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path {
        RELAY => "unsafe-none",
        _ => "same-origin",
    })
}

async fn with_headers(policies: &Policies, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let caching = if is_hashed(&path) && response.status().is_success() {
        FOREVER
    } else {
        ASK_FIRST
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policies.of(&path));
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
        opener_policy(&path),
    );
    response
}
