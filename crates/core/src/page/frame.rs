//! MLflow's frame: which server, which route, and notices about what it shows.

use super::{Effect, Move, PageState, ShownSite, UrlSync};
use crate::{
    Route,
    artifact_page::{self, References},
    messages::bar as text,
    server_name,
    site::{self, Site},
};

impl PageState {
    /// Shows MLflow as `offer` has it.
    pub(super) fn open_site(&mut self, offer: Site) -> Vec<Effect> {
        let upstream = offer.upstream(&self.address.query);
        self.site = ShownSite {
            upstream: upstream.map(ToOwned::to_owned),
            bar: offer.bar,
            offer,
            warning: String::new(),
        };
        let mut effects = self.load_frame();
        effects.extend(self.site.offer.ui.is_some().then_some(Effect::AskVersion));
        effects
    }

    /// Shows MLflow at the route of the page's address.
    fn load_frame(&mut self) -> Vec<Effect> {
        let route = Route::new(&self.address.hash);
        let address = format!("{}{}", self.document(), route.as_str());
        self.frame_is_mlflow = false;
        self.url_sync = Some(UrlSync::new(route));
        vec![Effect::LoadFrame(address)]
    }

    /// Where MLflow's document is.
    pub(super) fn document(&self) -> String {
        server_name::mlflow_address(self.site.upstream.as_deref())
    }

    /// The link to what is shown.
    pub(super) fn link(&self) -> String {
        let address = server_name::shell_address(self.site.upstream.as_deref());
        let route = Route::new(&self.address.hash);
        format!("{}{address}{}", self.origin, route.as_str())
    }

    /// Makes the routes of page and frame the same.
    pub(super) fn compare_urls(&mut self, page: Route, frame: Route) -> Vec<Effect> {
        let sync = self.url_sync.as_mut();
        match sync.and_then(|sync| sync.compare(page, frame)) {
            Some(Move::TakeFrame(route)) => vec![Effect::GoTo(self.document(), route)],
            Some(Move::ShowRoute(route)) => {
                let address = server_name::shell_address(self.site.upstream.as_deref());
                vec![Effect::ShowAddress(format!("{address}{}", route.as_str()))]
            }
            None => Vec::new(),
        }
    }

    /// The frame has another document. One that is not MLflow's is given back, once:
    /// a store that has no file for MLflow answers with a page of its own, and where
    /// the policy forbids to go there is the browser's. Where MLflow itself cannot be
    /// reached that page stays.
    pub(super) fn frame_loaded(&mut self, is_elsewhere: bool) -> Vec<Effect> {
        if self.url_sync.is_none() {
            return Vec::new();
        }
        if !is_elsewhere {
            self.frame_is_mlflow = true;
            return vec![Effect::KeepLinksInside(self.site.upstream.clone())];
        }
        if !std::mem::take(&mut self.frame_is_mlflow) {
            return Vec::new();
        }
        let address = format!("{}{}", self.document(), self.address.hash);
        let mut effects = vec![Effect::BringBack(address)];
        effects.extend(self.toast(text::BROUGHT_BACK));
        effects
    }

    /// Says what of an HTML artifact is missing, if anything is.
    pub(super) fn artifact_found(&mut self, references: &References) -> Vec<Effect> {
        let allowed = &self.site.offer.page_origins;
        match artifact_page::notice(references, &self.origin, allowed) {
            Some(sentence) => self.toast(sentence),
            None => Vec::new(),
        }
    }

    /// Says so if the pages are not those of the server.
    pub(super) fn compare_versions(&mut self, server: &str) -> Vec<Effect> {
        let ui = self.site.offer.ui.as_deref().unwrap_or_default();
        self.site.warning = site::skew(ui, server).unwrap_or_default();
        Vec::new()
    }

    /// Leaves a server for another one.
    pub(super) fn leave_server(&mut self, to: String) -> Vec<Effect> {
        vec![Effect::LeaveServer {
            from: self.site.upstream.clone().unwrap_or_default(),
            route: Route::new(&self.address.hash),
            to,
        }]
    }

    /// Shows the server `name`, where this tab last was on it.
    pub(super) fn switch_server(&mut self, name: String, route: &Route) -> Vec<Effect> {
        let address = format!(
            "{}{}",
            server_name::shell_address(Some(&name)),
            route.as_str()
        );
        self.site.upstream = Some(name);
        route.as_str().clone_into(&mut self.address.hash);
        let mut effects = vec![Effect::ShowAddress(address)];
        effects.extend(self.load_frame());
        effects
    }
}
