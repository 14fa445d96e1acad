//! Who began a request, and what may come of it: a resource isolation policy
//! (W3C Fetch Metadata §1).
//!
//! A service worker attaches the token to whatever the browser hands it, so a
//! request that another site had the browser send must not get that far. Rules,
//! which worker, gateway and authorizer share:
//!
//! 1. A navigation, of a tab or of a frame, may have been begun by any site: a
//!    link, a form, `window.open`. The browser's `Sec-Fetch-Site` does not reach
//!    the worker, and a site can leave out its `Referer`. So a navigation only
//!    reads, and only what a browser shows or saves: documents and files. It
//!    calls no API ([`may_navigate`]). MLflow's UIs need no more (1.30 to 3.18).
//! 2. What another site's document loads (images, scripts, `fetch`, prefetch)
//!    never reaches our worker, which controls documents of this origin alone,
//!    and so has no token.
//! 3. Whatever else says that it was begun elsewhere, by `Sec-Fetch-Site` or
//!    `Origin`, is refused ([`check`]). Programs and old browsers say nothing;
//!    their bearer is what counts. An `Origin` of `null` says nothing either: it
//!    is what a worker sends whose `Referrer-Policy` is `no-referrer`, as ours
//!    (Fetch §3.2, "append a request `Origin` header").
//! 4. What is for scripts of this origin alone needs `Sec-Fetch-Site` to say so,
//!    and unless the worker passes it on, whose requests may have the `Origin`
//!    `null`, `Origin` as well ([`Initiator::is_own_script`]). Scripts can set
//!    neither.
//! 5. What a browser may send without its user's knowledge counts only if no
//!    browser sent it ([`Initiator::is_browser`]): a name and password, which
//!    browsers keep and add by themselves, and calls of programs below `/mlflow`.
//!    To a site at `https`, and on this machine, every browser that runs the
//!    shell says `Sec-Fetch-Site`, and no page can take that away.

use crate::{
    canonical_path::CanonicalPath,
    method::is_read,
    refusal::{Problem, Requester},
};

/// What the headers of a request say of who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initiator<'a> {
    /// The kind of request.
    pub requester: Requester,
    /// `Sec-Fetch-Site` (Fetch Metadata §2.3). A header that is there twice, or
    /// is no text, is an empty one.
    pub site: Option<&'a str>,
    /// `Origin` (RFC 6454 §7), likewise.
    pub origin: Option<&'a str>,
}

/// Who sends the request of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The script that began it: a page's or the worker's own.
    Itself,
    /// The worker, which passes on what a page began.
    Worker,
}

/// Decides whether a request of `method` for `path`, undecoded and on a server's
/// side, may go on at the site whose origin is `own`.
///
/// # Errors
/// With what to answer.
pub fn check(
    initiator: &Initiator<'_>,
    own: &str,
    method: &str,
    path: &str,
) -> Result<(), Problem> {
    match initiator.requester {
        Requester::Tab | Requester::Frame if may_navigate(method, path) => Ok(()),
        Requester::Tab | Requester::Frame => Err(Problem::NOT_NAVIGABLE),
        Requester::Script if initiator.is_elsewhere(own) => Err(Problem::FROM_ELSEWHERE),
        Requester::Script => Ok(()),
    }
}

/// Whether a tab or a frame may send a request of `method` for `path`, undecoded
/// and on a server's side (rule 1). The path is read as it is judged by the
/// policy and forwarded: one with more than one reading is not for navigations.
pub fn may_navigate(method: &str, path: &str) -> bool {
    let Ok(path) = CanonicalPath::parse(path) else {
        return false;
    };
    let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
    let is_shown = match segments.as_slice() {
        ["ajax-api" | "api", below @ ..] => is_file(below),
        ["gateway" | "graphql" | "v1", ..] => false,
        _ => true,
    };
    is_read(method) && is_shown
}

