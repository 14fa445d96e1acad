//! Reading JSON field by field.
//!
//! Derived deserialisers cost the worker some 20 KB each time a struct is
//! read; walking one generic tree costs them once. It also lets a refusal name
//! the key by its whole path.

use serde_json::{Map, Value};

/// An object, and where it stands in its document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'a> {
    fields: &'a Map<String, Value>,
    path: &'static str,
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Path of the key, such as `provider.issuer`; empty for the document.
    pub(crate) key: String,
    /// What is wrong, after the key: "is missing".
    pub(crate) problem: String,
}

/// Parses a document whose root is an object.
pub(crate) fn parse(text: &str) -> Result<Value, Wrong> {
    serde_json::from_str(text).map_err(|error| Wrong {
        key: String::new(),
        problem: format!(
            "is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    })
}

/// The root of a parsed document.
pub(crate) fn root(document: &Value) -> Result<Object<'_>, Wrong> {
    let fields = document.as_object();
    fields
        .map(|fields| Object { fields, path: "" })
        .ok_or_else(|| Wrong {
            key: String::new(),
            problem: "is not an object".to_owned(),
        })
}

impl<'a> Object<'a> {
    /// Refuses keys other than these.
    pub(crate) fn only(self, known: &[&str]) -> Result<(), Wrong> {
        match self
            .fields
            .keys()
            .find(|key| !known.contains(&key.as_str()))
        {
            Some(key) => self.wrong(
                key,
                format!("is not a known key; expected {}", known.join(", ")),
            ),
            None => Ok(()),
        }
    }

    /// The text under `key`.
    pub(crate) fn text(self, key: &str) -> Result<&'a str, Wrong> {
        match self.maybe_text(key)? {
            Some(text) => Ok(text),
            None => self.wrong(key, "is missing".to_owned()),
        }
    }

    /// The whole number under `key`.
    pub(crate) fn number(self, key: &str) -> Result<u64, Wrong> {
        match self.maybe_number(key)? {
            Some(number) => Ok(number),
            None => self.wrong(key, "is missing".to_owned()),
        }
    }

    /// The text under `key`; `None` if there is nothing.
    pub(crate) fn maybe_text(self, key: &str) -> Result<Option<&'a str>, Wrong> {
        self.maybe(key, "is not a text", Value::as_str)
    }

    /// The whole number under `key`; `None` if there is nothing.
    pub(crate) fn maybe_number(self, key: &str) -> Result<Option<u64>, Wrong> {
        self.maybe(key, "is not a whole number", Value::as_u64)
    }

    /// The list of texts under `key`; `None` if there is nothing.
    pub(crate) fn maybe_texts(self, key: &str) -> Result<Option<Vec<String>>, Wrong> {
        self.maybe(key, "is not a list of texts", |value| {
            let texts = value.as_array()?.iter();
            texts
                .map(|text| text.as_str().map(ToOwned::to_owned))
                .collect()
        })
    }

    fn maybe<T>(
        self,
        key: &str,
        problem: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(read)),
                None => self.wrong(key, problem.to_owned()),
            },
        }
    }

    /// The object under `key`; `path` is `key` with a final dot.
    pub(crate) fn object(self, key: &str, path: &'static str) -> Result<Object<'a>, Wrong> {
        match self.fields.get(key) {
            Some(Value::Object(fields)) => Ok(Object { fields, path }),
            Some(_) => self.wrong(key, "is not an object".to_owned()),
            None => self.wrong(key, "is missing".to_owned()),
        }
    }

    /// Refuses the value of `key`.
    pub(crate) fn wrong<T>(self, key: &str, problem: String) -> Result<T, Wrong> {
        Err(Wrong {
            key: format!("{}{key}", self.path),
            problem,
        })
    }
}
