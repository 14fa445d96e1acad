//! Whose tokens are believed besides those of the sign-in, and which of them.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::{Value, json};
use shell_jose::{SigningKey, jwks};
use shell_tests::{issuer::now, server::Server};

use crate::fixture::{Fixture, SCRIPT, given};

const API: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
const PROGRAM: &str = "/api/2.0/mlflow/experiments/search";

/// Keys of an issuer beside the one of the sign-in, whose key has the first
/// one's name.
static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
    ["first+/key=", "of-nobody"].map(|name| SigningKey::generate(name).expect("a key"))
});

/// A gateway with two issuers.
struct Two {
    fixture: Fixture,
    other: Server,
    asked: Arc<AtomicUsize>,
}

/// What the other issuer answers for its document, which should be this one.
type Answers = fn(Value) -> Response;

impl Two {
    async fn new() -> Self {
        Self::answering(|document| document.to_string().into_response()).await
    }

    async fn answering(answers: Answers) -> Self {
        // Before the gateway asks for them: making keys takes seconds.
        LazyLock::force(&KEYS);
        let other = Server::bind().await.expect("a free port");
        let asked = Arc::<AtomicUsize>::default();
        other.serve(publish(&other.origin(), answers, asked.clone()));
        let issuer = other.origin();
        let settings = json!({ "issuers": [
            {
                "issuer": issuer, "bearer": "access",
                "client_ids": ["robot"], "audiences": ["https://api.example"],
                "groups": [
                    { "claim": "scope", "value": "mlflow/read", "group": "readers" },
                    { "claim": ["realm_access", "roles"] },
                ],
            },
            {
                "issuer": "{issuer}", "bearer": "access", "client_ids": ["shell-robot"],
                "groups": [{ "claim": "scope", "value": "mlflow/read", "group": "readers" }],
            },
        ] });
        Self {
            fixture: Fixture::with(|spec| spec.with_settings(given(settings))).await,
            other,
            asked,
        }
    }

    /// A machine's token of the other issuer, with `changes`.
    fn machine(&self, changes: &Value) -> Value {
        let mut claims = json!({
            "iss": self.other.origin(), "sub": "8f1c3c52", "client_id": "robot",
            "scope": "openid mlflow/read", "exp": now() + 600,
        });
        change(&mut claims, changes);
        claims
    }

    async fn status(&self, token: &str) -> u16 {
        let answer = self.fixture.get_with(API, token, SCRIPT).await;
        answer.status.as_u16()
    }
}

/// An issuer that publishes its key where its document says.
fn publish(origin: &str, answers: Answers, asked: Arc<AtomicUsize>) -> Router {
    let document = json!({ "issuer": origin, "jwks_uri": format!("{origin}/own/keys") });
    let document = move || {
        let (document, asked) = (document.clone(), asked.clone());
        async move {
            asked.fetch_add(1, Ordering::SeqCst);
            answers(document)
        }
    };
    let keys = || async { jwks([&KEYS[0]]).to_string() };
    Router::new()
        .route("/.well-known/openid-configuration", get(document))
        .route("/own/keys", get(keys))
}

/// Replaces claims, and takes out those that become `null`.
fn change(claims: &mut Value, changes: &Value) {
    let claims = claims.as_object_mut().expect("claims");
    claims.extend(changes.as_object().expect("claims").clone());
    claims.retain(|_, value| !value.is_null());
}

fn sign(key: &SigningKey, claims: &Value) -> String {
    let token = key.sign(claims).expect("claims are an object");
    token.expose().to_owned()
}

