//! The search for leaks finds some: a count of zero means something.

use shell_tests::{client, leaks};

use crate::fixture::{Fixture, SCRIPT};

const API: &str = "/mlflow/get-artifact";

#[tokio::test(flavor = "multi_thread")]
async fn leaks_are_found() {
    let fixture = Fixture::new().await;
    let bearer = format!("Bearer {}", fixture.token());
    let headers = [("authorization", bearer.as_str())];
    let ask = async |url: String, headers: &[(&str, &str)]| {
        client::get(&url, headers).await.expect("an answer");
    };
    assert_eq!(fixture.get_as_reader(API).await.status, 200);
    let clean = leaks::find(&fixture.deployment.record.since(0));
    assert!(clean.refuse_bare().is_ok(), "{clean}");

    assert_eq!(fixture.get(API, SCRIPT).await.status, 401);
    ask(fixture.deployment.other.origin(), &headers).await;
    ask(fixture.deployment.login.origin(), &headers).await;
    ask(fixture.deployment.upstream.origin(), &headers).await;
    let made_up = [("x-request-id", "made-up")];
    ask(fixture.deployment.upstream.origin(), &made_up).await;

    let leaks = leaks::find(&fixture.deployment.record.since(0));
    assert_eq!((leaks.guarded, leaks.bare.len()), (2, 1));
    assert_eq!(leaks.betrayed.len(), 2);
    assert_eq!((leaks.upstream, leaks.unexplained.len()), (3, 2));
    assert!(leaks.refuse_any().is_err());
}
