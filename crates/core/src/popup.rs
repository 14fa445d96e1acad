//! A sign-in out of a frame, through a window of ours.
//!
//! The hosted login refuses frames and cuts its opener off, and the storage of
//! a framed page is not that of a tab. So three pages of the shell work
//! together, in any browser:
//!
//! ```text
//!  frame ──opens──▶ relay ──opens──▶ hosted login, which returns to
//!    ▲                ▲                    the callback
//!    └── postMessage ─┴─ BroadcastChannel ────┘
//! ```
//!
//! 1. The frame's worker begins the sign-in and keeps the code verifier; what
//!    the callback brings is of no use to anyone else.
//! 2. The relay takes an errand from its opener only, if that is of its own
//!    origin, and leaves a note of it where the callback looks.
//! 3. The callback passes on what belongs to an errand with a note, and to no
//!    other. So nobody can send a person to the login and have the result
//!    delivered: not by a link, and not by a window of another site.
//! 4. The frame takes a return from a window that it opened, for the errand it
//!    is on; everything else changes nothing.

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    Secret, Timestamp,
    oauth::{FormPost, Response, authorization::TRANSACTION_LIFETIME},
    protocol::Message,
    query, read, secret,
};

/// Where the relay is.
pub const PATH: &str = "/relay";

/// Where the gateway takes what the callback leaves.
pub const DEPOSIT: &str = "/rendezvous";

/// Where the gateway hands it out.
pub const COLLECTION: &str = "/rendezvous/take";

/// Before the `state` of an errand, in the name of its note.
pub const NOTE: &str = "mlflow-auth-shell:errand:";

/// The channel between callback and relay.
pub const CHANNEL: &str = "mlflow-auth-shell:relay";

/// How long the callback waits for the relay before it says what else can be
/// done, in milliseconds.
pub const PATIENCE: u32 = 2_500;

/// What frame, relay and callback say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PopupMessage {
    /// Relay to frame: what is the errand?
    Ready,
    /// Frame to relay: it takes a moment.
    Soon,
    /// Frame to relay: this is the errand.
    Start(PopupSignIn),
    /// Callback to relay to frame: the hosted login returned.
    Returned(Return),
    /// Frame to relay, relay to callback: the return to this `state` has
    /// arrived.
    Done(String),
}

/// A sign-in that a frame waits for. It is written as its beginning and the
/// hosted login, whose address has the `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(Timestamp, String)", try_from = "(Timestamp, String)")]
pub struct PopupSignIn {
    /// Its `state`.
    pub state: String,
    /// The hosted login.
    pub url: String,
    begun_at: Timestamp,
}

/// What the gateway answered to [`PopupSignIn::collection`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// Nothing yet.
    Nothing,
    /// The return.
    Return(Secret),
    /// There is no gateway here that keeps returns.
    Never,
}

/// What the hosted login returned with. It is written as its query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Return {
    /// Which errand it belongs to.
    pub state: String,
    /// The query of the callback's address.
    pub query: Secret,
}

/// What a frame on an errand does about a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Say this to whom it came from.
    Say(PopupMessage),
    /// Say that it has arrived, and complete the sign-in with this query.
    Complete(PopupMessage, Secret),
}

impl PopupSignIn {
    /// The errand, from `now` on, of getting an answer from the hosted login at
    /// `url`.
    pub fn to(url: &str, now: Timestamp) -> Option<Self> {
        let (_, query) = url.split_once('?')?;
        Some(Self {
            state: query::get(query, "state")?,
            url: url.to_owned(),
            begun_at: now,
        })
    }

