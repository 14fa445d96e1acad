//! The ARN of a managed MLflow.
//!
//! | | tracking server | MLflow App |
//! |---|---|---|
//! | resource | `mlflow-tracking-server` | `mlflow-app` |
//! | host | `REGION.experiments.sagemaker.aws` | `mlflow.sagemaker.REGION.app.aws` |
//! | signed for | `sagemaker-mlflow` | `sagemaker` |
//! | ARN header | `x-mlflow-sm-tracking-server-arn` | `x-sm-mlflow-app-arn` |
//!
//! The table is that of AWS's own plugin for MLflow (`sagemaker-mlflow` 0.5.0).

use std::fmt;

use axum::http::HeaderName;
use shell_core::{
    arn::Arn,
    denial::aws::{MLFLOW_APP, ManagedMlflow, TRACKING_SERVER},
};

/// The partitions of which the plugin knows the hosts: both end in `.aws`.
const PARTITIONS: [&str; 2] = ["aws", "aws-us-gov"];

/// Both headers, whichever kind a server is: a client may send neither.
pub(super) const HEADERS: [HeaderName; 2] = [
    MlflowKind::TrackingServer.header(),
    MlflowKind::App.header(),
];

/// Why text is not the ARN of a managed MLflow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// Not an ARN of such a resource.
    #[error(
        "`{0}` is not the ARN of a managed MLflow; it looks like \
         arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME \
         or arn:aws:sagemaker:REGION:ACCOUNT:mlflow-app/ID"
    )]
    Shape(String),
    /// An ARN of another service.
    #[error("`{arn}` is of the service `{service}`, but managed MLflow is of `sagemaker`")]
    Service {
        /// The ARN.
        arn: String,
        /// Its service.
        service: String,
    },
    /// An ARN of another resource of SageMaker's.
    #[error(
        "`{arn}` is a `{resource}`, which is no MLflow: give the ARN of a \
         `mlflow-tracking-server` or a `mlflow-app`"
    )]
    Resource {
        /// The ARN.
        arn: String,
        /// Its type of resource.
        resource: String,
    },
    /// An ARN of a part of AWS whose hosts are not known.
    #[error(
        "the partition `{partition}` of `{arn}` is not supported: only of `aws` and `aws-us-gov` \
         is it known where their managed MLflow is"
    )]
    Partition {
        /// The ARN.
        arn: String,
        /// Its partition.
        partition: String,
    },
    /// Not the ARN of a role.
    #[error("`{0}` is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME")]
    Role(String),
}

/// The ARN of a managed MLflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MlflowArn {
    text: String,
    kind: MlflowKind,
    region: String,
}

/// The two that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MlflowKind {
    TrackingServer,
    App,
}

impl MlflowArn {
    pub(super) fn parse(text: &str) -> Result<Self, ArnError> {
        let shape = || ArnError::Shape(text.to_owned());
        let arn = || text.to_owned();
        let parsed = Arn::parse(text).map_err(|_| shape())?;
        if parsed.service != "sagemaker" {
            return Err(ArnError::Service {
                arn: arn(),
                service: parsed.service.to_owned(),
            });
        }
        let (resource, name) = parsed.resource.split_once('/').ok_or_else(shape)?;
        let kind = MlflowKind::of(resource).ok_or_else(|| ArnError::Resource {
            arn: arn(),
            resource: resource.to_owned(),
        })?;
        if !PARTITIONS.contains(&parsed.partition) {
            return Err(ArnError::Partition {
                arn: arn(),
                partition: parsed.partition.to_owned(),
            });
        }
        let (Ok(region), Ok(_), true) = (parsed.region(), parsed.account(), is_name(name)) else {
            return Err(shape());
        };
        Ok(Self {
            text: arn(),
            kind,
            region: region.to_owned(),
        })
    }

