//! Which response headers each path of a site gets, in one table.
//!
//! The gateway answers by it. Hosts that know paths as patterns with `*` only,
//! such as Amplify and CloudFront, are configured from it, or their templates
//! are compared with it.
//!
//! *Out of scope*: what of MLflow's is not a file of the site. Its own answers
//! get their headers where they are forwarded, or keep those they have.

mod paths;

use std::{iter, slice};

use crate::{
    Config,
    config::{Api, CALLBACK},
    content_security_policy::Sources,
    popup::PATH as RELAY,
    ui::UiVersion,
};

pub use self::paths::{Paths, is_hashed};

/// For files whose name changes with their content.
pub const FOREVER: &str = "public, max-age=31536000, immutable";

/// For everything else, and for answers that are no file at all.
pub const ASK_FIRST: &str = "no-cache";

/// Content types that hosts are known not to know, by how a file's name ends.
pub const TYPES: [(&str, &str); 3] = [
    (".wasm", "application/wasm"),
    (".mjs", "text/javascript"),
    (".webmanifest", "application/manifest+json"),
];

/// Where a hosted UI's own files are.
pub const STATIC_FILES: &str = "/mlflow/static-files/";

/// The documents of a hosted UI: the address, and the file.
pub const UI_DOCUMENTS: &[&str] = &["/mlflow/", "/mlflow/index.html"];

/// What a site asks for that is about to frame the shell: the first is enough.
pub static PROBED: [&str; 2] = ["/", "/favicon.ico"];

/// The document's addresses, and the files a host of files has for them: it is
/// the same document each time, but its headers are not.
pub const ONE_DOCUMENT: &[(&str, &str)] = &[
    ("/", "/index.html"),
    (CALLBACK, "/callback.html"),
    (RELAY, "/relay.html"),
];

/// That browsers use TLS for this host, and for this host alone, for a year
/// after each answer (RFC 6797). Other hosts of the domain may be anybody's, so
/// neither `includeSubDomains` nor `preload` is among it.
pub const STRICT_TRANSPORT_SECURITY: (&str, &str) =
    ("strict-transport-security", "max-age=31536000");

const POLICY: &str = "content-security-policy";
const CACHING: &str = "cache-control";

/// What the table depends on.
///
/// [`Deployment::of`] takes it from a configuration. A table for several
/// deployments has sources that fit all of them, such as
/// `https://*.amazoncognito.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Whom the worker may talk to besides its own site: the hosted login, and
    /// MLflow's API if it is on another origin.
    pub services: Vec<String>,
    /// The version of the MLflow UI that the site has, if it has one.
    pub ui: Option<String>,
    /// Whether people open the site by `https`.
    pub is_https: bool,
    /// What else the policies depend on.
    pub sources: Sources,
}

/// What a set of paths gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which paths these are, unless a row above has them.
    pub paths: Paths,
    /// The same as patterns in which `*` stands for anything, for the files
    /// that a build makes.
    pub patterns: &'static [&'static str],
    /// Names, in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// Whether the sites that may frame the shell may read it, too: whether it
    /// is [`PROBED`]. Never with credentials, and no other site.
    pub is_probed: bool,
}

/// Returns the table for `deployment`. The first row that has a path is its.
pub fn table(deployment: &Deployment) -> Vec<Row> {
    let mut rows = shell(deployment);
    if let Some(version) = &deployment.ui {
        rows.extend(hosted(version, &deployment.sources));
    }
    rows.extend(rest(deployment));
    if deployment.is_https {
        let (name, value) = STRICT_TRANSPORT_SECURITY;
        for row in &mut rows {
            row.headers.push((name, value.to_owned()));
        }
    }
    rows
}

/// Returns the row of `path`, an absolute URL path without a query.
pub fn row<'a>(table: &'a [Row], path: &str) -> Option<&'a Row> {
    table.iter().find(|row| row.paths.have(path))
}

impl Deployment {
    /// What `config` says.
    pub fn of(config: &Config) -> Self {
        let api = config.api.iter().map(Api::origin);
        let provider = &config.provider;
        let services = iter::once(provider.domain.clone())
            .chain(provider.endpoints.of_worker())
            .chain(api.cloned());
        let mut named: Vec<String> = Vec::new();
        for origin in services.map(|origin| origin.as_str().to_owned()) {
            if !named.contains(&origin) {
                named.push(origin);
            }
        }
        Self {
            services: named,
            ui: config.ui.clone(),
            is_https: config.origin.insists_on_tls(),
            sources: Sources::of(config),
        }
    }
}

