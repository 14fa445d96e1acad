//! Our authorizer as Lambda runs it: judged by what it posts and what it logs.

use std::process::Command;

use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};
use shell_tests::{
    environment,
    issuer::now,
    lambda::{Kind, Lambda},
};

use crate::attacks::list::{self, Attack, Forge, Reason};

const SEARCH: &str = "ajax-api/2.0/mlflow/runs/search";

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_event_is_answered_as_api_gateway_understands() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = start(Some(jwks([&key]).to_string()), &[]).await;

    for event in events(Some(&token(&key, "readers"))) {
        let (kind, body) = invoke(&mut lambda, &event).await;
        assert_eq!(kind, Kind::Response);
        assert_eq!(effect(&body), "Allow", "{body}");
        assert_eq!(body["context"]["rule"], "reading");
        let resource = &body["policyDocument"]["Statement"][0]["Resource"][0];
        assert!(resource.as_str().unwrap().ends_with(SEARCH), "{resource}");
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
    for event in events(Some(&token(&key, "others"))) {
        let (kind, body) = invoke(&mut lambda, &event).await;
        assert_eq!((kind, effect(&body)), (Kind::Response, "Deny"));
    }
    for event in events(None) {
        let failure = failure(&mut lambda, &event).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"));
    }
    assert_eq!(lambda.loads(), 1, "the keys are kept");

    let log = stop(lambda);
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

#[tokio::test(flavor = "multi_thread")]
async fn answers_take_the_configured_form() {
    let key = SigningKey::generate("key=").unwrap();
    let keys = || Some(jwks([&key]).to_string());
    let [_, rest, _, http2] = events(Some(&token(&key, "readers")));

    let mut lambda = start(keys(), &[("ANSWER", "user")]).await;
    let (_, body) = invoke(&mut lambda, &rest).await;
    let allowed = body["policyDocument"]["Statement"][0]["Resource"].as_array();
    assert!(allowed.unwrap().len() > 50, "{body}");

    let mut lambda = start(keys(), &[("SIMPLE_RESPONSES", "true")]).await;
    let (_, body) = invoke(&mut lambda, &http2).await;
    assert_eq!(body["isAuthorized"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_where_the_environment_says() {
    let key = SigningKey::generate("key=").unwrap();
    let rules = r#"[{"claim": ["realm_access", "roles"], "value": "ml", "group": "readers"}]"#;
    let keys = Some(jwks([&key]).to_string());
    let mut lambda = start(keys, &[("GROUPS", rules)]).await;
    let table = [
        (json!({"roles": ["x", "ml"]}), "Allow"),
        (json!({"roles": ["x"]}), "Deny"),
        (json!([{"roles": ["ml"]}]), "Deny"),
    ];
    for (access, expected) in table {
        let mut claims = claims("readers");
        claims["realm_access"] = access;
        let [_, rest, ..] = events(Some(&sign(&key, &claims)));
        let (_, body) = invoke(&mut lambda, &rest).await;
        assert_eq!(effect(&body), expected, "{claims}");
    }
}

/// The first answer is for the one query, the second may be kept for others.
#[tokio::test(flavor = "multi_thread")]
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
        let mut lambda = start(Some(jwks([&key]).to_string()), &variables).await;
        let (_, body) = invoke(&mut lambda, &event).await;
        assert_eq!(effect(&body), expected, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_clients_and_kinds_of_token_are_accepted_if_configured() {
    let key = SigningKey::generate("key=").unwrap();
    let policy = r#"{"rules": [{"name": "all", "groups": ["team"], "allow": "everything"}]}"#;
    let variables = [
        ("CLIENT_ID", "client other"),
        ("BEARER", "any"),
        ("POLICY", policy),
    ];
    let mut lambda = start(Some(jwks([&key]).to_string()), &variables).await;
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
        let (kind, body) = invoke(&mut lambda, &event(Some(&with(changes.clone())))).await;
        assert_eq!(kind == Kind::Response, expected, "{changes}");
        assert!(!expected || body["context"]["rule"] == "all", "{changes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_out_of_reach_are_not_the_users_fault() {
    let key = SigningKey::generate("key=").unwrap();
    let mut lambda = start(None, &[]).await;

    for _ in 0..2 {
        let failure = failure(&mut lambda, &event(Some(&token(&key, "readers")))).await;
        assert_eq!(
            failure.as_deref(),
            Some("the issuer's keys cannot be loaded")
        );
    }
    assert_eq!(lambda.loads(), 1, "the issuer is left alone for a while");

    let log = stop(lambda);
    assert_eq!(log[0]["why"], "answered 503 Service Unavailable");
    assert_eq!(
        (&log[1]["verdict"], &log[2]["verdict"]),
        (&json!("fail"), &json!("fail"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_fails_with_other_words() {
    let mut lambda = start(None, &[]).await;
    for event in [
        json!(null),
        json!([]),
        json!({"type": "TOKEN", "authorizationToken": "Bearer eyJ"}),
    ] {
        let failure = failure(&mut lambda, &event).await;
        assert_eq!(
            failure.as_deref(),
            Some("not an event of a REST or HTTP API's authorizer")
        );
    }
    let log = stop(lambda);
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

/// More than any header that API Gateway takes.
const MEGABYTE: usize = 1 << 20;

/// As the gateway's test of the same list: no attack makes it ask for anything.
#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_unauthorized() {
    let [key, impostor] = [(); 2].map(|()| SigningKey::generate("a+/b=").unwrap());
    let forge = Forge {
        key: &key,
        impostor: &impostor,
        claims: claims("admins"),
        now: now(),
    };
    let mut lambda = start(Some(jwks([&key]).to_string()), &[]).await;
    let large = forge.with_payload(&json!({ "filler": "x".repeat(MEGABYTE) }).to_string());
    let large = [large, ".".repeat(MEGABYTE), "a".repeat(MEGABYTE)];
    // Space around a token is no part of it.
    let mut attacks = list::all(&forge);
    attacks.retain(|attack| attack.token.trim() == attack.token);
    let is_of_groups = |attack: &Attack| attack.reason == Reason::Groups;
    let (of_groups, attacks): (Vec<_>, Vec<_>) = attacks.into_iter().partition(is_of_groups);
    for Attack { name, token, .. } in of_groups {
        let (kind, body) = invoke(&mut lambda, &event(Some(&token))).await;
        assert_eq!((kind, effect(&body)), (Kind::Response, "Deny"), "{name}");
    }
    let attacks = attacks.into_iter();
    let attacks = attacks.map(|attack| (attack.name, attack.token));
    let large = large.map(|token| ("a megabyte".to_owned(), token));
    for (name, token) in attacks.chain(large) {
        let failure = failure(&mut lambda, &event(Some(&token))).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"), "{name}");
    }
    for event in events(Some(&sign(&impostor, &claims("admins")))) {
        let failure = failure(&mut lambda, &event).await;
        assert_eq!(failure.as_deref(), Some("Unauthorized"), "{event}");
    }
    let (kind, _) = invoke(&mut lambda, &event(Some(&forge.good()))).await;
    assert_eq!(kind, Kind::Response, "it is still there");
    assert_eq!(
        lambda.loads(),
        1,
        "a token made the function ask for something"
    );

    let log = lambda.stop();
    assert!(!format!("{log:?}").contains("eyJ"), "a token in the log");
}

/// Starts the function with `variables` and an issuer that publishes `keys` if
/// there are any.
async fn start(keys: Option<String>, variables: &[(&str, &str)]) -> Lambda {
    let command = |url: &str| {
        let mut function = function();
        function
            .env("JWKS_URL", url)
            .envs(variables.iter().copied());
        function
    };
    let lambda = Lambda::start(command, keys).await;
    lambda.expect("the function starts")
}

/// The function, with the least it needs.
fn function() -> Command {
    let mut function = Command::new(environment::authorizer());
    function
        .env_clear()
        .env("ISSUER", "https://issuer.example")
        .env("CLIENT_ID", "client");
    function
}

async fn invoke(lambda: &mut Lambda, event: &Value) -> (Kind, Value) {
    let answered = lambda.invoke(event).await.expect("an answer in time");
    (answered.kind, answered.body)
}

/// What the function fails with at `event`, if it does.
async fn failure(lambda: &mut Lambda, event: &Value) -> Option<String> {
    let (kind, body) = invoke(lambda, event).await;
    let text = body["errorMessage"].as_str().map(ToOwned::to_owned);
    text.filter(|_| kind == Kind::Error)
}

/// Stops the function and returns its log.
fn stop(lambda: Lambda) -> Vec<Value> {
    let lines = lambda.stop().into_iter();
    let lines = lines.map(|line| serde_json::from_str(&line));
    lines.collect::<Result<_, _>>().expect("JSON, line by line")
}

/// Every kind of event about the same request, with the token if there is one.
fn events(token: Option<&str>) -> [Value; 4] {
    [
        include_str!("../../crates/authorizer/fixtures/token.json"),
        include_str!("../../crates/authorizer/fixtures/request.json"),
        include_str!("../../crates/authorizer/fixtures/http-api-1.0.json"),
        include_str!("../../crates/authorizer/fixtures/http-api-2.0.json"),
    ]
    .map(|event| {
        let mut event: Value = serde_json::from_str(event).expect("JSON");
        if let Some(token) = token {
            let value = format!("Bearer {token}");
            if event["type"] == "TOKEN" {
                event["authorizationToken"] = value.into();
            } else {
                event["headers"]["Authorization"] = value.into();
            }
        }
        event
    })
}

/// An event of a REST API's `REQUEST` authorizer.
fn event(token: Option<&str>) -> Value {
    let [_, event, ..] = events(token);
    event
}

/// Claims of a good ID token of a member of `group`.
fn claims(group: &str) -> Value {
    json!({
        "iss": "https://issuer.example",
        "sub": "user-1",
        "aud": "client",
        "token_use": "id",
        "exp": now() + 60,
        "cognito:groups": [group],
    })
}

/// A good ID token of a member of `group`.
fn token(key: &SigningKey, group: &str) -> String {
    sign(key, &claims(group))
}

fn sign(key: &SigningKey, claims: &Value) -> String {
    key.sign(claims).expect("claims").expose().to_owned()
}
