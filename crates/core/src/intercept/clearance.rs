//! Which requests the worker sends with a token, and where to.

use super::{RouteTarget, climbs, route_target};
use crate::{
    Config,
    initiator::may_navigate,
    refusal::{Problem, Requester},
};

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
    pub requester: Requester,
}

/// What the worker does with a request.
#[derive(Debug)]
pub enum Judgement {
    /// Leaves it to the browser, which sends it without a token.
    Leave,
    /// Sends it with a token, as soon as there is one.
    Clear(Clearance),
    /// Answers it, and sends nothing.
    Refuse(Problem),
}

/// Permission to attach a token to one request. Only [`judge`] makes it.
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

/// Where a cleared request goes, and whether with the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatch {
    /// To this site, with the token.
    Here,
    /// To this site, which has a file there, without.
    File,
    /// To this URL of the API, with the token.
    Api(String),
}

/// Judges a request that reached the worker of the site at `own`, an origin
/// as a URL parser writes it.
pub fn judge(own: &str, arrival: &Arrival<'_>) -> Judgement {
    if arrival.origin != own || is_presigned(arrival.query) {
        return Judgement::Leave;
    }
    match route_target(arrival.path) {
        RouteTarget::Upstream(_, path) if !arrival.may_reach(path) => {
            Judgement::Refuse(Problem::NOT_NAVIGABLE)
        }
        RouteTarget::Upstream(name, path) => {
            let name = name.map(ToOwned::to_owned);
            let there = [path.to_owned(), arrival.query.to_owned()];
            Judgement::Clear(Clearance(Destination::Server(name, there)))
        }
        RouteTarget::Tokens if arrival.requester == Requester::Script => {
            Judgement::Clear(Clearance(Destination::Tokens))
        }
        RouteTarget::Tokens => Judgement::Refuse(Problem::NOT_NAVIGABLE),
        RouteTarget::Shell
        | RouteTarget::Nowhere
        | RouteTarget::StaticFile(..)
        | RouteTarget::Program(..) => Judgement::Leave,
    }
}

impl Judgement {
    /// The permission to send the request with a token, if it has one.
    pub fn clearance(self) -> Option<Clearance> {
        match self {
            Self::Clear(clearance) => Some(clearance),
            Self::Leave | Self::Refuse(_) => None,
        }
    }
}

impl Arrival<'_> {
    fn may_reach(&self, path: &str) -> bool {
        self.requester == Requester::Script || may_navigate(self.method, path)
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

    /// The path on its server, undecoded, and the query; `None` if the request is
    /// for no server.
    pub(crate) fn target(&self) -> Option<[&str; 2]> {
        match &self.0 {
            Destination::Server(_, target) => Some(target.each_ref().map(String::as_str)),
            Destination::Tokens => None,
        }
    }

    /// Where the request goes on a site of this configuration (rule 10).
    pub(crate) fn dispatch(&self, config: &Config) -> Dispatch {
        match (&self.0, &config.api) {
            (Destination::Server(_, [path, _]), _) if config.ui.is_some() && is_document(path) => {
                Dispatch::File
            }
            (_, None) => Dispatch::Here,
            (Destination::Server(_, [path, query]), Some(api)) if !climbs(path) => {
                Dispatch::Api(api.url(path, query))
            }
            // A path that climbs, and the gateway's own, are not the API's: without
            // a token, the site answers with a file or not at all.
            (_, Some(_)) => Dispatch::File,
        }
    }

    /// Whether the request is for the gateway itself, and so for no server.
    pub(crate) fn is_for_gateway(&self) -> bool {
        matches!(self.0, Destination::Tokens)
    }
}

/// Whether MLflow answers `path` with its UI's document.
fn is_document(path: &str) -> bool {
    matches!(path, "/" | "/index.html")
}

fn is_presigned(query: &str) -> bool {
    let is_marker = |name: &str| {
        ["X-Amz-Signature", "X-Amz-Algorithm"]
            .iter()
            .any(|it| name.eq_ignore_ascii_case(it))
    };
    let query = query.trim_start_matches('?');
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| is_marker(&name))
}
