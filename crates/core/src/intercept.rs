//! Which request belongs to MLflow, and which of those may carry a token.
//!
//! The worker asks [`judge`] before it attaches a token, the gateway asks
//! [`place`] before it forwards a request. Rules, in order:
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
//!    whoever reads ([`is_read`]), so no token, provided every segment is plain
//!    (rule 6).
//! 6. A segment is plain if, decoded, it is not empty, `.` or `..` and has no
//!    slash, backslash or control character. Anything else below
//!    `static-files` is treated as an API request.
//! 7. `/mlflow/@shell/tokens` is the gateway's own: there pages ask for a token
//!    for programs. It is below `/mlflow` because it takes the session's bearer.
//! 8. `/api/…` and `/@dev/api/…` are MLflow's REST API for programs, which
//!    bring a token of their own. The worker never touches them.
//! 9. A presigned URL carries its own credentials: no token.
//! 10. On a site that has the UI among its files MLflow's document is one of
//!     them: no token. What else is MLflow's goes to the API, if that is on
//!     another origin, and nothing of the site's then takes a token.
//! 11. A navigation that may have been begun by another site and is more than
//!     [reading a document or a file](crate::initiator) gets no token: the worker
//!     answers it with a page, and nothing is sent.

use crate::{
    Config,
    config::is_name,
    form::{Form, hex},
    initiator::may_navigate,
    refusal::{Asker, Cause},
};

/// First segment of everything that is the UI's.
const PREFIX: &str = "mlflow";

/// First segment of everything that is for programs.
const API: &str = "api";

const STATIC_FILES: &str = "static-files";

/// Where a page asks for a token for programs.
pub const TOKENS: &str = "/mlflow/@shell/tokens";

/// The name that no server has: what is below it is the gateway's own.
pub(crate) const SHELL: &str = "shell";

/// Where a path leads. Servers are named as the path names them: whether there
/// is one of that name is for [`policy::server`](crate::policy::server) to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
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
    /// To where tokens for programs are issued.
    Tokens,
}

/// A request that reached the worker. Origin and path come from a URL parser.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The origin of its URL.
    pub origin: &'a str,
    /// The path of its URL, undecoded.
    pub path: &'a str,
    /// The query of its URL, with its `?`.
    pub query: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Who asks.
    pub asker: Asker,
}

/// What the worker does with a request.
#[derive(Debug)]
pub enum Judgement {
    /// Leaves it to the browser, which sends it without a token.
    Leave,
    /// Sends it with a token, as soon as there is one.
    Clear(Clearance),
    /// Answers it, and sends nothing.
    Refuse(Cause),
}

/// Leave to attach a token to one request. Only [`judge`] makes it.
#[derive(Debug)]
pub struct Clearance(Destination);

/// For whom the token is.
#[derive(Debug)]
enum Destination {
    /// For this server: its name, the path there, and the query.
    Server(Option<String>, [String; 2]),
    /// For the gateway itself.
    Tokens,
}

/// The way of a cleared request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To this site, with the token.
    Here,
    /// To this site, which has a file there, without.
    File,
    /// To this URL of the API, with the token.
    Api(String),
}

/// Tells where `path`, an absolute and undecoded URL path, leads.
pub fn place(path: &str) -> Place<'_> {
    let (first, rest) = split(path);
    match first {
        PREFIX => user_interface(rest),
        API => program(None, path),
        _ => match first.strip_prefix('@') {
            Some(name) if split(rest).0 == API => program(Some(name), rest),
            _ => Place::Shell,
        },
    }
}

