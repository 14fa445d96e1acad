//! The AWS sample's authorizer, as it is described, and ours: what a client of
//! API Gateway sees of either on the same request.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shell_core::policy::{Access, Request};
use shell_jose::{SigningKey, jwks};
use shell_tests::{
    authorizers::{self, claims, event},
    endpoints, environment,
    issuer::now,
    lambda::{Answered, Kind, Lambda},
};

const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/";

/// Both, with one key between them.
struct Both {
    key: SigningKey,
    sample: Lambda,
    ours: Lambda,
}

impl Both {
    async fn start() -> Option<Self> {
        let (python, program) = (environment::sample()?, environment::authorizer());
        let key = SigningKey::generate("key=").expect("a key");
        let keys = || Some(jwks([&key]).to_string());
        let sample = Lambda::start(|url: &str| authorizers::sample(&python, url), keys()).await;
        let ours = Lambda::start(|url: &str| authorizers::ours(&program, url), keys()).await;
        Some(Self {
            sample: sample.expect("it starts"),
            ours: ours.expect("it starts"),
            key,
        })
    }

    fn sign(&self, claims: &Value) -> String {
        self.key.sign(claims).expect("claims").expose().to_owned()
    }

    /// What a client sees of the sample's and of ours.
    async fn ask(&mut self, event: &Value) -> [u16; 2] {
        let arn = event["methodArn"].as_str().expect("a text");
        let sample = self.sample.invoke(event).await.expect("an answer");
        let ours = self.ours.invoke(event).await.expect("an answer");
        [&sample, &ours].map(|answered| seen(answered, arn))
    }
}

/// What API Gateway makes of an answer (Developer Guide, "Output from an Amazon
/// API Gateway Lambda authorizer").
fn seen(answered: &Answered, arn: &str) -> u16 {
    let body = &answered.body;
    match answered.kind {
        Kind::Error if body["errorMessage"] == "Unauthorized" => 401,
        Kind::Response => match body["policyDocument"]["Statement"].as_array() {
            Some(statements) if is_allowed(statements, arn) => 200,
            Some(_) => 403,
            None => 500,
        },
        Kind::Error | Kind::InitError => 500,
    }
}

fn is_allowed(statements: &[Value], arn: &str) -> bool {
    let covering = |effect: &str| {
        let statements = statements.iter().filter(|it| it["Effect"] == effect);
        let mut resources = statements.flat_map(resources);
        resources.any(|pattern| matches(&pattern, arn))
    };
    covering("Allow") && !covering("Deny")
}

fn resources(statement: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let resource = &statement["Resource"];
    match resource.as_array() {
        Some(all) => all.iter().filter_map(text).collect(),
        None => text(resource).into_iter().collect(),
    }
}

/// `*` is any text, `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let mut ends = (0..=rest.len()).filter(|end| rest.is_char_boundary(*end));
            ends.any(|end| matches(after, &rest[end..]))
        }),
    }
}

/// An event for another request than the fixture's.
fn for_request(mut event: Value, method: &str, path: &str) -> Value {
    event["httpMethod"] = json!(method);
    event["path"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path.trim_start_matches('/'));
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["requestContext"]["httpMethod"] = json!(method);
    event["methodArn"] = json!(format!("{ARN}{method}{path}"));
    event
}

fn bearer(token: &str) -> Value {
    event(Some(&format!("Bearer {token}")))
}

