//! Responses of worker and gateway to requests that they refuse.
//!
//! 1. A tab that navigates is sent to the shell; browsers carry the hash along,
//!    so the user arrives at the same route with a way to sign in.
//! 2. A frame that navigates gets a small page, never the shell inside itself.
//! 3. Anything else gets MLflow's own error JSON, never HTML.

mod gateway;
mod problems;
mod programs;

use serde_json::Value;

use self::problems::START_PAGE;
pub use self::programs::{Advice, Rejection};
use crate::server_name;

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester {
    /// A tab, navigating.
    Tab,
    /// A frame, navigating.
    Frame,
    /// A script or a subresource.
    Script,
}

impl Requester {
    /// Reads the request's mode and destination (Fetch, or the `Sec-Fetch-*`
    /// headers of the same values).
    pub fn new(mode: &str, destination: &str) -> Self {
        match (mode, destination) {
            ("navigate", "iframe" | "frame" | "embed" | "object") => Self::Frame,
            ("navigate", _) => Self::Tab,
            _ => Self::Script,
        }
    }

    /// Who asks, by the headers browsers add and scripts cannot forge:
    /// `Sec-Fetch-Mode`, `Sec-Fetch-Dest` and `Accept`.
    ///
    /// Where a worker sends on what a page asked for, the first two are the
    /// worker's, and `Accept` is what is left of a navigation. A client without
    /// them is a program unless it names HTML first, as every browser's
    /// navigation does.
    pub fn of_headers(mode: Option<&str>, destination: Option<&str>, accept: Option<&str>) -> Self {
        let wants_html = accept.is_some_and(|accept| accept.starts_with("text/html"));
        match mode {
            Some("same-origin") if wants_html => Self::Frame,
            Some(mode) => Self::new(mode, destination.unwrap_or_default()),
            None if wants_html => Self::Tab,
            None => Self::Script,
        }
    }
}

/// Why a request was not answered by MLflow. `refusal/problems.rs` has the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    kind: &'static ProblemKind,
    /// In place of the kind's message.
    sentence: Option<String>,
    /// The error code of RFC 6750 §3.1, if credentials were refused.
    error: Option<&'static str>,
}

/// A row of that table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemKind {
    /// The HTTP status.
    pub(crate) status: u16,
    /// MLflow's error code.
    pub(crate) code: &'static str,
    /// What happened, in a few words.
    pub(crate) title: &'static str,
    /// What that means, and what to do.
    pub(crate) message: &'static str,
}

/// The answer: send it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Redirect to this path of the shell's.
    ToShell(String),
    /// A status and an HTML document; its policy is
    /// [`Sources::refusal_page`](crate::content_security_policy::Sources::refusal_page).
    Page(u16, String),
    /// A status and a JSON document.
    Json(u16, String),
}

/// Decides how `requester`, who asked for `server`, is told of `problem`.
pub fn refuse(problem: &Problem, requester: Requester, server: Option<&str>) -> Refusal {
    match (problem.status(), requester) {
        (401, Requester::Tab) => Refusal::ToShell(server_name::shell_address(server)),
        (status, Requester::Tab | Requester::Frame) => Refusal::Page(status, page(problem)),
        (status, Requester::Script) => Refusal::Json(status, json(problem)),
    }
}

impl Problem {
    pub(crate) const fn of(kind: &'static ProblemKind) -> Self {
        Self {
            kind,
            sentence: None,
            error: None,
        }
    }

    pub(crate) fn saying(kind: &'static ProblemKind, sentence: String) -> Self {
        Self {
            sentence: Some(sentence),
            ..Self::of(kind)
        }
    }

    /// The same, in this sentence.
    pub(crate) fn worded(self, sentence: String) -> Self {
        Self::saying(self.kind, sentence)
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.kind.status
    }

    /// What that means, and what to do.
    pub fn message(&self) -> &str {
        self.sentence.as_deref().unwrap_or(self.kind.message)
    }
}

fn json(problem: &Problem) -> String {
    error(problem.kind.code, problem.message())
}

/// MLflow's error JSON. `code` is one of its error codes, `message` what its
/// UI shows.
pub(crate) fn error(code: &str, message: &str) -> String {
    let [code, message] = [code, message].map(Value::from);
    format!(r#"{{"error_code":{code},"message":{message}}}"#)
}

fn page(problem: &Problem) -> String {
    let (title, message) = (problem.kind.title, escape(problem.message()));
    let again = if problem.status() == 429 {
        "<meta http-equiv=refresh content=5>"
    } else {
        ""
    };
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>{again}\
         <meta name=viewport content='width=device-width'><style>{STYLE}</style>\
         <main><h1>{title}</h1><p>{message}</p>\
         <p><a href=/ target=_top>{START_PAGE}</a></main>"
    )
}

const STYLE: &str = "html{color-scheme:light dark;background:Canvas;\
     font:16px/1.5 system-ui,sans-serif}main{max-width:34rem;margin:15vh auto;padding:0 1.5rem}\
     h1{font-size:1.4rem}a{color:LinkText}";

pub(crate) fn escape(text: &str) -> String {
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
        let signed_out = Problem::UNAUTHENTICATED;

        assert_eq!(
            refuse(&signed_out, Requester::new("navigate", "document"), None),
            Refusal::ToShell("/".into())
        );
        assert_eq!(
            refuse(&signed_out, Requester::Tab, Some("dev")),
            Refusal::ToShell("/?upstream=dev".into())
        );
        assert!(matches!(
            refuse(
                &signed_out,
                Requester::new("navigate", "iframe"),
                Some("dev")
            ),
            Refusal::Page(401, _)
        ));
        assert_eq!(
            refuse(&signed_out, Requester::new("cors", ""), None),
            Refusal::Json(
                401,
                r#"{"error_code":"UNAUTHENTICATED","message":"Your session has ended, or you have not signed in yet."}"#.into()
            )
        );
        assert!(matches!(
            refuse(&Problem::UPSTREAM_DOWN, Requester::Tab, None),
            Refusal::Page(502, _)
        ));
    }

    #[test]
    fn askers_are_told_apart() {
        let table = [
            ([Some("navigate"), Some("document"), None], Requester::Tab),
            ([Some("navigate"), Some("iframe"), None], Requester::Frame),
            (
                [Some("same-origin"), None, Some("text/html,*/*")],
                Requester::Frame,
            ),
            ([Some("same-origin"), None, Some("*/*")], Requester::Script),
            ([Some("cors"), None, Some("text/html")], Requester::Script),
            (
                [None, None, Some("text/html,application/xml")],
                Requester::Tab,
            ),
            ([None, None, Some("*/*")], Requester::Script),
            ([None; 3], Requester::Script),
        ];
        for ([mode, destination, accept], expected) in table {
            let found = Requester::of_headers(mode, destination, accept);
            assert_eq!(found, expected, "{mode:?} {destination:?} {accept:?}");
        }
    }

    #[test]
    fn what_a_user_is_called_cannot_become_markup() {
        let Refusal::Page(403, html) =
            refuse(&Problem::denied("<b>'\"&".into()), Requester::Frame, None)
        else {
            panic!("a frame gets a page");
        };
        assert!(html.contains("&lt;b&gt;&#39;&quot;&amp;"), "{html}");
    }
}
