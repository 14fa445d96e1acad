//! Which request belongs to MLflow, and which of those may carry a token.
//!
//! The worker asks [`judge`] before it attaches a token, the gateway asks
//! [`route_target`] before it forwards a request. Rules, in order:
//!
//! 1. Another origin is never touched.
//! 2. Only paths whose first segment is exactly `mlflow` belong to MLflow's UI;
//!    an encoded spelling of it does not.
//! 3. `/mlflow/@dev/…` is the server called `dev`, and `/mlflow/…` the one
//!    without a name: no path of MLflow's begins with `@`. What begins with it,
//!    however it is spelt, and is not a name, leads nowhere; neither does a path
//!    that climbs out of its server (rule 4): another server may be above it.
//! 4. A path climbs if, decoded, a segment of it is `..`, whichever slash is
//!    beside it. On a server with a name, on an API on another origin, and for
//!    programs, one that cannot be decoded counts as well.
//! 5. `…/static-files/…` below these is MLflow's released bundle: public to
//!    requests that read ([`is_read`](crate::method::is_read)), so no token,
//!    provided every segment is plain (rule 6).
//! 6. A segment is plain if, decoded, it is not empty, `.` or `..` and has no
//!    slash, backslash or control character. Anything else below
//!    `static-files` is treated as an API request.
//! 7. `/mlflow/@shell/tokens` is the gateway's own: there pages ask for a token
//!    for programs, and list those of their user; with the id of one, which is 16
//!    hexadecimal digits, they revoke it. It is below `/mlflow` because it takes the
//!    session's bearer.
//! 8. `/api/…`, `/ajax-api/…` and `/gateway/…` are MLflow's REST API, in both
//!    spellings, and its AI gateway, for programs, which bring a token of their
//!    own. So are `/version` and `/v1/traces`, which MLflow's client asks for
//!    beside them. `/@dev/…` has the same of the server called `dev`. The worker
//!    never touches them. A program may also call them below `/mlflow` and
//!    `/mlflow/@dev`, but for `ajax-api`, which is what MLflow's pages call there:
//!    [`RouteTarget::of_client`].
//! 9. A presigned URL carries its own credentials: no token.
//! 10. On a site that has the UI among its files MLflow's document is one of
//!     them: no token. What else is MLflow's goes to the API, if that is on
//!     another origin, and nothing of the site's then takes a token.
//! 11. A navigation that may have been begun by another site and is more than
//!     [reading a document or a file](crate::initiator) gets no token: the worker
//!     answers it with a page, and nothing is sent.

mod clearance;

pub use self::clearance::{Arrival, Clearance, Dispatch, Judgement, judge};

use crate::{
    canonical_path::decode,
    server_name::{RESERVED, is_server},
};

/// First segment of everything that is the UI's.
const PREFIX: &str = "mlflow";

/// First segments of what is for programs wherever it is: MLflow's REST API, and
/// its AI gateway, which clients of `OpenAI`, Anthropic and Gemini call.
const FOR_PROGRAMS: [&str; 2] = ["api", "gateway"];

/// The other spelling of the REST API: MLflow's pages use it, and jobs have no
/// other one (MLflow 3.18).
const AJAX_API: &str = "ajax-api";

/// What MLflow's client asks of a server outside its API: to which version it
/// speaks, and, from 3.4 on, where it sends the spans of traces. Without them it
/// keeps traces in another form.
const BESIDE_THE_API: [&str; 2] = ["/version", "/v1/traces"];

const STATIC_FILES: &str = "static-files";

/// What the worker leaves to the browser whatever it is asked, as rules of the
/// Service Worker Static Routing API: for these it need not even be started.
pub const STATIC_ROUTES: &str = concat!(
    r#"[{"condition":{"urlPattern":"/mlflow/static-files/*"},"source":"network"},"#,
    r#"{"condition":{"urlPattern":"/mlflow/@:server/static-files/*"},"source":"network"},"#,
    r#"{"condition":{"urlPattern":"/boot-*"},"source":"network"},"#,
    r#"{"condition":{"urlPattern":"/shell-*"},"source":"network"}]"#,
);

/// Where a page asks for a token for programs.
pub const TOKENS: &str = "/mlflow/@shell/tokens";