    pub(super) fn kind(&self) -> MlflowKind {
        self.kind
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Where it is.
    pub(super) fn endpoint(&self) -> String {
        let region = &self.region;
        match self.kind {
            MlflowKind::TrackingServer => format!("https://{region}.experiments.sagemaker.aws"),
            MlflowKind::App => format!("https://mlflow.sagemaker.{region}.app.aws"),
        }
    }
}

impl fmt::Display for MlflowArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl MlflowKind {
    fn of(resource: &str) -> Option<Self> {
        match resource {
            "mlflow-tracking-server" => Some(Self::TrackingServer),
            "mlflow-app" => Some(Self::App),
            _ => None,
        }
    }

    /// The service that a request is signed for.
    pub(super) const fn service(self) -> &'static str {
        match self {
            Self::TrackingServer => "sagemaker-mlflow",
            Self::App => "sagemaker",
        }
    }

    /// The header that says which of an account's servers is meant.
    pub(super) const fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::TrackingServer => "x-mlflow-sm-tracking-server-arn",
            Self::App => "x-sm-mlflow-app-arn",
        })
    }

    /// What errors about it are called and need.
    pub(super) const fn managed(self) -> ManagedMlflow {
        match self {
            Self::TrackingServer => TRACKING_SERVER,
            Self::App => MLFLOW_APP,
        }
    }
}

/// Checks the ARN of a role.
pub(super) fn role(text: &str) -> Result<(), ArnError> {
    let is_role = Arn::parse(text).is_ok_and(|arn| {
        let name = arn.resource.strip_prefix("role/");
        let has_name = name.is_some_and(|name| !name.is_empty());
        // IAM has no regions.
        let begins = text.starts_with(&format!("arn:{}:iam::", arn.partition));
        begins && has_name && arn.account().is_ok()
    });
    is_role
        .then_some(())
        .ok_or_else(|| ArnError::Role(text.to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_where_its_server_is_and_how_to_sign_for_it() {
        let table = [
            (
                "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team-a",
                "https://eu-west-1.experiments.sagemaker.aws",
                "sagemaker-mlflow",
                "x-mlflow-sm-tracking-server-arn",
            ),
            (
                "arn:aws:sagemaker:us-east-2:123456789012:mlflow-app/app-ABC123",
                "https://mlflow.sagemaker.us-east-2.app.aws",
                "sagemaker",
                "x-sm-mlflow-app-arn",
            ),
            (
                "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:mlflow-tracking-server/g",
                "https://us-gov-west-1.experiments.sagemaker.aws",
                "sagemaker-mlflow",
                "x-mlflow-sm-tracking-server-arn",
            ),
        ];
        for (text, endpoint, service, header) in table {
            let arn = MlflowArn::parse(text).unwrap();
            assert_eq!(arn.endpoint(), endpoint);
            assert_eq!(arn.kind().service(), service);
            assert_eq!(arn.kind().header(), header);
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn other_arns_are_refused_and_say_why() {
        let table = [
            ("arn:aws:s3:::bucket", "of the service `s3`"),
            (
                "arn:aws:sagemaker:eu-west-1:123456789012:domain/d",
                "is a `domain`, which is no MLflow",
            ),
            (
                "arn:aws-cn:sagemaker:cn-north-1:123456789012:mlflow-app/a",
                "the partition `aws-cn` of",
            ),
            ("arn:aws:sagemaker:eu-west-1", "it looks like"),
            (
                "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app",
                "it looks like",
            ),
            (
                "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/",
                "it looks like",
            ),
            (
                "arn:aws:sagemaker:eu-west-1:12345:mlflow-app/a",
                "it looks like",
            ),
            (
                "arn:aws:sagemaker:evil.test#-:123456789012:mlflow-app/a",
                "it looks like",
            ),
            (
                "arn:aws:sagemaker::123456789012:mlflow-app/a",
                "it looks like",
            ),
        ];
        for (text, expected) in table {
            let error = MlflowArn::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_role_is_a_role() {
        assert_eq!(role("arn:aws:iam::123456789012:role/path/name"), Ok(()));
        for text in [
            "mlflow",
            "arn:aws:iam::123456789012:user/name",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:sts::123456789012:role/name",
        ] {
            assert_eq!(role(text), Err(ArnError::Role(text.to_owned())));
        }
    }
}
