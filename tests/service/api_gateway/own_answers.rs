//! What API Gateway answers itself, and who may read it. AWS:
//! `api-gateway-gatewayResponse-definition`, `how-to-cors`.

use axum::body::Body;
use serde_json::json;
use shell_core::cors;
use shell_tests::api_gateway::{Api, Authorization, Customized, Outcome};

use super::fixture::{Deployed, SITE, canned};

#[tokio::test]
async fn other_origins_may_read_an_error_only_if_that_is_configured() {
    let denied = || canned(Outcome::Failure("Unauthorized".to_owned()));
    let configured = Deployed::new(|_| (), denied()).await;
    let bare = Deployed::new(|api: &mut Api| api.responses.clear(), denied()).await;
    for (deployed, origin) in [(&configured, SITE), (&bare, "")] {
        let answer = deployed.get("/prod/mlflow/x").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
    let answer = configured.get("/prod/mlflow/x").await;
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, cors::EXPOSED_HEADERS.join(","));
}

#[tokio::test]
async fn a_type_of_answer_goes_before_its_class() {
    let own = Customized {
        kind: "UNAUTHORIZED",
        headers: vec![("x-own", "yes".to_owned())],
        template: Some(r#"{"told": $context.error.messageString}"#),
    };
    let unauthorized = canned(Outcome::Failure("Unauthorized".to_owned()));
    let deployed = Deployed::new(|api: &mut Api| api.responses.push(own), unauthorized).await;

    let answer = deployed.get("/prod/mlflow/x").await;

    assert_eq!(answer.json(), json!({ "told": "Unauthorized" }));
    assert_eq!(answer.header("x-own"), "yes");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("x-amzn-errortype"), "UnauthorizedException");
}

/// AWS: `supported-gateway-response-types`, `REQUEST_TOO_LARGE`.
#[tokio::test]
async fn no_other_origin_ever_reads_that_a_request_is_too_large() {
    let deployed = Deployed::open(|api| api.limits.payload = 10).await;
    let headers = [("authorization", "Bearer x")];
    let body = Body::from("12345678901");

    let answer = deployed.ask("POST", "/prod/mlflow/x", &headers, body).await;

    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_browser_that_asks_for_leave_needs_no_token() {
    let deployed = Deployed::open(|_| ()).await;
    let asks = [
        ("origin", SITE),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];

    let answer = deployed.ask("OPTIONS", "/prod/mlflow/x", &asks, "").await;

    assert_eq!(answer.status, 204);
    let table = [
        ("access-control-allow-origin", SITE.to_owned()),
        (
            "access-control-allow-headers",
            cors::REQUEST_HEADERS.join(","),
        ),
        ("access-control-allow-methods", cors::METHODS.join(",")),
        ("access-control-max-age", cors::MAX_AGE.to_string()),
    ];
    for (name, value) in table {
        assert_eq!(answer.header(name), value);
    }
    assert_eq!(deployed.gateway.events().len(), 0);
}

/// As the AWS sample has it: `OPTIONS` is one of `ANY`.
#[tokio::test]
async fn without_a_method_of_its_own_a_preflight_needs_a_token() {
    let deployed = Deployed::open(|api| {
        api.methods
            .retain(|method| method.authorization == Authorization::Custom);
    })
    .await;
    let answer = deployed.ask("OPTIONS", "/prod/mlflow/x", &[], "").await;
    assert_eq!(answer.status, 401);
}
