use shell_core::protocol::{PageRequest, WorkerReply};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::browser::{Browser, restart_worker};

const VISITS: [(&str, &str); 2] = [("/", "document"), ("/mlflow/", "iframe")];

/// Begins the signature of the token, in base64url.
const TOKEN: &str = "signature-of-the-token";

/// How often a visit is repeated until what it asked for in the background is there.
const ATTEMPTS: u32 = 1_000;

async fn signed_in() -> Browser {
    let browser = Browser::with_site("while-open").await;
    browser.sign_in(TOKEN).await;
    browser.set("document", &"first".into());
    browser
}

impl Browser {
    /// Visits until `document` is there.
    async fn visit_until(&self, [path, destination]: [&str; 2], document: &str) {
        for _ in 0..ATTEMPTS {
            if self.visit(path, destination, "default").await.as_deref() == Some(document) {
                return;
            }
        }
        unreachable!("{path} never was {document}");
    }

    /// Waits until nothing is on its way any more.
    async fn rest(&self) {
        for _ in 0..ATTEMPTS {
            let (reply, _) = self.ask(&PageRequest::Ping, &JsValue::UNDEFINED).await;
            if matches!(reply, WorkerReply::Awake(0)) {
                return;
            }
        }
        unreachable!("something is on its way for ever");
    }
}

#[wasm_bindgen_test]
async fn a_visit_is_answered_from_memory_and_a_later_one_with_what_the_server_had_meanwhile() {
    for (path, destination) in VISITS {
        let browser = signed_in().await;
        browser.visit_until([path, destination], "first").await;
        // It is kept by now, or soon: then the server is not waited for.
        browser.set("document", &"second".into());
        browser.visit_until([path, destination], "second").await;

        // What came with the last of these visits is kept by then.
        browser.rest().await;
        browser.set("silent", &true.into());
        let at_once = browser.visit(path, destination, "default").await;
        assert_eq!(at_once.as_deref(), Some("second"), "{path}");
        browser.set("silent", &false.into());
        browser.rest().await;
    }
}

#[wasm_bindgen_test]
async fn a_reload_of_the_page_or_the_frame_asks_the_server_for_both() {
    for (reloaded, destination) in VISITS {
        let browser = signed_in().await;
        for (path, destination) in VISITS {
            browser.visit_until([path, destination], "first").await;
        }
        browser.set("document", &"second".into());
        let document = browser.visit(reloaded, destination, "no-cache").await;
        // The shell's own is left to the browser then.
        let expected = (reloaded != "/").then_some("second");
        assert_eq!(document.as_deref(), expected, "{reloaded}");
        for (path, destination) in VISITS {
            let document = browser.visit(path, destination, "default").await;
            assert_eq!(document.as_deref(), Some("second"), "{reloaded}, {path}");
        }
    }
}

#[wasm_bindgen_test]
async fn what_the_server_no_longer_has_is_forgotten() {
    for (path, destination) in VISITS {
        let browser = signed_in().await;
        browser.visit_until([path, destination], "first").await;
        browser.set("document", &"gone".into());
        browser.set("status", &404.into());
        browser.visit_until([path, destination], "gone").await;
    }
}

#[wasm_bindgen_test]
async fn no_one_gets_the_document_of_mlflow_after_a_sign_out() {
    let browser = signed_in().await;
    browser.visit_until(["/mlflow/", "iframe"], "first").await;
    browser
        .ask(&PageRequest::SignOut, &JsValue::UNDEFINED)
        .await;
    let document = browser.visit("/mlflow/", "iframe", "default").await;
    assert_ne!(document.unwrap(), "first");
}

#[wasm_bindgen_test]
async fn every_request_for_the_document_of_mlflow_has_the_token_and_for_ours_none() {
    for (path, destination) in VISITS {
        let browser = signed_in().await;
        let before = browser.sent().len();
        browser.visit_until([path, destination], "first").await;
        browser.set("document", &"second".into());
        browser.visit_until([path, destination], "second").await;
        let sent = browser.sent().split_off(before);
        let of_document = format!("GET {path} ");
        for sent in sent.iter().filter(|sent| sent.starts_with(&of_document)) {
            assert_eq!(sent.contains("Bearer "), path != "/", "{sent}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_worker_that_was_stopped_asks_the_server() {
    let browser = signed_in().await;
    browser.visit_until(["/", "document"], "first").await;
    browser.set("document", &"second".into());
    restart_worker();
    let document = browser.visit("/", "document", "default").await;
    assert_eq!(document.as_deref(), Some("second"));
}
