//! The authorization request and its callback (RFC 6749 §4.1, RFC 7636).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Config, Entropy, Route, Secret, Timestamp,
    pkce::{self, Verifier},
    query, read, secret,
};

/// Most characters of a provider's words that are shown. Anyone can write a
/// link to the callback, so it holds a sentence and not a page.
const WORDS: usize = 200;

/// How long a sign-in may take, in seconds.
///
/// Cognito gives its own pages up to 15 minutes but a sign-in that takes more
/// than 5 ends in an error there (managed login); ten covers a slow second
/// factor and keeps a forgotten tab from completing much later.
pub const TRANSACTION_LIFETIME: u64 = 600;

/// What the `state` of a terminal's sign-in begins with. Others are of base64url,
/// which has no dot.
const TERMINAL: &str = "terminal.";

/// What is remembered between the redirect and the return. Used once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    #[serde(with = "secret::exposed")]
    state: Secret,
    #[serde(with = "secret::exposed")]
    nonce: Secret,
    #[serde(
        serialize_with = "Verifier::store",
        deserialize_with = "Verifier::restore"
    )]
    verifier: Verifier,
    route: Route,
    window: bool,
    started_at: Timestamp,
}

/// The random values of one transaction.
#[derive(Debug)]
pub struct Draws {
    /// Becomes `state`.
    pub state: Entropy,
    /// Becomes `nonce`.
    pub nonce: Entropy,
    /// Becomes the PKCE verifier.
    pub verifier: Entropy,
}

/// What the provider's redirect brought, not yet checked.
#[derive(Debug)]
pub struct Callback {
    state: Secret,
    issuer: Option<String>,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Code(Secret),
    Error {
        error: String,
        description: Option<String>,
    },
}

/// A code whose `state` was ours, with what is needed to spend it. Used once.
#[derive(Debug)]
pub struct Redemption {
    pub(crate) code: Secret,
    pub(crate) verifier: Verifier,
    pub(crate) nonce: Secret,
    /// Where the user was going.
    pub route: Route,
    /// Whether the sign-in ran in a window of its own.
    pub window: bool,
}

/// Why a return from the hosted login does not lead to a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackError {
    /// Neither a code nor an error, or no `state` with a code.
    Incomplete,
    /// No sign-in was begun with this `state` here, or it was finished before.
    UnknownState,
    /// The sign-in took longer than [`TRANSACTION_LIFETIME`].
    Expired,
    /// Another server answered (RFC 9207).
    Issuer,
    /// The provider refused: its `error`, and `error_description` if any.
    Provider {
        /// For example `access_denied`.
        error: String,
        /// The provider's description.
        description: Option<String>,
    },
}

impl Transaction {
    /// Begins a sign-in that is to end at `route`, in a `window` of its own or
    /// in the page.
    pub fn begin(draws: Draws, route: Route, window: bool, now: Timestamp) -> Self {
        Self {
            state: Secret::new(draws.state.into_text()),
            nonce: Secret::new(draws.nonce.into_text()),
            verifier: Verifier::new(draws.verifier),
            route,
            window,
            started_at: now,
        }
    }

    /// Begins a sign-in of a terminal: its `state` says so ([`is_of_terminal`]).
    pub fn begin_in_terminal(draws: Draws, now: Timestamp) -> Self {
        let begun = Self::begin(draws, Route::default(), false, now);
        let state = Secret::new([TERMINAL, begun.state.expose()].concat());
        Self { state, ..begun }
    }

    /// The name under which the transaction is kept until its return.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Whether nothing can come of this transaction any more at `now`.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.since(self.started_at) > TRANSACTION_LIFETIME
    }

    /// The secret whose SHA-256 [`url`](Self::url) needs.
    pub fn verifier(&self) -> &str {
        self.verifier.expose()
    }

    /// Where to send the browser: the provider's authorization endpoint.
    /// `digest` is the SHA-256 of the [`verifier`](Self::verifier).
    pub fn url(&self, config: &Config, digest: [u8; 32]) -> String {
        self.url_returning_to(&config.redirect_uri(), config, digest)
    }

    /// The same with another `redirect_uri`, to which the hosted login returns.
    pub fn url_returning_to(
        &self,
        redirect_uri: &str,
        config: &Config,
        digest: [u8; 32],
    ) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &config.provider.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &config.provider.scopes.join(" ")),
            ("state", self.state.expose()),
            ("nonce", self.nonce.expose()),
            ("code_challenge", &pkce::challenge_of(digest)),
            ("code_challenge_method", "S256"),
        ];
        query::append(&config.provider.endpoints.authorization, &pairs)
    }

    /// Writes the transaction. The text holds the verifier: seal it.
    pub fn write(&self) -> Secret {
        // It has nothing that JSON cannot say.
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what [`write`](Self::write) wrote; `None` if it is something else.
    pub fn read(text: &str) -> Option<Self> {
        read::text(text)
    }
}