/// Where a path leads. Servers are named as the path names them: whether there
/// is one of that name is for [`policy::server`](crate::policy::server) to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTarget<'a> {
    /// To the shell itself, or to nothing that is on this site.
    Shell,
    /// To no server, although it looks as if: never forwarded.
    Nowhere,
    /// To a file of MLflow's released bundle: the server's name, and the path
    /// there.
    StaticFile(Option<&'a str>, &'a str),
    /// To MLflow, with a token: the server's name, and the path there.
    Upstream(Option<&'a str>, &'a str),
    /// To MLflow, for a program: the server's name, and the path there.
    Program(Option<&'a str>, &'a str),
    /// To where tokens for programs are issued, listed and revoked.
    Tokens,
}

/// Tells where `path`, an absolute and undecoded URL path, leads.
pub fn route_target(path: &str) -> RouteTarget<'_> {
    let (first, rest) = split(path);
    match first {
        PREFIX => user_interface(rest),
        _ => match first.strip_prefix('@') {
            Some(name) if is_at_the_root(rest) => program(Some(name), rest),
            None if is_at_the_root(path) => program(None, path),
            _ => RouteTarget::Shell,
        },
    }
}

impl RouteTarget<'_> {
    /// The same for a client of which nothing says that it is a browser
    /// ([`Initiator::is_browser`](crate::initiator::Initiator::is_browser)): what
    /// programs call is for programs below `/mlflow`, too. A path that climbs stays
    /// what it is.
    #[must_use]
    pub fn of_client(self, is_browser: bool) -> Self {
        if let Self::Upstream(name, path) = self
            && !is_browser
            && is_for_programs(path)
            && !climbs(path)
        {
            return Self::Program(name, path);
        }
        self
    }
}

/// Whether a path on a server is one that programs call at the site's root.
fn is_at_the_root(path: &str) -> bool {
    split(path).0 == AJAX_API || is_for_programs(path)
}

/// Whether a path on a server is one that programs call.
fn is_for_programs(path: &str) -> bool {
    FOR_PROGRAMS.contains(&split(path).0) || BESIDE_THE_API.contains(&path)
}

/// Where `rest`, which follows `/mlflow`, leads.
fn user_interface(rest: &str) -> RouteTarget<'_> {
    let (first, below) = split(rest);
    match first.strip_prefix('@') {
        None if first.starts_with("%40") => RouteTarget::Nowhere,
        None if decode(rest).is_some_and(|path| has_parent(&path)) => RouteTarget::Nowhere,
        None => on_server(None, rest),
        Some(RESERVED) if is_for_tokens(below) => RouteTarget::Tokens,
        Some(name) if is_server(name) && !climbs(below) => on_server(Some(name), below),
        Some(_) => RouteTarget::Nowhere,
    }
}

/// Whether a path below the reserved name is that of tokens, or of one by its id.
fn is_for_tokens(path: &str) -> bool {
    let is_id = |id: &str| {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        id.len() == 16 && id.bytes().all(is_digit)
    };
    match path.strip_prefix("/tokens") {
        Some("") => true,
        Some(rest) => rest.strip_prefix('/').is_some_and(is_id),
        None => false,
    }
}

fn on_server<'a>(name: Option<&'a str>, path: &'a str) -> RouteTarget<'a> {
    let (first, file) = split(path);
    match file.strip_prefix('/') {
        Some(file) if first == STATIC_FILES && file.split('/').all(is_plain) => {
            RouteTarget::StaticFile(name, path)
        }
        _ if path.is_empty() => RouteTarget::Upstream(name, "/"),
        _ => RouteTarget::Upstream(name, path),
    }
}

fn program<'a>(name: Option<&'a str>, path: &'a str) -> RouteTarget<'a> {
    if name.is_none_or(is_server) && !climbs(path) {
        RouteTarget::Program(name, path)
    } else {
        RouteTarget::Nowhere
    }
}

/// The first segment of a path, and what follows it.
fn split(path: &str) -> (&str, &str) {
    let Some(path) = path.strip_prefix('/') else {
        return ("", path);
    };
    // Where there is a slash, there is a boundary between characters.
    let end = path.find('/').unwrap_or(path.len());
    path.split_at_checked(end).unwrap_or((path, ""))
}

fn climbs(path: &str) -> bool {
    decode(path).is_none_or(|path| has_parent(&path))
}

fn has_parent(path: &[u8]) -> bool {
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    path.split(is_slash).any(|segment| segment == b"..")
}

fn is_plain(segment: &str) -> bool {
    let Some(decoded) = decode(segment) else {
        return false;
    };
    let harmless = |byte: &u8| !byte.is_ascii_control() && *byte != b'/' && *byte != b'\\';
    !matches!(decoded.as_slice(), b"" | b"." | b"..") && decoded.iter().all(harmless)
}

#[cfg(test)]
mod tests;
