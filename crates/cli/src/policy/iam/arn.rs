//! Names of an API, its stages, and what is on them.

use std::str::FromStr;

use shell_core::policy::Grant;

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
        let parts: Vec<&str> = text.split(':').collect();
        let [arn, partition, service, region, account, api] = parts.as_slice() else {
            return Err(format!("it has six parts: {FORM}"));
        };
        let is_partition = *partition == "aws" || partition.starts_with("aws-");
        let problem = match () {
            () if text.contains(['*', '?']) => "it names one API, without wildcards",
            () if *arn != "arn" || !is_partition || !is_word(partition) => {
                "it begins with `arn:` and a partition, such as `aws` or `aws-cn`"
            }
            () if *service != "execute-api" => "its service is `execute-api`",
            () if region.is_empty() || !is_word(region) => "its region is written out",
            () if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) => {
                "its account has twelve digits"
            }
            () if api.contains('/') => "it ends with the API's id: stages go to --stage",
            () if api.is_empty() || !api.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                "it ends with the API's id"
            }
            () => return Ok(Self(text.to_owned())),
        };
        Err(format!("{problem}: {FORM}"))
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

fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
