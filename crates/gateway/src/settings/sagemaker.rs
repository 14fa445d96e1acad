//! A managed MLflow of SageMaker.

use serde::{Deserialize, Serialize};

/// A managed MLflow of SageMaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SageMaker {
    /// The ARN of a tracking server or an MLflow App.
    pub arn: String,
    /// The ARN of a role that is assumed first, such as one of another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What the role's sessions are called in AWS's logs, if not
    /// `mlflow-auth-shell`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The external id that the role's trust policy requires, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its endpoint, if not that of its ARN: `https`, or on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The longest body whose hash is signed, in bytes, if not 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashed_bytes: Option<usize>,
}

impl SageMaker {
    /// The one of this ARN, signed with the credentials of this process.
    pub fn new(arn: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            role: None,
            session: None,
            external_id: None,
            endpoint: None,
            hashed_bytes: None,
        }
    }
}
