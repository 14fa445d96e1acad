//! A site of others that shows the shell in a frame.

#[cfg(test)]
mod tests;

use anyhow::Result;
use axum::{
    Router,
    http::{HeaderName, Uri},
    response::{Html, IntoResponse, Response},
};

use crate::{browser_session::BrowserSession, server::Server};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A foreign site, gone when dropped.
#[derive(Debug)]
pub struct Embedder(Server);

/// What a frame may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sandbox {
    /// Everything: there is none.
    Absent,
    /// Nothing but what these words allow.
    Allowing(&'static str),
}

/// How the foreign site frames a page.
#[derive(Debug, Default)]
struct Framing {
    url: String,
    sandbox: Option<String>,
    isolated: bool,
}

impl Embedder {
    /// Selects its only frame.
    pub const FRAME: &str = "#embedded";
    /// The title of its pages.
    pub const TITLE: &str = "A site of others";
    /// What its pages say, before the frame.
    pub const TEXT: &str = "Below is a page of somebody else.";

    /// Starts the site.
    pub async fn start() -> Result<Self> {
        let router = Router::new().fallback(async |uri: Uri| respond(&Framing::parse(&uri)));
        Ok(Self(Server::start(router).await?))
    }

    /// Returns where it is. A deployment's shell, on `localhost`, is another
    /// site to browsers; both are trustworthy to them.
    pub fn origin(&self) -> String {
        self.0.foreign_origin()
    }

    /// Returns where it is reached too, which to a browser is another origin of
    /// the deployment's own site: of the same host, at another port.
    pub fn same_site_origin(&self) -> String {
        self.0.origin()
    }

    /// Returns the address of a page that frames `url`.
    pub fn page(&self, url: &str, sandbox: Sandbox) -> String {
        self.page_at(&self.origin(), url, sandbox)
    }

    /// Returns the address of such a page at `origin`, which is one of its own.
    pub fn page_at(&self, origin: &str, url: &str, sandbox: Sandbox) -> String {
        let framing = Framing {
            url: url.to_owned(),
            sandbox: sandbox.words().map(str::to_owned),
            isolated: false,
        };
        framing.address(origin)
    }

    /// Returns the address of such a page that also cuts the ties to windows of
    /// other sites, with `Cross-Origin-Opener-Policy: same-origin`.
    pub fn isolated_page(&self, url: &str, sandbox: Sandbox) -> String {
        let framing = Framing {
            url: url.to_owned(),
            sandbox: sandbox.words().map(str::to_owned),
            isolated: true,
        };
        framing.address(&self.origin())
    }
}

impl BrowserSession {
    /// Opens a page of `embedder` around the shell at `path`.
    pub async fn open_framed(
        &self,
        embedder: &Embedder,
        path: &str,
        sandbox: Sandbox,
    ) -> Result<()> {
        let url = format!("{}{path}", self.deployment.origin);
        self.open_around(&embedder.page(&url, sandbox), Embedder::FRAME)
            .await
    }
}

impl Sandbox {
    fn words(self) -> Option<&'static str> {
        match self {
            Self::Absent => None,
            Self::Allowing(words) => Some(words),
        }
    }
}

impl Framing {
    fn address(&self, origin: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("url", &self.url);
        if let Some(words) = &self.sandbox {
            query.append_pair("sandbox", words);
        }
        if self.isolated {
            query.append_key_only("isolated");
        }
        format!("{origin}/?{}", query.finish())
    }

    fn parse(uri: &Uri) -> Self {
        let mut framing = Self::default();
        let query = uri.query().unwrap_or_default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "url" => framing.url = value.into_owned(),
                "sandbox" => framing.sandbox = Some(value.into_owned()),
                "isolated" => framing.isolated = true,
                _ => {}
            }
        }
        framing
    }
}

fn respond(framing: &Framing) -> Response {
    let sandbox = framing.sandbox.as_deref().map(escape);
    let sandbox = sandbox.map_or_else(String::new, |words| format!(" sandbox=\"{words}\""));
    let page = format!(
        "<!doctype html><title>{}</title><p>{}</p>\
         <iframe id=embedded style=\"width: 100%; height: 800px\" src=\"{}\"{sandbox}></iframe>",
        Embedder::TITLE,
        Embedder::TEXT,
        escape(&framing.url),
    );
    let policy = framing.isolated.then_some([(OPENER_POLICY, "same-origin")]);
    (policy, Html(page)).into_response()
}

/// Makes a text the value of an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}
