//! What an error answer to a script says, in words for a person.
//!
//! MLflow's UI shows the `message` of MLflow's own error JSON. What answers in
//! MLflow's place (API Gateway, CloudFront, a proxy) writes JSON of another
//! shape or HTML, and the UI shows something like "Unknown error". Rules:
//!
//! 1. MLflow's own answers stay as they are. Its own are JSON that is not the
//!    gateways' `{"message": …}`, and words that are neither JSON nor HTML.
//! 2. A 401 is not read: it is the beginning of a renewal.
//! 3. The status stays, whatever is said: MLflow's UI repeats a 429.
//! 4. Every 403 is news for the page, in a sentence, whoever wrote it, unless
//!    the user asked for nothing (`BACKGROUND_REQUESTS`).

pub mod aws;

use crate::{
    json,
    messages::denial::{
        BROKEN, GROUPS, NOT_FORWARDED, OVER_10_MB, REFUSED, REFUSED_BEFORE, SLOW, TOO_LARGE,
        TOO_MANY,
    },
    refusal::error,
    site,
};

/// The longest body that is read, in bytes: no sentence is longer.
const LONGEST: u64 = 8 * 1024;

/// What nobody asked for: what MLflow 3.18.0 posts for whoever merely opens an
/// experiment's reviews (it makes the user's queue, if there is none, and says
/// nothing when it cannot), and what the shell itself looks at.
const BACKGROUND_REQUESTS: [&str; 2] = ["/review-queues/get-or-create-user", site::VERSION];

/// An error answer to a script.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The URL of the request.
    pub url: &'a str,
    /// Its status.
    pub status: u16,
    /// Its `x-amzn-errortype`: API Gateway wrote it.
    pub kind: Option<&'a str>,
    /// The length it states, in bytes.
    pub length: Option<u64>,
}

/// What becomes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The error JSON in place of its body; `None` if that stays.
    pub document: Option<String>,
    /// What every page is told.
    pub notice: Option<String>,
}

/// A body, as far as it tells who wrote it.
enum Body {
    /// MLflow, with the words it has for it.
    Own(Option<String>),
    /// A gateway, with its `message`.
    Message(String),
    /// HTML, or nothing.
    Markup,
}

/// Whether an answer of this status says anything here.
pub fn is_error(status: u16) -> bool {
    status >= 400
}

impl Answered<'_> {
    /// Whether the body is to be [read](Self::read): it is short, and may not
    /// be MLflow's.
    pub fn is_read(&self) -> bool {
        let is_known = matches!(self.status, 403 | 413 | 429 | 500 | 502..=504);
        is_known && (self.kind.is_some() || self.length.is_some_and(|length| length <= LONGEST))
    }

    /// What to do with an answer whose body is not read.
    pub fn unread(&self) -> Reading {
        Reading {
            document: None,
            notice: self.news(REFUSED),
        }
    }

    /// What to do with an answer of this body.
    pub fn read(&self, body: &str) -> Reading {
        let message = match Body::of(body) {
            Body::Own(words) => {
                return Reading {
                    document: None,
                    notice: self.news(words.as_deref().unwrap_or(REFUSED)),
                };
            }
            Body::Message(message) => message,
            Body::Markup => String::new(),
        };
        let (code, sentence) = self.meaning(&message);
        Reading {
            document: Some(error(code, sentence)),
            notice: self.news(sentence),
        }
    }

    /// What every page is told, if the sentence is news.
    fn news(&self, sentence: &str) -> Option<String> {
        let is_news = self.status == 403
            && !BACKGROUND_REQUESTS
                .iter()
                .any(|end| self.url.ends_with(end));
        is_news.then(|| sentence.to_owned())
    }

    /// MLflow's error code and the sentence.
    fn meaning(&self, message: &str) -> (&'static str, &'static str) {
        match self.status {
            403 if self.says("MissingAuthenticationToken", message, NO_ROUTE) => {
                ("ENDPOINT_NOT_FOUND", NOT_FORWARDED)
            }
            403 if self.says("AccessDenied", message, "User is not authorized")
                || self.says("Forbidden", message, "Forbidden")
                || message.starts_with("Access") =>
            {
                ("PERMISSION_DENIED", GROUPS)
            }
            403 => ("PERMISSION_DENIED", REFUSED_BEFORE),
            // The limit of API Gateway, which cannot be raised.
            413 if self.kind.is_some() => ("BAD_REQUEST", OVER_10_MB),
            413 => ("BAD_REQUEST", TOO_LARGE),
            429 => ("REQUEST_LIMIT_EXCEEDED", TOO_MANY),
            504 => ("TEMPORARILY_UNAVAILABLE", SLOW),
            _ => ("TEMPORARILY_UNAVAILABLE", BROKEN),
        }
    }

    /// Whether header or message begins so.
    fn says(&self, kind: &str, message: &str, words: &str) -> bool {
        self.kind.is_some_and(|said| said.starts_with(kind)) || message.starts_with(words)
    }
}

impl Body {
    fn of(text: &str) -> Self {
        let text = text.trim_ascii();
        if text.is_empty() || text.starts_with('<') {
            return Self::Markup;
        }
        let Ok(said) = json::parse(text) else {
            // Words that are no JSON, such as its "Permission denied".
            return Self::Own((text.len() <= 200).then(|| text.to_owned()));
        };
        // Some send null where others send words.
        let words = |name: &str| Some(said.get(name)?.as_str().unwrap_or_default().to_owned());
        match (words("error_code"), words("message").or(words("Message"))) {
            (None, Some(message)) => Self::Message(message),
            (_, words) => Self::Own(words.filter(|words| !words.is_empty())),
        }
    }
}

/// What API Gateway says of a method or path it does not have.
const NO_ROUTE: &str = "Missing Authentication Token";

#[cfg(test)]
mod tests;
