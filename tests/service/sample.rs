//! The authorizer that ours is compared with does what the AWS sample's is
//! described to do, mistakes included.

use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};
use shell_tests::{
    authorizers::{self, claims, event},
    environment,
    issuer::now,
    lambda::{Answered, Kind, Lambda},
};

const READ: [&str; 5] = [
    "POST/ajax-api/2.0/mlflow/runs/search",
    "POST/ajax-api/2.0/mlflow/experiments/search",
    "GET/ajax-api/2.0/mlflow/*",
    "GET/get-artifact",
    "GET/model-versions/*",
];

const APPROVE: [&str; 2] = [
    "POST/ajax-api/2.0/mlflow/registered-models/*",
    "*/ajax-api/2.0/mlflow/model-versions/*",
];

/// `{"alg":"none","kid":"key="}`
const NONE: &str = "eyJhbGciOiJub25lIiwia2lkIjoia2V5PSJ9";

/// `{"alg":"HS256","kid":"key="}`
const HS256: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtleT0ifQ";

/// `{"alg":"RS256"}`
const NAMELESS: &str = "eyJhbGciOiJSUzI1NiJ9";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shows_a_token_of_the_pool_for_the_client_gets_one_groups_rights() {
    let Some(mut sample) = Sample::start().await else {
        return;
    };
    let approve = [&READ[..], &APPROVE].concat();
    let table: [(&[&str], &[&str]); 5] = [
        (&["readers", "admins"], &["*/*"]),
        (&["readers"], &READ),
        (&["model-approvers"], &approve),
        (&["model-approvers", "readers"], &READ),
        (&["others", "readers"], &READ),
    ];
    for (groups, expected) in table {
        let token = sample.sign(&claims(groups));
        for header in [format!("Bearer {token}"), token] {
            let answered = sample.answer(&event(Some(&header))).await;
            assert_eq!(answered.body["principalId"], "reader");
            assert_eq!(methods(&answered.body), expected, "{groups:?}");
        }
    }

    for (claim, value) in [
        ("iss", json!("https://elsewhere.example")),
        ("token_use", json!("access")),
        ("nbf", json!(now() + 600)),
    ] {
        let token = sample.sign(&with(claim, value));
        let answered = sample.answer(&event(Some(&token))).await;
        assert_eq!(methods(&answered.body), READ, "{claim}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_refuses_it_refuses_in_several_words() {
    let Some(mut sample) = Sample::start().await else {
        return;
    };
    let good = sample.sign(&claims(&["readers"]));
    let (header, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let stranger = SigningKey::generate("key=").expect("a key");
    let unknown = sample.key.renamed("unknown=");
    let unauthorized = "Exception: Unauthorized";
    let unreadable = "JWTError: Error decoding token headers.";
    let table = [
        (sample.sign(&with("exp", json!(now() - 1))), unauthorized),
        (sample.sign(&with("aud", json!("another"))), unauthorized),
        (sign(&unknown, &claims(&["readers"])), unauthorized),
        (sign(&stranger, &claims(&["readers"])), unauthorized),
        (format!("{header}.{body}."), unauthorized),
        (format!("{NONE}.{body}."), unauthorized),
        (format!("{HS256}.{body}.{signature}"), unauthorized),
        (format!("bearer {good}"), unreadable),
        ("garbage".to_owned(), unreadable),
        (format!("{NAMELESS}.{body}.{signature}"), "KeyError: 'kid'"),
        (sample.sign(&without("aud")), "KeyError: 'aud'"),
        (
            sample.sign(&without("cognito:groups")),
            "KeyError: 'cognito:groups'",
        ),
        (sample.sign(&claims(&["others"])), "Response: false"),
    ];
    for (authorization, expected) in table {
        let answered = sample.answer(&event(Some(&authorization))).await;
        assert_eq!(words(&answered), expected, "{authorization}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_knows_one_spelling_of_the_header() {
    let Some(mut sample) = Sample::start().await else {
        return;
    };
    let mut event = event(None);
    event["headers"]["authorization"] = json!(sample.sign(&claims(&["readers"])));

    let answered = sample.answer(&event).await;

    assert_eq!(words(&answered), "KeyError: 'Authorization'");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_keys_it_does_not_start() {
    let Some(sample) = environment::sample() else {
        return;
    };
    let command = |keys: &str| authorizers::sample(&sample, keys);
    let mut lambda = Lambda::start(command, None).await.expect("it starts");

    let answered = lambda.answer().await.expect("it says so");

    assert_eq!(answered.kind, Kind::InitError);
    assert_eq!(lambda.loads(), 1);
}

struct Sample {
    lambda: Lambda,
    key: SigningKey,
}

impl Sample {
    async fn start() -> Option<Self> {
        let sample = environment::sample()?;
        let key = SigningKey::generate("key=").expect("a key");
        let command = |keys: &str| authorizers::sample(&sample, keys);
        let lambda = Lambda::start(command, Some(jwks([&key]).to_string())).await;
        let lambda = lambda.expect("it starts");
        Some(Self { lambda, key })
    }

    fn sign(&self, claims: &Value) -> String {
        sign(&self.key, claims)
    }

    async fn answer(&mut self, event: &Value) -> Answered {
        self.lambda.invoke(event).await.expect("an answer")
    }
}

fn sign(key: &SigningKey, claims: &Value) -> String {
    let token = key.sign(claims).expect("claims are an object");
    token.expose().to_owned()
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims(&["readers"]);
    claims[claim] = value;
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = claims(&["readers"]);
    claims.as_object_mut().expect("an object").remove(claim);
    claims
}

/// The methods it allows, below the stage.
fn methods(body: &Value) -> Vec<String> {
    const STAGE: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/";
    let statement = &body["policyDocument"]["Statement"][0];
    assert_eq!(statement["Effect"], "Allow", "{body}");
    let resources = statement["Resource"].as_array().expect("a list").iter();
    resources
        .map(|it| it.as_str().expect("text"))
        .map(|it| it.strip_prefix(STAGE).expect("of the stage").to_owned())
        .collect()
}

/// What it says, other than a policy.
fn words(answered: &Answered) -> String {
    let Answered { kind, body, .. } = answered;
    match (body["errorType"].as_str(), body["errorMessage"].as_str()) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        _ => format!("{kind:?}: {body}"),
    }
}
