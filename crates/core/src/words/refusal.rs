//! Why a request was not answered by MLflow.

use crate::refusal::Cause;

/// The link under it.
pub(crate) const START_PAGE: &str = "Open the start page";

impl Cause {
    /// What happened, in a few words.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "Please sign in",
            Self::Denied(_) => "No access",
            Self::Unverifiable => "Your sign-in cannot be checked",
            Self::NotRenewed => "The sign-in service is not answering",
            Self::UpstreamDown | Self::UpstreamSlow => "MLflow is not answering",
            Self::BadRequest(_) | Self::TooLarge => "This request cannot be forwarded",
            Self::NotHere(_) => "There is no such MLflow server",
        }
    }

    /// What that means, and what to do.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Unauthenticated => "Your session has ended, or you have not signed in yet.",
            Self::Denied(sentence) | Self::NotHere(sentence) => sentence,
            Self::Unverifiable => {
                "The sign-in service's keys cannot be loaded. Nothing is wrong with your \
                 account; try again in a moment."
            }
            Self::NotRenewed => {
                "You are signed in, but your session cannot be renewed at the moment. \
                 Trying again\u{2026}"
            }
            Self::UpstreamDown => {
                "You are signed in, but the MLflow server behind this site cannot be reached. \
                 Try again in a moment; if it stays so, tell the administrator of this site."
            }
            Self::UpstreamSlow => {
                "You are signed in, but the MLflow server behind this site took too long. \
                 Try again in a moment; if it stays so, tell the administrator of this site."
            }
            Self::BadRequest(why) => why,
            Self::TooLarge => "The body is larger than this server accepts.",
        }
    }
}
