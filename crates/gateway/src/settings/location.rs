//! `upstream` and `[upstreams]`: where an MLflow server is.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::SageMaker;

/// Where an MLflow server is: `"http://127.0.0.1:5000"`, the ARN of a managed
/// one, or with more keys `{ url = "…", identity_headers = true }` or
/// `{ sagemaker = { arn = "…", role = "…" } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Location(Form);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Form {
    Address(String),
    Served(Served),
    Managed(Managed),
}

/// A table, before it is known of which kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    url: Option<String>,
    identity_headers: Option<bool>,
    sagemaker: Option<SageMaker>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Served {
    url: String,
    identity_headers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Managed {
    sagemaker: SageMaker,
}

impl Location {
    /// A server at `url`, which gets the user's identity in headers, or not.
    pub fn served(url: &str, identity_headers: bool) -> Self {
        let url = url.to_owned();
        Self(Form::Served(Served {
            url,
            identity_headers,
        }))
    }

    /// The managed MLflow that it is, if it is one.
    pub(crate) fn managed(&self) -> Option<SageMaker> {
        match &self.0 {
            Form::Managed(managed) => Some(managed.sagemaker.clone()),
            Form::Address(text) if text.starts_with("arn:") => Some(SageMaker::new(text)),
            Form::Address(_) | Form::Served(_) => None,
        }
    }

    /// Whether the server gets the user's identity in headers.
    pub(crate) fn identity_headers(&self) -> bool {
        matches!(&self.0, Form::Served(served) if served.identity_headers)
    }

    /// The text that it is, or the ARN.
    pub(crate) fn address(&self) -> &str {
        match &self.0 {
            Form::Address(text) => text,
            Form::Served(served) => &served.url,
            Form::Managed(managed) => &managed.sagemaker.arn,
        }
    }
}

impl Table {
    fn form(self) -> Result<Form, &'static str> {
        match (self.url, self.sagemaker) {
            (Some(url), None) if url.starts_with("arn:") => Err(ARN_AS_URL),
            (Some(url), None) => Ok(Form::Served(Served {
                url,
                identity_headers: self.identity_headers.unwrap_or_default(),
            })),
            (None, Some(_)) if self.identity_headers.is_some() => Err(IDENTITY_OF_MANAGED),
            (None, Some(sagemaker)) => Ok(Form::Managed(Managed { sagemaker })),
            (Some(_), Some(_)) => Err("give either `url` or `sagemaker`, not both"),
            (None, None) => Err("`url` is missing: where is the MLflow server?"),
        }
    }
}

const ARN_AS_URL: &str =
    "`url` is for http:// and https://: write an ARN in place of the table, or as `sagemaker.arn`";

const IDENTITY_OF_MANAGED: &str = "`identity_headers` is for a `url`: SageMaker knows the gateway \
                                   by its AWS credentials, and no user";

impl From<&str> for Location {
    fn from(text: &str) -> Self {
        Self(Form::Address(text.to_owned()))
    }
}

impl From<SageMaker> for Location {
    fn from(sagemaker: SageMaker) -> Self {
        Self(Form::Managed(Managed { sagemaker }))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.address())
    }
}

/// By hand, because the error of an untagged enum does not say what is wrong.
impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Location;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the address of an MLflow server, its ARN, `{ url = \"…\" }` or \
             `{ sagemaker = { arn = \"…\" } }`",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Location, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Location, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        table.form().map(Location).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_text_or_a_managed_mlflow() {
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/a";
        let table = [
            (r#""http://127.0.0.1:5000""#.to_owned(), None),
            (format!(r#""{arn}""#), Some(SageMaker::new(arn))),
            (
                format!(r#"{{"sagemaker": {{"arn": "{arn}"}}}}"#),
                Some(SageMaker::new(arn)),
            ),
        ];
        for (text, managed) in table {
            let location: Location = serde_json::from_str(&text).unwrap();
            assert_eq!(location.managed(), managed, "{text}");
            let again = serde_json::to_string(&location).unwrap();
            assert_eq!(serde_json::from_str::<Location>(&again).unwrap(), location);
        }
    }

    #[test]
    fn users_are_told_to_servers_that_are_to_know_them() {
        let table = [
            (r#""http://a""#, false),
            (r#"{"url": "http://a"}"#, false),
            (r#"{"url": "http://a", "identity_headers": false}"#, false),
            (r#"{"url": "http://a", "identity_headers": true}"#, true),
        ];
        for (text, told) in table {
            let location: Location = serde_json::from_str(text).unwrap();
            assert_eq!(
                (location.address(), location.identity_headers()),
                ("http://a", told),
                "{text}"
            );
            let again = serde_json::to_string(&location).unwrap();
            assert_eq!(serde_json::from_str::<Location>(&again).unwrap(), location);
        }
    }

    #[test]
    fn what_is_neither_is_named() {
        let table = [
            ("1", "the address of an MLflow server, its ARN"),
            (r#"{"arn": "a"}"#, "unknown field `arn`"),
            ("{}", "`url` is missing"),
            (r#"{"identity_headers": true}"#, "`url` is missing"),
            (
                r#"{"url": "http://a", "identity_headers": "on"}"#,
                "expected a boolean",
            ),
            (r#"{"url": "arn:aws:x"}"#, "write an ARN in place"),
            (
                r#"{"url": "http://a", "sagemaker": {"arn": "a"}}"#,
                "either `url` or `sagemaker`",
            ),
            (
                r#"{"sagemaker": {"arn": "a"}, "identity_headers": true}"#,
                "`identity_headers` is for a `url`",
            ),
            (r#"{"sagemaker": {}}"#, "missing field `arn`"),
            (
                r#"{"sagemaker": {"arn": "a", "rolle": "b"}}"#,
                "unknown field `rolle`",
            ),
        ];
        for (text, expected) in table {
            let error = serde_json::from_str::<Location>(text).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
