//! What `config check --online` and `smoke` say of a provider.

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use shell_cli::checks::check_provider;
use shell_core::Config;
use shell_gateway::Network;
use shell_tests::{issuer::Issuer, server::Server};

/// A site on this machine, because the provider is; nothing is asked of it.
const SITE: &str = "http://localhost:1";

/// A provider whose login page needs its cookie, as many do, and whose parts a test
/// replaces.
struct Provider {
    server: Server,
    /// What its document has otherwise.
    document: Value,
    keys: Value,
    /// Who may read the token endpoint's answers: to POST, and to OPTIONS.
    readers: [Option<&'static str>; 2],
    /// What the configured issuer has after the provider's origin.
    issuer_path: &'static str,
}

impl Provider {
    async fn new() -> Self {
        Self {
            server: Server::bind().await.expect("a free port"),
            document: json!({}),
            keys: shell_jose::jwks([&Issuer::default().key()]),
            readers: [Some(SITE); 2],
            issuer_path: "",
        }
    }

    /// The checks' lines, as a table.
    async fn check(self) -> (Vec<String>, String) {
        let origin = self.server.origin();
        self.server.serve(self.router());
        let issuer = format!("{origin}{}", self.issuer_path);
        let config = json!({
            "origin": SITE,
            "provider": {
                "issuer": issuer, "domain": origin, "client_id": "shell-under-test",
                "endpoints": {
                    "authorization": format!("{origin}/authorize"),
                    "token": format!("{origin}/token"),
                },
            },
        });
        let config = Config::parse(&config.to_string()).expect("a configuration");
        let report = check_provider(&config, &Network::default()).await;
        let wrong = report.wrong().map(ToOwned::to_owned).collect();
        (wrong, report.table())
    }

    fn router(&self) -> Router {
        let origin = self.server.origin();
        let mut document = json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}/keys"),
        });
        for (name, value) in self.document.as_object().expect("an object") {
            document[name] = value.clone();
        }
        let keys = self.keys.clone();
        let [to_post, to_options] = self.readers;
        Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(async move || document.to_string()),
            )
            .route("/keys", get(async move || keys.to_string()))
            .route("/authorize", get(begin))
            .route("/login", get(login))
            .route(
                "/token",
                post(async move || refuse_to(to_post)).options(async move || refuse_to(to_options)),
            )
    }
}

/// A refusal that this reader may read.
fn refuse_to(reader: Option<&str>) -> Response {
    let mut response = (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#).into_response();
    if let Some(reader) = reader {
        let reader = reader.parse().expect("a header");
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, reader);
    }
    response
}

async fn begin() -> Response {
    let cookie = [(header::SET_COOKIE, "visit=1; Path=/; HttpOnly")];
    (cookie, Redirect::to("/login")).into_response()
}

/// Who comes without the cookie has to begin anew.
async fn login(headers: HeaderMap) -> Response {
    let cookie = headers.get(header::COOKIE);
    if cookie.is_some_and(|cookie| cookie == "visit=1") {
        return "the login page".into_response();
    }
    Redirect::to("/authorize").into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_page_that_needs_a_cookie_is_reached() {
    let (wrong, table) = Provider::new().await.check().await;
    assert_eq!(wrong, Vec::<String>::new(), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_pages_cannot_read_is_told_with_both_cures() {
    let mut silent = Provider::new().await;
    silent.readers = [None, None];
    let (wrong, table) = silent.check().await;
    assert_eq!(wrong, ["token-endpoint"], "{table}");
    assert!(
        table.contains("register http://localhost:1 for CORS"),
        "{table}"
    );
    assert!(table.contains("`provider.via_gateway = true`"), "{table}");

    let mut to_successes = Provider::new().await;
    to_successes.readers = [None, Some("*")];
    let (wrong, table) = to_successes.check().await;
    assert_eq!(wrong, ["token-endpoint"], "{table}");
    assert!(
        table.contains("read its answers, but no refusal"),
        "{table}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_differs_by_a_slash_is_named_right() {
    let mut provider = Provider::new().await;
    provider.issuer_path = "/";
    let issuer = provider.server.origin();
    let (wrong, table) = provider.check().await;
    assert!(wrong.contains(&"issuer".to_owned()), "{table}");
    let cure = format!("without a `/` at the end. Cure: set `provider.issuer` to `{issuer}`.");
    assert!(table.contains(&cure), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_document_lacks_is_named() {
    let table = [
        (json!({"token_endpoint": null}), "names no `token_endpoint`"),
        (
            json!({"id_token_signing_alg_values_supported": ["HS256", "none"]}),
            "has only HS256, none. Cure: have the provider sign ID tokens with",
        ),
        (
            json!({"code_challenge_methods_supported": ["plain"]}),
            "has only plain. Cure: have the provider take PKCE by S256",
        ),
    ];
    for (document, expected) in table {
        let mut provider = Provider::new().await;
        provider.document = document;
        let (wrong, table) = provider.check().await;
        assert_eq!(wrong, ["issuer"], "{table}");
        assert!(table.contains(expected), "{expected}: {table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_used_are_named() {
    let mut provider = Provider::new().await;
    let good = provider.keys["keys"][0].clone();
    let encrypts = json!({"kty": "RSA", "kid": "e", "use": "enc", "n": "AQAB", "e": "AQAB"});
    provider.keys = json!({"keys": [good, encrypts.clone()]});
    let (wrong, table) = provider.check().await;
    assert_eq!(wrong, Vec::<String>::new(), "{table}");
    assert!(
        table.contains("1 for RS256; not used: key `e` is for another use (`enc`)"),
        "{table}"
    );

    let mut provider = Provider::new().await;
    provider.keys = json!({"keys": [encrypts]});
    let (wrong, table) = provider.check().await;
    assert_eq!(wrong, ["keys"], "{table}");
    assert!(
        table.contains("key `e` is for another use (`enc`)"),
        "{table}"
    );
}
