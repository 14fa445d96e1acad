//! What went wrong, and what to do about it.

use super::UserError;

impl UserError {
    /// What happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Config(_) => "This site is not configured correctly",
            Self::ForeignOrigin { .. } => "Opened at the wrong address",
            Self::Insecure => "A secure connection is needed",
            Self::NoWorkers => "Service workers are switched off",
            Self::StorageBlocked => "Site data is blocked",
            Self::Registration(_) | Self::Uncontrolled | Self::Silent => "MLflow could not start",
            Self::Version => "A new version is ready",
            Self::CallbackIncomplete | Self::StateUnknown | Self::StateExpired => {
                "This sign-in link cannot be used"
            }
            Self::Provider { error, .. } if error == "access_denied" => "Sign-in was declined",
            Self::Provider { .. } | Self::CodeRefused(_) | Self::BadTokens(_) => {
                "Sign-in did not succeed"
            }
            Self::ProviderDown => "The sign-in service is not answering",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Config(problem) => format!("{problem}. Please tell the administrator of this site."),
            Self::ForeignOrigin { configured } => format!("Open {configured} instead."),
            Self::Insecure => "Open this site with https://, or on localhost.".into(),
            Self::NoWorkers => "This site needs service workers, a part of the browser that is switched off. Allow them in the browser's settings, or use another browser.".into(),
            Self::StorageBlocked => "Allow this site to store data, or open it in its own tab.".into(),
            Self::Registration(words) => format!("Reload the page. If that does not help, tell the administrator what the browser said: {words}"),
            Self::Uncontrolled | Self::Silent => "Reload the page. If that does not help, close every tab of this site and open it again.".into(),
            Self::Version => "Reload the page to use it.".into(),
            Self::CallbackIncomplete => "The address is incomplete. Sign in again.".into(),
            Self::StateUnknown => "It was used before, or the sign-in was begun in another browser. Sign in again.".into(),
            Self::StateExpired => "The sign-in took longer than ten minutes. Sign in again.".into(),
            Self::Provider { error, description } => match description {
                Some(words) => format!("The sign-in service says: {words} ({error})"),
                None => format!("The sign-in service says: {error}"),
            },
            Self::CodeRefused(error) if error == "invalid_grant" => "The sign-in service no longer accepts the code it gave (invalid_grant). Sign in again. If it happens every time, tell the administrator of this site: the app client may lack read access to an attribute of a requested scope.".into(),
            Self::CodeRefused(error) => format!("The sign-in service refused the code ({error}). Sign in again."),
            Self::ProviderDown => "Nothing is wrong with your account. Wait a moment, then sign in again.".into(),
            Self::BadTokens(why) => format!("The answer of the sign-in service was not accepted: {why}. Please tell the administrator of this site."),
        }
    }
}
