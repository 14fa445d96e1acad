//! The site's own files: whole, of the right type, with their headers.

use axum::http::header;
use shell_core::{Config, Origin, config::CALLBACK, popup::PATH as RELAY};

use super::{
    CheckResult, Deployed, Report, failure, headers,
    probe::{Probe, ProbeResponse},
};

/// An origin that no site allows.
const STRANGER: &str = "https://stranger.invalid";

const SCRIPT: &str = "text/javascript";

const SWALLOWED: &str = "a rule that answers unknown paths with the page has taken the file's \
     place: except the endings js, mjs, wasm, css, svg, ico, json and webmanifest from it, and \
     deploy the whole site";

/// Reads the configuration that pages get.
pub(super) async fn config(probe: &Probe, origin: &Origin) -> CheckResult<Config> {
    let answer = probe.get(&format!("{origin}/config.json")).await?;
    answer.expect_ok()?;
    if answer.is_html() {
        return failure("/config.json is answered with a page", SWALLOWED);
    }
    Config::parse(&answer.body).or_else(|error| {
        failure(
            format!("the configuration is refused: {error}"),
            "correct the file, and deploy it beside index.html",
        )
    })
}

/// Checks the site.
pub(super) async fn check(deployed: &Deployed, report: &mut Report) {
    report.add("config", own_origin(deployed));
    let page = deployed.file("/", "text/html").await;
    report.add("page", page.as_ref().map(fits).map_err(Clone::clone));
    if let Ok(page) = &page {
        report.add("modules", deployed.modules(&page.body).await);
        for (check, path) in [("callback", CALLBACK), ("relay", RELAY)] {
            report.add(check, deployed.same_page(path, &page.body).await);
        }
    }
    let worker = deployed.file("/sw.js", SCRIPT).await;
    report.add("worker", worker.as_ref().map(fits).map_err(Clone::clone));
    report.add("framing", deployed.framing().await);
    if deployed.config.ui.is_some() {
        report.add("ui", deployed.hosted_ui().await);
    }
}

fn own_origin(deployed: &Deployed) -> CheckResult {
    let Deployed { origin, config, .. } = deployed;
    if config.origin == *origin {
        return Ok(format!("for {origin}"));
    }
    failure(
        format!(
            "`origin` is {}, so pages at {origin} refuse to start",
            config.origin
        ),
        "open the shell at that address, or correct `origin` in config.json",
    )
}

fn fits(answer: &ProbeResponse) -> String {
    format!("{}, with its headers", answer.kind())
}

impl Deployed {
    /// Gets a file of the site, which has this type and its headers.
    async fn file(&self, path: &str, kind: &str) -> CheckResult<ProbeResponse> {
        let answer = self.probe.get(&self.url(path)).await?;
        answer.expect_ok()?;
        // Both are right (RFC 9239 §6).
        let found = answer.kind().replace("application/javascript", SCRIPT);
        if found != kind {
            let cure = if answer.is_html() {
                SWALLOWED.to_owned()
            } else {
                format!("have the host send `content-type: {kind}`")
            };
            return failure(format!("{path} is `{found}`, not `{kind}`"), cure);
        }
        headers::compare(&self.headers, path, &answer)?;
        Ok(answer)
    }

    /// Checks everything that the page names.
    async fn modules(&self, page: &str) -> CheckResult {
        let named = named(page);
        if !named.iter().any(|path| kind(path) == "application/wasm") {
            return failure(
                "the page names no module of ours",
                "deploy the built site at /",
            );
        }
        for path in &named {
            self.file(path, kind(path)).await?;
        }
        Ok(format!("{} files, with their headers", named.len()))
    }

    /// Checks that a path has the page, with headers of its own.
    async fn same_page(&self, path: &str, page: &str) -> CheckResult {
        let answer = self.file(path, "text/html").await?;
        if answer.body != page {
            return failure(
                format!("{path} has another page than /"),
                format!("answer {path} with index.html, without a redirect"),
            );
        }
        Ok(fits(&answer))
    }

    /// Which other origins may read the page: those that may frame it.
    async fn framing(&self) -> CheckResult {
        let ancestors = self.config.frame_ancestors.iter().map(Origin::as_str);
        for asker in ancestors.chain([STRANGER]) {
            let headers = [(header::ORIGIN.as_str(), asker)];
            let answer = self.probe.get_with(&self.url("/"), &headers).await?;
            let reader = answer.header("access-control-allow-origin");
            self.reader(asker, reader.as_deref())?;
        }
        Ok(format!(
            "{} other sites may",
            self.config.frame_ancestors.len()
        ))
    }

    fn reader(&self, asker: &str, reader: Option<&str>) -> CheckResult<()> {
        if asker != STRANGER && reader != Some(asker) {
            return failure(
                format!("{asker} may frame the shell, but not read its address first"),
                format!("send `access-control-allow-origin: {asker}` with / and /favicon.ico"),
            );
        }
        match reader {
            Some(origin) if !self.config.may_frame(origin) => failure(
                format!("`{origin}` may read the page, which only `frame_ancestors` may"),
                "take `access-control-allow-origin` away",
            ),
            _ => Ok(()),
        }
    }

    /// A UI of MLflow's among the site's own files, which needs no token.
    async fn hosted_ui(&self) -> CheckResult {
        let page = self.file("/mlflow/", "text/html").await?;
        let scripts: Vec<String> = named(&page.body);
        let script = scripts.iter().find(|path| kind(path) == SCRIPT);
        let Some(script) = script else {
            return failure(
                "/mlflow/ is no document of MLflow's",
                "put the UI into the site with `cargo xtask ui`, and deploy it below /mlflow/",
            );
        };
        let path = format!("/mlflow/{}", script.trim_start_matches("/mlflow/"));
        self.file(&path, SCRIPT).await?;
        Ok("its document and script, with their headers".to_owned())
    }
}

/// The files that a document names in its attributes.
fn named(page: &str) -> Vec<String> {
    let attributes = page.split([' ', '>']).filter_map(|word| {
        let value = word.strip_prefix("src=").or(word.strip_prefix("href="))?;
        let path = value.trim_end_matches('/').trim_matches(['"', '\'']);
        let path = path.trim_start_matches("./");
        (path.contains('.') && !path.contains(':')).then(|| path.to_owned())
    });
    attributes.collect()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js" | "mjs") => SCRIPT,
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
