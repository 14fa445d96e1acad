//! Which response headers of an MLflow server never reach a browser.
//!
//! MLflow shares the shell's origin, and some headers speak for a whole origin
//! rather than for one response: a server that sets one of those can sign people out,
//! take the service worker away, or talk to another host. MLflow's pages need none
//! of them; a plugin, a proxy in front of it or a flaw of its own could send them
//! all the same.
//!
//! *Out of scope*: hop-by-hop headers, which belong to one connection, and what
//! the shell sets itself (`content-security-policy`, `cache-control`).

/// Their names, in lower case. A host that can remove a few only takes the first.
pub const WITHHELD: &[&str] = &[
    // Cookies of the whole origin: one named `mlflow-request-header-…` becomes a
    // header of every later request of MLflow's UI. The UI itself needs none.
    "set-cookie",
    // Takes away storage and workers, and with them the session.
    "clear-site-data",
    // Widens what a script below `/mlflow/` may control as a service worker.
    "service-worker-allowed",
    // Let other origins read, with the user's credentials, what MLflow answers.
    // What the shell itself allows (`hosting::PROBED`) is set after this.
    "access-control-allow-origin",
    "access-control-allow-credentials",
    // Leads a document elsewhere, which no content security policy forbids.
    "refresh",
    // Has the browser connect to hosts that it names (`preconnect`,
    // `dns-prefetch`), which no content security policy forbids either.
    "link",
    // Have browsers report to another host what is asked for here, for as long
    // as they remember it, addresses included.
    "nel",
    "report-to",
    "reporting-endpoints",
    // The same of mistakes in TLS; both are history, and pins lock people out.
    "public-key-pins",
    "public-key-pins-report-only",
    "expect-ct",
    // Cookies of RFC 2965.
    "set-cookie2",
    // For how long TLS is insisted upon, and for which hosts, is for the site to say.
    "strict-transport-security",
    // Another server that is asked in place of this one.
    "alt-svc",
    // The browser's own password dialog on our origin. (The shell's 401 has its
    // own, which no browser asks about.)
    "www-authenticate",
    "authentication-info",
    // Whether documents of the origin may loosen it with `document.domain`.
    "origin-agent-cluster",
    // Rules for what the browser loads ahead, from other hosts too.
    "speculation-rules",
    // Which facts about themselves browsers tell the origin from then on.
    "accept-ch",
    "critical-ch",
    // What browsers tell identity providers, advertisers and the like.
    "set-login",
    "attribution-reporting-register-source",
    "attribution-reporting-register-trigger",
    "observe-browsing-topics",
    // Sessions that the browser itself renews at an address named here.
    "sec-session-registration",
    "sec-session-challenge",
    "secure-session-registration",
    "secure-session-challenge",
    // Which file a server in front of us is to send in place of the answer.
    "x-accel-redirect",
    "x-sendfile",
    // Other addresses of the answer, of its source and of its dictionary, which
    // browsers ask for by themselves.
    "content-location",
    "sourcemap",
    "x-sourcemap",
    "use-as-dictionary",
    "x-dns-prefetch-control",
    // What other origins may learn of how long it took.
    "timing-allow-origin",
    // Features that browsers grant to an origin.
    "activate-storage-access",
    "origin-trial",
    "shared-storage-write",
];

/// How names begin that are withheld as well: all of CORS.
pub const WITHHELD_PREFIX: &str = "access-control-";

/// Whether a response header of MLflow's, whose name is in lower case, may reach
/// a browser.
///
/// ```
/// use shell_core::response_headers::may_pass;
/// assert!(may_pass("content-disposition"));
/// assert!(!may_pass("set-cookie"));
/// ```
pub fn may_pass(name: &str) -> bool {
    !name.starts_with(WITHHELD_PREFIX) && !WITHHELD.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_for_the_origin_does_not_pass_and_what_mlflow_needs_does() {
        let needed = [
            "content-type",
            "content-length",
            "content-disposition",
            "content-range",
            "accept-ranges",
            "etag",
            "last-modified",
            "location",
            "retry-after",
            "vary",
            "x-content-type-options",
            // They can only take away what a document may do.
            "permissions-policy",
            "document-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            // Read by scripts of the same origin alone, now that nobody else may.
            "server-timing",
        ];
        let cors = ["access-control-max-age", "access-control-expose-headers"];
        for name in needed {
            assert!(may_pass(name), "{name}");
        }
        for name in WITHHELD.iter().chain(&cors) {
            assert!(!may_pass(name), "{name}");
            assert_eq!(name.to_ascii_lowercase(), *name);
        }
    }
}
