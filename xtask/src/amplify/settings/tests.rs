use super::*;

/// What the sample's stack gives, and what hosted login needs besides.
const GOOD: &[(&str, &str)] = &[
    ("AWS_APP_ID", "d1a2b3c4"),
    ("AWS_BRANCH", "main"),
    ("REACT_APP_REGION", "eu-central-1"),
    ("REACT_APP_COGNITO_USER_POOL_ID", "eu-central-1_Example"),
    ("REACT_APP_COGNITO_USER_POOL_CLIENT_ID", "1example23456789"),
    (
        "REACT_APP_COGNITO_IDENTITY_POOL_ID",
        "eu-central-1:00000000-0000",
    ),
    ("COGNITO_DOMAIN", "example"),
    (
        "MLFLOW_API_URL",
        "https://a1b2.execute-api.eu-central-1.amazonaws.com/prod/",
    ),
    ("MLFLOW_VERSION", "3.18.0"),
];

/// Reads [`GOOD`] with some of them replaced, or without them if empty.
fn read(changes: &[(&str, &str)]) -> Result<Settings> {
    Settings::read(|name| {
        let mut all = changes.iter().chain(GOOD);
        let found = all.find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn the_samples_names_make_a_configuration() {
    let settings = read(&[]).unwrap();

    let expected = json!({
        "origin": "https://main.d1a2b3c4.amplifyapp.com",
        "provider": {
            "domain": "https://example.auth.eu-central-1.amazoncognito.com",
            "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
            "client_id": "1example23456789",
        },
        "api": "https://a1b2.execute-api.eu-central-1.amazonaws.com/prod/mlflow",
        "ui": "3.18.0",
    });
    assert_eq!(settings.json, expected);
    assert!(
        settings
            .summary()
            .contains("IDENTITY_POOL_ID is not needed")
    );
}

#[test]
fn each_variable_has_its_place() {
    let table = [
        (
            "SHELL_ORIGIN",
            "https://a.example",
            "/origin",
            json!("https://a.example"),
        ),
        (
            "AWS_BRANCH",
            "Feature/New_UI",
            "/origin",
            json!("https://feature-new-ui.d1a2b3c4.amplifyapp.com"),
        ),
        (
            "AWS_PULL_REQUEST_ID",
            "7",
            "/origin",
            json!("https://pr-7.d1a2b3c4.amplifyapp.com"),
        ),
        (
            "COGNITO_DOMAIN",
            "https://login.example",
            "/provider/domain",
            json!("https://login.example"),
        ),
        (
            "COGNITO_DOMAIN",
            "login.example",
            "/provider/domain",
            json!("https://login.example"),
        ),
        (
            "COGNITO_ISSUER",
            "https://issuer.example/x",
            "/provider/issuer",
            json!("https://issuer.example/x"),
        ),
        (
            "COGNITO_SCOPES",
            "openid email",
            "/provider/scopes",
            json!(["openid", "email"]),
        ),
        (
            "MLFLOW_API_URL",
            "https://api.example/mlflow",
            "/api",
            json!("https://api.example/mlflow"),
        ),
        (
            "MLFLOW_API_URL",
            "https://a.execute-api.eu-central-1.amazonaws.com/prod/mlflow",
            "/api",
            json!("https://a.execute-api.eu-central-1.amazonaws.com/prod/mlflow"),
        ),
        (
            "DOMAIN_ID",
            "d-x",
            "/frame_ancestors",
            json!(["https://d-x.studio.eu-central-1.sagemaker.aws"]),
        ),
        (
            "FRAME_ANCESTORS",
            "https://a.example, https://b.example",
            "/frame_ancestors",
            json!(["https://a.example", "https://b.example"]),
        ),
        ("BEARER", "access", "/bearer", json!("access")),
        ("BAR", "collapsed", "/bar", json!("collapsed")),
        (
            "SESSION_KEEP",
            "on-device",
            "/session/keep",
            json!("on-device"),
        ),
        ("SESSION_MAX_AGE", "3600", "/session/max_age", json!(3600)),
        (
            "PYTHON_TRACKING_URI",
            "https://a.execute-api.eu-central-1.amazonaws.com/prod",
            "/python/access",
            json!("sigv4"),
        ),
        (
            "REACT_APP_REGION",
            "",
            "/provider/domain",
            json!("https://example.auth.eu-central-1.amazoncognito.com"),
        ),
    ];
    for (name, value, place, expected) in table {
        let settings = read(&[(name, value)]).unwrap();
        assert_eq!(
            settings.json.pointer(place),
            Some(&expected),
            "{name}={value}"
        );
    }
}

#[test]
fn every_refusal_names_the_variable() {
    let table = [
        (POOL, "", "is not set"),
        (POOL, "Example", "no id of a user pool"),
        (REGION, "us-east-1", "is in eu-central-1"),
        (CLIENT, "", "is not set"),
        (DOMAIN, "", "is not set"),
        (DOMAIN, "http://login.example", "must use https://"),
        (ISSUER, "x", "provider.issuer"),
        (ORIGIN, "mlflow.example.com", "origin"),
        (API, "", "is not set"),
        (
            API,
            "https://a.example/x?y",
            "path of other than plain names",
        ),
        (VERSION, "", "is not set"),
        (VERSION, "../3", "a version of MLflow"),
        (FRAMERS, "*.example.com", "frame_ancestors"),
        (PAGES, "cdn.plot.ly", "artifacts.page_origins"),
        ("BEARER", "refresh", "expected `id` or `access`"),
        ("BAR", "up", "bar"),
        ("SESSION_KEEP", "always", "session.keep"),
        (MAX_AGE, "a day", "is no number of seconds"),
        ("COGNITO_SCOPES", "email", "openid"),
        ("PYTHON_TRACKING_URI", "x", "python.tracking_uri"),
    ];
    for (name, value, problem) in table {
        let refusal = read(&[(name, value)]).expect_err(name).to_string();
        assert!(refusal.starts_with(name), "{name}: {refusal}");
        assert!(refusal.contains(problem), "{refusal}");
    }
}

#[test]
fn artifacts_load_from_the_origins_that_are_listed() {
    let settings = read(&[(PAGES, "https://cdn.plot.ly, https://b.example")]).unwrap();

    let listed = json!(["https://cdn.plot.ly", "https://b.example"]);
    assert_eq!(settings.json["artifacts"]["page_origins"], listed);
}

#[test]
fn without_amplifys_own_variables_the_origin_must_be_given() {
    let refusal = read(&[("AWS_APP_ID", "")]).unwrap_err().to_string();
    assert!(refusal.starts_with("SHELL_ORIGIN is not set"), "{refusal}");
}
