use js_sys::Array;
use shell_core::{
    Timestamp, UserError,
    oauth::{Grant, User},
    protocol::{Message, PageRequest, WorkerReply},
    session::{Event, Session},
};
use shell_web::{clock, store::Store};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::browser::{Browser, page, restart_worker, returned};
use crate::session_store::{DEVICE_KEY, SESSION};

const NO_KEY: JsValue = JsValue::UNDEFINED;

/// Part of both tokens of the sign-in.
const TOKEN: &str = "signature-of-the-token";

#[wasm_bindgen_test]
async fn a_session_on_the_device_is_found_by_the_next_worker() {
    let browser = Browser::with_site("on-device").await;
    assert_eq!(browser.user(&NO_KEY).await, None);
    assert!(browser.sign_in(TOKEN).await.is_undefined());

    restart_worker();
    let user = browser.user(&NO_KEY).await;
    assert_eq!(user.as_deref(), Some("ada@example.com"));
}

#[wasm_bindgen_test]
async fn a_session_of_the_open_pages_is_found_with_their_key_alone() {
    let browser = Browser::with_site("while-open").await;
    let key = browser.sign_in(TOKEN).await;
    let other = browser.call("foreignKey", &Array::new()).await;

    restart_worker();
    assert_eq!(browser.user(&other).await, None);
    let user = browser.user(&key).await;
    assert_eq!(user.as_deref(), Some("ada@example.com"));
}

#[wasm_bindgen_test]
async fn what_is_stored_cannot_be_read() {
    for keep in ["on-device", "while-open"] {
        let browser = Browser::with_site(keep).await;
        let state = browser.begin_sign_in(TOKEN).await;
        let begun = browser.stored().await;
        browser.ask(&returned(&state), &NO_KEY).await;
        let signed_in = browser.stored().await;

        let sent = browser.sent().join("\n");
        let (_, verifier) = sent.split_once("code_verifier=").unwrap();
        let verifier = verifier.split('&').next().unwrap();
        assert!(begun.contains("transaction:") && !begun.contains(verifier));
        assert!(signed_in.contains(SESSION) && !signed_in.contains(TOKEN));

        // What is not sealed would have been found.
        let store = Store::open().await.unwrap();
        let bytes = js_sys::Uint8Array::from(TOKEN.as_bytes());
        store.put("plain", &Array::of1(&bytes)).await.unwrap();
        assert!(browser.stored().await.contains(TOKEN));
    }
}

#[wasm_bindgen_test]
async fn no_answer_holds_a_token() {
    let browser = Browser::with_site("while-open").await;
    let key = browser.sign_in(TOKEN).await;
    for ask in [
        PageRequest::Status,
        PageRequest::Site,
        PageRequest::Ping,
        PageRequest::SignOut,
    ] {
        let answer = browser.say(&ask.write(), &key, &page()).await.unwrap();
        let text = answer.get(0).as_string().unwrap();
        assert!(!text.contains(TOKEN) && !text.contains("refresh"), "{text}");
    }
}

#[wasm_bindgen_test]
async fn a_return_serves_once() {
    let browser = Browser::with_site("on-device").await;
    let state = browser.begin_sign_in(TOKEN).await;
    let (first, _) = browser.ask(&returned(&state), &NO_KEY).await;
    assert!(matches!(first, WorkerReply::Returned { .. }), "{first:?}");

    for state in [state.as_str(), "another"] {
        let (again, _) = browser.ask(&returned(state), &NO_KEY).await;
        assert_eq!(again, WorkerReply::Failed(UserError::StateUnknown));
    }
    let exchanges = browser.sent();
    let exchanges = exchanges
        .iter()
        .filter(|line| line.contains("code=the-code"));
    assert_eq!(exchanges.count(), 1);
}

#[wasm_bindgen_test]
async fn nothing_is_left_after_signing_out() {
    for keep in ["on-device", "while-open"] {
        let browser = Browser::with_site(keep).await;
        let key = browser.sign_in(TOKEN).await;
        let (answer, kept) = browser.ask(&PageRequest::SignOut, &key).await;
        let WorkerReply::SignedOut { revoked, .. } = answer else {
            unreachable!("not signed out: {answer:?}");
        };
        assert!(revoked && kept.is_undefined());
        let revocation = format!("token=refresh-{TOKEN}-1&");
        assert!(browser.sent().iter().any(|line| line.contains(&revocation)));
        assert_eq!(browser.stored().await, "");

        assert_eq!(browser.user(&key).await, None);
        restart_worker();
        assert_eq!(browser.user(&key).await, None);
    }
}

#[wasm_bindgen_test]
async fn a_session_under_a_foreign_key_is_refused_and_removed() {
    let browser = Browser::with_site("on-device").await;
    let key = browser.call("foreignKey", &Array::new()).await;
    let forged = forged_session();
    let sealed = Array::of3(&key, &forged.into(), &SESSION.into());
    let sealed = browser.call("seal", &sealed).await;
    let store = Store::open().await.unwrap();
    store.put(DEVICE_KEY, &key).await.unwrap();
    store.put(SESSION, &sealed).await.unwrap();

    assert_eq!(browser.user(&NO_KEY).await, None);
    assert_eq!(browser.stored().await, "");
}

#[wasm_bindgen_test]
async fn nothing_is_sealed_with_a_key_that_a_page_merely_offers() {
    let browser = Browser::with_site("while-open").await;
    let offered = browser.sign_in(TOKEN).await;
    browser.ask(&PageRequest::SignOut, &NO_KEY).await;

    let used = browser.sign_in_with(&offered, TOKEN).await;
    assert!(!used.is_undefined());
    restart_worker();
    assert_eq!(browser.user(&offered).await, None);
    assert!(browser.user(&used).await.is_some());
}

/// What would be a session, were it sealed with a key of ours.
fn forged_session() -> String {
    let now = clock::now();
    let grant = Grant {
        bearer: shell_core::Secret::new("forged"),
        refresh: None,
        subject: "s".to_owned(),
        user: User {
            name: "mallory".to_owned(),
            groups: Vec::new(),
            unreadable: None,
        },
        received_at: now,
        expires_at: Timestamp(now.0 + 3600),
        ends_at: None,
        is_last: false,
    };
    let session = Session::default();
    let epoch = session.epoch();
    let (session, _) = session.on(Event::Issued(grant, epoch), now);
    session.checkpoint("{}").unwrap().expose().to_owned()
}
