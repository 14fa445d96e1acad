//! What an error of a server in front of MLflow means.

/// API Gateway has no such route.
pub(crate) const NOT_FORWARDED: &str = "This site does not forward this request to MLflow, so this part of \
     MLflow does not work here. If you need it, tell the administrator of this site.";
/// The Lambda authorizer refused.
pub(crate) const GROUPS: &str = "Your groups do not allow this. If you need it, ask an administrator to add \
     you to a group that may do it, then sign in again.";
/// A server in front of MLflow refused.
pub(crate) const REFUSED_BEFORE: &str = "A server in front of MLflow refused this request. If you need it, \
     tell the administrator of this site.";
/// MLflow refused without a reason.
pub(crate) const REFUSED: &str = "MLflow refused this: you are not allowed to do it.";
/// Over API Gateway's limit.
pub(crate) const OVER_10_MB: &str =
    "This is too large: at most 10 MB pass through this site at once.";
/// Over the limit of another server.
pub(crate) const TOO_LARGE: &str = "This is too large for a server in front of MLflow.";
/// Throttled.
pub(crate) const TOO_MANY: &str = "There are too many requests at the moment. Trying again\u{2026}";
/// Timed out.
pub(crate) const SLOW: &str = "The server behind this site took too long. Try again in a moment; if it stays \
     so, tell the administrator of this site.";
/// Failed.
pub(crate) const BROKEN: &str = "The server behind this site failed and does not say why. Try again in a \
     moment; if it stays so, tell the administrator of this site.";