fn shell(deployment: &Deployment) -> Vec<Row> {
    let sources = &deployment.sources;
    let [alone, framed] = [sources.shell_window(), sources.shell()];
    let one = |path, policy: &str, opener| own(Paths::These(path), path, policy, opener);
    let probed = PROBED.each_ref().map(|path| Row {
        is_probed: true,
        ..one(slice::from_ref(path), &framed, ALONE)
    });
    let mut rows = vec![
        one(&["/sw.js"], &sources.worker(&deployment.services), ALONE),
        // Documents that belong into a window of their own.
        one(&[CALLBACK], &alone, ALONE),
        one(&[RELAY], &alone, WITH_OPENER),
    ];
    rows.extend(probed);
    rows
}

fn rest(deployment: &Deployment) -> [Row; 2] {
    let framed = deployment.sources.shell();
    let hashed = own(
        Paths::Hashed("/"),
        &["/boot-*.js", "/shell-*.js", "/shell-*.css", "/shell-*.wasm"],
        &framed,
        ALONE,
    );
    let others = &["/index.html", "/config.json", "/favicon.svg"];
    [kept(hashed), own(Paths::Below("/"), others, &framed, ALONE)]
}

/// No page of another site keeps a handle on the window of a document.
const ALONE: &str = "same-origin";

/// The relay is opened by a framed shell, whose window belongs to another site:
/// cut off from its opener it could not hand over what the sign-in brought
/// (rule E3).
const WITH_OPENER: &str = "unsafe-none";

fn own(paths: Paths, patterns: &'static [&'static str], policy: &str, opener: &str) -> Row {
    Row {
        paths,
        patterns,
        headers: vec![
            (POLICY, policy.to_owned()),
            (CACHING, ASK_FIRST.to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            ("referrer-policy", "no-referrer".to_owned()),
            ("cross-origin-opener-policy", opener.to_owned()),
        ],
        is_probed: false,
    }
}

/// MLflow's UI as released: what differs, differs in headers.
fn hosted(version: &str, sources: &Sources) -> [Row; 4] {
    let version = UiVersion::parse(version);
    let policy = sources.mlflow_document(version);
    let document = released(Paths::These(UI_DOCUMENTS), UI_DOCUMENTS, policy);
    let [library, hashed, others] = bundle(version, sources);
    [document, library, hashed, others]
}

/// The rows of the files of MLflow's released bundle, whose addresses are below
/// [`STATIC_FILES`]. `version` is `None` while it is not known.
pub fn bundle(version: Option<UiVersion>, sources: &Sources) -> [Row; 3] {
    let policy = sources.bundle_file(version);
    let row = |paths, patterns| released(paths, patterns, policy.clone());
    let hashed = row(
        Paths::Hashed(STATIC_FILES),
        &[
            "/mlflow/static-files/static/*",
            "/mlflow/static-files/TelemetryLogger.*",
        ],
    );
    let others = &[
        "/mlflow/static-files/favicon.ico",
        "/mlflow/static-files/*.json",
        "/mlflow/static-files/pdf.worker.js",
    ];
    [
        // Names with and without a hash, of which the UI itself needs none: a
        // pattern cannot tell them apart, so neither does the table.
        row(
            Paths::Below("/mlflow/static-files/lib/"),
            &["/mlflow/static-files/lib/*"],
        ),
        kept(hashed),
        row(Paths::Below(STATIC_FILES), others),
    ]
}

fn released(paths: Paths, patterns: &'static [&'static str], policy: String) -> Row {
    Row {
        paths,
        patterns,
        headers: vec![
            (POLICY, policy),
            (CACHING, ASK_FIRST.to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            ("referrer-policy", "same-origin".to_owned()),
        ],
        is_probed: false,
    }
}

/// The same, but it never has to be asked for again.
fn kept(mut row: Row) -> Row {
    for (name, value) in &mut row.headers {
        if *name == CACHING {
            FOREVER.clone_into(value);
        }
    }
    row
}

#[cfg(test)]
mod tests;
