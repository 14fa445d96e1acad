use shell_core::refusal::Refusal;
use shell_web::{
    fetch_response::FetchResponse,
    in_flight::{self, InFlight},
};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn an_answer_made_anew_keeps_what_is_not_replaced() {
    let page = Refusal::Page(403, "<p>é".into());
    let answer = FetchResponse::refusal(&page, "default-src 'none'").unwrap();
    assert_eq!(answer.text().await.unwrap(), "<p>é");

    let policy = "default-src 'none'; sandbox, frame-ancestors 'self'";
    let framed = answer.with_policy(policy).unwrap();
    let reworded = framed.with_json("{}").unwrap();

    let header = |name| reworded.header(name);
    assert_eq!(header("content-security-policy").as_deref(), Some(policy));
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(framed.text().await.unwrap(), "<p>é");
    assert_eq!(reworded.text().await.unwrap(), "{}");
    assert_eq!((framed.status(), reworded.status()), (403, 403));
}

#[wasm_bindgen_test]
fn what_is_under_way_is_counted_until_it_is_dropped() {
    let (one, two) = (InFlight::begin(), InFlight::begin());
    assert_eq!(in_flight::count(), 2);
    drop(one);
    assert_eq!(in_flight::count(), 1);
    drop(two);
    assert_eq!(in_flight::count(), 0);
}
