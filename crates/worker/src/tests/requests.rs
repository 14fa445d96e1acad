use shell_web::scope;
use wasm_bindgen_test::wasm_bindgen_test;

use super::browser::Browser;

const TOKEN: &str = "signature-of-the-token";

#[wasm_bindgen_test]
async fn the_token_goes_to_mlflow_and_to_nothing_else() {
    let browser = Browser::with_site("while-open").await;
    browser.sign_in(TOKEN).await;
    let own = scope::own_origin();
    let before = browser.sent().len();
    for (url, answered) in [
        (
            format!("{own}/mlflow/ajax-api/2.0/mlflow/experiments/search"),
            true,
        ),
        (
            format!("{own}/mlflow/static-files/static/js/main.js"),
            false,
        ),
        (format!("{own}/config.json"), false),
        (format!("{own}/mlflow/%2e%2e%2fconfig.json"), false),
        (format!("{own}/mlflow/a?X-Amz-Signature=1"), false),
        (
            "https://elsewhere.example/mlflow/ajax-api/2.0/mlflow/runs/search".to_owned(),
            false,
        ),
    ] {
        assert_eq!(browser.request(&url).await.is_some(), answered, "{url}");
    }
    let sent = browser.sent().split_off(before);
    let [request]: [String; 1] = sent.try_into().unwrap();
    assert!(request.starts_with("GET /mlflow/ajax-api/2.0/mlflow/experiments/search Bearer "));
    assert!(request.contains(TOKEN));
}

#[wasm_bindgen_test]
async fn after_a_401_the_token_is_renewed_once_and_the_request_sent_again() {
    let browser = Browser::with_site("while-open").await;
    browser.sign_in(TOKEN).await;
    let url = format!("{}/mlflow/version", scope::own_origin());
    for (refusals, status, expected, issued) in [
        (1, 200.0, ["GET", "POST", "GET"].as_slice(), 2),
        (2, 401.0, ["GET", "POST", "GET"].as_slice(), 3),
        (0, 200.0, ["GET"].as_slice(), 3),
    ] {
        let before = browser.sent().len();
        browser.set("refusals", &refusals.into());
        assert_eq!(browser.request(&url).await, Some(status));
        let sent = browser.sent().split_off(before);
        let methods: Vec<_> = sent
            .iter()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(methods, expected, "{refusals}: {sent:?}");
        let last = sent.last().unwrap();
        let token = format!("{TOKEN}-{issued} ");
        assert!(last.contains(&token), "not the newest token: {last}");
    }
}
