use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use axum::{Router, http::StatusCode, routing::get};
use shell_core::algorithm::Algorithm;
use shell_jose::{MAX_AGE, RELOAD_PENALTY, SigningKey, jwks};
use tokio::net::TcpListener;

use super::*;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("known").unwrap());

#[tokio::test]
async fn invented_keys_cost_the_issuer_one_request_per_penalty() {
    let issuer = Issuer::start().await;
    let invented = |now| issuer.at("../../etc/passwd", now);
    let unknown = Failure::Unauthorized(UnauthorizedReason::UnknownKey);

    for now in [0, 1, RELOAD_PENALTY - 1] {
        assert_eq!(invented(now).await.unwrap_err(), unknown);
        assert!(issuer.at("known", now).await.is_ok());
        assert_eq!(issuer.asked(), 1, "at {now}");
    }
    assert_eq!(invented(RELOAD_PENALTY).await.unwrap_err(), unknown);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn known_keys_are_served_while_the_issuer_is_down() {
    let issuer = Issuer::start().await;
    let at = |kid, now| issuer.at(kid, now);
    assert!(at("known", 0).await.is_ok());
    issuer.is_down.store(true, Ordering::SeqCst);

    for now in [1, MAX_AGE, MAX_AGE + 1, 100 * MAX_AGE] {
        assert!(at("known", now).await.is_ok(), "at {now}");
    }
    assert_eq!(issuer.asked(), 3);
    let unverifiable = Failure::Unverifiable;
    assert_eq!(at("new", 101 * MAX_AGE).await.unwrap_err(), unverifiable);
    issuer.is_down.store(false, Ordering::SeqCst);
    let now = 101 * MAX_AGE + RELOAD_PENALTY;
    let unknown = Failure::Unauthorized(UnauthorizedReason::UnknownKey);
    assert_eq!(at("new", now).await.unwrap_err(), unknown);
}

#[tokio::test]
async fn one_issuers_trouble_is_not_anothers() {
    let (one, other) = (Issuer::start().await, Issuer::start().await);
    one.is_down.store(true, Ordering::SeqCst);

    let failure = one.at("known", 0).await.unwrap_err();
    assert_eq!(failure, Failure::Unverifiable);
    assert!(other.at("known", 0).await.is_ok());
}

/// An issuer behind HTTP, and the keys as loaded from it.
struct Issuer {
    keys: Keys,
    asked: Arc<AtomicUsize>,
    is_down: Arc<AtomicBool>,
}

impl Issuer {
    /// The keys for a token that names this key.
    async fn at(&self, kid: &str, now: u64) -> Result<KeySet, Failure> {
        let hint = KeyHint::new(Some(kid.to_owned()), Algorithm::Rs256);
        self.keys.for_hint(&hint, Timestamp(now)).await
    }

    async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let is_down = Arc::new(AtomicBool::new(false));
        let (count, down) = (asked.clone(), is_down.clone());
        let keys = jwks([&*KEY]).to_string();
        let answer = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let keys = keys.clone();
            let keys = (!down.load(Ordering::SeqCst)).then_some(keys);
            std::future::ready(keys.ok_or(StatusCode::SERVICE_UNAVAILABLE))
        };
        let router = Router::new().route("/keys", get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self {
            keys: Keys::new(url.parse().unwrap()),
            asked,
            is_down,
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
