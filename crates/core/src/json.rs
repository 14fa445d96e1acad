//! JSON as a value, and reading it field by field.
//!
//! Text becomes a [`Value`] by the platform's own parser, which the caller
//! passes as [`Parse`]: browsers have one, so the worker carries none. Fields
//! are read one by one rather than by derived code, which costs the worker
//! some 20 KB a struct; it also lets a refusal name a key by its whole path.

/// A JSON value, as far as anything here is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// A whole number that is not negative.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object's fields; of two with one name the last counts.
    Object(Vec<(String, Value)>),
    /// `true`
    True,
    /// `false`, and other numbers: present, but nothing reads them.
    Other,
}

/// The platform's parser. The error is its own words. It refuses what
/// [`bounds::check_json`](crate::bounds::check_json) does before it reads it.
pub type Parse = fn(&str) -> Result<Value, String>;

/// An object, and where it stands in its document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'a> {
    fields: &'a [(String, Value)],
    path: &'static str,
}

/// What is wrong with a document, and where. Boxed, because it passes through
/// every reading: the worker is the smaller for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) Box<Problem>);

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Path of the key, such as `provider.issuer`; empty for the document.
    pub(crate) key: String,
    /// What is wrong, after the key: "is missing".
    pub(crate) problem: String,
}

/// Parses a document.
pub(crate) fn parse(text: &str, parse: Parse) -> Result<Value, Wrong> {
    parse(text).map_err(|words| wrong_document(["is not JSON: ", &words].concat()))
}

/// Writes `text` as a JSON text, quotes included (RFC 8259 §7).
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_ascii_control() => quoted.push(' '),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A list in a sentence, with this between its items.
pub(crate) fn listed<'a>(separator: &str, mut items: impl Iterator<Item = &'a str>) -> String {
    let items: &mut dyn Iterator<Item = &'a str> = &mut items;
    items.fold(String::new(), |mut list, item| {
        if !list.is_empty() {
            list.push_str(separator);
        }
        list.push_str(item);
        list
    })
}

impl Value {
    /// The object this document is.
    pub(crate) fn root(&self) -> Result<Object<'_>, Wrong> {
        if let Self::Object(fields) = self {
            Ok(Object { fields, path: "" })
        } else {
            Err(wrong_document("is not an object".to_owned()))
        }
    }

    /// The field of this object called `name`, if this is one that has it.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        self.as_object("")?.get(name)
    }

    fn as_object(&self, path: &'static str) -> Option<Object<'_>> {
        if let Self::Object(fields) = self {
            Some(Object { fields, path })
        } else {
            None
        }
    }

    fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    fn as_number(&self) -> Option<u64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    pub(crate) fn as_texts(&self) -> Option<Vec<String>> {
        let Self::List(values) = self else {
            return None;
        };
        let text = |value: &Self| value.as_text().map(ToOwned::to_owned);
        values.iter().map(text).collect()
    }
}

fn wrong_document(problem: String) -> Wrong {
    Wrong(Box::new(Problem {
        key: String::new(),
        problem,
    }))
}

impl<'a> Object<'a> {
    /// Refuses keys other than these.
    pub(crate) fn only(self, known: &[&str]) -> Result<(), Wrong> {
        let mut keys = self.fields.iter().map(|(key, _)| key.as_str());
        match keys.find(|key| !known.contains(key)) {
            Some(key) => {
                let known = listed(", ", known.iter().copied());
                self.wrong(key, &["is not a known key; expected ", &known].concat())
            }
            None => Ok(()),
        }
    }

    /// The text under `key`.
    pub(crate) fn text(self, key: &str) -> Result<&'a str, Wrong> {
        match self.maybe_text(key)? {
            Some(text) => Ok(text),
            None => self.wrong(key, "is missing"),
        }
    }

    /// The whole number under `key`.
    pub(crate) fn number(self, key: &str) -> Result<u64, Wrong> {
        match self.maybe_number(key)? {
            Some(number) => Ok(number),
            None => self.wrong(key, "is missing"),
        }
    }

    /// The text under `key`; `None` if there is nothing.
    pub(crate) fn maybe_text(self, key: &str) -> Result<Option<&'a str>, Wrong> {
        self.maybe(key, "is not a text", Value::as_text)
    }

    /// The whole number under `key`; `None` if there is nothing.
    pub(crate) fn maybe_number(self, key: &str) -> Result<Option<u64>, Wrong> {
        self.maybe(key, "is not a whole number", Value::as_number)
    }

    /// The list of texts under `key`; `None` if there is nothing.
    pub(crate) fn maybe_texts(self, key: &str) -> Result<Option<Vec<String>>, Wrong> {
        self.maybe(key, "is not a list of texts", Value::as_texts)
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        let mut fields = self.fields.iter().rev();
        fields.find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn maybe<T>(
        self,
        key: &str,
        problem: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        match self.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(read)),
                None => self.wrong(key, problem),
            },
        }
    }

    /// The object under `key`; `path` is `key` with a final dot.
    pub(crate) fn object(self, key: &str, path: &'static str) -> Result<Object<'a>, Wrong> {
        match self.maybe_object(key, path)? {
            Some(object) => Ok(object),
            None => self.wrong(key, "is missing"),
        }
    }

    /// As [`object`](Self::object); `None` if there is nothing.
    pub(crate) fn maybe_object(
        self,
        key: &str,
        path: &'static str,
    ) -> Result<Option<Object<'a>>, Wrong> {
        match self.get(key) {
            Some(Value::Object(fields)) => Ok(Some(Object { fields, path })),
            Some(_) => self.wrong(key, "is not an object"),
            None => Ok(None),
        }
    }

    /// The objects in the list under `key`; none if there is nothing. `path`
    /// is `key` with a final dot.
    pub(crate) fn objects(self, key: &str, path: &'static str) -> Result<Vec<Object<'a>>, Wrong> {
        let as_objects = |value: &'a Value| {
            let Value::List(values) = value else {
                return None;
            };
            let object = |value: &'a Value| value.as_object(path);
            values.iter().map(object).collect()
        };
        let objects = self.maybe(key, "is not a list of objects", as_objects)?;
        Ok(objects.unwrap_or_default())
    }

    /// Refuses the value of `key`.
    pub(crate) fn wrong<T>(self, key: &str, problem: &str) -> Result<T, Wrong> {
        Err(self.refusal(key, problem))
    }

    /// Apart, because every place that refuses would have a copy of it.
    #[cold]
    #[inline(never)]
    fn refusal(self, key: &str, problem: &str) -> Wrong {
        Wrong(Box::new(Problem {
            key: [self.path, key].concat(),
            problem: problem.to_owned(),
        }))
    }
}
