//! Where an MLflow server is, as settings say it.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::SageMaker;

/// Where an MLflow server is: `"http://127.0.0.1:5000"`, the ARN of a managed
/// one, or `{ sagemaker = { arn = "…", role = "…" } }` with more to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Location(Form);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Form {
    Address(String),
    Managed(Managed),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Managed {
    sagemaker: SageMaker,
}

impl Location {
    /// The managed MLflow that it is, if it is one.
    pub(super) fn managed(&self) -> Option<SageMaker> {
        match &self.0 {
            Form::Managed(managed) => Some(managed.sagemaker.clone()),
            Form::Address(text) if text.starts_with("arn:") => Some(SageMaker::new(text)),
            Form::Address(_) => None,
        }
    }

    /// The text that it is, or the ARN.
    pub(super) fn address(&self) -> &str {
        match &self.0 {
            Form::Address(text) => text,
            Form::Managed(managed) => &managed.sagemaker.arn,
        }
    }
}

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

/// By hand, because an error of an untagged enum says nothing of what is wrong.
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
            "the address of an MLflow server, its ARN, or `{ sagemaker = { arn = \"…\" } }`",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Location, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Location, A::Error> {
        let managed = Managed::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Location(Form::Managed(managed)))
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
    fn what_is_neither_is_named() {
        let table = [
            ("1", "the address of an MLflow server, its ARN"),
            (r#"{"arn": "a"}"#, "unknown field `arn`"),
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
