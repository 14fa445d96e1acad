//! How a request that may not go on is answered, by worker and gateway alike.
//!
//! 1. A tab that navigates is sent to the shell; browsers carry the hash along,
//!    so the user arrives at the same route with a way to sign in.
//! 2. A frame that navigates gets a small page, never the shell inside itself.
//! 3. Anything else gets MLflow's own error JSON, never HTML.

use crate::{json, site, words::refusal::START_PAGE};

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A tab, navigating.
    Tab,
    /// A frame, navigating.
    Frame,
    /// A script or a subresource.
    Script,
}

impl Asker {
    /// Reads the request's mode and destination (Fetch, or the `Sec-Fetch-*`
    /// headers of the same values).
    pub fn new(mode: &str, destination: &str) -> Self {
        match (mode, destination) {
            ("navigate", "iframe" | "frame" | "embed" | "object") => Self::Frame,
            ("navigate", _) => Self::Tab,
            _ => Self::Script,
        }
    }
}

/// Why a request was not answered by MLflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No valid token: sign in.
    Unauthenticated,
    /// A valid token of a user who may not: the sentence that says why.
    Denied(String),
    /// The token cannot be checked now: the issuer's keys are out of reach.
    Unverifiable,
    /// The session cannot be renewed at the moment: ask again.
    NotRenewed,
    /// MLflow does not answer.
    UpstreamDown,
    /// MLflow did not answer in time.
    UpstreamSlow,
    /// The request is not one the server forwards: why.
    BadRequest(&'static str),
    /// The body is larger than the server takes.
    TooLarge,
    /// The address leads to nothing that this site has: the sentence that says
    /// what to ask for instead.
    NotHere(String),
}

/// The answer: send it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Redirect to this path of the shell's.
    ToShell(String),
    /// A status and an HTML document.
    Page(u16, String),
    /// A status and a JSON document.
    Json(u16, String),
}

/// The policy of [`Refusal::Page`]: inert but for its own style. It appears in
/// MLflow's place, so whoever may frame MLflow may frame it: `frame_ancestors`
/// is [`Config::frame_ancestors`](crate::Config::frame_ancestors).
pub fn page_policy(frame_ancestors: &str) -> String {
    let inert = "default-src 'none'; style-src 'unsafe-inline'; ";
    [inert, frame_ancestors].concat()
}

/// Decides how `asker`, who asked for `server`, is told of `cause`.
pub fn refuse(cause: &Cause, asker: Asker, server: Option<&str>) -> Refusal {
    match (cause, asker) {
        (Cause::Unauthenticated, Asker::Tab) => Refusal::ToShell(site::address(server)),
        (_, Asker::Tab | Asker::Frame) => Refusal::Page(cause.status(), page(cause)),
        (_, Asker::Script) => Refusal::Json(cause.status(), json(cause)),
    }
}

impl Cause {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Denied(_) => 403,
            Self::Unverifiable => 503,
            // MLflow's UI repeats a request that is answered so, and no other.
            Self::NotRenewed => 429,
            Self::UpstreamDown => 502,
            Self::UpstreamSlow => 504,
            Self::BadRequest(_) => 400,
            Self::TooLarge => 413,
            Self::NotHere(_) => 404,
        }
    }

    /// MLflow's error code (`mlflow.protos.databricks_pb2.ErrorCode`).
    fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Denied(_) => "PERMISSION_DENIED",
            Self::Unverifiable | Self::UpstreamDown | Self::UpstreamSlow => {
                "TEMPORARILY_UNAVAILABLE"
            }
            Self::NotRenewed => "REQUEST_LIMIT_EXCEEDED",
            Self::BadRequest(_) | Self::TooLarge => "BAD_REQUEST",
            // `RESOURCE_DOES_NOT_EXIST` would make clients create what they miss.
            Self::NotHere(_) => "ENDPOINT_NOT_FOUND",
        }
    }
}

fn json(cause: &Cause) -> String {
    error(cause.code(), cause.message())
}

/// MLflow's error JSON. `code` is one of its error codes, `message` what its
/// UI shows.
pub(crate) fn error(code: &str, message: &str) -> String {
    let [code, message] = [code, message].map(json::quote);
    [r#"{"error_code":"#, &code, r#","message":"#, &message, "}"].concat()
}

fn page(cause: &Cause) -> String {
    let (title, message) = (cause.title(), escape(cause.message()));
    let again = if *cause == Cause::NotRenewed {
        "<meta http-equiv=refresh content=5>"
    } else {
        ""
    };
    [
        "<!doctype html><html lang=en><meta charset=utf-8><title>",
        title,
        "</title>",
        again,
        "<meta name=viewport content='width=device-width'><style>",
        STYLE,
        "</style><main><h1>",
        title,
        "</h1><p>",
        &message,
        "</p><p><a href=/ target=_top>",
        START_PAGE,
        "</a></main>",
    ]
    .concat()
}

const STYLE: &str = "html{color-scheme:light dark;background:Canvas;\
     font:16px/1.5 system-ui,sans-serif}main{max-width:34rem;margin:15vh auto;padding:0 1.5rem}\
     h1{font-size:1.4rem}a{color:LinkText}";

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_asker_is_answered_in_its_own_language() {
        let signed_out = Cause::Unauthenticated;

        assert_eq!(
            refuse(&signed_out, Asker::new("navigate", "document"), None),
            Refusal::ToShell("/".into())
        );
        assert_eq!(
            refuse(&signed_out, Asker::Tab, Some("dev")),
            Refusal::ToShell("/?upstream=dev".into())
        );
        assert!(matches!(
            refuse(&signed_out, Asker::new("navigate", "iframe"), Some("dev")),
            Refusal::Page(401, _)
        ));
        assert_eq!(
            refuse(&signed_out, Asker::new("cors", ""), None),
            Refusal::Json(
                401,
                r#"{"error_code":"UNAUTHENTICATED","message":"Your session has ended, or you have not signed in yet."}"#.into()
            )
        );
        assert!(matches!(
            refuse(&Cause::UpstreamDown, Asker::Tab, None),
            Refusal::Page(502, _)
        ));
    }

    #[test]
    fn what_a_user_is_called_cannot_become_markup() {
        let Refusal::Page(403, html) = refuse(&Cause::Denied("<b>'\"&".into()), Asker::Frame, None)
        else {
            panic!("a frame gets a page");
        };
        assert!(html.contains("&lt;b&gt;&#39;&quot;&amp;"), "{html}");
    }
}
