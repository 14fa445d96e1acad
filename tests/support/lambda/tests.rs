use serde_json::json;

use super::*;
use crate::client::{self, Answer};
use axum::{body::Body, http::Request};

const RUNTIME: &str = "2018-06-01/runtime";

#[tokio::test]
async fn events_go_in_and_answers_come_out() {
    let (mut lambda, origin) = start("exec sleep 60").await;
    let function = async {
        let event = client::get(&format!("{origin}/{RUNTIME}/invocation/next"), &[]).await;
        assert_eq!(event.unwrap().json(), json!({ "an": "event" }));
        tokio::time::sleep(Duration::from_millis(20)).await;
        post(&origin, "invocation/request-1/response", "{\"an\":1}").await
    };

    let event = json!({ "an": "event" });
    let (answered, posted) = tokio::join!(lambda.invoke(&event), function);

    assert_eq!(posted.status, 202);
    let answered = answered.unwrap();
    assert_eq!(answered.kind, Kind::Response);
    assert_eq!(answered.body, json!({ "an": 1 }));
    assert!(answered.took >= Duration::from_millis(20));
    assert!(lambda.after_start(&answered) >= answered.took);
    assert_eq!(lambda.asked()["next"].1, 1);
    assert_eq!(lambda.loads(), 0);
}

#[tokio::test]
async fn a_function_that_cannot_start_says_so() {
    let (mut lambda, origin) = start("exec sleep 60").await;

    post(&origin, "init/error", "{}").await;

    assert_eq!(lambda.answer().await.unwrap().kind, Kind::InitError);
}

#[tokio::test]
async fn a_function_that_ends_is_not_waited_for() {
    let (mut lambda, _) = start("echo its words; exit 3").await;

    let error = lambda.invoke(&json!({})).await.unwrap_err().to_string();

    assert!(error.contains("exit status: 3"), "{error}");
    assert!(error.contains("its words"), "{error}");
}

#[tokio::test]
async fn the_keys_are_there_or_not() {
    let (lambda, origin) = start("exec sleep 60").await;
    let found = client::get(&format!("{origin}/keys"), &[]).await.unwrap();
    assert_eq!((found.status.as_u16(), lambda.loads()), (200, 1));

    let mut keys = String::new();
    let command = |url: &str| {
        url.clone_into(&mut keys);
        shell("exec sleep 60")
    };
    let _lambda = Lambda::start(command, None).await.unwrap();
    assert_eq!(client::get(&keys, &[]).await.unwrap().status, 503);
}

async fn start(script: &str) -> (Lambda, String) {
    let mut origin = String::new();
    let command = |keys: &str| {
        origin = keys.trim_end_matches("/keys").to_owned();
        shell(script)
    };
    let lambda = Lambda::start(command, Some("{}".to_owned())).await;
    (lambda.unwrap(), origin)
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec 2>&1; {script}")]);
    command
}

async fn post(origin: &str, path: &str, body: &'static str) -> Answer {
    let request = Request::post(format!("{origin}/{RUNTIME}/{path}"));
    let request = request.body(Body::from(body)).unwrap();
    client::send(request).await.unwrap()
}