impl Callback {
    /// Reads the query, or the fragment some providers put errors in.
    ///
    /// A leading `?` or `#` is skipped; unknown parameters are ignored.
    ///
    /// # Errors
    /// [`CallbackError::Provider`] for an error without `state`: Cognito's
    /// error redirects have none, and no sign-in depends on them.
    pub fn parse(query: &str, fragment: &str) -> Result<Self, CallbackError> {
        let find = |name| query::get(query, name).or_else(|| query::get(fragment, name));

        let outcome = match (find("code"), find("error")) {
            (_, Some(error)) => Outcome::Error {
                error: brief(&error),
                description: find("error_description").as_deref().map(brief),
            },
            (Some(code), None) => Outcome::Code(Secret::new(code)),
            (None, None) => return Err(CallbackError::Incomplete),
        };
        match (find("state"), outcome) {
            (Some(state), outcome) => Ok(Self {
                state: Secret::new(state),
                issuer: find("iss"),
                outcome,
            }),
            (None, Outcome::Error { error, description }) => {
                Err(CallbackError::Provider { error, description })
            }
            (None, Outcome::Code(_)) => Err(CallbackError::Incomplete),
        }
    }

    /// The `state` by which to look for the transaction.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// What the user of a terminal is to copy there, of the callback of a sign-in that
    /// was begun in one ([`is_of_terminal`]).
    ///
    /// Anyone can write the address of a callback, and the copy may end in a shell: it
    /// has the three values that a terminal reads, and no character but letters, digits
    /// and `&=%+-._*`.
    ///
    /// # Errors
    /// If the provider refused.
    pub fn for_terminal(self) -> Result<Secret, CallbackError> {
        match self.outcome {
            Outcome::Code(code) => {
                let mut pairs = vec![("code", code.expose()), ("state", self.state.expose())];
                pairs.extend(self.issuer.as_deref().map(|issuer| ("iss", issuer)));
                Ok(Secret::new(query::write(&pairs)))
            }
            Outcome::Error { error, description } => {
                Err(CallbackError::Provider { error, description })
            }
        }
    }

    /// Believes the callback if it answers `transaction`.
    ///
    /// The caller has removed the transaction from wherever it was kept, so
    /// that a replayed callback finds none.
    pub fn accept(
        self,
        transaction: Option<Transaction>,
        config: &Config,
        now: Timestamp,
    ) -> Result<Redemption, CallbackError> {
        let transaction = transaction
            .filter(|transaction| transaction.state == self.state)
            .ok_or(CallbackError::UnknownState)?;
        if transaction.is_stale(now) {
            return Err(CallbackError::Expired);
        }
        if self
            .issuer
            .is_some_and(|issuer| issuer != config.provider.issuer)
        {
            return Err(CallbackError::Issuer);
        }
        match self.outcome {
            Outcome::Error { error, description } => {
                Err(CallbackError::Provider { error, description })
            }
            Outcome::Code(code) => Ok(Redemption {
                code,
                verifier: transaction.verifier,
                nonce: transaction.nonce,
                route: transaction.route,
                window: transaction.window,
            }),
        }
    }
}

/// Whether a sign-in was begun in a terminal, by its `state`. Anyone can write such a
/// `state`: it says how a code is shown, and proves nothing.
pub fn is_of_terminal(state: &Secret) -> bool {
    state.expose().starts_with(TERMINAL)
}

fn brief(words: &str) -> String {
    words.chars().take(WORDS).collect()
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("the address holds neither a code nor an error"),
            Self::UnknownState => f.write_str("no sign-in with this state is waiting here"),
            Self::Expired => f.write_str("the sign-in took too long"),
            Self::Issuer => f.write_str("another server answered the sign-in"),
            Self::Provider { error, .. } => write!(f, "the provider answered {error}"),
        }
    }
}

impl std::error::Error for CallbackError {}

#[cfg(test)]
mod tests;
