//! Pages of others in a frame, as every engine shows them.

use std::rc::Rc;

use axum::routing::get;
use serde_json::Value;

use super::*;
use crate::{
    client,
    deployment_spec::Login,
    driver::{Engine, Options},
    scenario::Scenario,
};

/// Notes what it may do before it shows anything.
const PAGE: &str = "<!doctype html><title>a page</title>
<script>
  const seen = document.documentElement.dataset;
  const note = (what, attempt) => {
    try { seen[what] = attempt(); } catch (error) { seen[what] = error.name; }
  };
  note('cookie', () => {
    document.cookie = 'kept=yes; Secure; SameSite=None';
    return document.cookie || 'none';
  });
  note('storage', () => localStorage.length);
  note('popup', () => {
    const popup = window.open('/popup');
    popup?.close();
    return popup ? 'opened' : 'blocked';
  });
</script>
<h1>The page</h1>
<button onclick=\"window.open('/popup')\">Open</button>";

const POPUP: &str = "<!doctype html><title>a popup</title><h1>The popup</h1>
<button onclick=\"window.close()\">Close</button>";

/// A page of another site than the embedder's, and the embedder.
struct Sites {
    page: Server,
    embedder: Embedder,
}

impl Sites {
    async fn start() -> Rc<Self> {
        let router = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/popup", get(async || Html(POPUP)));
        Rc::new(Self {
            page: Server::start(router).await.unwrap(),
            embedder: Embedder::start().await.unwrap(),
        })
    }

    /// Opens the page in its frame.
    async fn show(&self, session: &BrowserSession, sandbox: Sandbox) -> Result<()> {
        let address = self.embedder.page(&self.page.origin(), sandbox);
        session.open_around(&address, Embedder::FRAME).await?;
        session.read("h1", "The page").await
    }
}

async fn noted(session: &BrowserSession, what: &str) -> Result<Value> {
    let script = format!("return document.documentElement.dataset.{what} ?? '';");
    session.run(&script).await
}

async fn still_there(session: &BrowserSession) -> Result<()> {
    let title = session.run_outside("return document.title;").await?;
    assert_eq!(title, Embedder::TITLE);
    let text = session
        .run_outside("return document.body.innerText;")
        .await?;
    assert!(text.as_str().unwrap_or_default().contains(Embedder::TEXT));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_acts_in_the_frame_and_in_the_windows_it_opens() {
    let sites = Sites::start().await;
    let scenario = Scenario::new("embedder", Login::Development);
    scenario
        .run(async |session| {
            sites.show(session, Sandbox::Absent).await?;
            still_there(session).await?;
            let first = session.browser.tab().await?;

            let popup = session
                .browser
                .popup(async || session.click("button").await);
            let popup = popup.await?;
            assert!(!session.is_framed().await?);
            session.read("h1", "The popup").await?;
            session.click("button").await?;
            session.browser.see_closed(&popup, &first).await?;

            session.read("h1", "The page").await?;
            let reload = async || session.run("location.reload();").await.map(drop);
            session.anew(reload).await?;
            session.read("h1", "The page").await?;
            assert!(session.is_framed().await?);
            still_there(session).await?;

            session.open("/config.json").await?;
            assert!(!session.is_framed().await?);
            assert_eq!(
                session.run("return location.pathname;").await?,
                "/config.json"
            );
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_takes_what_its_words_do_not_allow() {
    let sites = Sites::start().await;
    let scenario = Scenario::new("embedder-sandbox", Login::Development);
    scenario
        .run(async |session| {
            sites
                .show(session, Sandbox::Allowing("allow-scripts"))
                .await?;
            assert_eq!(session.run("return self.origin;").await?, "null");
            assert_eq!(noted(session, "storage").await?, "SecurityError");

            let words = "allow-scripts allow-same-origin";
            sites.show(session, Sandbox::Allowing(words)).await?;
            assert_eq!(
                session.run("return self.origin;").await?,
                sites.page.origin()
            );
            assert_eq!(noted(session, "storage").await?, "0");
            // Some engines throw instead of returning nothing.
            assert_ne!(noted(session, "popup").await?, "opened");
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_page_keeps_and_opens_depends_on_the_browser() {
    let sites = Sites::start().await;
    for strict in [false, true] {
        let options = Options {
            third_party_cookies_blocked: strict,
            popups_blocked: strict,
            ..Options::default()
        };
        let scenario = Scenario::new("embedder-strict", Login::Development).with(options);
        scenario
            .run(async |session| {
                sites.show(session, Sandbox::Absent).await?;
                let mut seen = Vec::new();
                for what in ["cookie", "storage", "popup"] {
                    seen.push(noted(session, what).await?);
                }
                let expected = match (session.engine, strict) {
                    (Engine::Firefox, false) => ["kept=yes", "0", "opened"],
                    (Engine::Firefox, true) => ["none", "SecurityError", "blocked"],
                    // Chromium keeps but partitioned cookies by default.
                    (Engine::Chromium, false) => ["none", "0", "opened"],
                    (Engine::Chromium, true) | (Engine::WebKit, _) => ["none", "0", "blocked"],
                };
                assert_eq!(seen, expected, "{}, strict: {strict}", session.engine);
                Ok(())
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_the_deployment_is_framed() {
    let embedder = Embedder::start().await.unwrap();
    let scenario = Scenario::new("embedder-path", Login::Development);
    scenario
        .run(async |session| {
            session.deployment.replace("/framed", "{}");
            let path = "/framed?a=b#/c";
            session
                .open_framed(&embedder, path, Sandbox::Absent)
                .await?;
            let expected = format!("{}{path}", session.deployment.origin);
            assert_eq!(session.run("return location.href;").await?, expected);
            still_there(session).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_isolated_page_has_an_opener_policy() {
    let embedder = Embedder::start().await.unwrap();
    let url = "http://localhost:1/?a=b&c=\"d\"#/e";
    let table = [
        (embedder.page(url, Sandbox::Absent), ""),
        (embedder.isolated_page(url, Sandbox::Absent), "same-origin"),
    ];
    for (address, policy) in table {
        let answer = client::get(&address, &[]).await.unwrap();
        assert_eq!(answer.header(OPENER_POLICY.as_str()), policy);
        let expected = "src=\"http://localhost:1/?a=b&amp;c=&quot;d&quot;#/e\">";
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}
