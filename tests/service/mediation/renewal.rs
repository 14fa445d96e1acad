//! A session from sign-in through its renewals.

use serde_json::json;
use shell_idp::RefreshOutcome;

use super::{ADMIN, Mediated, handle, set_cookies};

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_told_to_ask_the_gateway_which_tells_them_no_refresh_token() {
    let site = Mediated::new().await;
    let origin = &site.deployment.origin;
    let url = format!("{origin}/config.json");
    let told = shell_tests::client::get(&url, &[]).await.unwrap().json();
    let endpoints = &told["provider"]["endpoints"];
    assert_eq!(endpoints["token"], format!("{origin}/oauth2/token"));
    assert_eq!(endpoints["revocation"], format!("{origin}/oauth2/revoke"));
    assert_eq!(told["provider"]["via_gateway"], true);

    let answer = site.sign_in(ADMIN).await;

    let mut members: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(
        members,
        ["expires_in", "id_token", "refresh_token", "token_type"]
    );
    assert_eq!(handle(&answer).len(), 43, "32 bytes in base64url");
    assert_eq!(answer.header("cache-control"), "no-store");
    let [cookie] = set_cookies(&answer)[..] else {
        panic!("{:?}", set_cookies(&answer));
    };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let port = origin.rsplit(':').next().unwrap();
    let name = format!("mlflow-shell-session-{port}=");
    assert!(pair.starts_with(&name), "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_on_the_device_has_the_sessions_end() {
    let session = json!({ "keep": "on-device", "max_age": 600 });
    let site = Mediated::with(|spec| spec.with_config("session", session)).await;
    let answer = site.sign_in(ADMIN).await;
    let lifetime = set_cookies(&answer)[0].rsplit_once("Max-Age=").unwrap().1;
    let lifetime: u64 = lifetime.parse().unwrap();
    assert!((590..=600).contains(&lifetime), "{lifetime}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frames_cookie_is_partitioned() {
    let ancestors = json!(["https://portal.example.com"]);
    let site = Mediated::with(|spec| spec.with_config("frame_ancestors", ancestors)).await;
    let answer = site.sign_in(ADMIN).await;
    let end = "Path=/; HttpOnly; Secure; SameSite=None; Partitioned";
    assert!(set_cookies(&answer)[0].ends_with(end));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_passed_on_only_where_it_is_sent() {
    let site = Mediated::with(|spec| spec.with_config("bearer", json!("access"))).await;
    let answer = site.sign_in(ADMIN).await.json();
    assert!(answer["access_token"].is_string() && answer["id_token"].is_string());
}

/// The provider takes each refresh token once (no grace), so what the gateway keeps
/// has to be the latest.
#[tokio::test(flavor = "multi_thread")]
async fn each_renewal_keeps_the_next_refresh_token_under_the_same_handle() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let mut cookies = vec![site.cookie()];
    for _ in 0..3 {
        let answer = site.renew(&handle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = answer.json();
        assert!(told["id_token"].is_string() && told.get("refresh_token").is_none());
        assert!(!cookies.contains(&site.cookie()));
        cookies.push(site.cookie());
    }
    let refreshes = site.provider().refreshes();
    let outcomes: Vec<_> = refreshes.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [RefreshOutcome::Granted; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_that_share_the_key_share_the_session() {
    let site = Mediated::with(|spec| spec.instances(2)).await;
    let handle = handle(&site.sign_in(ADMIN).await);
    // The balancer sends every request to the other one.
    for _ in 0..4 {
        assert_eq!(site.renew(&handle).await.status, 200);
    }
    assert_eq!(site.revoke(&handle).await.status, 200);
    assert_eq!(site.cookie(), "");
}
