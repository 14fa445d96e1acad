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
        (
            "https://elsewhere.example/mlflow/ajax-api/2.0/mlflow/runs/search".to_owned(),
            false,
        ),
    ] {
        assert_eq!(browser.request(&url).await.is_some(), answered, "{url}");
    }
    let sent = browser.sent().split_off(before);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let [request] = sent.try_into().unwrap();
    assert!(request.starts_with("GET /mlflow/ajax-api/2.0/mlflow/experiments/search Bearer "));
    assert!(request.contains(TOKEN));
}

#[wasm_bindgen_test]
async fn a_path_that_climbs_out_is_refused_without_being_sent() {
    let browser = Browser::with_site("while-open").await;
    browser.sign_in(TOKEN).await;
    let before = browser.sent().len();
    let url = format!(
        "{}/mlflow/a/%2e%2e%2f%2e%2e%2fconfig.json",
        scope::own_origin()
    );
    let status = browser.request(&url).await.unwrap();
    assert!(status >= 400.0, "{status}");
    assert_eq!(browser.sent().len(), before);
}
