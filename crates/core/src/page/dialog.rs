use serde_json::Value;

use crate::{
    Secret, UserError,
    config::Python,
    json,
    messages::{action, card as text},
    oauth::logout::Revocation,
    session::EndReason,
};

/// What covers MLflow, or is shown in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// A question is out.
    Progress(Progress),
    /// The way in.
    SignIn {
        /// Why the last session ended, if it did by itself.
        ending: Option<EndReason>,
        /// Whether the sign-out before left a refresh token that is still valid.
        is_token_left: bool,
        /// The page's own address, if it is framed.
        own_tab: Option<String>,
    },
    /// Over MLflow: the session ended, and this is the way to go on.
    SessionEnded(EndReason),
    /// Something went wrong.
    Problem {
        /// What.
        error: UserError,
        /// The page's own address, if it is framed.
        own_tab: Option<String>,
    },
    /// Over MLflow: a sign-in beside it went wrong.
    SignInFailed(UserError),
    /// Before everything of this site is forgotten.
    Forget,
    /// Known, but not admitted, or to none of the servers: why.
    NoAccess(String),
    /// Signed out, with a rest to do at the provider.
    SignedOut {
        /// The provider's logout.
        url: String,
        /// Whether the refresh token is revoked.
        revocation: Revocation,
        /// Whether the page is framed, where that page cannot be shown.
        is_framed: bool,
    },
    /// In the window of a sign-in, if the browser does not let it close itself.
    SignedInPopup,
    /// A framed page waits for its popup.
    PopupWaiting {
        /// The page's own address.
        own_tab: String,
    },
    /// The browser opened no popup for a framed page.
    PopupBlocked {
        /// The page's own address.
        own_tab: String,
    },
    /// In the relay: go on to the hosted login.
    PopupContinue {
        /// The hosted login.
        url: String,
        /// The framed page's address.
        page: String,
    },
    /// In the relay, beside the hosted login.
    PopupContinued {
        /// The hosted login.
        url: String,
        /// The framed page's address.
        page: String,
    },
    /// In the relay: the framed page cannot be reached; its address.
    PopupNoOpener(String),
    /// In a popup: the return was passed on, and is not confirmed.
    PopupUnconfirmed,
    /// In the callback: the return, to be copied.
    PopupCode(Secret),
    /// In the callback of a sign-in that was begun in a terminal: the return, to be
    /// copied there.
    TerminalCode(Secret),
    /// The help, whose last line is this address.
    Help(String),
    /// How programs reach MLflow.
    Python {
        /// The variables to set, a token among them once there is one.
        variables: Secret,
        /// What they let the program in by.
        credential: Credential,
        /// The user's tokens that have not ended.
        tokens: Vec<ListedToken>,
    },
}

/// What a program has, so that the site lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The tokens of a sign-in from a terminal.
    SignIn,
    /// A token that the user has not asked for yet.
    NoToken,
    /// A token.
    Token,
    /// AWS credentials.
    SigV4,
}

impl Credential {
    pub(super) fn of(python: &Python, has_token: bool) -> Self {
        match python {
            Python::SigV4 { .. } => Self::SigV4,
            Python::Token { .. } if has_token => Self::Token,
            Python::Token { sign_in, .. } if sign_in.is_some() => Self::SignIn,
            Python::Token { .. } => Self::NoToken,
        }
    }

    /// Whether the gateway issues tokens.
    pub(super) fn can_be_issued(self) -> bool {
        self != Self::SigV4
    }
}

/// A token for programs, as the gateway lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// Its id, by which it is revoked.
    pub id: String,
    /// What its user calls it; may be empty.
    pub name: String,
    /// When it was created, as text.
    pub created: String,
    /// When it ends, as text.
    pub ends: String,
}

impl ListedToken {
    /// The tokens of the gateway's list; none if it has not that form.
    pub fn list(text: &str) -> Vec<Self> {
        let listed = json::parse(text).unwrap_or_default();
        let tokens = listed["tokens"].as_array().into_iter().flatten();
        let token = |token: &Value| {
            let text = |key: &str| Some(token[key].as_str()?.to_owned());
            Some(Self {
                id: text("id")?,
                name: text("name")?,
                created: text("created")?,
                ends: text("ends")?,
            })
        };
        tokens.filter_map(token).collect()
    }
}

/// Which question is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Where the hosted login is.
    Opening,
    /// Whether the return from the hosted login leads to a session.
    SigningIn,
    /// Whether the session is revoked.
    SigningOut,
    /// Whether everything is forgotten.
    Forgetting,
}

impl Dialog {
    /// Whether it can be closed and nothing is missed.
    pub fn can_be_closed(&self) -> bool {
        matches!(self, Self::Help(_) | Self::Python { .. })
    }

    /// Whether page and worker were found to be of different builds.
    pub(super) fn is_about_version(&self) -> bool {
        let version = UserError::Version;
        matches!(self, Self::Problem { error, .. } if *error == version)
    }

    /// Its title.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Progress(Progress::Opening) => text::OPENING,
            Self::Progress(Progress::SigningIn) => text::SIGNING_IN,
            Self::Progress(Progress::SigningOut) => text::SIGNING_OUT,
            Self::Progress(Progress::Forgetting) => text::FORGETTING,
            Self::SignIn { .. } => text::TITLE,
            Self::SessionEnded(_) => text::ENDED,
            Self::Problem { error, .. } | Self::SignInFailed(error) => error.title(),
            Self::Forget => text::FORGET,
            Self::NoAccess(_) => text::NO_ACCESS,
            Self::SignedOut { .. } => text::SIGNED_OUT,
            Self::SignedInPopup => text::SIGNED_IN,
            Self::PopupWaiting { .. } => text::IN_WINDOW,
            Self::PopupBlocked { .. } => text::BLOCKED,
            Self::PopupContinue { .. } => text::CONTINUE,
            Self::PopupContinued { .. } => text::CONTINUED,
            Self::PopupNoOpener(_) => text::NO_OPENER,
            Self::PopupUnconfirmed | Self::PopupCode(_) => text::UNHEARD,
            Self::TerminalCode(_) => text::TERMINAL,
            Self::Help(_) => text::HELP,
            Self::Python { .. } => text::PYTHON,
        }
    }

    /// A stable name for support and tests; empty if there is nothing to support.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Problem { error, .. } | Self::SignInFailed(error) => error.code(),
            Self::NoAccess(_) => "no-access",
            Self::SignedOut {
                revocation: Revocation::Done,
                ..
            } => "framed",
            Self::SignedOut { .. }
            | Self::SignIn {
                is_token_left: true,
                ..
            } => "not-revoked",
            Self::PopupBlocked { .. } => "popup-blocked",
            Self::PopupNoOpener(_) => "no-opener",
            Self::Progress(_)
            | Self::SignIn { .. }
            | Self::SessionEnded(_)
            | Self::Forget
            | Self::SignedInPopup
            | Self::PopupWaiting { .. }
            | Self::PopupContinue { .. }
            | Self::PopupContinued { .. }
            | Self::PopupUnconfirmed
            | Self::PopupCode(_)
            | Self::TerminalCode(_)
            | Self::Help(_)
            | Self::Python { .. } => "",
        }
    }

    /// What the tab is called while it is shown instead of MLflow.
    pub fn tab_title(&self) -> String {
        let title = if matches!(self, Self::SignIn { .. }) {
            action::SIGN_IN
        } else {
            self.title()
        };
        format!("{title} – {}", text::TITLE)
    }
}
