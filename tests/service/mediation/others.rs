//! Who else may use a session: no one.

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_tests::client;

use super::{ADMIN, Headers, Mediated, handle, over, refusal, set_cookies};
use crate::fixture::{Fixture, SCRIPT};

#[tokio::test(flavor = "multi_thread")]
async fn neither_cookie_nor_handle_is_of_use_alone() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let kept = site.cookie();
    let changed = kept.replacen('=', "=A", 1);
    // (what comes along, the handle, whether the browser then has the cookie)
    let table = [
        (kept.as_str(), "A".repeat(43), true),
        (kept.as_str(), "A".to_owned(), true),
        ("", handle.clone(), false),
        (changed.as_str(), handle.clone(), false),
    ];
    for (cookie, handle, is_kept) in table {
        site.set_cookie(cookie);
        assert_eq!(refusal(&site.renew(&handle).await), over(), "{handle}");
        assert_eq!(!site.cookie().is_empty(), is_kept, "{handle}");
    }
    assert_eq!(site.provider().counts().refreshes, 0);

    site.set_cookie(&kept);
    assert_eq!(site.renew(&handle).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_another_site_or_key_is_refused_and_forgotten() {
    let (site, other) = (Mediated::new().await, Mediated::new().await);
    let handle = handle(&site.sign_in(ADMIN).await);
    let foreign = site.cookie();
    let (_, value) = foreign.split_once('=').unwrap();
    let port = other.deployment.origin.rsplit(':').next().unwrap();
    other.set_cookie(&format!("mlflow-shell-session-{port}={value}"));
    assert_eq!(refusal(&other.renew(&handle).await), over());
    assert_eq!(other.cookie(), "");
    assert_eq!(other.provider().counts().refreshes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_and_no_program_can_have_the_cookie_used() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let kept = site.cookie();
    let table: [(&str, Headers<'_>); 6] = [
        ("another site", &[("sec-fetch-site", "cross-site")]),
        ("a site beside ours", &[("sec-fetch-site", "same-site")]),
        ("a link", &[("sec-fetch-site", "none")]),
        ("a form", &[("sec-fetch-mode", "navigate")]),
        ("another origin", &[("origin", "https://evil.test")]),
        ("a program", &[("sec-fetch-site", ""), ("origin", "")]),
    ];
    for (case, headers) in table {
        for (path, form) in [
            (
                "/oauth2/token",
                &[
                    ("grant_type", "refresh_token"),
                    ("refresh_token", handle.as_str()),
                ][..],
            ),
            ("/oauth2/revoke", &[("token", handle.as_str())][..]),
        ] {
            let answer = site.post(path, form, headers).await;
            assert_eq!(answer.status, 403, "{case} {path}");
            assert!(set_cookies(&answer).is_empty(), "{case} {path}");
        }
    }
    assert_eq!(site.cookie(), kept);
    let counts = site.provider().counts();
    assert_eq!((counts.refreshes, counts.revocations), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_code_leaves_the_session_that_there_is() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let kept = site.cookie();
    assert_eq!(refusal(&site.exchange("unknown", &[]).await), over());
    assert_eq!(site.cookie(), kept);
    assert_eq!(site.renew(&handle).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_is_sent_no_session() {
    let fixture = Fixture::with(|spec| spec.with_config("provider.via_gateway", json!(true))).await;
    let cookie = "a=b; __Host-mlflow-shell-session=s; mlflow-shell-session-1-2=s";
    let path = "/mlflow/ajax-api/2.0/mlflow/experiments/search";
    let url = format!("{}{path}", fixture.deployment.origin);
    let mut request = Request::get(url)
        .header("authorization", format!("Bearer {}", fixture.token()))
        .header("cookie", cookie);
    for (name, value) in SCRIPT {
        request = request.header(*name, *value);
    }
    let answer = client::send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.unwrap().json()["headers"]["cookie"], "a=b");
}
