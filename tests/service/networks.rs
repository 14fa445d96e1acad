//! Networks with a certificate authority and a forward proxy of their own.

mod forward_proxy;

use std::path::PathBuf;

use axum::{Router, response::IntoResponse, routing::get};
use serde_json::json;
use shell_cli::checks::{Target, check_deployment};
use shell_core::{Config, Origin};
use shell_gateway::{Network, discover_config, settings::TrustSettings};
use shell_tests::{
    authorizers, client, environment,
    issuer::{self, Issuer},
    lambda::{Kind, Lambda},
    program::GatewayProgram,
    server::Server,
    tls::{Authority, TlsServer, Validity},
};
use tempfile::NamedTempFile;

use self::forward_proxy::ForwardProxy;
use crate::echo;

/// Variables of the environment.
type Variables<'a> = &'a [(&'a str, &'a str)];

const SITE: &str = "http://localhost:8080";
const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1";

/// A provider, which publishes its document and its keys at `origin`.
fn provider(origin: &str, issuer: &Issuer) -> Router {
    let document = json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "authorization_endpoint": format!("{origin}/auth"),
        "token_endpoint": format!("{origin}/token"),
    });
    let document = document.to_string();
    let publish = move || async move { document.into_response() };
    issuer
        .router()
        .route("/.well-known/openid-configuration", get(publish))
}

/// A provider with TLS, and its issuer.
async fn secured(authority: &Authority, name: &str, when: Validity) -> (TlsServer, String) {
    let origin = |port: u16| format!("https://localhost:{port}");
    let router = |port| provider(&origin(port), &Issuer::default());
    let server = authority.serve_knowing(name, when, router).await;
    let server = server.expect("a free port");
    let issuer = origin(server.port);
    (server, issuer)
}

fn file(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a folder for temporary files");
    std::fs::write(file.path(), text).expect("a file");
    file
}

fn trusting(ca_file: Option<PathBuf>) -> Network {
    Network::load(&TrustSettings::of_ca_file(ca_file)).expect("authorities")
}

fn config(issuer: &str) -> Config {
    let text = json!({
        "origin": SITE,
        "provider": {
            "issuer": issuer,
            "domain": issuer,
            "client_id": "shell-under-test",
            "endpoints": {"authorization": format!("{issuer}/auth"), "token": format!("{issuer}/token")},
        },
    });
    Config::parse(&text.to_string()).expect("a configuration")
}

fn gateway_program() -> Option<PathBuf> {
    environment::program("SHELL_TEST_GATEWAY", "the gateway in a network of its own")
}

