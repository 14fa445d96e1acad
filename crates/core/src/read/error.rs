//! What is wrong with a value, and where.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};
use serde_json::{Number, Value};

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Path of the key, such as `provider.issuer`; empty for the document.
    pub(crate) key: String,
    /// What is wrong, after the key: "is missing".
    pub(crate) problem: String,
}

/// The same on its way out of a document.
#[derive(Debug)]
pub(super) struct Error(Box<Problem>);

impl Error {
    fn at(key: &str, problem: String) -> Self {
        let key = key.to_owned();
        Self(Box::new(Problem { key, problem }))
    }

    /// A value of another kind than is read.
    #[inline(never)]
    pub(super) fn kind(found: &Value, expected: &dyn Expected) -> Self {
        let found = match found {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) => Unexpected::Unsigned(whole),
                (_, Some(negative)) => Unexpected::Signed(negative),
                _ => Unexpected::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        Self::unexpected("type", found, expected)
    }

    #[inline(never)]
    fn unexpected(what: &str, found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        // Serde's own words for the others would bring the standard library's
        // formatting of floats along.
        let found = match found {
            Unexpected::Unit => "null".to_owned(),
            Unexpected::Bool(value) => format!("boolean `{value}`"),
            Unexpected::Unsigned(number) => format!("integer `{number}`"),
            Unexpected::Signed(number) => format!("integer `{number}`"),
            Unexpected::Float(number) => {
                let number = Number::from_f64(number).map(|number| number.to_string());
                format!("floating point `{}`", number.unwrap_or_default())
            }
            Unexpected::Str(text) => {
                format!("string {}", serde_json::to_string(text).unwrap_or_default())
            }
            Unexpected::Seq => "sequence".to_owned(),
            Unexpected::Map => "map".to_owned(),
            // JSON has no others.
            Unexpected::Char(_)
            | Unexpected::Bytes(_)
            | Unexpected::Option
            | Unexpected::NewtypeStruct
            | Unexpected::Enum
            | Unexpected::UnitVariant
            | Unexpected::NewtypeVariant
            | Unexpected::TupleVariant
            | Unexpected::StructVariant
            | Unexpected::Other(_) => "value".to_owned(),
        };
        let problem = format!("has an invalid {what}: {found}, expected {expected}");
        Self::at("", problem)
    }

    /// The same in a value that is at `place`: a key, or `[0]` in a list.
    #[inline(never)]
    pub(super) fn within(mut self, place: &str) -> Self {
        let Problem { key, .. } = &mut *self.0;
        if place.is_empty() {
            return self;
        }
        let joint = if key.is_empty() || key.starts_with('[') {
            ""
        } else {
            "."
        };
        *key = format!("{place}{joint}{key}");
        self
    }
}

impl Error {
    /// The same in the last item of a list that was read, the `count`th.
    #[inline(never)]
    pub(super) fn within_item(self, count: usize) -> Self {
        match count.checked_sub(1) {
            Some(place) => self.within(&format!("[{place}]")),
            None => self,
        }
    }
}

impl From<Error> for Problem {
    fn from(Error(problem): Error) -> Self {
        *problem
    }
}

impl de::Error for Error {
    /// What begins with a key in backticks is said of that key.
    #[inline(never)]
    fn custom<T: Display>(words: T) -> Self {
        let words = words.to_string();
        let key = words.strip_prefix('`').and_then(|it| it.split_once('`'));
        match key {
            Some((key, problem)) => Self::at(key, problem.trim_start().to_owned()),
            None => Self::at("", words),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected("type", found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected("value", found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let problem = format!("has an invalid length {length}, expected {expected}");
        Self::at("", problem)
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        let problem = format!("has an unknown variant `{variant}`, {}", one_of(known));
        Self::at("", problem)
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::at(field, format!("is not a known key, {}", one_of(known)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at(field, "is missing".to_owned())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::at(field, "is there twice".to_owned())
    }
}

fn one_of(known: &[&str]) -> String {
    match known {
        [first, second] => format!("expected `{first}` or `{second}`"),
        [one] => format!("expected `{one}`"),
        _ => format!("expected one of `{}`", known.join("`, `")),
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.problem)
    }
}

impl std::error::Error for Error {}
