//! The adapters the worker uses, in a real service worker.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use shell_core::json::Value;
use shell_web::{clock, entropy, json, seal::Key, store::Store};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

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

#[wasm_bindgen_test]
fn the_browsers_json_is_read_as_core_wants_it() {
    let text = |text: &str| Value::Text(text.to_owned());
    let table = [
        ("null", Value::Null),
        ("7", Value::Number(7)),
        ("7.5", Value::Other),
        ("-7", Value::Other),
        ("true", Value::Other),
        (r#""a\u00e9\n""#, text("aé\n")),
        (r#"["a",null]"#, Value::List(vec![text("a"), Value::Null])),
        (
            r#"{"b":"1","b":"2"}"#,
            Value::Object(vec![("b".to_owned(), text("2"))]),
        ),
    ];
    for (given, expected) in table {
        assert_eq!(json::parse(given), Ok(expected), "{given}");
    }
    assert!(json::parse("<html>").is_err());
}

#[wasm_bindgen_test]
fn draws_differ_and_the_clock_is_of_this_century() {
    let (one, two) = (entropy::draw().unwrap(), entropy::draw().unwrap());
    assert_ne!(one.0, two.0);
    assert!(clock::now().0 > 1_700_000_000);
}
