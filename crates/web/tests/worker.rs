//! The adapters the worker uses, in a real service worker.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::Cell;

use shell_core::refusal::Refusal;
use shell_web::{
    body::{self, Running},
    clock, digest, entropy, lock,
    request::Answer,
    seal::Key,
    spawn_local,
    store::Store,
    wait::{self, Flight, Signal},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

#[wasm_bindgen_test]
async fn an_answer_made_anew_keeps_what_is_not_replaced() {
    let page = Refusal::Page(403, "<p>é".into());
    let answer = Answer::refusal(&page, "default-src 'none'").unwrap();
    assert_eq!(answer.text().await.unwrap(), "<p>é");

    let policy = "default-src 'none'; sandbox, frame-ancestors 'self'";
    let framed = body::under(&answer, policy).unwrap();
    let reworded = body::reworded(&framed, "{}").unwrap();

    let header = |name| reworded.header(name);
    assert_eq!(header("content-security-policy").as_deref(), Some(policy));
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(framed.text().await.unwrap(), "<p>é");
    assert_eq!(reworded.text().await.unwrap(), "{}");
    assert_eq!((framed.status(), reworded.status()), (403, 403));
}

#[wasm_bindgen_test]
async fn what_is_stored_can_be_taken_once() {
    let store = Store::open().await.unwrap();
    store.put("taken", &"value".into()).await.unwrap();

    assert_eq!(
        store.take("taken").await.unwrap().as_string().as_deref(),
        Some("value")
    );
    assert!(store.take("taken").await.unwrap().is_undefined());
}

#[wasm_bindgen_test]
async fn clearing_forgets_every_key() {
    let store = Store::open().await.unwrap();
    store.put("a", &"1".into()).await.unwrap();
    store.put("b", &"2".into()).await.unwrap();
    assert!(store.keys().await.unwrap().len() >= 2);

    store.clear().await.unwrap();
    assert!(store.keys().await.unwrap().is_empty());
}

#[wasm_bindgen_test]
async fn a_seal_opens_with_its_own_key_and_label_only() {
    let (key, other) = (
        Key::generate().await.unwrap(),
        Key::generate().await.unwrap(),
    );
    let sealed = key.seal("verifier", "label").await.unwrap();

    assert_eq!(key.open(sealed.clone(), "label").await.unwrap(), "verifier");
    assert!(key.open(sealed.clone(), "another").await.is_err());
    assert!(other.open(sealed, "label").await.is_err());
}

#[wasm_bindgen_test]
async fn a_key_survives_storage_and_cannot_be_read_out() {
    let key = Key::generate().await.unwrap();
    let sealed = key.seal("text", "label").await.unwrap();
    let store = Store::open().await.unwrap();
    store.put("key", key.as_stored()).await.unwrap();

    let stored = store.get("key").await.unwrap();
    let extractable = js_sys::Reflect::get(&stored, &"extractable".into()).unwrap();
    assert_eq!(extractable.as_bool(), Some(false));
    let key = Key::from_stored(stored).unwrap();
    assert_eq!(key.open(sealed, "label").await.unwrap(), "text");
}

/// What a hostile script could write in the place of the key. Each comes out of
/// storage as it went in.
#[wasm_bindgen_test]
async fn no_stored_key_is_used_that_is_not_as_ours_are() {
    let both: &[&str] = &["encrypt", "decrypt"];
    let table = [
        ("AES-GCM", 256, false, both, true),
        ("AES-GCM", 256, true, both, false),
        ("AES-GCM", 128, false, both, false),
        ("AES-CBC", 256, false, both, false),
        ("AES-GCM", 256, false, &["encrypt"], false),
        ("AES-GCM", 256, false, &["decrypt"], false),
        (
            "AES-GCM",
            256,
            false,
            &["encrypt", "decrypt", "unwrapKey"],
            false,
        ),
    ];
    let store = Store::open().await.unwrap();
    for (algorithm, length, extractable, usages, accepted) in table {
        let key = foreign_key(algorithm, length, extractable, usages).await;
        store.put("foreign", &key).await.unwrap();
        let stored = store.get("foreign").await.unwrap();
        let found = Key::from_stored(stored).is_some();
        assert_eq!(
            found, accepted,
            "{algorithm} {length} {extractable} {usages:?}"
        );
    }
    for value in [JsValue::UNDEFINED, JsValue::NULL, "key".into()] {
        assert!(Key::from_stored(value).is_none());
    }
}

/// A key that another script made.
async fn foreign_key(name: &str, length: u32, extractable: bool, usages: &[&str]) -> JsValue {
    let algorithm = js_sys::Object::new();
    js_sys::Reflect::set(&algorithm, &"name".into(), &name.into()).unwrap();
    js_sys::Reflect::set(&algorithm, &"length".into(), &length.into()).unwrap();
    let usages: js_sys::Array = usages.iter().map(|usage| JsValue::from(*usage)).collect();
    let scope: web_sys::ServiceWorkerGlobalScope = js_sys::global().unchecked_into();
    let subtle = scope.crypto().unwrap().subtle();
    let key = subtle
        .generate_key_with_object(&algorithm, extractable, &usages)
        .unwrap();
    wasm_bindgen_futures::JsFuture::from(key).await.unwrap()
}

#[wasm_bindgen_test]
async fn the_browsers_digest_is_sha_256() {
    // RFC 7636 appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let digest = digest::sha256(verifier).await.unwrap();
    let challenge = shell_core::pkce::challenge_of(digest);
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[wasm_bindgen_test]
fn draws_differ_and_the_clock_is_of_this_century() {
    let (one, two) = (entropy::draw().unwrap(), entropy::draw().unwrap());
    assert_ne!(one.0, two.0);
    assert!(clock::now().0 > 1_700_000_000);
}

thread_local! {
    static FLIGHT: Flight = const { Flight::new() };
    static LANDED: Signal = const { Signal::new() };
    static FLOWN: Cell<u32> = const { Cell::new(0) };
    static HELD: Cell<u32> = const { Cell::new(0) };
}

#[wasm_bindgen_test]
async fn what_many_want_at_once_is_done_once() {
    async fn fly() {
        let landed = LANDED.with(Signal::next);
        wait::at_most(10_000, &landed).await;
        FLOWN.set(FLOWN.get() + 1);
    }
    for _ in 0..10 {
        spawn_local(Flight::share(&FLIGHT, fly()));
    }
    spawn_local(async { LANDED.with(Signal::raise) });
    Flight::share(&FLIGHT, fly()).await;

    assert_eq!(FLOWN.get(), 1);
}

#[wasm_bindgen_test]
async fn waiting_ends_with_the_signal_or_with_patience() {
    let never = LANDED.with(Signal::next);
    assert!(wait::at_most(1, &never).await.is_undefined());
}

#[wasm_bindgen_test]
async fn a_lock_is_held_by_one_at_a_time() {
    async fn work() {
        assert_eq!(HELD.replace(1), 0, "two hold the lock");
        let moment = LANDED.with(Signal::next);
        wait::at_most(5, &moment).await;
        HELD.set(0);
    }
    for _ in 0..5 {
        spawn_local(async { lock::hold("test", work()).await.unwrap() });
    }
    lock::hold("test", work()).await.unwrap();
    assert_eq!(HELD.get(), 0);
}

#[wasm_bindgen_test]
fn what_is_under_way_is_counted_until_it_is_dropped() {
    let (one, two) = (Running::begin(), Running::begin());
    assert_eq!(body::running(), 2);
    drop(one);
    assert_eq!(body::running(), 1);
    drop(two);
    assert_eq!(body::running(), 0);
}
