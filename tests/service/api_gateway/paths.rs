//! Which method a path leads to, and how it is spelt behind it. AWS:
//! `api-gateway-known-issues`, `api-gateway-method-settings-method-request`.

use serde_json::json;

use super::fixture::Deployed;

#[tokio::test]
async fn paths_are_decoded_and_encoded_again() {
    let table = [
        ("/prod/mlflow/a/b.c", "/a/b.c"),
        ("/prod/mlflow/a%20b", "/a%20b"),
        ("/prod/mlflow/a%2Fb", "/a/b"),
        ("/prod/mlflow/100%25", "/100%25"),
        ("/prod/mlflow/a%252Fb", "/a%252Fb"),
        ("/prod/mlflow/%C3%A4%3F%23", "/%C3%A4%3F%23"),
        ("/prod/mlflow/a?x=1&y=a%2Fb+c", "/a?x=1&y=a%2Fb%20c"),
        ("/prod/mlflow/a?x=1;y=2", "/a?x=1&y=2"),
        ("/prod/mlflow/static-files/a.js", "/static-files/a.js"),
    ];
    let deployed = Deployed::open(|_| ()).await;
    for (sent, seen) in table {
        let answer = deployed.get(sent).await;
        assert_eq!(answer.json()["url"], seen, "{sent}");
    }
}

#[tokio::test]
async fn a_query_has_no_bare_pipe_or_brace() {
    let deployed = Deployed::open(|_| ()).await;
    for query in ["a|b", "a={b}"] {
        let answer = deployed.get(&format!("/prod/mlflow/x?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

/// AWS: `supported-gateway-response-types`.
#[tokio::test]
async fn what_is_not_there_is_said_to_lack_a_token() {
    let deployed = Deployed::open(|_| ()).await;
    let table = [
        ("GET", "/"),
        ("GET", "/prod"),
        ("GET", "/prod/"),
        ("GET", "/prod/mlflow"),
        ("GET", "/prod/mlflow/"),
        ("GET", "/prod/other/x"),
        ("GET", "/test/mlflow/x"),
        ("GET", "/mlflow/x"),
        // There is a method for others at the closer resource.
        ("POST", "/prod/mlflow/static-files/a.js"),
    ];
    for (verb, path) in table {
        let headers = [("authorization", "Bearer x")];

        let answer = deployed.ask(verb, path, &headers, "").await;

        assert_eq!(answer.status, 403, "{verb} {path}");
        let words = json!({ "message": "Missing Authentication Token" });
        assert_eq!(answer.json(), words, "{verb} {path}");
        let error = answer.header("x-amzn-errortype");
        assert_eq!(error, "MissingAuthenticationTokenException");
    }
    assert_eq!(deployed.gateway.events().len(), 0);
}

/// AWS: `apigateway-control-access-policy-language-overview`; the words are
/// reported.
#[tokio::test]
async fn programs_must_sign_what_they_ask_for() {
    let deployed = Deployed::open(|_| ()).await;
    let signed = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/eu-central-1/execute-api/\
                  aws4_request, SignedHeaders=host, Signature=0";
    let table = [
        (None, "MissingAuthenticationTokenException"),
        (Some("Bearer secret"), "IncompleteSignatureException"),
        (Some(signed), "UnrecognizedClientException"),
    ];
    for (authorization, error) in table {
        let headers: Vec<_> = authorization
            .map(|it| ("authorization", it))
            .into_iter()
            .collect();

        let answer = deployed.ask("GET", "/prod/api/2.0/x", &headers, "").await;

        assert_eq!(answer.status, 403);
        assert_eq!(answer.header("x-amzn-errortype"), error);
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
}