/// What the gateway answers to a reader of `issuer`, who asks MLflow for something.
async fn answer_to_a_reader(gateway: &GatewayProgram, issuer: &str) -> u16 {
    let token = Issuer::default().sign(&issuer::claims(issuer));
    let bearer = format!("Bearer {token}");
    let url = format!("{}{API}", gateway.origin);
    let answer = client::get(&url, &[("authorization", &bearer)]).await;
    answer.expect("the gateway answers").status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorities_of_a_company_are_believed_when_they_are_named() {
    let Some(program) = gateway_program() else {
        return;
    };
    let authority = Authority::new().expect("randomness");
    let (_provider, issuer) = secured(&authority, "localhost", Validity::Now).await;
    let mlflow = authority
        .serve("localhost", Validity::Now, echo::router())
        .await
        .expect("a free port");
    let upstream = format!("upstream = \"https://localhost:{}\"\n", mlflow.port);
    let ca = file(&authority.pem);
    let path = ca.path().display().to_string();
    let named = format!("{upstream}[trust]\nca_file = {path:?}\n");
    let table: [(&str, Variables<'_>, u16); 4] = [
        (&upstream, &[], 503),
        (&named, &[], 200),
        (&upstream, &[("SSL_CERT_FILE", &path)], 200),
        (&upstream, &[("MLFLOW_SHELL_TRUST__CA_FILE", &path)], 200),
    ];
    for (settings, variables, expected) in table {
        let gateway = GatewayProgram::start(&program, &config(&issuer), settings, variables).await;
        let gateway = gateway.expect("it starts");
        let status = answer_to_a_reader(&gateway, &issuer).await;
        assert_eq!(status, expected, "{settings} {variables:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorizer_believes_the_authorities_of_its_environment() {
    let authority = Authority::new().expect("randomness");
    let issuer = Issuer::default();
    let server = authority.serve("localhost", Validity::Now, issuer.router());
    let server = server.await.expect("a free port");
    let keys = format!("https://localhost:{}/.well-known/jwks.json", server.port);
    let ca = file(&authority.pem);
    let token = issuer.sign(&authorizers::claims(&["readers"]));
    let event = authorizers::event(Some(&format!("Bearer {token}")));
    for (file, expected) in [(None, Kind::Error), (Some(ca.path()), Kind::Response)] {
        let command = |_: &str| {
            let mut command = authorizers::ours(&environment::authorizer(), &keys);
            command.envs(file.map(|file| ("SSL_CERT_FILE", file)));
            command
        };
        let lambda = Lambda::start(command, None).await;
        let answered = lambda.expect("it starts").invoke(&event).await;
        let answered = answered.expect("an answer");
        assert_eq!(answered.kind, expected, "{:?}", answered.body);
    }
}

/// An MLflow whose certificate is not believed gets nothing of a request.
#[tokio::test(flavor = "multi_thread")]
async fn an_mlflow_that_is_not_believed_is_not_asked() {
    let Some(program) = gateway_program() else {
        return;
    };
    let [known, unknown] = [(); 2].map(|()| Authority::new().expect("randomness"));
    let (_provider, issuer) = secured(&known, "localhost", Validity::Now).await;
    let mlflow = unknown
        .serve("localhost", Validity::Now, echo::router())
        .await
        .expect("a free port");
    let ca = file(&known.pem);
    let settings = format!(
        "upstream = \"https://localhost:{}\"\n[trust]\nca_file = {:?}\n",
        mlflow.port,
        ca.path()
    );
    let gateway = GatewayProgram::start(&program, &config(&issuer), &settings, &[]).await;
    let status = answer_to_a_reader(&gateway.expect("it starts"), &issuer).await;
    assert_eq!(status, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_connection_that_fails_is_explained_in_words() {
    let [known, unknown] = [(); 2].map(|()| Authority::new().expect("randomness"));
    let ca = file(&known.pem);
    let network = trusting(Some(ca.path().to_owned()));
    let table = [
        (&known, "localhost", Validity::Now, None),
        (
            &unknown,
            "localhost",
            Validity::Now,
            Some(
                "signed by an authority that this machine does not know: give that authority's certificate in `trust.ca_file`",
            ),
        ),
        (&known, "localhost", Validity::Ended, Some("has expired")),
        (
            &known,
            "localhost",
            Validity::NotYet,
            Some("is not valid yet: correct this machine's clock"),
        ),
        (
            &known,
            "idp.example",
            Validity::Now,
            Some("for other names: idp.example"),
        ),
    ];
    for (authority, name, when, expected) in table {
        let (_server, issuer) = secured(authority, name, when).await;
        let found = discover_config(&issuer, "client", SITE, &network).await;
        let said = found.err();
        let fits = match (&said, expected) {
            (None, None) => true,
            (Some(said), Some(expected)) => said.contains(expected) && said.contains(&issuer),
            _ => false,
        };
        assert!(fits, "{name} {when:?}: {said:?}");
    }
    let plain = Server::start(Router::new()).await.expect("a free port");
    let issuer = plain.origin().replace("http:", "https:");
    let found = discover_config(&issuer, "client", SITE, &network).await;
    let said = found.expect_err("no TLS");
    assert!(
        said.contains("answers without TLS where TLS was expected"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn smoke_says_the_same_and_believes_the_same() {
    let authority = Authority::new().expect("randomness");
    let router = Router::new();
    let site = authority.serve("localhost", Validity::Now, router).await;
    let url = format!(
        "https://localhost:{}",
        site.as_ref().expect("a free port").port
    );
    let check = async |network| {
        let origin = Origin::parse(&url).expect("an origin");
        let target = Target {
            origin,
            token: None,
            network,
        };
        check_deployment(target).await.table()
    };
    let said = check(Network::default()).await;
    assert!(
        said.contains("an authority that this machine does not know"),
        "{said}"
    );
    let ca = file(&authority.pem);
    let said = check(trusting(Some(ca.path().to_owned()))).await;
    assert!(said.contains("/config.json answers 404"), "{said}");
}

/// The name of the issuer leads nowhere but through the proxy.
#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_is_asked_through_the_forward_proxy_and_mlflow_is_not() {
    let Some(program) = gateway_program() else {
        return;
    };
    let issuer = "https://idp.invalid";
    let authority = Authority::new().expect("randomness");
    let router = provider(issuer, &Issuer::default());
    let server = authority.serve("idp.invalid", Validity::Now, router).await;
    let proxy = ForwardProxy::to(server.as_ref().expect("a free port").port).await;
    let mlflow = authority
        .serve("localhost", Validity::Now, echo::router())
        .await;
    let mlflow = mlflow.expect("a free port");
    let ca = file(&authority.pem);
    let settings = format!(
        "upstream = \"https://localhost:{}\"\n[trust]\nca_file = {:?}\n",
        mlflow.port,
        ca.path()
    );
    let url = format!("http://user:secret@127.0.0.1:{}", proxy.port);
    let table: [(Variables<'_>, u16); 3] = [
        (&[("HTTPS_PROXY", &url)], 200),
        (&[("HTTPS_PROXY", &url), ("NO_PROXY", "other.example")], 200),
        (&[("HTTPS_PROXY", &url), ("NO_PROXY", "idp.invalid")], 503),
    ];
    for (variables, expected) in table {
        let gateway = GatewayProgram::start(&program, &config(issuer), &settings, variables).await;
        let gateway = gateway.expect("it starts");
        let status = answer_to_a_reader(&gateway, issuer).await;
        assert_eq!(status, expected, "{variables:?}");
    }
    assert!(proxy.tunnels() >= 2);
}
