//! What becomes of bytes that are no text. AWS: `api-gateway-payload-encodings`,
//! `response-transfer-mode`; of `HTTP_PROXY` without binary media types it is
//! not said, and taken to be the same.

use shell_tests::api_gateway::Api;

use super::fixture::{Deployed, IMAGE, buffer};

#[tokio::test]
async fn answers_keep_their_bytes_if_the_first_accepted_type_is_binary() {
    let table: [(&[&str], &str, bool); 7] = [
        (&["*/*"], "text/html,image/png", true),
        (&["*/*"], "", true),
        (&["image/png"], "image/png,text/html", true),
        (&["image/png"], "image/png;q=0.5", true),
        (&["image/png"], "text/html,image/png", false),
        (&[], "image/png", false),
        (&[], "*/*", false),
    ];
    for (types, accept, is_kept) in table {
        let types: &'static [&'static str] = Box::leak(types.to_vec().into_boxed_slice());
        let deployed = Deployed::open(|api: &mut Api| {
            buffer(api);
            api.binary_media_types = types;
        })
        .await;
        let headers = [("authorization", "Bearer x"), ("accept", accept)];

        let answer = deployed
            .ask("GET", "/prod/mlflow/image", &headers, "")
            .await;

        let expected = if is_kept { IMAGE.to_vec() } else { mangled() };
        assert_eq!(answer.body, expected, "{types:?} {accept}");
    }
}

#[tokio::test]
async fn requests_keep_their_bytes_if_their_type_is_binary() {
    let table: [(&[&str], bool); 3] = [(&["*/*"], true), (&["image/png"], true), (&[], false)];
    for (types, is_kept) in table {
        let types: &'static [&'static str] = Box::leak(types.to_vec().into_boxed_slice());
        let deployed = Deployed::open(|api| api.binary_media_types = types).await;
        let headers = [("authorization", "Bearer x"), ("content-type", "image/png")];

        let answer = deployed.ask("PUT", "/prod/mlflow/x", &headers, IMAGE).await;

        let expected = if is_kept { IMAGE.to_vec() } else { mangled() };
        assert_eq!(
            answer.json()["body"],
            serde_json::json!(expected),
            "{types:?}"
        );
    }
}

#[tokio::test]
async fn a_streamed_answer_keeps_its_bytes_whatever_is_configured() {
    let deployed = Deployed::open(|api| api.binary_media_types = &[]).await;
    let answer = deployed.get("/prod/mlflow/image").await;
    assert_eq!(answer.body, IMAGE);
}

/// The bytes, taken for UTF-8.
fn mangled() -> Vec<u8> {
    String::from_utf8_lossy(IMAGE).into_owned().into_bytes()
}
