//! From the settings of a managed MLflow to its endpoint and signature.

use axum::http::Uri;

use super::{
    arn::{self, ArnError, MlflowArn},
    credentials::{CredentialsSource, Role},
    signed::SigningClient,
};
use crate::settings::SageMaker;

/// The longest body whose hash is signed unless the settings say otherwise.
/// MLflow refuses a batch of metrics over 1 MB.
const DEFAULT_HASHED_BYTES: usize = 1024 * 1024;

/// The largest that may be set: each request in flight may hold as much.
const MAX_HASHED_BYTES: usize = 64 * 1024 * 1024;

/// Why a managed MLflow cannot be used as the settings say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SageMakerError {
    /// Its ARN, or the role's.
    #[error("sagemaker: {0}")]
    Arn(#[from] ArnError),
    /// Its endpoint.
    #[error(
        "sagemaker: `endpoint` `{0}` must be https://: what is signed is not sent in the clear, \
         except to this machine"
    )]
    Endpoint(String),
    /// The session's name.
    #[error(
        "sagemaker: `session` `{0}` must be 2 to 64 letters, digits or characters of `+=,.@-_`"
    )]
    Session(String),
    /// A key that only a role needs.
    #[error("sagemaker: `{0}` is for a `role`, and there is none")]
    NoRole(&'static str),
    /// The bound for hashed bodies.
    #[error("sagemaker: `hashed_bytes` is {0}, and may be at most {MAX_HASHED_BYTES}")]
    Hashed(usize),
}

impl SageMaker {
    /// Where it is, and how its requests are signed.
    pub(super) fn resolve(self) -> Result<(String, SigningClient), SageMakerError> {
        let role = self.role()?;
        let arn = MlflowArn::parse(&self.arn)?;
        let hashed_bytes = self.hashed_bytes.unwrap_or(DEFAULT_HASHED_BYTES);
        if hashed_bytes > MAX_HASHED_BYTES {
            return Err(SageMakerError::Hashed(hashed_bytes));
        }
        let endpoint = self.endpoint.unwrap_or_else(|| arn.endpoint());
        if !(endpoint.starts_with("https://") || is_on_this_machine(&endpoint)) {
            return Err(SageMakerError::Endpoint(endpoint));
        }
        let source = CredentialsSource::new(arn.region(), role, None);
        Ok((endpoint, SigningClient::new(arn, source, hashed_bytes)))
    }

    fn role(&self) -> Result<Option<Role>, SageMakerError> {
        let Some(arn) = self.role.clone() else {
            return match (&self.session, &self.external_id) {
                (Some(_), _) => Err(SageMakerError::NoRole("session")),
                (_, Some(_)) => Err(SageMakerError::NoRole("external_id")),
                (None, None) => Ok(None),
            };
        };
        arn::role(&arn)?;
        let session = self.session.as_deref().unwrap_or("mlflow-auth-shell");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@-_".contains(&byte);
        if !(2..=64).contains(&session.len()) || !session.bytes().all(is_plain) {
            return Err(SageMakerError::Session(session.to_owned()));
        }
        Ok(Some(Role {
            arn,
            session: session.to_owned(),
            external_id: self.external_id.clone(),
        }))
    }
}

fn is_on_this_machine(endpoint: &str) -> bool {
    let url: Option<Uri> = endpoint.parse().ok();
    let host = url.as_ref().and_then(Uri::host);
    host.is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<std::net::IpAddr> = bare.parse().ok();
        host == "localhost" || address.is_some_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/a";
    const ROLE: &str = "arn:aws:iam::210987654321:role/mlflow";

    fn with(change: impl FnOnce(&mut SageMaker)) -> Result<String, SageMakerError> {
        let mut settings = SageMaker::new(ARN);
        change(&mut settings);
        settings.resolve().map(|(endpoint, _)| endpoint)
    }

    #[test]
    fn it_is_where_its_arn_says_or_the_settings() {
        assert_eq!(
            with(|_| ()),
            Ok("https://eu-west-1.experiments.sagemaker.aws".into())
        );
        for endpoint in [
            "https://vpce.example",
            "http://localhost:1",
            "http://127.0.0.1:1",
            "http://[::1]:1",
        ] {
            let found = with(|it| it.endpoint = Some(endpoint.into()));
            assert_eq!(found, Ok(endpoint.into()));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let name = |text: &str| Some(text.to_owned());
        let errors = [
            (
                with(|it| it.endpoint = name("http://sagemaker.example")),
                "must be https://",
            ),
            (
                with(|it| it.endpoint = name("http://localhost.evil.test")),
                "must be https://",
            ),
            (
                with(|it| it.role = name("mlflow")),
                "`mlflow` is not the ARN",
            ),
            (
                with(|it| it.session = name("a-b")),
                "`session` is for a `role`",
            ),
            (
                with(|it| it.external_id = name("a")),
                "`external_id` is for a `role`",
            ),
            (
                with(|it| (it.role, it.session) = (name(ROLE), name("a b"))),
                "`session` `a b` must be",
            ),
            (
                with(|it| it.hashed_bytes = Some(MAX_HASHED_BYTES + 1)),
                "may be at most 67108864",
            ),
            (with(|it| it.arn = "arn:aws:s3:::a".into()), "service `s3`"),
        ];
        for (found, expected) in errors {
            let error = found.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
