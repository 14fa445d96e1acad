//! The function as Lambda runs it: against a runtime interface, with the
//! issuer's keys behind HTTP, judged by what it posts and what it logs.

mod attacks;
mod forgery;
mod lambda;

use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};

use self::lambda::{Lambda, claims, event, events, function, sign, token};

const SEARCH: &str = "ajax-api/2.0/mlflow/runs/search";

#[tokio::test]
async fn every_kind_of_event_is_answered_as_api_gateway_understands() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = Lambda::start(Some(jwks([&key]).to_string()), &[]).await;

    for event in events(Some(&token(&key, "readers"))) {
        let (kind, body) = lambda.invoke(&event).await;
        assert_eq!(kind, "response");
        assert_eq!(effect(&body), "Allow", "{body}");
        assert_eq!(body["context"]["rule"], "reading");
        let resource = &body["policyDocument"]["Statement"][0]["Resource"][0];
        assert!(resource.as_str().unwrap().ends_with(SEARCH), "{resource}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
    for event in events(Some(&token(&key, "others"))) {
        let (kind, body) = lambda.invoke(&event).await;
        assert_eq!((kind.as_str(), effect(&body)), ("response", "Deny"));
    }
    for event in events(None) {
        let failure = lambda.failure(&event).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"));
    }
    assert_eq!(lambda.loads(), 1, "the keys are kept");

    let log = lambda.stop();
    let verdicts: Vec<_> = log.iter().map(|line| &line["verdict"]).collect();
    assert_eq!(
        verdicts,
        [["allow"; 4], ["deny"; 4], ["refuse"; 4]].concat()
    );
    let kinds: Vec<_> = log[..4].iter().map(|line| &line["kind"]).collect();
    assert_eq!(kinds, ["TOKEN", "REQUEST", "HTTP 1.0", "HTTP 2.0"]);
    assert_eq!(log[1]["path"], ["/", SEARCH].concat());
    assert_eq!(log[1]["operation"], "2.0/mlflow/runs/search");
    assert_eq!(log[1]["request_id"], "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    assert_eq!(
        (&log[1]["user"], &log[1]["rule"]),
        (&json!("user-1"), &json!("reading"))
    );
    assert!(log[5]["why"].as_str().unwrap().contains("user-1"));
    assert_eq!(log[9]["why"], "no bearer");
    let text = format!("{log:?}");
    assert!(!text.contains("eyJ"), "a token in the log");
    assert!(!text.contains("value1"), "a query in the log");
}

#[tokio::test]
async fn answers_take_the_configured_form() {
    let key = SigningKey::generate("key=").unwrap();
    let keys = || Some(jwks([&key]).to_string());
    let [_, rest, _, http2] = events(Some(&token(&key, "readers")));

    let mut lambda = Lambda::start(keys(), &[("ANSWER", "user")]).await;
    let (_, body) = lambda.invoke(&rest).await;
    let allowed = body["policyDocument"]["Statement"][0]["Resource"].as_array();
    assert!(allowed.unwrap().len() > 50, "{body}");

    let mut lambda = Lambda::start(keys(), &[("SIMPLE_RESPONSES", "true")]).await;
    let (_, body) = lambda.invoke(&http2).await;
    assert_eq!(body["isAuthorized"], true);
}

#[tokio::test]
async fn groups_are_where_the_environment_says() {
    let key = SigningKey::generate("key=").unwrap();
    let rules = r#"[{"claim": ["realm_access", "roles"], "value": "ml", "group": "readers"}]"#;
    let keys = Some(jwks([&key]).to_string());
    let mut lambda = Lambda::start(keys, &[("GROUPS", rules)]).await;
    let table = [
        (json!({"roles": ["x", "ml"]}), "Allow"),
        (json!({"roles": ["x"]}), "Deny"),
        (json!([{"roles": ["ml"]}]), "Deny"),
    ];
    for (access, expected) in table {
        let mut claims = claims("readers");
        claims["realm_access"] = access;
        let [_, rest, ..] = events(Some(&sign(&key, &claims)));
        let (_, body) = lambda.invoke(&rest).await;
        assert_eq!(effect(&body), expected, "{claims}");
    }
}

/// The first answer is for the one query, the second may be kept for others.
#[tokio::test]
async fn a_name_in_a_query_counts_in_answers_for_one_request_only() {
    let key = SigningKey::generate("key=").unwrap();
    let policy = r#"{"rules": [{"name": "fraud", "groups": ["team"], "models": ["fraud-*"],
                                "allow": {"registered-models": ["read"]}}]}"#;
    let path = "/api/2.0/mlflow/registered-models/get";
    let mut event = event(Some(&token(&key, "team")));
    event["httpMethod"] = "GET".into();
    event["path"] = path.into();
    event["methodArn"] = format!("arn:aws:execute-api:r:1:a/prod/GET{path}").into();
    event["queryStringParameters"] = json!({"name": "fraud-1"});
    for (answer, expected) in [("request", "Allow"), ("user", "Deny")] {
        let variables = [("POLICY", policy), ("ANSWER", answer)];
        let mut lambda = Lambda::start(Some(jwks([&key]).to_string()), &variables).await;
        let (_, body) = lambda.invoke(&event).await;
        assert_eq!(effect(&body), expected, "{body}");
    }
}