/// Whether a path below an API's prefix is that of a file (MLflow 1.30 to 3.18).
fn is_file(below: &[&str]) -> bool {
    matches!(
        below,
        [_, "mlflow", "get-trace-artifact"]
            | ["2.0", "mlflow-artifacts", "artifacts", _, ..]
            | ["2.0", "mlflow", "logged-models", _, "artifacts", "files"]
    )
}

impl Initiator<'_> {
    /// Whether a script of `own` began it, and nothing says otherwise (rule 4).
    pub fn is_own_script(&self, own: &str, sender: Sender) -> bool {
        let says_so = self.site == Some("same-origin") && self.requester == Requester::Script;
        let has_origin = match sender {
            Sender::Itself => self.origin == Some(own),
            Sender::Worker => true,
        };
        says_so && has_origin && !self.is_elsewhere(own)
    }

    /// Whether a header says that a browser sent it (rule 5). `Sec-Fetch-Mode`
    /// alone says nothing: Node's `fetch`, which MLflow's client for TypeScript
    /// uses, sends it, too.
    pub fn is_browser(&self) -> bool {
        self.site.is_some() || self.origin.is_some() || self.requester != Requester::Script
    }

    /// Whether a header says that another site did.
    fn is_elsewhere(&self, own: &str) -> bool {
        let is_site = |site: &str| matches!(site, "same-origin" | "none");
        let is_origin = |origin: &str| origin == own || origin == "null";
        self.site.is_some_and(|site| !is_site(site))
            || self.origin.is_some_and(|origin| !is_origin(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://shell.example";

    #[test]
    fn a_navigation_reads_documents_and_files_and_calls_no_api() {
        let table = [
            ("GET", "/", true),
            ("GET", "/index.html", true),
            ("HEAD", "/", true),
            ("GET", "/static-files/lib/viewer/index.html", true),
            ("GET", "/get-artifact", true),
            ("GET", "/model-versions/get-artifact", true),
            ("GET", "/model-versions%2Fget-artifact", true),
            (
                "GET",
                "/ajax-api/2.0/mlflow-artifacts/artifacts/0/a/b.txt",
                true,
            ),
            (
                "GET",
                "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files",
                true,
            ),
            ("GET", "/ajax-api/3.0/mlflow/get-trace-artifact", true),
            ("GET", "/version", true),
            ("GET", "/health", true),
            ("GET", "/docs", true),
            // Reads with effects among them.
            ("GET", "/ajax-api/2.0/mlflow/runs/get", false),
            ("GET", "/ajax-api/2.0/mlflow/gateway-proxy", false),
            ("GET", "/ajax-api/3.0/mlflow/label-schemas/list", false),
            ("GET", "//ajax-api/2.0/mlflow/runs/get", false),
            ("GET", "/%61jax-api/2.0/mlflow/runs/get", false),
            ("GET", "/ajax-api%2F2.0/mlflow/gateway-proxy", false),
            ("GET", "/ajax-api%2f2.0%2Fmlflow%2fgateway-proxy", false),
            ("GET", "/graphql%2F", false),
            ("GET", "/./ajax-api/2.0/mlflow/runs/get", false),
            ("GET", "/ajax-api", false),
            ("GET", "/ajax-api/2.0/mlflow-artifacts/artifacts", false),
            ("GET", "/ajax-api/3.0/mlflow/mcp-servers/artifacts", false),
            ("GET", "/ajax-api/plugin/artifacts/do", false),
            (
                "GET",
                "/ajax-api/2.0/mlflow/logged-models/m/artifacts/files/x",
                false,
            ),
            ("GET", "/api/2.0/mlflow/runs/get", false),
            ("GET", "/graphql", false),
            ("GET", "/gateway/chat/mlflow/invocations", false),
            ("GET", "/v1/traces", false),
            ("GET", "/%zz", false),
            // Whatever is no read.
            ("POST", "/", false),
            ("POST", "/get-artifact", false),
            ("POST", "/ajax-api/2.0/mlflow/runs/delete", false),
            ("PUT", "/ajax-api/2.0/mlflow-artifacts/artifacts/0/a", false),
            ("post", "/", false),
            ("get", "/", false),
            ("", "/", false),
        ];
        for (method, path, may) in table {
            assert_eq!(may_navigate(method, path), may, "{method} {path}");
            for requester in [Requester::Tab, Requester::Frame] {
                let initiator = initiator(requester, Some("cross-site"), None);
                let outcome = check(&initiator, OWN, method, path);
                let expected = may.then_some(()).ok_or(Problem::NOT_NAVIGABLE);
                assert_eq!(outcome, expected, "{requester:?} {method} {path}");
            }
        }
    }

    #[test]
    fn what_another_site_began_is_refused() {
        let table = [
            (None, None, true),
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(OWN), true),
            (Some("none"), None, true),
            (None, Some(OWN), true),
            (Some("cross-site"), None, false),
            (Some("same-site"), None, false),
            (Some("same-site"), Some(OWN), false),
            (Some("same-origin"), Some("https://other.example"), false),
            (Some("Same-Origin"), Some(OWN), false),
            (Some(""), Some(OWN), false),
            (None, Some("null"), true),
            (Some("same-origin"), Some("null"), true),
            (Some("cross-site"), Some("null"), false),
            (None, Some(""), false),
            (None, Some("https://shell.example.evil.test"), false),
        ];
        for (site, origin, may) in table {
            let initiator = initiator(Requester::Script, site, origin);
            for method in ["GET", "POST"] {
                let outcome = check(&initiator, OWN, method, "/graphql");
                let expected = may.then_some(()).ok_or(Problem::FROM_ELSEWHERE);
                assert_eq!(outcome, expected, "{site:?} {origin:?} {method}");
            }
        }
    }

    #[test]
    fn scripts_of_our_own_pages_say_so_twice() {
        let table = [
            (Some("same-origin"), Some(OWN), true),
            (Some("same-origin"), None, false),
            (None, Some(OWN), false),
            (Some("same-site"), Some(OWN), false),
            (Some("same-origin"), Some("null"), false),
            (None, None, false),
        ];
        for (site, origin, is_own) in table {
            let script = initiator(Requester::Script, site, origin);
            let is_script = |sender| script.is_own_script(OWN, sender);
            assert_eq!(is_script(Sender::Itself), is_own, "{site:?} {origin:?}");
            assert_eq!(is_script(Sender::Worker), site == Some("same-origin"));
            let form = initiator(Requester::Tab, site, origin);
            assert!(
                !form.is_own_script(OWN, Sender::Itself),
                "{site:?} {origin:?}"
            );
        }
    }

    #[test]
    fn a_browser_is_known_by_what_it_adds_to_every_request() {
        let table = [
            (Requester::Script, None, None, false),
            (Requester::Script, Some("same-origin"), None, true),
            (Requester::Script, Some("none"), None, true),
            (Requester::Script, Some("cross-site"), None, true),
            (Requester::Script, Some(""), None, true),
            (Requester::Script, None, Some(OWN), true),
            (Requester::Script, None, Some("null"), true),
            (Requester::Script, None, Some(""), true),
            (Requester::Tab, None, None, true),
            (Requester::Frame, None, None, true),
        ];
        for (requester, site, origin, is_browser) in table {
            let found = initiator(requester, site, origin);
            assert_eq!(found.is_browser(), is_browser, "{found:?}");
        }
    }

    #[test]
    fn a_script_that_names_another_origin_is_not_ours() {
        let script = initiator(
            Requester::Script,
            Some("same-origin"),
            Some("https://other.example"),
        );
        assert!(!script.is_own_script(OWN, Sender::Worker));
    }

    fn initiator<'a>(
        requester: Requester,
        site: Option<&'a str>,
        origin: Option<&'a str>,
    ) -> Initiator<'a> {
        Initiator {
            requester,
            site,
            origin,
        }
    }
}
