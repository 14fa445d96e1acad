use std::io;

use axum::{Router, routing::get};
use serde_json::json;
use shell_jose::{MAX_AGE, SigningKey, VerifyError, jwks};
use tokio::net::TcpListener;

use super::*;

const ISSUER: &str = "https://issuer.example";
const NOW: Timestamp = Timestamp(1_900_000_000);

/// What the issuer publishes.
type Published = Arc<Mutex<String>>;

#[tokio::test]
async fn a_token_that_was_verified_is_refused_once_its_time_is_over() {
    let key = SigningKey::generate("known").unwrap();
    let (authorizer, _) = authorizer(&key).await;
    let token = token(&key, 60);

    for _ in 0..2 {
        let claims = authorizer.verify(&token, NOW).await.unwrap();
        assert_eq!(claims.subject, "user-1");
    }
    let later = NOW.plus(60 + authorizer.settings.clock_leeway);
    let refused = authorizer.verify(&token, later).await.unwrap_err();
    assert_eq!(refused, ClaimsError::Expired.into());
}

#[tokio::test]
async fn a_token_that_was_verified_is_refused_once_its_key_is_withdrawn() {
    let [key, other] = ["known", "other"].map(|kid| SigningKey::generate(kid).unwrap());
    let (authorizer, published) = authorizer(&key).await;
    let token = token(&key, 10 * MAX_AGE);
    authorizer.verify(&token, NOW).await.unwrap();

    *published.lock().unwrap() = jwks([&other]).to_string();
    let refused = authorizer.verify(&token, NOW.plus(MAX_AGE)).await;
    let unknown = Failure::Unauthorized(UnauthorizedReason::UnknownKey);
    assert_eq!(refused.unwrap_err(), unknown);
}

#[tokio::test]
async fn one_letter_makes_another_token() {
    let key = SigningKey::generate("known").unwrap();
    let (authorizer, _) = authorizer(&key).await;
    let token = token(&key, 60);
    authorizer.verify(&token, NOW).await.unwrap();

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{first}{}", &signature[1..]);
    let refused = authorizer.verify(&forged, NOW).await;
    assert_eq!(refused.unwrap_err(), VerifyError::Signature.into());
}

/// An authorizer, and what its issuer publishes: this key at first.
async fn authorizer(key: &SigningKey) -> (Authorizer, Published) {
    let published: Published = Arc::new(Mutex::new(jwks([key]).to_string()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let keys = published.clone();
    let answer = move || async move { keys.lock().unwrap().clone() };
    let router = Router::new().route("/keys", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let variable = |name: &str| match name {
        "ISSUER" => Some(ISSUER.into()),
        "CLIENT_ID" => Some("client".into()),
        "JWKS_URL" => Some(url.clone().into()),
        _ => None,
    };
    let no_file = |_: &str| Err(io::ErrorKind::NotFound.into());
    let settings = Settings::read(variable, no_file).unwrap();
    (Authorizer::new(settings), published)
}

fn token(key: &SigningKey, seconds: u64) -> String {
    let claims = json!({
        "iss": ISSUER, "sub": "user-1", "aud": "client", "token_use": "id",
        "iat": NOW.0, "exp": NOW.plus(seconds).0,
    });
    key.sign(&claims).unwrap().expose().to_owned()
}
