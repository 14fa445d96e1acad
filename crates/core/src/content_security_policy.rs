//! The content security policy of each kind of response, in one table.
//!
//! | answer | policy |
//! |---|---|
//! | the shell's documents and files | [`Sources::shell`], [`Sources::shell_window`] |
//! | the service worker's script | [`Sources::worker`] |
//! | MLflow's document | [`Sources::mlflow_document`] |
//! | a file of MLflow's released bundle | [`Sources::bundle_file`] |
//! | anything else that a server answers | [`Sources::other_answer`] |
//! | a page in place of an answer | [`Sources::refusal_page`] |
//!
//! Hosted sites, gateway and worker answer by it, and the templates are compared
//! with it. HTML artifacts are shown from `blob:` URLs and inherit the policy of
//! the document that made them, which is MLflow's.

mod answered;

use crate::{
    Config, Origin,
    ui::{UiVersion, evaluation},
};

pub use self::answered::{Content, Stated, governs, is_document, is_document_of_site};

/// What the policies of a deployment depend on.
///
/// A table for several deployments has sources that fit all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The directive about who may show the shell, and MLflow in it, in a frame:
    /// [`Config::frame_ancestors`].
    pub frame_ancestors: String,
    /// From where HTML artifacts may load scripts, styles, fonts, images and
    /// media besides this site: `artifacts.page_origins`.
    pub page_origins: Vec<String>,
    /// From where MLflow's UI may load artifacts besides this site:
    /// `artifacts.store_origins`.
    pub store_origins: Vec<String>,
}

impl Sources {
    /// What `config` says.
    pub fn of(config: &Config) -> Self {
        let texts = |origins: &[Origin]| {
            let origins = origins.iter();
            origins.map(|origin| origin.as_str().to_owned()).collect()
        };
        Self {
            frame_ancestors: config.frame_ancestors(),
            page_origins: texts(&config.artifacts.page_origins),
            store_origins: texts(&config.artifacts.store_origins),
        }
    }

    /// The shell's documents and files. The page talks to the worker only.
    /// Firefox asks the page's policy about the `blob:` downloads of its frame,
    /// and all engines where the frame may go: MLflow's window goes to the store
    /// for a file that it saves.
    pub fn shell(&self) -> String {
        shell(&listed(&self.store_origins), &self.frame_ancestors)
    }

    /// The shell's documents that belong into a window of their own. The page
    /// at which a sign-in returns is one, and shows MLflow afterwards.
    pub fn shell_window(&self) -> String {
        shell(&listed(&self.store_origins), "frame-ancestors 'none'")
    }

    /// The service worker's script. It talks to these `services`, which are the
    /// provider and MLflow's API, and to its own site.
    pub fn worker(&self, services: &[String]) -> String {
        let services = listed(services);
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'{services}"
        )
    }

    /// MLflow's document: `version` is `None` while it is not known.
    ///
    /// Nothing on it may talk to another origin than the artifact store, if that
    /// is listed, so a script that slips in through an experiment cannot send
    /// away what it reads. Inline scripts stay
    /// allowed: HTML artifacts inherit this policy and are nothing without
    /// theirs. They inherit what may be loaded as well, so `page_origins` are
    /// trusted with MLflow's document itself.
    pub fn mlflow_document(&self, version: Option<UiVersion>) -> String {
        self.document(evaluation(version))
    }

    fn document(&self, evaluation: &str) -> String {
        let [pages, stores] = [&self.page_origins, &self.store_origins].map(|it| listed(it));
        self.of_ui(evaluation, &pages, &stores)
    }

    /// A file of MLflow's released bundle. A worker goes by the policy of its
    /// script, and the bundle has documents. No artifact inherits it.
    pub fn bundle_file(&self, version: Option<UiVersion>) -> String {
        self.of_ui(evaluation(version), "", "")
    }

    /// Anything else that a server answers, such as artifacts. Opened as a
    /// document or run as a worker's script it does nothing and has no origin.
    pub fn other_answer(&self) -> String {
        format!("default-src 'none'; sandbox; {}", self.frame_ancestors)
    }

    /// A page of ours that appears in MLflow's place, and may be framed by the same
    /// origins as MLflow: inert but for its own style.
    pub fn refusal_page(&self) -> String {
        format!(
            "default-src 'none'; style-src 'unsafe-inline'; {}",
            self.frame_ancestors
        )
    }

    /// What MLflow's UI needs, with what artifacts load from `pages`, and where
    /// they are, in `stores`, besides.
    fn of_ui(&self, evaluation: &str, pages: &str, stores: &str) -> String {
        format!(
            "default-src 'self'; script-src 'self' 'unsafe-inline' {evaluation} blob:{pages}; \
             style-src 'self' 'unsafe-inline'{pages}; font-src 'self' data:{pages}; \
             img-src 'self' data: blob:{pages}{stores}; \
             media-src 'self' data: blob:{pages}{stores}; \
             connect-src 'self' data: blob:{stores}; worker-src 'self' blob:; \
             frame-src 'self' data: blob:{stores}; object-src 'none'; base-uri 'self'; \
             form-action 'self'; {}",
            self.frame_ancestors
        )
    }
}

fn shell(stores: &str, ancestors: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
         style-src 'self'; img-src 'self'; frame-src 'self' blob:{stores}; worker-src 'self'; \
         base-uri 'self'; form-action 'none'; {ancestors}"
    )
}

/// Sources that follow others in a directive.
fn listed(origins: &[String]) -> String {
    let spaced = origins.iter().flat_map(|origin| [" ", origin]);
    spaced.collect()
}

#[cfg(test)]
mod tests;
