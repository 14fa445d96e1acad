use axum::http::{Request, StatusCode};

use super::*;
use crate::{client, server::Server};

/// A server that answers `/N` with status N, recorded as `place`.
async fn serve(recorder: &Recorder, recipient: Recipient) -> Server {
    let router = Router::new().fallback(|request: Request<Body>| async move {
        let status = request.uri().path().trim_start_matches('/').parse();
        status.unwrap_or(StatusCode::OK)
    });
    Server::start(recorder.around(router, recipient))
        .await
        .unwrap()
}

#[tokio::test]
async fn failures_are_those_of_the_gateway_after_the_mark() {
    let recorder = Recorder::default();
    let gateway = serve(&recorder, Recipient::Gateway).await;
    let other = serve(&recorder, Recipient::Other).await;
    let ask = async |server: &Server, path: &str| {
        let url = format!("{}{path}", server.origin());
        client::get(&url, &[]).await.unwrap()
    };
    ask(&gateway, "/500").await;
    let mark = recorder.mark();
    ask(&gateway, "/200").await;
    ask(&gateway, "/304").await;
    ask(&gateway, "/401").await;
    ask(&other, "/404").await;

    let failures = recorder.failures_since(mark);

    let statuses: Vec<_> = failures.iter().map(|record| record.status).collect();
    assert_eq!(statuses, [Some(401)]);
    assert_eq!(recorder.failures_since(0).len(), 2);
}

#[tokio::test]
async fn different_tokens_are_counted_and_not_kept() {
    let recorder = Recorder::default();
    let gateway = serve(&recorder, Recipient::Gateway).await;
    let mut mark = 0;
    for token in ["a-secret", "a-secret", "another-secret"] {
        mark = recorder.mark();
        let bearer = format!("Bearer {token}");
        let answer = client::get(&gateway.origin(), &[("authorization", &bearer)]).await;
        answer.unwrap();
    }
    client::get(&gateway.origin(), &[]).await.unwrap();

    assert_eq!(recorder.bearers_since(0), 2);
    assert_eq!(recorder.bearers_since(mark), 1);
    assert!(!format!("{recorder:?}").contains("secret"));
}

#[tokio::test]
async fn refreshes_are_told_from_exchanges_and_arrive_whole() {
    let recorder = Recorder::default();
    let echo = Router::new().fallback(|body: String| async { body });
    let echo = recorder.around(echo, Recipient::Provider);
    let provider = Server::start(echo).await.unwrap();
    let url = format!("{}/oauth2/token", provider.origin());
    for grant in ["authorization_code", "refresh_token"] {
        let form = [("refresh_token", "the-secret"), ("grant_type", grant)];
        let answer = client::post_form(&url, &form).await.unwrap();
        assert_eq!(
            answer.text(),
            format!("refresh_token=the-secret&grant_type={grant}")
        );
    }

    let refreshes = recorder.refreshes_since(0);

    assert_eq!(refreshes.len(), 1);
    let age = since_1970().saturating_sub(refreshes[0].at);
    assert!(age < Duration::from_mins(1), "{age:?}");
    assert!(!format!("{recorder:?}").contains("the-secret"));
}