fn changed(groups: &[&str], claim: &str, value: Option<Value>) -> Value {
    let mut claims = claims(groups);
    match value {
        Some(value) => claims[claim] = value,
        None => drop(claims.as_object_mut().and_then(|all| all.remove(claim))),
    }
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_sample_is_wrong_ours_is_right() {
    let Some(mut both) = Both::start().await else {
        return;
    };
    let good = both.sign(&claims(&["readers"]));
    let access = json!({
        "iss": authorizers::ISSUER, "sub": "s", "client_id": claims(&[])["aud"],
        "token_use": "access", "exp": now() + 600, "cognito:groups": ["readers"],
    });
    let nameless = format!(
        "eyJhbGciOiJSUzI1NiJ9.{}",
        good.split_once('.').expect("parts").1
    );
    let mut lower = event(None);
    lower["headers"]["authorization"] = json!(format!("Bearer {good}"));
    let sign = |claims: &Value| bearer(&both.sign(claims));
    let reader = |claim, value| sign(&changed(&["readers"], claim, value));
    let approve = ["model-approvers", "readers"];
    let transition = "/ajax-api/2.0/mlflow/model-versions/transition-stage";
    let table = [
        // Both are right.
        ("a reader's token", bearer(&good), [200, 200]),
        (
            "expired",
            reader("exp", Some(json!(now() - 60))),
            [401, 401],
        ),
        (
            "another client",
            reader("aud", Some(json!("other"))),
            [401, 401],
        ),
        (
            "an unknown key",
            bearer(&authorizers_key(&both)),
            [401, 401],
        ),
        // A bearer in another case.
        (
            "bearer in lower case",
            event(Some(&format!("bearer {good}"))),
            [500, 200],
        ),
        ("the header in lower case", lower, [500, 200]),
        // 500 is no answer to a token that is not good.
        ("an access token", sign(&access), [500, 401]),
        ("no name of a key", bearer(&nameless), [500, 401]),
        ("garbage", bearer("garbage"), [500, 401]),
        ("nothing", event(None), [500, 401]),
        // A user without rights is known: signing in again would not help.
        ("in no group", reader("cognito:groups", None), [500, 403]),
        (
            "in an unknown group",
            sign(&claims(&["others"])),
            [500, 403],
        ),
        (
            "in a group with admins in its name",
            sign(&claims(&["not-admins"])),
            [500, 403],
        ),
        // What it does not look at.
        (
            "another issuer",
            reader("iss", Some(json!("https://elsewhere.example"))),
            [200, 401],
        ),
        (
            "an access token with our aud",
            reader("token_use", Some(json!("access"))),
            [200, 401],
        ),
        (
            "not valid yet",
            reader("nbf", Some(json!(now() + 600))),
            [200, 401],
        ),
        // Of two groups it takes the weaker.
        (
            "two groups",
            for_request(sign(&claims(&approve)), "POST", transition),
            [403, 200],
        ),
        // A token without a scheme is no bearer (RFC 6750 §2.1).
        ("a token alone", event(Some(&good)), [200, 401]),
    ];
    for (case, event, expected) in table {
        assert_eq!(both.ask(&event).await, expected, "{case}");
    }
}

fn authorizers_key(both: &Both) -> String {
    let unknown = both.key.renamed("unknown=");
    let token = unknown.sign(&claims(&["readers"])).expect("claims");
    token.expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_the_sample_rightly_denies_is_allowed() {
    let Some(mut both) = Both::start().await else {
        return;
    };
    for version in ["2.12.2", "3.18.0"] {
        let mut differs = [0, 0];
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for group in ["readers", "model-approvers"] {
            let good = bearer(&both.sign(&claims(&[group])));
            for endpoint in endpoints::of_version(version) {
                if endpoint.graphql_field().is_some() {
                    continue;
                }
                let path = endpoint.sample();
                let event = for_request(good.clone(), endpoint.method, &path);
                let named = format!("{group} {} {}", endpoint.method, endpoint.path);
                match both.ask(&event).await {
                    [403, 200] => {
                        differs[0] += 1;
                        assert!(is_right(group, endpoint.method, &path), "{named}");
                    }
                    [200, 403] => {
                        differs[1] += 1;
                        taken.insert(named);
                    }
                    [sample, ours] => assert_eq!(sample, ours, "{named}"),
                }
            }
        }
        report(version, differs);
        assert_eq!(taken, not_any_more(version), "{version}");
    }
}

#[expect(clippy::print_stderr, reason = "the figures are a result")]
fn report(version: &str, [given, taken]: [usize; 2]) {
    eprintln!(
        "MLflow {version}: ours allows {given} requests more than the sample's, and {taken} less"
    );
}

/// A reader may read, and an approver may do what an approval takes.
fn is_right(group: &str, method: &str, path: &str) -> bool {
    let request = Request::read(method, path).expect("one reading");
    let registry = ["/registered-models/", "/model-versions/"];
    let approval = [
        "create",
        "update",
        "alias",
        "set-tag",
        "delete-tag",
        "transition-stage",
    ];
    let is_approval = registry.iter().any(|part| path.contains(part))
        && approval.iter().any(|end| path.ends_with(end));
    request.operation().access() == Access::Read || (group == "model-approvers" && is_approval)
}

/// What the sample allows by its patterns and a policy should not: renaming and
/// deleting is no approving, and what has secrets in it is no reading.
fn not_any_more(version: &str) -> BTreeSet<String> {
    let approvers = "model-approvers";
    let mut all = vec![
        (approvers, "DELETE", "model-versions/delete"),
        (approvers, "POST", "registered-models/rename"),
    ];
    if version == "3.18.0" {
        for group in [approvers, "readers"] {
            let secret = ["users/get", "webhooks", "webhooks/{webhook_id}"];
            all.extend(secret.map(|path| (group, "GET", path)));
        }
    }
    let named =
        |(group, method, path)| format!("{group} {method} /{{api|ajax-api}}/2.0/mlflow/{path}");
    all.into_iter().map(named).collect()
}
