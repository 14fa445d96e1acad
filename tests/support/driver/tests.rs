//! What the browsers can do, in front of a page with a worker of its own.

use std::time::Duration;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};
use thirtyfour::By;

use super::*;
use crate::{server::Server, wait};

/// Tells how often it was asked since it was started.
const WORKER: &str = "
let asked = 0;
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname !== '/asked') return;
  asked += 1;
  event.respondWith(new Response(`${asked}`));
});";

const PAGE: &str = "<!doctype html><title>a page</title>
<button onclick=\"window.open('/popup', '', 'popup')\">Open</button>
<a href=/file download=saved.txt>Save</a>
<script>navigator.serviceWorker?.register('/worker.js');</script>";

const POPUP: &str = "<!doctype html><title>a popup</title>
<button onclick=\"window.close()\">Close</button>";

async fn serve() -> Server {
    let script = [(header::CONTENT_TYPE, "text/javascript")];
    let attachment = [(header::CONTENT_DISPOSITION, "attachment")];
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/popup", get(async || Html(POPUP)))
        .route("/file", get(async move || (attachment, "saved")))
        .route(
            "/worker.js",
            get(async move || (script, WORKER).into_response()),
        );
    Server::start(router).await.unwrap()
}

/// Tries something in every engine that is installed.
async fn in_all(options: Options, test: impl AsyncFn(Engine, &Browser, &str, &Path)) {
    let server = serve().await;
    for engine in ENGINES {
        let home = tempfile::tempdir().unwrap();
        let browser = Browser::start_with(engine, home.path(), options).await;
        let Some(browser) = browser.unwrap() else {
            continue;
        };
        browser.driver.goto(server.origin()).await.unwrap();
        test(engine, &browser, &server.origin(), home.path()).await;
        browser.driver.clone().quit().await.unwrap();
    }
}

/// Asks the worker twice, and returns its first answer.
async fn ask(browser: &Browser) -> u64 {
    wait::until("an answer of the worker", async || {
        let script = "const done = arguments[arguments.length - 1];\
             const ask = () => fetch('/asked').then((answer) => answer.json());\
             ask().then((first) => ask().then(() => done(first)), () => done(0));";
        let answer = browser.driver.execute_async(script, vec![]).await?;
        Ok(answer.json().as_u64().filter(|asked| *asked > 0))
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_has_forgotten_everything() {
    in_all(Options::default(), async |engine, browser, _, _| {
        ask(browser).await;

        let killed = browser.kill_worker().await.unwrap();

        assert_eq!(ask(browser).await == 1, killed, "{engine}");
        assert_eq!(killed, engine != Engine::WebKit, "{engine}");
    })
    .await;
}

/// Nothing can be looked at meanwhile: a question is an event, and keeps it alive.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_of_firefox_ends_if_it_is_to() {
    let options = Options {
        worker_dies_when_idle: true,
        ..Options::default()
    };
    in_all(options, async |engine, browser, _, _| {
        if engine == Engine::Firefox {
            ask(browser).await;
            tokio::time::sleep(Duration::from_secs(6)).await;
            assert_eq!(ask(browser).await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tabs_are_opened_and_closed_and_share_the_worker() {
    in_all(Options::default(), async |engine, browser, origin, _| {
        let first = browser.tab().await.unwrap();
        assert_eq!(ask(browser).await, 1, "{engine}");

        let second = browser.open_tab().await.unwrap();
        browser.driver.goto(origin).await.unwrap();
        assert_eq!(ask(browser).await, 3, "{engine}");
        let tabs = browser.tabs().await.unwrap();
        assert_eq!(tabs.len(), 2, "{engine}");
        assert!(tabs.contains(&first) && tabs.contains(&second), "{engine}");

        browser.switch_to(&first).await.unwrap();
        assert_eq!(browser.tab().await.unwrap(), first, "{engine}");
        browser.close_tab().await.unwrap();
        assert_eq!(browser.tab().await.unwrap(), second, "{engine}");
        assert_eq!(ask(browser).await, 5, "{engine}");
        assert!(browser.close_tab().await.is_err(), "{engine}: the last one");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_is_seen_to_open_and_to_close() {
    in_all(Options::default(), async |engine, browser, _, _| {
        let first = browser.tab().await.unwrap();
        let click = async || {
            let button = browser.driver.find(By::Css("button")).await?;
            Ok(button.click().await?)
        };

        let popup = browser.popup(click).await.unwrap();

        wait::until("the popup's button", async || {
            click().await?;
            Ok(Some(()))
        })
        .await
        .unwrap();
        browser.see_closed(&popup, &first).await.unwrap();
        let title = browser.driver.title().await.unwrap();
        assert_eq!(title, "a page", "{engine}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_reload_leaves_the_workers_memory() {
    in_all(Options::default(), async |engine, browser, _, _| {
        ask(browser).await;
        browser.reload_hard().await.unwrap();
        // A driver may return before the document is there.
        wait::until(&format!("the page in {engine}"), async || {
            Ok((browser.driver.title().await? == "a page").then_some(()))
        })
        .await
        .unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_land_in_the_given_folder() {
    in_all(Options::default(), async |engine, browser, _, home| {
        let link = browser.driver.find(By::Css("a")).await.unwrap();
        link.click().await.unwrap();

        let file = home.join("saved.txt");
        let what = format!("{} of {engine}", file.display());
        wait::until(&what, async || {
            Ok((std::fs::read_to_string(&file)? == "saved").then_some(()))
        })
        .await
        .unwrap();
    })
    .await;
}
