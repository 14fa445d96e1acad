//! Messages between pages and the worker, as JSON.
//!
//! A page sends a [`PageRequest`] with a message port and gets one [`WorkerReply`]; the
//! worker sends a [`Status`] to every page when it changes, and a [`Notice`]
//! when there is something to say. Each message is a pair of [`VERSION`] and
//! what it says; another version is refused, not guessed at. No message holds a
//! token, a code verifier or a refresh token, and none asks for one.
//!
//! Three messages, by which an old build gives way to a new one, mean the same
//! in every version, and keep the form that the first builds gave all of them:
//! `ask=ping`, `ask=take-over` and `answer=awake&bodies=3`, form-encoded. Other
//! names beside these, such as an early build's `v`, are ignored.
//!
//! Beside the text a message may carry one object: the key to the sealed
//! session, which the pages keep for the worker (`session.keep: "while-open"`).
//! It is a key no script can read out, and it travels on message ports only.
//! [`KEY_PLEASE`], by which a woken worker asks for it, has no version: a page
//! of an earlier build must be able to hand over what it keeps.
//!
//! ```
//! use shell_core::protocol::{PageRequest, Message};
//! assert_eq!(PageRequest::Status.write(), r#"[7,"Status"]"#);
//! assert_eq!(PageRequest::read(r#"[7,"Status"]"#), Ok(PageRequest::Status));
//! assert_eq!(PageRequest::read("v=5&ask=ping"), Ok(PageRequest::Ping));
//! ```

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Route, Secret, UserError, json, query, read, secret, session::Status, site::Site};

/// Changes whenever a message changes its meaning.
pub const VERSION: u32 = 7;

/// See [`PageRequest::resend_after`].
const RESEND_AFTER: u32 = 5_000;

/// What a woken worker says to a page, with a port for the key to come back on.
pub const KEY_PLEASE: &str = "mlflow-auth-shell:key-please";

/// What a page asks. `Debug` shows nothing of a code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageRequest {
    /// Is the user signed in?
    Status,
    /// What is there on this site?
    Site,
    /// Begin a sign-in.
    SignIn {
        /// Where it ends.
        route: Route,
        /// Whether it runs in a window of its own, beside the page that asks.
        window: bool,
    },
    /// The hosted login returned with this query and fragment.
    Return {
        /// `location.search` of the callback page.
        query: String,
        /// `location.hash` of the callback page.
        fragment: String,
    },
    /// Forget everything, everywhere.
    SignOut,
    /// Stay awake, and renew what is due.
    Ping,
    /// To a worker that waits: take over from the one before.
    TakeOver,
}

impl PageRequest {
    /// How long the page waits for a reply before it sends the request again, in
    /// milliseconds: a worker that was stopped meanwhile has forgotten it. `None`
    /// if it is sent once, as a code works once.
    pub fn resend_after(&self) -> Option<u32> {
        match self {
            Self::Return { .. } => None,
            Self::Status
            | Self::Site
            | Self::SignIn { .. }
            | Self::SignOut
            | Self::Ping
            | Self::TakeOver => Some(RESEND_AFTER),
        }
    }
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkerReply {
    /// To [`PageRequest::Status`].
    Status(Status),
    /// To [`PageRequest::Site`].
    Site(Site),
    /// To [`PageRequest::SignIn`]: navigate there.
    Go(String),
    /// To [`PageRequest::Return`]: signed in.
    Returned {
        /// Where the user was going.
        route: Route,
        /// Whether this is the window of a sign-in, which is done now.
        window: bool,
    },
    /// To [`PageRequest::Return`]: the sign-in was begun in a terminal, which takes
    /// this query as its code.
    TerminalCode(#[serde(with = "secret::exposed")] Secret),
    /// To [`PageRequest::SignOut`]: everything is forgotten, now navigate there.
    SignedOut {
        /// The provider's logout.
        url: String,
        /// Whether [`FORM_PAGE`](crate::oauth::logout::FORM_PAGE) goes there, with
        /// the ID token; not for frames.
        has_form: bool,
        /// Whether the refresh token is known to be revoked.
        revoked: bool,
        /// Whether the provider answers, so that its page can be shown.
        answers: bool,
    },
    /// To [`PageRequest::Ping`]: so many answers are still streaming. An update would
    /// cut them off.
    Awake(u32),
    /// What was asked cannot be done.
    Failed(UserError),
}

/// News for every page: MLflow's UI was refused something (a 403), and this is
/// why. The UI itself may show no more than that something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The reason, for the user to read.
    pub sentence: String,
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
pub trait Message: Serialize + DeserializeOwned {
    /// Writes the message.
    fn write(&self) -> String {
        let timeless = self.write_timeless();
        // No message has anything that JSON cannot say.
        timeless.unwrap_or_else(|| serde_json::to_string(&(VERSION, self)).unwrap_or_default())
    }

    /// Reads a message.
    fn read(text: &str) -> Result<Self, MessageError> {
        // JSON may quote a form, and no form begins so.
        if !text.starts_with('[') {
            return Self::read_timeless(text).ok_or(MessageError::Version);
        }
        let Ok(Value::Array(pair)) = json::parse(text) else {
            return Err(MessageError::Version);
        };
        match <[Value; 2]>::try_from(pair) {
            Ok([version, message]) if version == VERSION => {
                read::value(message).ok_or(MessageError::Malformed)
            }
            _ => Err(MessageError::Version),
        }
    }

    #[doc(hidden)]
    fn write_timeless(&self) -> Option<String> {
        None
    }

    #[doc(hidden)]
    fn read_timeless(_text: &str) -> Option<Self> {
        None
    }
}

impl Message for PageRequest {
    fn write_timeless(&self) -> Option<String> {
        match self {
            Self::Ping => Some("ask=ping".to_owned()),
            Self::TakeOver => Some("ask=take-over".to_owned()),
            Self::Status
            | Self::Site
            | Self::SignIn { .. }
            | Self::Return { .. }
            | Self::SignOut => None,
        }
    }

    fn read_timeless(text: &str) -> Option<Self> {
        match query::get(text, "ask")?.as_str() {
            "ping" => Some(Self::Ping),
            "take-over" => Some(Self::TakeOver),
            _ => None,
        }
    }
}

impl Message for WorkerReply {
    fn write_timeless(&self) -> Option<String> {
        let Self::Awake(bodies) = self else {
            return None;
        };
        Some(format!("answer=awake&bodies={bodies}"))
    }

    fn read_timeless(text: &str) -> Option<Self> {
        query::get(text, "answer").filter(|answer| answer == "awake")?;
        Some(Self::Awake(query::get(text, "bodies")?.parse().ok()?))
    }
}

impl Message for Status {}

impl Message for Site {}

impl Message for Notice {}

impl Message for UserError {}

impl fmt::Debug for PageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("Status"),
            Self::Site => f.write_str("Site"),
            Self::SignIn { route, window } => {
                let mut shown = f.debug_struct("SignIn");
                shown.field("route", route).field("window", window).finish()
            }
            Self::Return { .. } => f.write_str("Return([redacted])"),
            Self::SignOut => f.write_str("SignOut"),
            Self::Ping => f.write_str("Ping"),
            Self::TakeOver => f.write_str("TakeOver"),
        }
    }
}

#[cfg(test)]
mod tests;