    /// Whether nothing can come of it any more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.begun_at) > TRANSACTION_LIFETIME
    }

    /// Writes the errand, for a page that is loaded again meanwhile.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it; `None` if nothing can come of it any more.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let errand: Self = read::text(text)?;
        (!errand.is_over(now)).then_some(errand)
    }

    /// What to do about `word`; nothing unless it came from a window of `ours`
    /// and is about this errand.
    pub fn hear(&self, word: PopupMessage, ours: bool) -> Option<Reply> {
        match word {
            PopupMessage::Ready if ours => Some(Reply::Say(PopupMessage::Start(self.clone()))),
            PopupMessage::Returned(returned) if ours && returned.state == self.state => Some(
                Reply::Complete(PopupMessage::Done(returned.state), returned.query),
            ),
            PopupMessage::Ready
            | PopupMessage::Soon
            | PopupMessage::Start(_)
            | PopupMessage::Returned(_)
            | PopupMessage::Done(_) => None,
        }
    }

    /// What a person pasted, if it is the answer to this errand: a code as the
    /// callback shows it, or the callback's whole address.
    pub fn pasted(&self, text: &str) -> Option<Secret> {
        let text = text.trim();
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        let returned = Return::read(query)?;
        (returned.state == self.state).then_some(returned.query)
    }

    /// The question for this errand's return to the gateway, where the callback
    /// may have left it.
    pub fn collection(&self) -> FormPost {
        FormPost::new(COLLECTION, &[("state", &self.state)])
    }
}

impl PopupSignIn {
    /// Reads the answer to [`collection`](Self::collection). A gateway that has
    /// too much to do, or is started anew, is asked again.
    pub fn collected(&self, answer: Response<'_>) -> Collected {
        match (answer.status, self.pasted(answer.body)) {
            (200, Some(query)) => Collected::Return(query),
            (204 | 429 | 500.., _) => Collected::Nothing,
            _ => Collected::Never,
        }
    }
}

impl Return {
    /// Reads the query of the callback's address.
    pub fn read(query: &str) -> Option<Self> {
        let query = query.trim_start_matches('?');
        Some(Self {
            state: query::get(query, "state")?,
            query: Secret::new(query),
        })
    }

    /// As the return to the errand of `state`, where it names none: Cognito's
    /// errors do not.
    pub fn of_error(query: &str, state: &str) -> Option<Self> {
        let query = query.trim_start_matches('?');
        if query::get(query, "state").is_some() || query::get(query, "error").is_none() {
            return None;
        }
        Self::read(&format!("{query}&state={state}"))
    }

    /// Leaves the return with the gateway.
    pub fn deposit(&self) -> FormPost {
        let fields = [
            ("state", self.state.as_str()),
            ("answer", self.query.expose()),
        ];
        FormPost::new(DEPOSIT, &fields)
    }
}

impl From<PopupSignIn> for (Timestamp, String) {
    fn from(errand: PopupSignIn) -> Self {
        (errand.begun_at, errand.url)
    }
}

impl TryFrom<(Timestamp, String)> for PopupSignIn {
    type Error = &'static str;

    fn try_from((begun_at, url): (Timestamp, String)) -> Result<Self, &'static str> {
        Self::to(&url, begun_at).ok_or("has no state")
    }
}

impl Serialize for Return {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        secret::exposed::serialize(&self.query, serializer)
    }
}

impl TryFrom<String> for Return {
    type Error = &'static str;

    fn try_from(query: String) -> Result<Self, &'static str> {
        Self::read(&query).ok_or("has no state")
    }
}

/// The address of the page that a relay at `hash` helps: the frame opens
/// [`PATH`] with its own path, query and route as the hash, so that a window
/// that has lost it can still name it.
pub fn page(origin: &str, hash: &str) -> String {
    let path = hash.strip_prefix('#').unwrap_or_default();
    let stays = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    format!("{origin}{}", if stays { path } else { "/" })
}

/// The note of an errand, in storage that relay and callback share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopupRecord {
    at: Timestamp,
    #[serde(default, with = "secret::exposed_option")]
    query: Option<Secret>,
}

impl PopupRecord {
    /// An errand was begun.
    pub fn begun(at: Timestamp) -> Self {
        Self { at, query: None }
    }

    /// The hosted login returned.
    #[must_use]
    pub fn with(self, query: &Secret) -> Self {
        let query = Some(query.clone());
        Self { query, ..self }
    }

    /// What it returned with, if it did.
    pub fn query(&self) -> Option<&Secret> {
        self.query.as_ref()
    }

    /// Writes the note. The code in it is of no use without the verifier, which
    /// the frame's worker has.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a note; `None` if nothing can come of it any more.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let note: Self = read::text(text)?;
        (now.since(note.at) <= TRANSACTION_LIFETIME).then_some(note)
    }
}

impl Message for PopupMessage {}

#[cfg(test)]
mod tests;
