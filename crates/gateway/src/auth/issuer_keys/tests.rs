use std::sync::LazyLock;

use futures_util::FutureExt;
use shell_jose::{Issuer, RELOAD_PENALTY, SigningKey, jwks};
use tokio::net::TcpListener;

use shell_core::{
    Timestamp,
    algorithm::{Algorithm, Algorithms},
    config::CLOCK_LEEWAY,
};

use super::*;
use crate::{http_client::network::Network, settings::Settings};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("known").unwrap());

/// Keys of an issuer that has told them once, and from then on takes connections
/// and answers nothing.
async fn hanging() -> (Arc<IssuerKeys>, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let trusted = TrustedIssuer {
        issuer: Issuer {
            name: "https://issuer.example".to_owned(),
            algorithms: Algorithms::all(),
            leeway: CLOCK_LEEWAY,
            accepted: Vec::new(),
        },
        keys: KeySource::At(url.parse().unwrap()),
    };
    let client = HttpClient::new(&Settings::default(), &Network::default());
    let keys = IssuerKeys::new(&trusted, client, Metrics::default());
    let set = KeySet::parse(&jwks([&*KEY]).to_string()).unwrap();
    let then = Timestamp(now().0 - 2 * RELOAD_PENALTY);
    keys.cache.write().unwrap().reloaded(set, then);
    (Arc::new(keys), listener)
}

/// What a token says that names this key.
fn named(kid: &str) -> KeyHint {
    KeyHint::new(Some(kid.to_owned()), Algorithm::Rs256)
}

/// What `kid` comes to without waiting.
fn at_once(keys: &Arc<IssuerKeys>, kid: &str) -> Option<Result<(), KeyLookupError>> {
    let hint = named(kid);
    let found = keys.for_hint(&hint).now_or_never();
    found.map(|found| found.map(drop))
}

#[tokio::test]
async fn whose_key_is_known_waits_for_nobody_while_the_issuer_hangs() {
    let (keys, _listener) = hanging().await;
    let mut waiting: Vec<_> = (0..MAX_WAITING)
        .map(|number| {
            let (keys, kid) = (keys.clone(), format!("invented-{number}"));
            Box::pin(async move { keys.for_hint(&named(&kid)).await.map(drop) })
        })
        .collect();
    for one in &mut waiting {
        assert_eq!(one.now_or_never(), None, "it waits");
    }

    assert_eq!(at_once(&keys, "known"), Some(Ok(())));
    let further = at_once(&keys, "invented-further");
    assert_eq!(further, Some(Err(KeyLookupError::Unavailable)));

    // Who goes away makes room for another, and ends no load.
    waiting.pop();
    assert_eq!(at_once(&keys, "invented-later"), None);
    assert_eq!(at_once(&keys, "known"), Some(Ok(())));
    assert!(keys.loading.try_lock().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_load_ends_and_the_next_is_not_begun_at_once() {
    let (keys, _listener) = hanging().await;
    let began = tokio::time::Instant::now();

    let told = keys.for_hint(&named("invented")).await.map(drop);

    assert_eq!(told, Err(KeyLookupError::Unavailable));
    assert!(began.elapsed() <= LOAD_TIMEOUT + Duration::from_secs(1));
    assert_eq!(
        at_once(&keys, "invented"),
        Some(Err(KeyLookupError::Unavailable)),
        "the issuer has rest"
    );
    assert_eq!(at_once(&keys, "known"), Some(Ok(())));
}