/// Whether a request of this method reads and changes nothing: what is public is
/// so for these alone.
pub fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// Judges a request that reached the worker of the site at `own`, an origin
/// as a URL parser writes it.
pub fn judge(own: &str, arrival: &Arrival<'_>) -> Judgement {
    if arrival.origin != own || is_presigned(arrival.query) {
        return Judgement::Leave;
    }
    match place(arrival.path) {
        Place::Upstream(_, path) if !arrival.may_reach(path) => {
            Judgement::Refuse(Cause::NOT_NAVIGABLE)
        }
        Place::Upstream(name, path) => {
            let name = name.map(ToOwned::to_owned);
            let there = [path.to_owned(), arrival.query.to_owned()];
            Judgement::Clear(Clearance(Destination::Server(name, there)))
        }
        Place::Tokens if arrival.asker == Asker::Script => {
            Judgement::Clear(Clearance(Destination::Tokens))
        }
        Place::Tokens => Judgement::Refuse(Cause::NOT_NAVIGABLE),
        Place::Shell | Place::Nowhere | Place::StaticFile(..) | Place::Program(..) => {
            Judgement::Leave
        }
    }
}

impl Judgement {
    /// Leave to send the request with a token, if it has that.
    pub fn clearance(self) -> Option<Clearance> {
        match self {
            Self::Clear(clearance) => Some(clearance),
            Self::Leave | Self::Refuse(_) => None,
        }
    }
}

impl Arrival<'_> {
    fn may_reach(&self, path: &str) -> bool {
        self.asker == Asker::Script || may_navigate(self.method, path)
    }
}

impl Clearance {
    /// The server's name, if it has one.
    pub fn server(&self) -> Option<&str> {
        match &self.0 {
            Destination::Server(name, _) => name.as_deref(),
            Destination::Tokens => None,
        }
    }

    /// Which way the request goes on a site of this configuration (rule 10).
    pub(crate) fn way(&self, config: &Config) -> Way {
        match (&self.0, &config.api) {
            (Destination::Server(_, [path, _]), _) if config.ui.is_some() && is_document(path) => {
                Way::File
            }
            (_, None) => Way::Here,
            (Destination::Server(_, [path, query]), Some(api)) if !climbs(path) => {
                Way::Api(api.url(path, query))
            }
            (_, Some(_)) => Way::File,
        }
    }

    /// Whether the request is for the gateway itself, and so for no server.
    pub(crate) fn is_for_gateway(&self) -> bool {
        matches!(self.0, Destination::Tokens)
    }
}

/// Where `rest`, which follows `/mlflow`, leads.
fn user_interface(rest: &str) -> Place<'_> {
    let (first, below) = split(rest);
    match first.strip_prefix('@') {
        None if first.starts_with("%40") => Place::Nowhere,
        None if decode(rest).is_some_and(|path| has_parent(&path)) => Place::Nowhere,
        None => on_server(None, rest),
        Some(SHELL) if below == "/tokens" => Place::Tokens,
        Some(name) if is_server(name) && !climbs(below) => on_server(Some(name), below),
        Some(_) => Place::Nowhere,
    }
}

fn on_server<'a>(name: Option<&'a str>, path: &'a str) -> Place<'a> {
    let (first, file) = split(path);
    match file.strip_prefix('/') {
        Some(file) if first == STATIC_FILES && file.split('/').all(is_plain) => {
            Place::StaticFile(name, path)
        }
        _ if path.is_empty() => Place::Upstream(name, "/"),
        _ => Place::Upstream(name, path),
    }
}

fn program<'a>(name: Option<&'a str>, path: &'a str) -> Place<'a> {
    if name.is_none_or(is_server) && !climbs(path) {
        Place::Program(name, path)
    } else {
        Place::Nowhere
    }
}

/// Whether a server may be called so.
pub(crate) fn is_server(name: &str) -> bool {
    is_name(name) && name != SHELL
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

/// Whether MLflow answers `path` with its UI's document.
fn is_document(path: &str) -> bool {
    matches!(path, "/" | "/index.html")
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

/// Percent-decodes `segment`; `None` if an escape is broken.
pub(crate) fn decode(segment: &str) -> Option<Vec<u8>> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => 16 * hex(bytes.next()?)? + hex(bytes.next()?)?,
            byte => byte,
        });
    }
    Some(decoded)
}

fn is_presigned(query: &str) -> bool {
    let query = Form::read(query.trim_start_matches('?'));
    ["X-Amz-Signature", "X-Amz-Algorithm"]
        .iter()
        .any(|marker| query.has_ignoring_case(marker))
}

#[cfg(test)]
mod tests;
