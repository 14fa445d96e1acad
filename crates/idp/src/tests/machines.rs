use axum::{body::Body, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use shell_core::Secret;

use super::deployment::{
    ADMIN, Changes, Deployment, TestResponse, changed, claims, exchange_form, members,
};
use crate::{DEVELOPMENT_READER as READER, DEVELOPMENT_SECRET as SECRET, DEVELOPMENT_WRITER};

const FORM: Changes<'_> = &[
    ("grant_type", "client_credentials"),
    ("client_id", READER),
    ("client_secret", SECRET),
];

#[tokio::test]
async fn a_machine_gets_an_access_token_and_nothing_else() {
    let mut deployment = Deployment::new();

    let answer = deployment.post("/oauth2/token", FORM).await;

    assert_eq!(answer.status, 200);
    let told = answer.json();
    assert_eq!(members(&told), ["access_token", "expires_in", "token_type"]);
    let claims = claims(&told, "access_token");
    let named = [
        "auth_time",
        "client_id",
        "exp",
        "iat",
        "iss",
        "jti",
        "scope",
        "sub",
        "token_use",
        "version",
    ];
    assert_eq!(members(&claims), named);
    for (claim, value) in [
        ("sub", READER),
        ("client_id", READER),
        ("token_use", "access"),
        ("scope", "mlflow/read"),
    ] {
        assert_eq!(claims[claim], value);
    }
}

#[tokio::test]
async fn a_machine_gets_the_scopes_it_asks_for_if_it_may_have_them() {
    let both = "mlflow/read mlflow/write";
    let table = [
        (READER, "", Ok("mlflow/read")),
        (READER, "mlflow/read", Ok("mlflow/read")),
        (READER, both, Err("invalid_scope")),
        (READER, "openid", Err("invalid_scope")),
        (READER, " ", Err("invalid_scope")),
        (DEVELOPMENT_WRITER, "", Ok(both)),
        (DEVELOPMENT_WRITER, "mlflow/write", Ok("mlflow/write")),
    ];
    for (machine, scope, expected) in table {
        let form = changed(FORM, &[("client_id", machine), ("scope", scope)]);
        let answer = Deployment::new().post("/oauth2/token", &form).await;
        let found = if answer.status == 200 {
            Ok(claims(&answer.json(), "access_token")["scope"].clone())
        } else {
            Err(answer.refusal())
        };
        let expected = expected
            .map(serde_json::Value::from)
            .map_err(|error| (400, error.to_owned()));
        assert_eq!(found, expected, "{machine} {scope}");
    }
}

#[tokio::test]
async fn a_client_proves_who_it_is_in_one_of_two_ways() {
    let right = basic(READER, SECRET);
    let lower = right.replace("Basic", "basic");
    let wrong = basic(READER, "x");
    let app = basic(crate::DEVELOPMENT_CLIENT_ID, SECRET);
    let table: [(&str, &str, Changes<'_>, Result<(), &str>); 10] = [
        ("posted", "", &[], Ok(())),
        ("basic", &right, &[("client_secret", "")], Ok(())),
        (
            "basic, without its name in the form",
            &lower,
            &[("client_secret", ""), ("client_id", "")],
            Ok(()),
        ),
        ("both", &right, &[], Err("invalid_request")),
        (
            "basic, and another name in the form",
            &right,
            &[("client_secret", ""), ("client_id", DEVELOPMENT_WRITER)],
            Err("invalid_client"),
        ),
        (
            "a wrong secret",
            &wrong,
            &[("client_secret", "")],
            Err("invalid_client"),
        ),
        ("none", "", &[("client_secret", "")], Err("invalid_client")),
        (
            "not base64",
            "Basic %",
            &[("client_secret", "")],
            Err("invalid_client"),
        ),
        (
            "another scheme",
            "Bearer x",
            &[("client_secret", "")],
            Err("invalid_client"),
        ),
        (
            "the app client, which has no secret",
            &app,
            &[("client_secret", ""), ("client_id", "")],
            Err("invalid_client"),
        ),
    ];
    for (case, header, changes, expected) in table {
        let answer = send(header, &changed(FORM, changes)).await;
        let found = if answer.status == 200 {
            Ok(())
        } else {
            Err(answer.refusal())
        };
        let expected = expected.map_err(|error| (400, error.to_owned()));
        assert_eq!(found, expected, "{case}");
    }
}

#[tokio::test]
async fn a_machine_signs_nobody_in() {
    let mut deployment = Deployment::new();
    let code = deployment.code(ADMIN).await;
    let machine = [("client_id", READER), ("client_secret", SECRET)];
    let form = changed(&exchange_form(&code), &machine);

    let answer = deployment.post("/oauth2/token", &form).await;

    assert_eq!(answer.refusal(), (400, "unauthorized_client".into()));
}

#[tokio::test]
async fn an_app_client_with_a_secret_has_to_show_it() {
    for (secret, status) in [("", 400), ("wrong", 400), ("app-secret", 200)] {
        let mut deployment = Deployment::with(|settings| {
            settings.client_secret = Some(Secret::new("app-secret"));
        });
        let code = deployment.code(ADMIN).await;
        let form = changed(&exchange_form(&code), &[("client_secret", secret)]);

        let answer = deployment.post("/oauth2/token", &form).await;

        assert_eq!(answer.status, status, "{secret}");
    }
}

fn basic(name: &str, secret: &str) -> String {
    let credentials = BASE64_STANDARD.encode(format!("{name}:{secret}"));
    format!("Basic {credentials}")
}

/// Asks with this `Authorization`, if it is not empty.
async fn send(header: &str, form: Changes<'_>) -> TestResponse {
    let mut request =
        Request::post("/oauth2/token").header("content-type", "application/x-www-form-urlencoded");
    if !header.is_empty() {
        request = request.header("authorization", header);
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    Deployment::new().send(request, Body::from(body)).await
}
