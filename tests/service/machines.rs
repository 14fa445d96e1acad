//! Programs without a user: their tokens, and what these open.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use shell_idp::{DEVELOPMENT_READER, DEVELOPMENT_SECRET, DEVELOPMENT_WRITER};
use shell_tests::{
    client::{self, Answer},
    deployment::{Deployment, DeploymentSpec, Login},
    environment,
    peer::Peer,
};

use crate::{echo, fixture::given};

const READ: (&str, &str) = ("POST", "/api/2.0/mlflow/runs/search");
const WRITE: (&str, &str) = ("POST", "/api/2.0/mlflow/runs/create");

/// A machine's token, in whose hands it is what it may do.
async fn token(url: &str, machine: &str, secret: &str, scope: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", machine),
        ("client_secret", secret),
        ("scope", scope),
    ];
    client::post_form(url, &form).await.expect("an answer")
}

async fn status(deployment: &Deployment, (method, path): (&str, &str), token: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", deployment.origin))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .expect("a request");
    let answer = client::send(request).await.expect("an answer");
    answer.status.as_u16()
}

/// The settings that admit these machines by their scopes.
fn admitting(recipients: (&str, Value)) -> Value {
    let mut issuer = json!({
        "issuer": "{issuer}", "bearer": "access",
        "groups": [
            { "claim": "scope", "value": "mlflow/read", "group": "readers" },
            { "claim": "scope", "value": "mlflow/write", "group": "admins" },
        ],
    });
    issuer[recipients.0] = recipients.1;
    json!({ "issuers": [issuer] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_may_do_what_its_scopes_say() {
    let machines = json!([DEVELOPMENT_READER, DEVELOPMENT_WRITER]);
    let spec = DeploymentSpec::from(Login::Development)
        .with_settings(given(admitting(("client_ids", machines))));
    let deployment = Deployment::start(spec, echo::router()).await;
    let deployment = deployment.expect("everything starts");
    let url = format!("{}/oauth2/token", deployment.login.origin());
    let table = [
        (DEVELOPMENT_READER, "", [200, 403]),
        (DEVELOPMENT_READER, "mlflow/read", [200, 403]),
        (DEVELOPMENT_WRITER, "mlflow/read", [200, 403]),
        (DEVELOPMENT_WRITER, "mlflow/write", [200, 200]),
        (DEVELOPMENT_WRITER, "", [200, 200]),
    ];
    for (machine, scope, expected) in table {
        let answer = token(&url, machine, DEVELOPMENT_SECRET, scope).await;
        let told = answer.json();
        let token = told["access_token"].as_str().expect("a token");
        let found = [
            status(&deployment, READ, token).await,
            status(&deployment, WRITE, token).await,
        ];
        assert_eq!(found, expected, "{machine} {scope}");
    }
    let lines = deployment.audit.read().expect("JSON, line by line");
    assert_eq!(lines[0]["subject"], DEVELOPMENT_READER);
    assert_eq!(lines[0]["name"], DEVELOPMENT_READER);
    assert_eq!(lines[0]["groups"], json!(["readers"]));
}

/// The gateway is not configured for machines.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_nobody_admits_is_a_stranger() {
    let spec = Login::Development.with_config("python", json!({ "access": "token" }));
    let deployment = Deployment::start(spec, echo::router()).await;
    let deployment = deployment.expect("everything starts");
    let url = format!("{}/oauth2/token", deployment.login.origin());
    let answer = token(&url, DEVELOPMENT_WRITER, DEVELOPMENT_SECRET, "")
        .await
        .json();
    let token = answer["access_token"].as_str().expect("a token");

    assert_eq!(status(&deployment, READ, token).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_of_a_certified_provider_are_found_by_discovery() {
    let Some(folder) = environment::peer() else {
        return;
    };
    let settings = admitting(("audiences", json!([Peer::RESOURCE])));
    let spec = DeploymentSpec::from(Login::Discovered(folder)).with_settings(given(settings));
    let deployment = Deployment::start(spec, echo::router()).await;
    let deployment = deployment.expect("everything starts");
    let url = format!("{}/token", deployment.login.origin());
    let [reader, writer] = Peer::MACHINES;
    let table = [
        (reader, "mlflow/read", Some([200, 403])),
        (reader, "mlflow/read mlflow/write", None),
        (writer, "mlflow/read", Some([200, 403])),
        (writer, "mlflow/read mlflow/write", Some([200, 200])),
    ];
    for (machine, scope, expected) in table {
        let basic = form_of(machine, scope);
        let answer = basic_post(&url, machine, &basic).await;
        let told = answer.json();
        let found = match told["access_token"].as_str() {
            None => None,
            Some(token) => Some([
                status(&deployment, READ, token).await,
                status(&deployment, WRITE, token).await,
            ]),
        };
        assert_eq!(found, expected, "{machine} {scope}: {told}");
    }
}

fn form_of(machine: &str, scope: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", machine)
        .append_pair("scope", scope)
        .finish()
}

/// The certified provider takes a secret in the way that is configured only.
async fn basic_post(url: &str, machine: &str, form: &str) -> Answer {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let credentials = BASE64_STANDARD.encode(format!("{machine}:{}", Peer::MACHINE_SECRET));
    let request = Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Basic {credentials}"))
        .body(Body::from(form.to_owned()))
        .expect("a request");
    client::send(request).await.expect("an answer")
}
