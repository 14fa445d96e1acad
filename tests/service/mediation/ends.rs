//! How a session ends, and what does not end it.

use serde_json::json;
use shell_idp::Fault;
use shell_tests::wait;

use super::{ADMIN, Mediated, READER, handle, over, refusal, set_cookies};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_session_is_forgotten_and_one_in_trouble_is_kept() {
    let table = [
        (Fault::TokenStatus(400), 400, true),
        (Fault::TokenStatus(401), 401, true),
        (Fault::TokenStatus(403), 403, true),
        (Fault::TokenStatus(408), 408, false),
        (Fault::TokenStatus(429), 429, false),
        (Fault::TokenStatus(503), 503, false),
        (Fault::TokenHtml, 503, false),
    ];
    let site = Mediated::new().await;
    for (fault, status, is_forgotten) in table {
        site.provider().faults().clear_all();
        let handle = handle(&site.sign_in(ADMIN).await);
        site.provider().faults().set(fault);
        let answer = site.renew(&handle).await;
        assert_eq!(answer.status, status, "{fault:?}");
        assert_eq!(site.cookie().is_empty(), is_forgotten, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_provider_ended_is_over() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    site.provider().end_all();

    assert_eq!(refusal(&site.renew(&handle).await), over());
    assert_eq!(site.cookie(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_gone_ends_nothing() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    site.deployment.login.stop();
    let answer = site.renew(&handle).await;
    assert_eq!(refusal(&answer), (503, json!("temporarily_unavailable")));
    site.deployment.login.resume().await.expect("it is back");
    assert_eq!(site.renew(&handle).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_renewal_outlives_the_greatest_age_whatever_the_browser_sends() {
    let session = json!({ "max_age": 1 });
    let site = Mediated::with(|spec| spec.with_config("session", session)).await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let kept = site.cookie();
    wait::until("the end", async || {
        let answer = site.renew(&handle).await;
        Ok((answer.status == 400).then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(site.cookie(), "");
    assert_eq!(site.provider().counts().revocations, 1);

    site.set_cookie(&kept);
    assert_eq!(refusal(&site.renew(&handle).await), over());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_revokes_and_forgets() {
    let site = Mediated::new().await;
    let handle = handle(&site.sign_in(ADMIN).await);
    let kept = site.cookie();

    assert_eq!(site.revoke(&handle).await.status, 200);
    assert_eq!(site.cookie(), "");
    assert_eq!(site.provider().counts().revocations, 1);

    // One who noted the cookie has nothing.
    site.set_cookie(&kept);
    assert_eq!(refusal(&site.renew(&handle).await), over());
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_forgets_whatever_the_provider_says_and_says_it() {
    let site = Mediated::new().await;
    for status in [401, 403, 404, 405, 503] {
        let handle = handle(&site.sign_in(ADMIN).await);
        site.provider()
            .faults()
            .set(Fault::RevocationStatus(status));
        assert_eq!(site.revoke(&handle).await.status, status);
        assert_eq!(site.cookie(), "", "{status}");
        // A sign-out without the cookie cannot revoke either.
        assert_eq!(site.revoke(&handle).await.status, 400);
        site.provider().faults().clear_all();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sign_in_takes_the_place_of_the_first_which_is_revoked() {
    let site = Mediated::new().await;
    let first = handle(&site.sign_in(ADMIN).await);
    let second = handle(&site.sign_in(READER).await);
    site.provider()
        .counted(|counts| counts.revocations == 1)
        .await;

    // What is late of the first session touches nothing of the second.
    let kept = site.cookie();
    assert_eq!(refusal(&site.renew(&first).await), over());
    let late = site.revoke(&first).await;
    assert_eq!((late.status.as_u16(), set_cookies(&late).len()), (200, 0));
    assert_eq!(site.cookie(), kept);
    assert_eq!(site.renew(&second).await.status, 200);
    assert_eq!(site.provider().counts().revocations, 1);
}
