use std::sync::LazyLock;

use serde_json::{Value, json};
use shell_core::{claims::ClaimsError, config::Bearer};
use shell_jose::{SigningKey, VerifyError, jwks};

use super::*;
use crate::Why;

const NOW: Timestamp = Timestamp(1_782_898_200);
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://issuer.example",
    client_id: "client",
    bearer: Bearer::Id,
};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("key=").unwrap());

#[test]
fn an_admitted_user_may_call_the_whole_stage() {
    let answer = ask(&with_bearer(&good())).unwrap();

    let expected = json!({
        "principalId": "user-1",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Action": ["execute-api:Invoke"],
                "Effect": "Allow",
                "Resource": ["arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/*/*"],
            }],
        },
        "context": { "user": "a@example.com", "groups": "pool_Google readers", "rule": "readers" },
    });
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
}

#[test]
fn a_user_in_no_admitted_group_is_denied_not_unauthorized() {
    for groups in [
        json!([]),
        json!(null),
        json!(["pool_Google"]),
        json!(["Admins"]),
    ] {
        let answer = ask(&with_bearer(&but("cognito:groups", groups.clone()))).unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        let statement = &answer["policyDocument"]["Statement"];

        assert_eq!(statement[0]["Effect"], "Deny", "{groups}");
        assert_eq!(statement.as_array().unwrap().len(), 1, "{groups}");
        assert_eq!(answer["principalId"], "user-1", "{groups}");
        assert_eq!(answer["context"].get("rule"), None, "{groups}");
    }
}

