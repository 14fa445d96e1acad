use shell_web::{
    clock,
    crypto::{self, Key},
    entropy,
    store::Store,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

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

    let stored = store.get("key").await.unwrap().unwrap();
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
        let stored = store.get("foreign").await.unwrap().unwrap();
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
    let digest = crypto::sha256(verifier).await.unwrap();
    let challenge = shell_core::pkce::challenge_of(digest);
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[wasm_bindgen_test]
fn draws_differ_and_the_clock_is_of_this_century() {
    let (one, two) = (entropy::draw().unwrap(), entropy::draw().unwrap());
    assert_ne!(one.0, two.0);
    assert!(clock::now().0 > 1_700_000_000);
}