#[tokio::test]
async fn several_clients_and_kinds_of_token_are_accepted_if_configured() {
    let key = SigningKey::generate("key=").unwrap();
    let policy = r#"{"rules": [{"name": "all", "groups": ["team"], "allow": "everything"}]}"#;
    let variables = [
        ("CLIENT_ID", "client other"),
        ("BEARER", "any"),
        ("POLICY", policy),
    ];
    let mut lambda = Lambda::start(Some(jwks([&key]).to_string()), &variables).await;
    let with = |changes: Value| {
        let mut claims = claims("team");
        let claims_fields = claims.as_object_mut().unwrap();
        claims_fields.extend(changes.as_object().unwrap().clone());
        claims_fields.retain(|_, value| !value.is_null());
        sign(&key, &claims)
    };
    let table = [
        (json!({}), true),
        (json!({"aud": "other"}), true),
        (
            json!({"aud": null, "client_id": "other", "token_use": "access"}),
            true,
        ),
        (json!({"aud": ["third", "client"]}), true),
        (json!({"aud": "third"}), false),
        (
            json!({"aud": null, "client_id": "third", "token_use": "access"}),
            false,
        ),
        (json!({"aud": "client", "token_use": "access"}), false),
        (json!({"aud": "client", "token_use": "refresh"}), false),
    ];
    for (changes, expected) in table {
        let (kind, body) = lambda.invoke(&event(Some(&with(changes.clone())))).await;
        assert_eq!(kind == "response", expected, "{changes}");
        assert!(!expected || body["context"]["rule"] == "all", "{changes}");
    }
}

#[tokio::test]
async fn keys_out_of_reach_are_not_the_users_fault() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = Lambda::start(None, &[]).await;

    for _ in 0..2 {
        let failure = lambda.failure(&event(Some(&token(&key, "readers")))).await;
        assert_eq!(
            failure.as_deref(),
            Some("the issuer's keys cannot be loaded")
        );
    }
    assert_eq!(lambda.loads(), 1, "the issuer is left alone for a while");

    let log = lambda.stop();
    assert_eq!(log[0]["why"], "answered 503 Service Unavailable");
    assert_eq!(
        (&log[1]["verdict"], &log[2]["verdict"]),
        (&json!("fail"), &json!("fail"))
    );
}

#[tokio::test]
async fn what_is_no_event_fails_with_other_words() {
    let mut lambda = Lambda::start(None, &[]).await;
    for event in [
        json!(null),
        json!([]),
        json!({"type": "TOKEN", "authorizationToken": "Bearer eyJ"}),
    ] {
        let failure = lambda.failure(&event).await;
        assert_eq!(
            failure.as_deref(),
            Some("not an event of a REST or HTTP API's authorizer")
        );
    }
    let log = lambda.stop();
    assert_eq!(log.len(), 3);
    assert!(!format!("{log:?}").contains("eyJ"));
}

#[test]
fn a_start_without_configuration_names_the_variable() {
    let table = [
        ("CLIENT_ID", "", "environment variable `CLIENT_ID` is empty"),
        (
            "POLICY",
            r#"{"rules": [{}]}"#,
            "environment variable `POLICY` is refused: the policy's `rules[0].name` is missing",
        ),
        (
            "POLICY_FILE",
            "/no/policy.json",
            "environment variable `POLICY_FILE` cannot be read",
        ),
    ];
    for (variable, value, expected) in table {
        let output = function().env(variable, value).output().unwrap();
        let log = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success());
        assert!(log.contains(expected), "{log}");
    }
}

fn effect(body: &Value) -> &str {
    let effect = &body["policyDocument"]["Statement"][0]["Effect"];
    effect.as_str().unwrap_or_default()
}
