//! Which documents the worker keeps in its memory, and answers with while it asks
//! the server for the next visit.
//!
//! 1. The shell's document at `/`, for a tab, and the document of MLflow's UI, for
//!    a frame: both are the same for everyone, and name files by their content.
//!    [`Arrival`] says which path is whose.
//! 2. Only without a query: one may mean something, such as `?reset`.
//! 3. Never when the browser is told to ask the server: a reload, which may be of
//!    the page around the frame, has everything forgotten.
//! 4. A frame gets the shell's document from the server, which says who may frame
//!    it.
//! 5. [`LONGEST`] at most. Nothing is ever written to the disk, where other scripts
//!    of the origin could change it.

use crate::{
    Timestamp,
    intercept::{Arrival, RouteTarget, route_target},
    refusal::Requester,
};

/// How long a copy serves, in seconds.
const LONGEST: u64 = 600;

/// The one cache mode (Fetch, request cache mode) of a visit that is no reload.
const UNFORCED: &str = "default";

/// Whether a navigation in this cache mode is a reload, soft or hard.
pub fn is_reload(cache: &str) -> bool {
    cache != UNFORCED
}

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptDocument {
    /// The shell's own, which is public.
    Shell,
    /// That of MLflow's UI, which takes the session's bearer.
    Mlflow,
}

impl KeptDocument {
    /// The document that a request in this cache mode may be answered with.
    pub fn wanted(arrival: &Arrival<'_>, cache: &str) -> Option<Self> {
        if arrival.method != "GET" || !arrival.query.is_empty() || is_reload(cache) {
            return None;
        }
        match (arrival.requester, route_target(arrival.path)) {
            (Requester::Tab, RouteTarget::Shell) if arrival.path == "/" => Some(Self::Shell),
            (Requester::Frame, RouteTarget::Upstream(_, "/")) => Some(Self::Mlflow),
            _ => None,
        }
    }
}

/// Whether an answer of this status and media type is a document to keep.
pub fn is_kept(status: u16, media_type: Option<&str>) -> bool {
    status == 200 && media_type.is_some_and(|media_type| media_type.starts_with("text/html"))
}

/// Whether a copy that was kept at `kept_at` still serves.
pub fn is_fresh(kept_at: Timestamp, now: Timestamp) -> bool {
    now.since(kept_at) <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_answered_from_memory_and_nothing_else_is() {
        let [shell, mlflow] = [Some(KeptDocument::Shell), Some(KeptDocument::Mlflow)];
        let (tab, frame, script) = (Requester::Tab, Requester::Frame, Requester::Script);
        let table = [
            (tab, "GET", "/", "", "default", shell),
            (frame, "GET", "/mlflow/", "", "default", mlflow),
            (frame, "GET", "/mlflow/@dev/", "", "default", mlflow),
            // The server says who may frame the shell.
            (frame, "GET", "/", "", "default", None),
            (tab, "GET", "/", "?reset", "default", None),
            (frame, "GET", "/mlflow/", "?a", "default", None),
            // Reloads, soft and hard.
            (tab, "GET", "/", "", "no-cache", None),
            (tab, "GET", "/", "", "reload", None),
            (tab, "POST", "/", "", "default", None),
            (tab, "GET", "/callback", "", "default", None),
            (tab, "GET", "/relay", "", "default", None),
            (tab, "GET", "/index.html", "", "default", None),
            // Outside the shell, or not a document.
            (tab, "GET", "/mlflow/", "", "default", None),
            (script, "GET", "/", "", "default", None),
            (script, "GET", "/mlflow/", "", "default", None),
            (frame, "GET", "/mlflow/version", "", "default", None),
            (frame, "GET", "/mlflow/@shell/tokens", "", "default", None),
        ];
        for (requester, method, path, query, cache, expected) in table {
            let arrival = Arrival {
                origin: "https://shell.example",
                path,
                query,
                method,
                requester,
            };
            let wanted = KeptDocument::wanted(&arrival, cache);
            assert_eq!(
                wanted, expected,
                "{requester:?} {method} {path}{query} {cache}"
            );
        }
    }

    #[test]
    fn documents_are_kept_for_a_while_and_errors_never() {
        assert!(is_kept(200, Some("text/html; charset=utf-8")));
        for (status, media_type) in [
            (404, Some("text/html")),
            (401, Some("text/html")),
            (0, None),
            (200, Some("application/json")),
            (200, None),
        ] {
            assert!(!is_kept(status, media_type), "{status} {media_type:?}");
        }
        assert!(is_fresh(Timestamp(1000), Timestamp(1000 + LONGEST)));
        assert!(!is_fresh(Timestamp(1000), Timestamp(1001 + LONGEST)));
    }
}
