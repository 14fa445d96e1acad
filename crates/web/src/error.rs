use std::fmt;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// What JavaScript threw.
#[derive(Clone)]
pub struct Error(JsValue);

impl Error {
    /// The `name` of a `DOMException` or `Error`, such as `SecurityError`.
    pub fn name(&self) -> String {
        self.property("name")
    }

    /// Its `message`.
    pub fn message(&self) -> String {
        self.property("message")
    }

    pub(crate) fn into_value(self) -> JsValue {
        self.0
    }

    fn property(&self, name: &str) -> String {
        let property = Reflect::get(&self.0, &name.into()).ok();
        property
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    }
}

impl From<JsValue> for Error {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
