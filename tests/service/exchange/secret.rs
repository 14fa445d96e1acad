//! To whom the secret is shown, and to whom it is not.

use axum::response::IntoResponse;
use serde_json::Value;

use super::{Confidential, Fields, SECRET, pairs};

fn fields(body: &str) -> Value {
    let pairs = form_urlencoded::parse(body.as_bytes());
    pairs
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_added_to_what_the_worker_sends() {
    let confidential = Confidential::new().await;
    let client_id = confidential
        .fixture
        .deployment
        .config
        .provider
        .client_id
        .clone();

    let exchange = confidential.exchange(&[]);
    let answer = confidential
        .post("/oauth2/token", &pairs(&exchange), &[])
        .await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["access_token"], "a");
    let renewal = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "r"),
        ("client_id", &client_id),
    ];
    assert_eq!(
        confidential
            .post("/oauth2/token", &renewal, &[])
            .await
            .status,
        200
    );
    let revocation = [("token", "r"), ("client_id", client_id.as_str())];
    assert_eq!(
        confidential
            .post("/oauth2/revoke", &revocation, &[])
            .await
            .status,
        200
    );

    let asked = confidential.asked();
    let basic = "Basic c2hlbGwtdW5kZXItdGVzdDpzM2NyZXQ=";
    let to: Vec<_> = asked
        .iter()
        .map(|(path, basic, _)| (path.as_str(), basic.as_str()))
        .collect();
    assert_eq!(
        to,
        [("/token", basic), ("/token", basic), ("/revoke", basic)]
    );
    let sent: Value = exchange
        .iter()
        .map(|(name, value)| (*name, value.clone()))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    assert_eq!(fields(&asked[0].2), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_may_be_shown_in_the_form() {
    let confidential = Confidential::answering("post", || "{}".into_response()).await;

    let exchange = confidential.exchange(&[]);
    confidential
        .post("/oauth2/token", &pairs(&exchange), &[])
        .await;

    let asked = confidential.asked();
    assert_eq!(asked[0].1, "");
    assert_eq!(fields(&asked[0].2)["client_secret"], SECRET);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_lent_to_nothing_else() {
    let confidential = Confidential::new().await;
    let table: [(&str, Fields<'_>, Fields<'_>, u16); 21] = [
        (
            "another grant",
            &[("grant_type", "client_credentials")],
            &[],
            400,
        ),
        (
            "a password",
            &[
                ("grant_type", "password"),
                ("username", "a"),
                ("password", "b"),
            ],
            &[],
            400,
        ),
        ("no grant", &[("grant_type", "")], &[], 400),
        ("another client", &[("client_id", "other")], &[], 400),
        ("no client", &[("client_id", "")], &[], 400),
        ("no verifier", &[("code_verifier", "")], &[], 400),
        ("no code", &[("code", "")], &[], 400),
        (
            "another return",
            &[("redirect_uri", "https://evil.test/callback")],
            &[],
            400,
        ),
        ("no return", &[("redirect_uri", "")], &[], 400),
        ("a secret of its own", &[("client_secret", "x")], &[], 400),
        ("an assertion", &[("client_assertion", "x")], &[], 400),
        ("a scope more", &[("scope", "admin")], &[], 400),
        ("both grants in one", &[("refresh_token", "r")], &[], 400),
        ("no form", &[], &[("content-type", "application/json")], 400),
        (
            "nothing that says what it is",
            &[],
            &[("content-type", "")],
            400,
        ),
        (
            "another site",
            &[],
            &[("sec-fetch-site", "cross-site")],
            403,
        ),
        (
            "a site beside ours",
            &[],
            &[("sec-fetch-site", "same-site")],
            403,
        ),
        ("a link", &[], &[("sec-fetch-site", "none")], 403),
        ("a program", &[], &[("sec-fetch-site", "")], 403),
        (
            "another origin",
            &[],
            &[("origin", "https://evil.test")],
            403,
        ),
        ("no origin", &[], &[("origin", "")], 403),
    ];
    for (case, changes, headers, status) in table {
        let form = confidential.exchange(changes);
        let answer = confidential
            .post("/oauth2/token", &pairs(&form), headers)
            .await;
        assert_eq!(answer.status, status, "{case}");
        assert_eq!(answer.header("cache-control"), "no-store", "{case}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{case}");
    }
    let mut twice = confidential.exchange(&[]);
    twice.push(("code", "other".to_owned()));
    let mut large = confidential.exchange(&[]);
    large[2].1 = "x".repeat(20_000);
    for (form, status) in [(twice, 400), (large, 413)] {
        let answer = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
        assert_eq!(answer.status, status);
    }
    let fetched = confidential.fixture.get("/oauth2/token", &[]).await;
    assert_ne!(fetched.status, 200);
    assert_eq!(confidential.asked(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_is_used_at_once_and_none_at_all_is_said() {
    let mut confidential = Confidential::new().await;
    let form = confidential.exchange(&[]);
    let file = confidential.secret.as_file_mut();
    file.set_len(0).expect("emptied");

    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
    assert_eq!(told.status, 503);

    std::fs::write(confidential.secret.path(), "other").expect("written");
    let told = confidential.post("/oauth2/token", &pairs(&form), &[]).await;
    assert_eq!(told.status, 200);
    let basic = "Basic c2hlbGwtdW5kZXItdGVzdDpvdGhlcg==";
    assert_eq!(confidential.asked()[0].1, basic);
}
