//! The policy of an answer to which its server may have given one (rule W9).
//!
//! MLflow refuses to be framed by other sites, and inside a site that frames
//! the shell *every* document of a frame has to agree to every ancestor. The
//! gateway sees to that itself; behind another server the worker does, by
//! these rules:
//!
//! 1. Our policy is added to those that an answer has. Several hold all at
//!    once, so what a server refuses stays refused.
//! 2. Who may frame it is ours to say: `X-Frame-Options`, which knows no list,
//!    and the `frame-ancestors` of other policies go. Ours stands in their place;
//!    they are never only deleted.
//! 3. Reports would tell another origin of addresses here: `report-uri` and
//!    `report-to` go, and `Content-Security-Policy-Report-Only` goes as a whole.
//! 4. An answer that says just that stays as it is.

use super::Sources;
use crate::{
    intercept::{RouteTarget, route_target},
    refusal::Requester,
    ui::{UiVersion, WEB_ASSEMBLY_ALONE},
};

/// Where a server has the document of its UI.
pub(crate) const DOCUMENTS: [&str; 2] = ["/", "/index.html"];

/// Directives of a server's policy that go.
const DROPPED: [&str; 3] = ["frame-ancestors", "report-uri", "report-to"];

/// What a server answers with, unless it is a file of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// MLflow's document. The version is `None` while it is not known.
    Document(Option<UiVersion>),
    /// Anything else.
    Other,
}

/// What an answer says of itself, header by header; several of one name are
/// one, with commas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stated<'a> {
    /// `X-Frame-Options`.
    pub options: Option<&'a str>,
    /// `Content-Security-Policy`.
    pub policy: Option<&'a str>,
    /// Whether there is a `Content-Security-Policy-Report-Only`.
    pub is_reported: bool,
}

/// Whether what a server answers with at `path`, undecoded and its own, is the
/// document of its UI, if it says that it is of this media type.
pub fn is_document(path: &str, media_type: Option<&str>) -> bool {
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    let is_html = essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/html"));
    is_html && DOCUMENTS.contains(&path)
}

/// The same at `path` of a site.
pub fn is_document_of_site(path: &str, media_type: Option<&str>) -> bool {
    let target = route_target(path);
    matches!(target, RouteTarget::Upstream(_, path) if is_document(path, media_type))
}

/// Whether the policy of an answer governs something: a document or a worker.
///
/// What else is loaded goes by the policy of who loads it (CSP Level 3 §4.2):
/// those answers need none, and pass without being made anew.
pub fn governs(requester: Requester, destination: &str) -> bool {
    match requester {
        Requester::Tab | Requester::Frame => true,
        Requester::Script => matches!(destination, "worker" | "sharedworker"),
    }
}

impl Sources {
    /// The `Content-Security-Policy` that an answer needs, without
    /// `X-Frame-Options` and without one that only reports; `None` if it passes
    /// as it is.
    pub fn correct(&self, content: Content, stated: Stated<'_>) -> Option<String> {
        let mut ours = match content {
            Content::Other => vec![self.other_answer()],
            Content::Document(version) => vec![
                self.mlflow_document(version),
                // The gateway may know the version, and what it allows is less.
                self.document(WEB_ASSEMBLY_ALONE),
            ],
        };
        ours.push(self.refusal_page());
        self.add(&ours, stated)
    }

    /// The same for a file of the bundle.
    pub fn correct_bundle_file(
        &self,
        version: Option<UiVersion>,
        stated: Stated<'_>,
    ) -> Option<String> {
        self.add(&[self.bundle_file(version)], stated)
    }

    /// Adds the first of `ours`, any of which is enough.
    fn add(&self, ours: &[String], stated: Stated<'_>) -> Option<String> {
        let policies = stated.policy.unwrap_or_default().split(',').map(str::trim);
        let (given, others): (Vec<&str>, Vec<&str>) = policies
            .filter(|policy| !policy.is_empty())
            .partition(|policy| ours.iter().any(|own| own == policy));
        let kept: Vec<String> = others.iter().map(|policy| kept(policy)).collect();
        if !given.is_empty() && kept == others && !stated.is_reported && !self.refuses(stated) {
            return None;
        }
        let added = ours.first().filter(|_| given.is_empty());
        let kept = kept.iter().chain(added).map(String::as_str);
        let all = kept.chain(given).filter(|policy| !policy.is_empty());
        Some(join(all, ", "))
    }

    /// Whether `X-Frame-Options` says anything but what we do. MLflow's own
    /// default does not where no other origin may frame the shell.
    fn refuses(&self, stated: Stated<'_>) -> bool {
        let alone = self.frame_ancestors == "frame-ancestors 'self'";
        let is_the_same = |options: &str| options.trim().eq_ignore_ascii_case("sameorigin");
        stated
            .options
            .is_some_and(|options| !(alone && is_the_same(options)))
    }
}

/// What of a server's policy holds here.
fn kept(policy: &str) -> String {
    let directives = policy.split(';').map(str::trim);
    let kept = directives.filter(|text| !text.is_empty() && !is_dropped(text));
    join(kept, "; ")
}

fn is_dropped(directive: &str) -> bool {
    let name = directive.split_ascii_whitespace().next();
    name.is_some_and(|name| {
        DROPPED
            .iter()
            .any(|dropped| name.eq_ignore_ascii_case(dropped))
    })
}

fn join<'a>(texts: impl Iterator<Item = &'a str>, separator: &str) -> String {
    texts.fold(String::new(), |joined, text| {
        let separator = if joined.is_empty() { "" } else { separator };
        joined + separator + text
    })
}

#[cfg(test)]
mod tests;