/// Tokens, and how each is answered.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn tokens(two: &Two) -> Vec<(&'static str, String, u16)> {
    let by_other = |changes| sign(&KEYS[0], &two.machine(&changes));
    let fixture = &two.fixture;
    let ours = |changes: Value| {
        let mut claims = fixture.claims();
        change(&mut claims, &changes);
        fixture.issuer.sign(&claims)
    };
    let their_origin = two.other.origin();
    vec![
        ("a user's", ours(json!({})), 200),
        ("a machine's", by_other(json!({})), 200),
        (
            "for its API",
            by_other(json!({"client_id": null, "aud": "https://api.example"})),
            200,
        ),
        (
            "for several",
            by_other(json!({"client_id": "x", "aud": ["a", "https://api.example"]})),
            200,
        ),
        (
            "with a role inside another claim",
            by_other(json!({"scope": "", "realm_access": {"roles": ["x", "admins"]}})),
            200,
        ),
        (
            "a machine's of the sign-in's issuer",
            ours(
                json!({"aud": null, "client_id": "shell-robot", "token_use": "access", "scope": "mlflow/read"}),
            ),
            200,
        ),
        (
            "whose scope says nothing",
            by_other(json!({"scope": "openid mlflow/readme"})),
            403,
        ),
        ("without a scope", by_other(json!({"scope": null})), 403),
        (
            "whose role is nobody's",
            by_other(json!({"scope": "", "realm_access": {"roles": ["offline_access"]}})),
            403,
        ),
        (
            "whose claim leads through a list",
            by_other(json!({"scope": "", "realm_access": [{"roles": ["admins"]}]})),
            403,
        ),
        (
            "whose claim ends early",
            by_other(json!({"scope": "", "realm_access": "admins"})),
            403,
        ),
        (
            "whose groups are Cognito's",
            by_other(json!({"scope": "", "cognito:groups": ["admins"]})),
            403,
        ),
        (
            "whose claim is of another kind",
            by_other(json!({"realm_access": {"roles": {"admins": true}}})),
            403,
        ),
        (
            "whose list is not of texts",
            by_other(json!({"realm_access": {"roles": ["admins", 7]}})),
            403,
        ),
        (
            "whose scope is a number",
            by_other(json!({"scope": 7})),
            403,
        ),
        (
            "an ID token",
            by_other(json!({"client_id": null, "aud": "robot"})),
            401,
        ),
        (
            "another machine's",
            by_other(json!({"client_id": "stranger"})),
            401,
        ),
        (
            "for another API",
            by_other(json!({"client_id": null, "aud": "https://other.example"})),
            401,
        ),
        ("expired", by_other(json!({"exp": now() - 120})), 401),
        (
            "a user's as a machine's",
            ours(json!({"token_use": "access"})),
            401,
        ),
        (
            "a machine's as a user's",
            by_other(
                json!({"client_id": null, "aud": "shell-under-test", "email": "a@example.com"}),
            ),
            401,
        ),
        (
            "of a client that is the other issuer's",
            ours(
                json!({"aud": null, "client_id": "robot", "token_use": "access", "scope": "mlflow/read"}),
            ),
            401,
        ),
        (
            "of an issuer in upper case",
            by_other(json!({"iss": their_origin.to_uppercase()})),
            401,
        ),
        (
            "of an issuer with a slash more",
            by_other(json!({"iss": format!("{their_origin}/")})),
            401,
        ),
        (
            "of an unknown issuer",
            by_other(json!({"iss": "https://elsewhere.example"})),
            401,
        ),
        (
            "in the name of the sign-in's issuer",
            by_other(json!({"iss": fixture.deployment.login.origin()})),
            401,
        ),
        (
            "in the name of the other issuer",
            fixture.issuer.sign(&two.machine(&json!({}))),
            401,
        ),
        (
            "signed by nobody",
            sign(&KEYS[1].renamed("first+/key="), &two.machine(&json!({}))),
            401,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_issuers_tokens_are_judged_by_its_own_rules() {
    let two = Two::new().await;
    for (case, token, expected) in tokens(&two) {
        assert_eq!(two.status(&token).await, expected, "{case}");
    }
    let asked = two.asked.load(Ordering::SeqCst);
    assert_eq!(asked, 1, "its keys have been loaded once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_cannot_be_believed_is_nobody_elses_trouble() {
    let table: [(&str, Answers); 8] = [
        ("another's document", |mut document| {
            document["issuer"] = "https://accounts.example".into();
            document.to_string().into_response()
        }),
        ("a redirect", |_| {
            Redirect::temporary("/own/document").into_response()
        }),
        ("an error", |_| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }),
        ("nothing", |_| StatusCode::NO_CONTENT.into_response()),
        ("a page", |_| "<!doctype html>".into_response()),
        ("keys in the clear", |mut document| {
            document["jwks_uri"] = "http://keys.example/keys".into();
            document.to_string().into_response()
        }),
        ("keys that are not there", |mut document| {
            document["jwks_uri"] =
                format!("{}s", document["jwks_uri"].as_str().expect("a URL")).into();
            document.to_string().into_response()
        }),
        ("too much", |mut document| {
            document["more"] = " ".repeat(300 * 1024).into();
            document.to_string().into_response()
        }),
    ];
    for (case, answers) in table {
        let two = Two::answering(answers).await;
        let token = sign(&KEYS[0], &two.machine(&json!({})));

        for _ in 0..20 {
            assert_eq!(two.status(&token).await, 503, "{case}");
        }
        assert_eq!(two.status(&two.fixture.token()).await, 200, "{case}");
        let asked = two.asked.load(Ordering::SeqCst);
        // Once or twice more with growing pauses, whether or not anybody comes.
        assert!(
            asked < 5,
            "{case}: it is asked with each request, {asked} times"
        );
    }
}

/// Subjects are unique at their issuer only (OpenID Connect Core §2).
#[tokio::test(flavor = "multi_thread")]
async fn users_of_two_issuers_are_told_apart() {
    let two = Two::new().await;
    let machine = sign(&KEYS[0], &two.machine(&json!({})));
    assert_eq!(two.status(&two.fixture.token()).await, 200);
    assert_eq!(two.status(&machine).await, 200);

    let lines = two
        .fixture
        .deployment
        .audit
        .read()
        .expect("JSON, line by line");
    let who = |line: &Value| (line["issuer"].clone(), line["subject"].clone());
    let [user, machine] = lines.as_slice() else {
        panic!("two lines: {lines:?}");
    };
    assert_eq!(
        who(user),
        (
            two.fixture.deployment.login.origin().into(),
            "8f1c3c52".into()
        )
    );
    assert_eq!(who(machine), (two.other.origin().into(), "8f1c3c52".into()));
}

/// No page asks for tokens here, and machines have theirs.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_there_for_machines_without_tokens_for_programs() {
    let two = Two::new().await;
    let machine = sign(&KEYS[0], &two.machine(&json!({})));

    let answer = two.fixture.get_with(PROGRAM, &machine, &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["path"], "/api/2.0/mlflow/experiments/search");

    let without = Fixture::new().await;
    let answer = without.get_with(PROGRAM, &without.token(), &[]).await;
    assert_eq!(answer.status, 404);
}
