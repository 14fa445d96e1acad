use shell_core::{
    UserError,
    protocol::{Message, PageRequest, VERSION, WorkerReply},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::browser::{Browser, page};

#[wasm_bindgen_test]
async fn a_ping_is_answered() {
    let browser = Browser::without_site().await;
    let (answer, _) = browser.ask(&PageRequest::Ping, &JsValue::UNDEFINED).await;
    assert_eq!(answer, WorkerReply::Awake(0));
}

#[wasm_bindgen_test]
async fn what_another_build_says_is_refused_and_not_guessed_at() {
    let browser = Browser::with_site("while-open").await;
    let other = PageRequest::Status
        .write()
        .replace(&VERSION.to_string(), "0");
    assert_ne!(other, PageRequest::Status.write());
    for text in [other.as_str(), "", "v=0&ask=status", "{", "nonsense"] {
        let answer = browser
            .say(text, &JsValue::UNDEFINED, &page())
            .await
            .unwrap();
        let answer = WorkerReply::read(&answer.get(0).as_string().unwrap());
        assert_eq!(
            answer,
            Ok(WorkerReply::Failed(UserError::Version)),
            "{text}"
        );
    }
}

#[wasm_bindgen_test]
async fn only_pages_of_the_shell_are_answered() {
    let browser = Browser::with_site("while-open").await;
    let ping = PageRequest::Ping.write();
    let own = page();
    for (url, answered) in [
        (own.clone(), true),
        (format!("{own}callback"), true),
        (format!("{own}mlflow/"), false),
        ("https://elsewhere.example/".to_owned(), false),
        (String::new(), false),
    ] {
        let answer = browser.say(&ping, &JsValue::UNDEFINED, &url).await;
        assert_eq!(answer.is_some(), answered, "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_missing_configuration_is_said_before_anyone_signs_in() {
    let browser = Browser::without_site().await;
    for (unreachable, problem) in [
        (false, "config.json: the server answered 404"),
        (true, "config.json: cannot be loaded"),
    ] {
        browser.set("unreachable", &unreachable.into());
        let (answer, _) = browser.ask(&PageRequest::Status, &JsValue::UNDEFINED).await;
        let expected = UserError::Config(problem.to_owned());
        assert_eq!(answer, WorkerReply::Failed(expected));
    }
}

#[wasm_bindgen_test]
async fn a_wrong_configuration_is_refused_with_its_key() {
    let browser = Browser::with_site("never").await;
    let (answer, _) = browser.ask(&PageRequest::Status, &JsValue::UNDEFINED).await;
    let WorkerReply::Failed(UserError::Config(problem)) = answer else {
        unreachable!("accepted: {answer:?}");
    };
    assert!(problem.contains("session.keep"), "{problem}");
}
