//! How often a client may ask for what is answered before anybody knows whose
//! request it is. Rates and clocks are tested with the limit itself.

use std::net::IpAddr;

use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use serde_json::{Value, json};
use shell_tests::{
    client::{self, Answer},
    wait,
};

use crate::fixture::{Fixture, given};

/// What passes at once at one request a second.
const AT_ONCE: usize = 30;

/// An address of this machine that no other request comes from.
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

/// What may be asked once a second, and how it is asked.
struct Bounded {
    setting: &'static str,
    path: &'static str,
    body: &'static str,
    /// What is answered within the bound.
    status: u16,
    /// What is told beyond it.
    told: Value,
}

fn bounded() -> [Bounded; 5] {
    let words = "Too many requests of this kind come from your network. Try again in a moment.";
    let mlflow = json!({ "error_code": "REQUEST_LIMIT_EXCEEDED", "message": words });
    // Of which the worker knows that it passes.
    let oauth = json!({ "error": "temporarily_unavailable" });
    let state = "state=0123456789-abcdefghijklmnopqrst_ABCDEFGHIJK";
    let row = |setting, path, body, status, told: &Value| Bounded {
        setting,
        path,
        body,
        status,
        told: told.clone(),
    };
    let token = "tokens_per_second";
    [
        // Even what is refused for other reasons counts.
        row(token, "/oauth2/token", "grant_type=x", 400, &oauth),
        row(token, "/oauth2/revoke", "token=", 400, &oauth),
        row(token, "/mlflow/@shell/tokens", "", 201, &mlflow),
        row("deposits_per_second", "/rendezvous", "", 400, &mlflow),
        row(
            "collections_per_second",
            "/rendezvous/take",
            state,
            204,
            &mlflow,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_over_its_bound_is_refused_for_a_while_and_nobody_else() {
    for bounded in bounded() {
        let fixture = bounded.fixture().await;
        let (passed, refused) = bounded.until_refused(&fixture).await;

        assert!(passed >= AT_ONCE, "{}: {passed}", bounded.path);
        assert_eq!(refused.status, 429, "{}", bounded.path);
        assert_eq!(refused.header("retry-after"), "2", "{}", bounded.path);
        assert_eq!(refused.header("cache-control"), "no-store");
        assert_eq!(refused.json(), bounded.told, "{}", bounded.path);
        let other = client::send_from(ELSEWHERE, bounded.ask(&fixture)).await;
        assert_eq!(other.expect("an answer").status, bounded.status);
        assert_eq!(fixture.get("/config.json", &[]).await.status, 200);
        let shed = fixture.deployment.metrics.text();
        assert!(shed.contains(r#"shed_total{reason="rate"} 1"#), "{shed}");

        let again = async || {
            let answer = fixture.send(bounded.ask(&fixture)).await;
            Ok((answer.status == bounded.status).then_some(()))
        };
        wait::until("an answer once some time has passed", again)
            .await
            .expect(bounded.path);
    }
}

/// Another site's page would otherwise use up what is its visitor's.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_from_our_pages_does_not_count() {
    for bounded in bounded() {
        let fixture = bounded.fixture().await;
        for _ in 0..=AT_ONCE {
            let mut request = bounded.ask(&fixture);
            let site = "cross-site".parse().expect("a value");
            request.headers_mut().insert("sec-fetch-site", site);
            assert_eq!(fixture.send(request).await.status, 403, "{}", bounded.path);
        }
        let answer = fixture.send(bounded.ask(&fixture)).await;
        assert_eq!(answer.status, bounded.status, "{}", bounded.path);
    }
}

/// Behind a load balancer all clients have one address, but for what it says.
#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_a_trusted_proxy_have_rates_of_their_own() {
    for bounded in bounded() {
        let fixture = bounded.fixture_behind(&["127.0.0.1"]).await;
        let status = async |client: &str| {
            let request = bounded.ask_for(&fixture, client);
            fixture.send(request).await.status
        };
        // What a client says itself is ahead of what the proxy appends.
        let mut made_up = 0_u8;
        let mut refused = false;
        while !refused && made_up < u8::MAX {
            made_up += 1;
            refused = status(&format!("203.0.113.{made_up}, 198.51.100.1")).await == 429;
        }
        assert!(refused, "{}", bounded.path);
        assert_eq!(
            status("198.51.100.2").await,
            bounded.status,
            "{}",
            bounded.path
        );
        assert_eq!(status("[2001:db8::1]:443").await, bounded.status);
    }
}

/// Otherwise each request could be another client's.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_than_a_trusted_proxy_say_changes_nothing() {
    let proxies: [&[&str]; 2] = [&[], &["192.0.2.0/24", "127.0.0.3"]];
    for proxies in proxies {
        let [.., bounded] = bounded();
        let fixture = bounded.fixture_behind(proxies).await;
        let mut refused = false;
        for number in 0..=u8::MAX {
            let request = bounded.ask_for(&fixture, &format!("198.51.100.{number}"));
            refused |= fixture.send(request).await.status == 429;
        }
        assert!(refused, "{proxies:?}");
    }
}

impl Bounded {
    /// How many requests are answered until one is not, and the answer to that:
    /// the slower they are, the more.
    async fn until_refused(&self, fixture: &Fixture) -> (usize, Answer) {
        for passed in 0..50 * AT_ONCE {
            let answer = fixture.send(self.ask(fixture)).await;
            if answer.status != self.status {
                return (passed, answer);
            }
        }
        panic!("{} has no bound", self.path);
    }

    /// A gateway that offers it.
    async fn fixture(&self) -> Fixture {
        self.fixture_behind(&[]).await
    }

    /// The same behind these proxies.
    async fn fixture_behind(&self, proxies: &[&str]) -> Fixture {
        let limits = json!({ self.setting: 1 });
        let trust = json!({ "proxies": proxies });
        if !self.path.starts_with("/oauth2/") {
            let python = json!({ "access": "token" });
            return Fixture::with(|spec| {
                spec.with_config("python", python)
                    .with_settings(given(json!({ "limits": limits, "trust": trust })))
            })
            .await;
        }
        let secret = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(secret.path(), "s3cret").expect("written");
        let client = json!({ "secret_file": secret.path() });
        let endpoint = |path| format!("https://login.example{path}");
        let endpoints = json!({
            "authorization": endpoint("/authorize"), "token": endpoint("/token"),
            "revocation": endpoint("/revoke"), "end_session": endpoint("/out"),
        });
        Fixture::with(|spec| {
            spec.with_config("provider.endpoints", endpoints)
                .with_settings(given(
                    json!({ "client": client, "limits": limits, "trust": trust }),
                ))
        })
        .await
    }

    /// The same, for whom a proxy says.
    fn ask_for(&self, fixture: &Fixture, client: &str) -> Request<Body> {
        let mut request = self.ask(fixture);
        let client = client.parse().expect("a value");
        request.headers_mut().insert("x-forwarded-for", client);
        request
    }

    /// The request of a page of ours.
    fn ask(&self, fixture: &Fixture) -> Request<Body> {
        let port = fixture.deployment.gateway.foreign_origin();
        let request = Request::post(format!("{port}{}", self.path));
        let bearer = format!("Bearer {}", fixture.token());
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", fixture.deployment.origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "same-origin"),
            ("authorization", &bearer),
        ];
        let with = |request: Builder, (name, value): (&str, &str)| request.header(name, value);
        let request = headers.into_iter().fold(request, with);
        request.body(Body::from(self.body)).expect("a request")
    }
}
