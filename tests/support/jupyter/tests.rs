//! What the lab and its extension do with sites.

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use super::*;
use crate::{deployment_spec::Login, scenario::scenario, server::Server};

const PAGE: &str = "<!doctype html><title>a page</title><h1>The page</h1>";

/// A site of which others may read one page and not the other.
async fn serve() -> Server {
    let readable = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    let router = Router::new()
        .route(
            "/",
            get(async move || (readable, Html(PAGE)).into_response()),
        )
        .route("/closed", get(async || Html(PAGE)));
    Server::start(router).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lab_reads_the_settings_that_people_put_into_theirs() {
    let shell = "http://localhost:1";
    let Some(lab) = Jupyter::start(shell).await.unwrap() else {
        return;
    };
    let expected = json!({ "welcome": shell, "sites": [shell], "local_files": [] });
    assert_eq!(lab.settings().await.unwrap(), expected, "{}", lab.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lab_opens_its_site_by_itself() {
    let site = serve().await;
    let Some(lab) = Jupyter::start(&site.origin()).await.unwrap() else {
        return;
    };
    scenario("lab-welcome", Login::Development, async |session| {
        session.open_lab(&lab).await?;
        session.read("h1", "The page").await?;
        assert_eq!(session.run("return location.origin;").await?, site.origin());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_framed_as_it_is_only_if_the_lab_may_read_it() {
    let site = serve().await;
    let Some(lab) = Jupyter::start(&site.origin()).await.unwrap() else {
        return;
    };
    scenario("lab-sites", Login::Development, async |session| {
        let readable = format!("{}/?a=b#/c", site.origin());
        let shown = session.open_site_in_lab(&lab, &readable).await?;
        assert_eq!(shown, readable);
        session.read("h1", "The page").await?;
        let frames = "return document.querySelectorAll('iframe').length;";
        assert_eq!(session.run_outside(frames).await?, 1);

        let closed = format!("{}/closed", site.origin());
        let shown = session.open_site_in_lab(&lab, &closed).await?;
        assert_eq!(
            shown,
            format!("{}/iframes/proxy?path={closed}", lab.origin())
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_the_lab_may_not_read_is_not_taken_for_a_framed_one() {
    let Some(lab) = Jupyter::start("http://localhost:1").await.unwrap() else {
        return;
    };
    scenario("lab-unreadable", Login::Development, async |session| {
        session.deployment.replace("/unreadable", "{}");
        let refused = session.open_in_lab(&lab, "/unreadable").await.unwrap_err();
        let words = format!(
            "/iframes/proxy?path={}/unreadable",
            session.deployment.origin
        );
        assert!(refused.to_string().ends_with(&words), "{refused}");
        Ok(())
    })
    .await;
}
