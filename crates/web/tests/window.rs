//! The adapters the page uses, in a window.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use js_sys::Function;
use shell_web::{
    storage::Storage::{self, Local, Session},
    store::Store,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn evaluate(script: &str) -> JsValue {
    Function::new_no_args(script).call0(&JsValue::NULL).unwrap()
}

#[wasm_bindgen_test]
fn a_text_is_stored_as_it_is_in_its_own_area() {
    for (area, name) in [(Local, "localStorage"), (Session, "sessionStorage")] {
        area.clear();
        assert_eq!(area.get("a:1"), None);
        assert!(area.set("a:1", "text \"é\""));
        assert!(area.set("b", ""));

        let raw = evaluate(&format!("return {name}.getItem('a:1')"));
        assert_eq!(raw.as_string().as_deref(), Some("text \"é\""));
        assert_eq!(area.get("a:1").as_deref(), Some("text \"é\""));
        assert_eq!(area.get("b").as_deref(), Some(""));
        assert_eq!(area.keys("a:"), ["a:1"]);

        area.remove("a:1");
        assert_eq!(area.get("a:1"), None);
        assert_eq!(area.keys(""), ["b"]);
        area.clear();
        assert!(area.keys("").is_empty());
    }
}

/// Firefox and Chromium throw at the property where a person blocks site data.
#[wasm_bindgen_test]
fn where_site_data_is_blocked_everything_is_absent() {
    for (area, name) in [(Local, "localStorage"), (Session, "sessionStorage")] {
        for blocked in [
            "throw new DOMException('blocked', 'SecurityError')",
            "return null",
        ] {
            evaluate(&format!(
                "window.before = Object.getOwnPropertyDescriptor(window, '{name}');
                Object.defineProperty(window, '{name}',
                    {{configurable: true, get() {{ {blocked} }}}})"
            ));
            assert_absent(area);
            // Chromium has the property on the window, Firefox on its prototype.
            evaluate(&format!(
                "delete window.{name};
                if (window.before) Object.defineProperty(window, '{name}', window.before)"
            ));
            assert!(area.set("name", "text"), "it is blocked no longer");
        }
    }
}

fn assert_absent(area: Storage) {
    assert!(!area.set("name", "text"));
    assert_eq!(area.get("name"), None);
    assert!(area.keys("").is_empty());
    area.remove("name");
    area.clear();
}

#[wasm_bindgen_test]
async fn a_window_opens_the_store_of_the_worker() {
    let store = Store::open().await.unwrap();
    store.put("of-window", &"value".into()).await.unwrap();
    assert_eq!(store.take("of-window").await.unwrap(), Some("value".into()));
    assert_eq!(store.get("of-window").await.unwrap(), None);
}
