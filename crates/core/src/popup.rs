//! Signing in from a framed page, through popups.
//!
//! The hosted login cannot be framed, and its opener policy cuts it off from the
//! page that opened it; a framed page's storage is partitioned. So three pages of
//! the shell take part:
//!
//! ```text
//!  framed page ──opens──▶ relay (/relay) ──opens──▶ hosted login, which returns to
//!    ▲                      ▲                         the callback (/callback)
//!    └───── postMessage ────┴──── BroadcastChannel ──────┘
//! ```
//!
//! 1. The framed page's worker begins the sign-in and keeps the code verifier; to
//!    anyone else what the callback returns with is useless.
//! 2. The relay takes a sign-in ([`PopupSignIn`]) from its opener only, if that is
//!    of its own origin, and stores a record of it ([`PopupRecord`]) for the
//!    callback.
//! 3. The callback passes on the return ([`Return`]) of a sign-in that has a
//!    record, and no other. So neither a link nor a window of another site can
//!    send a user to the login and receive the result.
//! 4. The framed page accepts a return from a window that it opened, for the
//!    sign-in that is pending, and ignores everything else.

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

/// Before the `state` of a sign-in, in the name of its record.
pub const RECORD_PREFIX: &str = "mlflow-auth-shell:errand:";

/// The channel between callback and relay.
pub const CHANNEL: &str = "mlflow-auth-shell:relay";

/// How long the callback waits for the relay before it says what else can be
/// done, in milliseconds.
pub const PATIENCE: u32 = 2_500;

/// What the framed page, the relay and the callback send each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PopupMessage {
    /// Relay to framed page: which sign-in is it?
    Ready,
    /// Framed page to relay: the worker has not begun it yet.
    Soon,
    /// Framed page to relay: this one.
    Start(PopupSignIn),
    /// Callback to relay, relay to framed page: the hosted login returned.
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
    /// Which sign-in it belongs to.
    pub state: String,
    /// The query of the callback's address.
    pub query: Secret,
}

/// What a framed page with a pending sign-in does about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PopupAction {
    /// Send this to the window that the message came from.
    Send(PopupMessage),
    /// Confirm the return to that window with this, and complete the sign-in with this query.
    Complete(PopupMessage, Secret),
}

impl PopupSignIn {
    /// A sign-in, begun `now`, at the hosted login of this `url`.
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

    /// Writes the sign-in for storage, should the page be loaded again meanwhile.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it; `None` if nothing can come of it any more.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let sign_in: Self = read::text(text)?;
        (!sign_in.is_over(now)).then_some(sign_in)
    }

    /// What to do about `message`; nothing unless it came from a window of `ours`
    /// and is about this sign-in.
    pub fn on_message(&self, message: PopupMessage, ours: bool) -> Option<PopupAction> {
        match message {
            PopupMessage::Ready if ours => {
                Some(PopupAction::Send(PopupMessage::Start(self.clone())))
            }
            PopupMessage::Returned(returned) if ours && returned.state == self.state => Some(
                PopupAction::Complete(PopupMessage::Done(returned.state), returned.query),
            ),
            PopupMessage::Ready
            | PopupMessage::Soon
            | PopupMessage::Start(_)
            | PopupMessage::Returned(_)
            | PopupMessage::Done(_) => None,
        }
    }

    /// What a person pasted, if it is the answer to this sign-in: a code as the
    /// callback shows it, or the callback's whole address.
    pub fn pasted(&self, text: &str) -> Option<Secret> {
        let text = text.trim();
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        let returned = Return::read(query)?;
        (returned.state == self.state).then_some(returned.query)
    }

    /// The request to the gateway for this sign-in's return, where the callback
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

    /// Reads the callback's `query` in a browser whose storage has values under
    /// these `names`. A return without a `state` belongs to the sign-in that has a
    /// record there: the first, should there be several.
    pub fn find<'a>(query: &str, names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        Self::read(query).or_else(|| {
            let mut states = names
                .into_iter()
                .filter_map(|name| name.strip_prefix(RECORD_PREFIX));
            Self::of_error(query, states.next()?)
        })
    }

    /// As the return to the sign-in of `state`, where it names none: Cognito's
    /// errors do not.
    fn of_error(query: &str, state: &str) -> Option<Self> {
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
    fn from(sign_in: PopupSignIn) -> Self {
        (sign_in.begun_at, sign_in.url)
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

/// The record of a sign-in, in storage that relay and callback share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopupRecord {
    at: Timestamp,
    #[serde(default, with = "secret::exposed_option")]
    query: Option<Secret>,
}

impl PopupRecord {
    /// A sign-in was begun.
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

    /// Writes the record. The code in it is of no use without the verifier, which
    /// the frame's worker has.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a record; `None` if nothing can come of it any more.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let record: Self = read::text(text)?;
        (now.since(record.at) <= TRANSACTION_LIFETIME).then_some(record)
    }
}

impl Message for PopupMessage {}

#[cfg(test)]
mod tests;
