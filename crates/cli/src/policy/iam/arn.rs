//! Names of an API, its stages, and what is on them.

use std::str::FromStr;

use shell_core::{
    arn::{Arn, ArnError},
    policy::Grant,
};

/// An API of API Gateway, as IAM names it. No part of it is a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiArn(String);

/// A stage of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage(String);

const FORM: &str = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5";

const PATTERN: &str = "name each stage: IAM's wildcards go across slashes, and `*` would allow \
                       what has an allowed method and path anywhere in its own path";

impl ApiArn {
    /// What `grant` is about, on `stage`.
    pub(super) fn resource(&self, stage: &Stage, grant: &Grant) -> String {
        [&self.0, "/", &stage.0, "/", grant.method, "/", &grant.path].concat()
    }
}

impl FromStr for ApiArn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(['*', '?']) {
            return Err(wrong("it names one API, without wildcards"));
        }
        let arn = Arn::parse(text).map_err(|error| wrong(part(error)))?;
        if arn.service != "execute-api" {
            return Err(wrong("its service is `execute-api`"));
        }
        arn.region().map_err(|error| wrong(part(error)))?;
        arn.account().map_err(|error| wrong(part(error)))?;
        let api = arn.resource;
        if api.contains('/') {
            return Err(wrong("it ends with the API's id: stages go to --stage"));
        }
        if api.is_empty() || !api.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong("it ends with the API's id"));
        }
        Ok(Self(text.to_owned()))
    }
}

fn wrong(problem: &str) -> String {
    format!("{problem}: {FORM}")
}

fn part(error: ArnError) -> &'static str {
    match error {
        ArnError::Shape => "it has six parts",
        ArnError::Partition => "it begins with `arn:` and a partition, such as `aws` or `aws-cn`",
        ArnError::Region => "its region is written out",
        ArnError::Account => "its account has twelve digits",
    }
}

impl FromStr for Stage {
    type Err = String;

    /// Letters, digits, `-` and `_`, as API Gateway has them, or the stage of
    /// an HTTP API that has no other.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if text == "$default" || (!text.is_empty() && text.bytes().all(is_plain)) {
            return Ok(Self(text.to_owned()));
        }
        if text.contains(['*', '?']) {
            return Err(PATTERN.to_owned());
        }
        Err("a stage has letters, digits, `-` and `_`".to_owned())
    }
}
