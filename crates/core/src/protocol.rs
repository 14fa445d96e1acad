//! What a page and the worker say to each other, as JSON text.
//!
//! A page sends an [`Ask`] with a message port and gets one [`Answer`]; the
//! worker sends [`News`] to every page. Each carries [`VERSION`]; another
//! version is refused, not guessed at. No message holds a token, a code
//! verifier or a refresh token, and none asks for one.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Route, Trouble, session::Status};

/// Changes whenever a message changes its meaning.
pub const VERSION: u32 = 1;

/// What a page asks.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

/// What the worker tells every page unasked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// The session changed.
    Status(Status),
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    body: T,
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageError {
    /// Sent by another build: its protocol version.
    Version(u32),
    /// Not a message of ours.
    Malformed,
}

/// Writes a message.
pub fn write<T: Serialize>(body: T) -> String {
    // Serialising these enums into a string cannot fail; an empty message
    // would be refused by `read`.
    serde_json::to_string(&Envelope { v: VERSION, body }).unwrap_or_default()
}

/// Reads a message.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, MessageError> {
    #[derive(Deserialize)]
    struct Stamp {
        v: u32,
    }
    let Stamp { v } = serde_json::from_str(text).map_err(|_| MessageError::Malformed)?;
    if v != VERSION {
        return Err(MessageError::Version(v));
    }
    let envelope: Envelope<T> = serde_json::from_str(text).map_err(|_| MessageError::Malformed)?;
    Ok(envelope.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_this_form() {
        let table = [
            (write(Ask::Status), r#"{"v":1,"body":"status"}"#),
            (
                write(Ask::SignIn(Route::new("#/a"))),
                r##"{"v":1,"body":{"sign-in":"#/a"}}"##,
            ),
            (
                write(Answer::Status(Status::SignedOut(None))),
                r#"{"v":1,"body":{"status":{"signed-out":null}}}"#,
            ),
            (
                write(Answer::Trouble(Trouble::StateUnknown)),
                r#"{"v":1,"body":{"trouble":"state-unknown"}}"#,
            ),
        ];
        for (written, expected) in table {
            assert_eq!(written, expected);
        }
    }

    #[test]
    fn other_versions_and_unknown_messages_are_refused() {
        let table = [
            (r#"{"v":2,"body":"status"}"#, MessageError::Version(2)),
            (
                r#"{"v":2,"body":{"brand":"new"}}"#,
                MessageError::Version(2),
            ),
            (r#"{"v":1,"body":"give-token"}"#, MessageError::Malformed),
            (r#"{"body":"status"}"#, MessageError::Malformed),
            ("", MessageError::Malformed),
        ];
        for (text, expected) in table {
            assert_eq!(read::<Ask>(text), Err(expected), "{text}");
        }
        assert_eq!(read::<Ask>(r#"{"v":1,"body":"ping"}"#), Ok(Ask::Ping));
    }
}
