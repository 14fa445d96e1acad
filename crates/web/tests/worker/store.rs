use futures_util::future::join;
use shell_web::store::Store;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn of_two_who_take_a_value_one_gets_it() {
    let store = Store::open().await.unwrap();
    let other = Store::open().await.unwrap();
    for round in 0..20 {
        let value = JsValue::from(round);
        store.put("taken", &value).await.unwrap();

        let (one, two) = join(store.take("taken"), other.take("taken")).await;
        let taken: Vec<_> = [one, two].into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(taken, [value]);
    }
    assert_eq!(store.get("taken").await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_value_written_again_is_replaced() {
    let store = Store::open().await.unwrap();
    store.put("replaced", &"old".into()).await.unwrap();
    store.put("replaced", &"new".into()).await.unwrap();

    let reopened = Store::open().await.unwrap();
    assert_eq!(reopened.get("replaced").await.unwrap(), Some("new".into()));
}

#[wasm_bindgen_test]
async fn clearing_forgets_every_key() {
    let store = Store::open().await.unwrap();
    store.put("a", &"1".into()).await.unwrap();
    store.put("b", &"2".into()).await.unwrap();
    let keys = store.keys().await.unwrap();
    assert!(
        ["a", "b"]
            .iter()
            .all(|key| keys.iter().any(|kept| kept == key))
    );

    store.clear().await.unwrap();
    assert!(store.keys().await.unwrap().is_empty());
}
