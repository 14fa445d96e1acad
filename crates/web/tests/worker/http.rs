use js_sys::{Function, Reflect};
use shell_core::oauth::{FormPost, Unanswered};
use shell_web::http;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const TOKEN: &str = "a-refresh-token";

/// Puts a script in the place of `fetch`, and takes it out again when dropped.
struct Fetch(JsValue);

impl Fetch {
    fn replaced(body: &str) -> Self {
        let global = js_sys::global();
        let before = Reflect::get(&global, &"fetch".into()).unwrap();
        let script = Function::new_with_args("request", body);
        Reflect::set(&global, &"fetch".into(), &script).unwrap();
        Self(before)
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        let _ = Reflect::set(&js_sys::global(), &"fetch".into(), &self.0);
    }
}

fn form() -> FormPost {
    FormPost {
        url: "https://provider.example/token?tenant=1".to_owned(),
        body: format!("refresh_token={TOKEN}"),
    }
}

fn evaluate(script: &str) -> JsValue {
    Function::new_no_args(script).call0(&JsValue::NULL).unwrap()
}

#[wasm_bindgen_test]
async fn our_own_requests_carry_no_cookie_and_need_no_preflight() {
    let seen = "const seen = [request.method, request.credentials, request.cache, request.mode, \
        request.url, [...request.headers].join('; ')].join(' | '); \
        return request.text().then((body) => new Response(seen + ' | ' + body, {status: 207}));";
    let _fetch = Fetch::replaced(seen);

    let posted = http::post(&form()).await.unwrap();
    assert_eq!(posted.as_response().status, 207);
    let got = http::get("/config.json").await.unwrap();
    let (posted, got) = (posted.as_response().body, got.as_response().body);
    let parts: Vec<_> = posted.split(" | ").collect();
    assert_eq!(parts[..4], ["POST", "omit", "no-store", "cors"]);
    assert!(parts[4].starts_with("https://provider.example/token?tenant=1"));
    assert_eq!(parts[5], "content-type,application/x-www-form-urlencoded");
    assert_eq!(parts[6], form().body);
    let own = shell_web::scope::own_origin();
    let expected = format!("GET | omit | no-cache | cors | {own}/config.json |  | ");
    assert_eq!(got, expected);
}

#[wasm_bindgen_test]
async fn cookies_go_to_our_own_site_alone() {
    let _fetch = Fetch::replaced("return Promise.resolve(new Response(request.credentials));");
    let own = shell_web::scope::own_origin();
    let table = [
        (format!("{own}/oauth2/token"), "same-origin"),
        ("https://provider.example/token".to_owned(), "omit"),
    ];
    for (url, credentials) in table {
        let form = FormPost { url, ..form() };
        let response = http::post(&form).await.unwrap();
        assert_eq!(response.as_response().body, credentials, "{form:?}");
    }
}

/// A browser says of both the same: that the request failed.
#[wasm_bindgen_test]
async fn an_endpoint_that_can_be_reached_hides_its_answer() {
    let failed = "Promise.reject(new TypeError('Failed to fetch'))";
    let hidden =
        format!("return request.mode === 'no-cors' ? Promise.resolve(new Response()) : {failed};");
    let table = [
        (hidden, Unanswered::Unreadable),
        (format!("return {failed};"), Unanswered::Unreachable),
    ];
    for (script, expected) in table {
        let _fetch = Fetch::replaced(&script);
        assert_eq!(http::post(&form()).await.unwrap_err(), expected);
    }
}

#[wasm_bindgen_test]
async fn a_silent_endpoint_is_given_up_after_15_seconds() {
    // The clock is a thousand times as fast, and the limit is written down.
    let faster = "const slow = AbortSignal.timeout; \
        AbortSignal.timeout = (limit) => { self.limit = limit; return slow.call(AbortSignal, limit / 1000); }; \
        return slow;";
    let slow = evaluate(faster);
    let _fetch = Fetch::replaced(
        "return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));",
    );

    let given_up = http::post(&form()).await.unwrap_err();
    assert_eq!(given_up, Unanswered::Unreachable);
    assert!(!http::reaches("https://provider.example").await);
    assert_eq!(evaluate("return self.limit"), JsValue::from(15_000));

    let restore = Function::new_with_args("slow", "AbortSignal.timeout = slow");
    restore.call1(&JsValue::NULL, &slow).unwrap();
}

#[wasm_bindgen_test]
async fn neither_answer_nor_error_can_be_printed_with_a_token() {
    let _fetch = Fetch::replaced("return request.text().then((body) => new Response(body));");
    let response = http::post(&form()).await.unwrap();
    assert!(response.as_response().body.contains(TOKEN));
    assert_eq!(format!("{response:?}"), "HttpResponse(200)");

    for failure in [
        "return request.text().then((body) => Promise.reject(new TypeError('refused ' + body)));",
        "return Promise.resolve(new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('cut off')) })));",
    ] {
        let _fetch = Fetch::replaced(failure);
        let error = http::post(&form()).await.unwrap_err();
        assert!(!format!("{error:?}").contains(TOKEN));
    }
}

#[wasm_bindgen_test]
async fn an_answer_of_any_status_is_an_answer() {
    // The test server has no such file.
    let response = http::get("/config.json").await.unwrap();
    assert_eq!(response.as_response().status, 404);
    assert!(http::reaches(&shell_web::scope::own_origin()).await);
}
