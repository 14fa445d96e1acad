//! Tokens as providers other than Cognito write them, at the real gateway.

use serde_json::{Value, json};
use shell_core::algorithm::Algorithm;
use shell_jose::{SigningKey, jwks};
use shell_tests::issuer::now;

use crate::fixture::{FRAME, Fixture, SCRIPT};

const SEARCH: &str = "/mlflow/ajax-api/2.0/mlflow/experiments/search";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_each_algorithm_is_taken_by_its_own_key() {
    let rsa = SigningKey::generate("rsa").expect("a key can be made");
    for algorithm in Algorithm::ALL {
        let key = if algorithm.is_rsa() {
            rsa.signing_with(algorithm)
        } else {
            SigningKey::generate_for("own", algorithm).expect("a key can be made")
        };
        let set = jwks([&key]);
        let fixture = Fixture::issued_by(key, set, &[]).await;
        let answer = fixture.get_as_reader(SEARCH).await;
        assert_eq!(answer.status, 200, "{algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_takes_the_algorithms_that_it_lists() {
    let listed = [("provider.algorithms", json!(["ES256"]))];
    let fixture = Fixture::configured(&listed).await;
    assert_eq!(fixture.get_as_reader(SEARCH).await.status, 401);

    let key = SigningKey::generate_for("own", Algorithm::Es256).expect("a key can be made");
    let set = jwks([&key]);
    let fixture = Fixture::issued_by(key, set, &listed).await;
    assert_eq!(fixture.get_as_reader(SEARCH).await.status, 200);
}

/// A set as some providers have it: keys without names, and keys that nothing here
/// can use.
#[tokio::test(flavor = "multi_thread")]
async fn keys_without_names_are_tried_and_unusable_ones_are_as_if_not_there() {
    let key = SigningKey::generate("own").expect("a key can be made");
    let mut unnamed = key.public_jwk();
    let members = unnamed.as_object_mut().expect("an object");
    members.retain(|name, _| name != "kid" && name != "alg");
    let set = json!({ "keys": [
        { "kty": "RSA", "kid": "long", "n": "_".repeat(1366) + "8", "e": "AQAB" },
        { "kty": "EC", "crv": "P-521", "kid": "own", "x": "AA", "y": "AA" },
        SigningKey::generate_for("other", Algorithm::EdDsa).expect("a key").public_jwk(),
        unnamed,
    ] });
    let fixture = Fixture::issued_by(key.clone(), set, &[]).await;
    let claims = fixture.claims().to_string();
    let nameless = key.sign_unchecked(r#"{"alg":"RS256"}"#, &claims);

    let named = fixture.token();
    for token in [nameless.expose(), &named] {
        let answer = fixture.get_with(SEARCH, token, SCRIPT).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// A real case: 152 groups, with names as directories have them.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_152_groups_gets_in() {
    let fixture = Fixture::new().await;
    let group = |number| {
        json!(format!(
            "CN=team-{number},OU=machine-learning{:.>70}",
            "DC=com"
        ))
    };
    let mut groups: Vec<Value> = (0..152).map(group).collect();
    groups.push("readers".into());
    let token = fixture.token_with("cognito:groups", groups.into());
    assert!((16_384..32_768).contains(&token.len()), "{}", token.len());

    let answer = fixture.get_with(SEARCH, &token, SCRIPT).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_cannot_be_read_are_a_denial_that_names_the_claim() {
    let fixture = Fixture::new().await;
    let token = fixture.token_with("cognito:groups", json!({ "admins": true }));
    let answer = fixture.get_with(SEARCH, &token, SCRIPT).await;

    assert_eq!(answer.status, 403);
    let told = answer.json();
    assert_eq!(told["error_code"], "PERMISSION_DENIED");
    let said = "the claim `cognito:groups` is an object, a list of texts is needed";
    assert!(told["message"].to_string().contains(said), "{told}");
    assert!(fixture.reached().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_yet_valid_says_that_it_is_the_clock() {
    let fixture = Fixture::new().await;
    let token = fixture.token_with("nbf", json!(now() + 30));
    assert_eq!(fixture.get_with(SEARCH, &token, SCRIPT).await.status, 200);

    let token = fixture.token_with("nbf", json!(now() + 300));
    let answer = fixture.get_with(SEARCH, &token, SCRIPT).await;
    assert_eq!(answer.status, 401);
    let said = answer.json()["message"].to_string();
    assert!(
        said.contains("by the clock of this site's server"),
        "{said}"
    );
    let page = fixture.get_with("/mlflow/", &token, FRAME).await;
    assert_eq!(page.status, 401);
    assert!(page.text().contains("The clocks differ"), "{}", page.text());

    let strict = Fixture::configured(&[("provider.clock_leeway", json!(0))]).await;
    let token = strict.token_with("nbf", json!(now() + 30));
    assert_eq!(strict.get_with(SEARCH, &token, SCRIPT).await.status, 401);
}