#[test]
fn context_is_text_that_templates_may_quote() {
    let table = [
        (json!(["readers", "a,b"]), "readers a,b"),
        (json!(["readers", "a b"]), "readers a\\u0020b"),
        (json!([r#"","admin":""#]), r#"\",\"admin\":\""#),
        (json!(["a\\", "b\r\nX: y"]), r"a\\ b\u000d\u000aX:\u0020y"),
        (json!(["équipe", "😀"]), r"\u00e9quipe \ud83d\ude00"),
    ];
    for (groups, expected) in table {
        let context = ask(&with_bearer(&but("cognito:groups", groups)))
            .unwrap()
            .context;
        assert_eq!(context.groups, expected);
        let quoted: Value = serde_json::from_str(&format!("\"{expected}\"")).unwrap();
        assert!(quoted.is_string());
        let context = serde_json::to_value(context).unwrap();
        assert!(context.as_object().unwrap().values().all(Value::is_string));
    }
}

#[test]
fn one_bearer_is_found_however_it_is_spelt() {
    let token = sign(&good());
    let names = ["Authorization", "authorization", "AUTHORIZATION"];
    let values = ["Bearer ", "bearer ", "BEARER  "];
    for (name, scheme) in names.into_iter().zip(values) {
        let value = format!("{scheme}{token}");
        let both = with_header(with_values(request(), name, &[&value]), name, &value);
        let single = with_header(request(), name, &value);
        let multiple = with_values(request(), name, &[&value]);
        let mut alone = single.clone();
        alone["multiValueHeaders"] = Value::Null;
        for event in [both, single, multiple, alone] {
            assert!(ask(&event).is_ok(), "{name}: {scheme}");
        }
    }
}

#[test]
fn no_bearer_is_unauthorized() {
    let token = sign(&good());
    let bearer = format!("Bearer {token}");
    let only = |value: &str| with_header(request(), "Authorization", value);
    let mut bare = request();
    bare["headers"] = Value::Null;
    bare["multiValueHeaders"] = Value::Null;
    let several = |name| with_values(with_bearer(&good()), name, &[&bearer, &bearer]);
    let table = [
        ("nothing", request()),
        ("no headers at all", bare),
        ("empty", only("")),
        ("scheme only", only("Bearer")),
        ("no scheme", only(&token)),
        ("another scheme", only(&format!("Basic {token}"))),
        ("not ASCII", only("Bearer é")),
        (
            "another header",
            with_header(request(), "X-Authorization", &bearer),
        ),
        ("twice", several("Authorization")),
        ("twice, in two spellings", several("authorization")),
    ];
    for (case, event) in table {
        assert_eq!(
            ask(&event).unwrap_err(),
            Failure::Unauthorized(Why::Missing),
            "{case}"
        );
    }
}

#[test]
fn refused_tokens_are_unauthorized() {
    use ClaimsError as C;
    use VerifyError as V;
    let elsewhere = SigningKey::generate("key=").unwrap();
    let forged = elsewhere.sign(&good()).unwrap();
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    let unknown = KEY.renamed("new=").sign(&good()).unwrap();
    let kid = "new=".to_owned();
    let mut access = but("token_use", json!("access"));
    access["client_id"] = json!("client");
    let table = [
        (unsigned.to_owned(), Why::Token(V::Algorithm)),
        ("a.b.c".to_owned(), Why::Token(V::Malformed)),
        ("a".repeat(20_000), Why::Token(V::Malformed)),
        (forged.expose().to_owned(), Why::Token(V::Signature)),
        (
            unknown.expose().to_owned(),
            Why::Token(V::UnknownKey { kid }),
        ),
        (
            sign(&but("iss", json!("https://other.example"))),
            Why::Claims(C::Issuer),
        ),
        (sign(&but("aud", json!("other"))), Why::Claims(C::Client)),
        (sign(&access), Why::Claims(C::Use)),
        (
            sign(&but("exp", json!(NOW.0 - 10))),
            Why::Claims(C::Expired),
        ),
        (
            sign(&but("nbf", json!(NOW.0 + 11))),
            Why::Claims(C::NotYetValid),
        ),
    ];
    for (token, why) in table {
        let failure = ask(&bearing(&token)).unwrap_err();
        assert_eq!(failure.to_string(), "Unauthorized", "{why}");
        assert_eq!(failure, Failure::Unauthorized(why));
    }
}

#[test]
fn other_events_fail_with_other_words_and_quote_nothing() {
    let token: Value = serde_json::from_str(include_str!("../../fixtures/token.json")).unwrap();
    let http: Value = serde_json::from_str(include_str!("../../fixtures/http-api.json")).unwrap();
    let control = with_header(request(), "Authorization", "Bearer secret\u{1}");
    let table = [
        ("TOKEN", token),
        ("HTTP API", http),
        ("no type", without("type")),
        ("no ARN", without("methodArn")),
        ("no context", without("requestContext")),
        ("a header no header can be", control),
        ("nothing", Value::Null),
    ];
    for (case, event) in table {
        let failure = ask(&event).unwrap_err();
        assert_eq!(failure, Failure::Event, "{case}");
        assert_ne!(failure.to_string(), "Unauthorized");
        assert!(!format!("{failure} {failure:?}").contains("secret"));
    }
}

fn ask(event: &Value) -> Result<Answer, Failure> {
    let keys = KeySet::parse(&jwks([&*KEY]).to_string()).unwrap();
    answer(&Event::read(event.clone())?, &keys, EXPECTED, NOW)
}

fn good() -> Value {
    json!({
        "iss": EXPECTED.issuer,
        "sub": "user-1",
        "aud": EXPECTED.client_id,
        "token_use": "id",
        "exp": NOW.0 + 3_600,
        "email": "a@example.com",
        "cognito:groups": ["pool_Google", "readers"],
    })
}

fn but(claim: &str, value: Value) -> Value {
    let mut claims = good();
    claims[claim] = value;
    claims
}

fn sign(claims: &Value) -> String {
    KEY.sign(claims).unwrap().expose().to_owned()
}

fn request() -> Value {
    serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap()
}

fn without(key: &str) -> Value {
    let mut event = with_bearer(&good());
    event.as_object_mut().unwrap().remove(key);
    event
}

fn with_bearer(claims: &Value) -> Value {
    bearing(&sign(claims))
}

/// An event as API Gateway sends it, the header in both maps.
fn bearing(token: &str) -> Value {
    let value = format!("Bearer {token}");
    let event = with_values(request(), "Authorization", &[&value]);
    with_header(event, "Authorization", &value)
}

fn with_header(mut event: Value, name: &str, value: &str) -> Value {
    event["headers"][name] = json!(value);
    event
}

fn with_values(mut event: Value, name: &str, values: &[&str]) -> Value {
    event["multiValueHeaders"][name] = json!(values);
    event
}
