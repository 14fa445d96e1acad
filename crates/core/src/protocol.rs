//! What a page and the worker say to each other, as form-encoded text.
//!
//! A page sends an [`Ask`] with a message port and gets one [`Answer`]; the
//! worker sends a [`Status`] to every page when it changes. Each message
//! carries [`VERSION`]; another version is refused, not guessed at. No message
//! holds a token, a code verifier or a refresh token, and none asks for one.
//!
//! ```
//! use shell_core::protocol::{Ask, Message};
//! assert_eq!(Ask::Status.write(), "v=1&ask=status");
//! assert_eq!(Ask::read("v=1&ask=status"), Ok(Ask::Status));
//! ```

use crate::{
    Route, Trouble,
    form::Form,
    oauth::token::User,
    session::{Ending, Status},
};

/// Changes whenever a message changes its meaning.
pub const VERSION: &str = "1";

/// What a page asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Where does the user stand?
    Status,
    /// Begin a sign-in that ends at this route.
    SignIn(Route),
    /// The hosted login returned with this query and fragment.
    Return {
        /// `location.search` of the callback page.
        query: String,
        /// `location.hash` of the callback page.
        fragment: String,
    },
    /// Forget everything, everywhere.
    SignOut,
    /// Stay awake.
    Ping,
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Ask::Status`].
    Status(Status),
    /// To [`Ask::SignIn`]: navigate there.
    Go(String),
    /// To [`Ask::Return`]: signed in, and this is where the user was going.
    Returned(Route),
    /// To [`Ask::SignOut`]: everything is forgotten, now navigate there.
    SignedOut {
        /// The provider's logout.
        url: String,
        /// Whether the refresh token is known to be revoked.
        revoked: bool,
    },
    /// To [`Ask::Ping`].
    Awake,
    /// What was asked cannot be done.
    Trouble(Trouble),
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageError {
    /// Sent by another build.
    Version,
    /// Not a message of ours.
    Malformed,
}

/// Something that can be sent.
pub trait Message: Sized {
    /// Writes the message.
    fn write(&self) -> String {
        self.fill(Form::default().with("v", VERSION)).write()
    }

    /// Reads a message.
    fn read(text: &str) -> Result<Self, MessageError> {
        let form = Form::read(text);
        if form.get("v") != Some(VERSION) {
            return Err(MessageError::Version);
        }
        Self::pick(&form).ok_or(MessageError::Malformed)
    }

    #[doc(hidden)]
    fn fill(&self, form: Form) -> Form;

    #[doc(hidden)]
    fn pick(form: &Form) -> Option<Self>;
}

impl Message for Ask {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::Status => form.with("ask", "status"),
            Self::SignIn(route) => form.with("ask", "sign-in").with("route", route.as_str()),
            Self::Return { query, fragment } => form
                .with("ask", "return")
                .with("query", query)
                .with("fragment", fragment),
            Self::SignOut => form.with("ask", "sign-out"),
            Self::Ping => form.with("ask", "ping"),
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("ask")? {
            "status" => Self::Status,
            "sign-in" => Self::SignIn(Route::new(form.get("route")?)),
            "return" => Self::Return {
                query: form.text("query")?,
                fragment: form.text("fragment")?,
            },
            "sign-out" => Self::SignOut,
            "ping" => Self::Ping,
            _ => return None,
        })
    }
}

impl Message for Answer {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::Status(status) => status.fill(form.with("answer", "status")),
            Self::Go(url) => form.with("answer", "go").with("url", url),
            Self::Returned(route) => form
                .with("answer", "returned")
                .with("route", route.as_str()),
            Self::SignedOut { url, revoked } => form
                .with("answer", "signed-out")
                .with("url", url)
                .with("revoked", if *revoked { "yes" } else { "no" }),
            Self::Awake => form.with("answer", "awake"),
            Self::Trouble(trouble) => trouble.fill(form.with("answer", "trouble")),
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("answer")? {
            "status" => Self::Status(Status::pick(form)?),
            "go" => Self::Go(form.text("url")?),
            "returned" => Self::Returned(Route::new(form.get("route")?)),
            "signed-out" => Self::SignedOut {
                url: form.text("url")?,
                revoked: form.get("revoked")? == "yes",
            },
            "awake" => Self::Awake,
            "trouble" => Self::Trouble(Trouble::pick(form)?),
            _ => return None,
        })
    }
}

impl Message for Status {
    fn fill(&self, form: Form) -> Form {
        match self {
            Self::SignedOut(None) => form.with("status", "signed-out"),
            Self::SignedOut(Some(Ending::Expired)) => form.with("status", "expired"),
            Self::SignedOut(Some(Ending::Rejected)) => form.with("status", "rejected"),
            Self::SigningIn => form.with("status", "signing-in"),
            Self::SignedIn(user) => form
                .with("status", "signed-in")
                .with("name", &user.name)
                .with_all("group", &user.groups),
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Some(match form.get("status")? {
            "signed-out" => Self::SignedOut(None),
            "expired" => Self::SignedOut(Some(Ending::Expired)),
            "rejected" => Self::SignedOut(Some(Ending::Rejected)),
            "signing-in" => Self::SigningIn,
            "signed-in" => Self::SignedIn(User {
                name: form.text("name")?,
                groups: form.all("group"),
            }),
            _ => return None,
        })
    }
}

impl Message for Trouble {
    fn fill(&self, form: Form) -> Form {
        let [detail, more] = self.details();
        let form = form
            .with("code", self.code())
            .with("detail", detail.unwrap_or_default());
        match more {
            Some(more) => form.with("more", more),
            None => form,
        }
    }

    fn pick(form: &Form) -> Option<Self> {
        Self::from_code(form.get("code")?, form.text("detail")?, form.text("more"))
    }
}

#[cfg(test)]
mod tests;
