use axum::http::{HeaderValue, Response as HttpResponse};

use super::*;

type Headers = &'static [(&'static str, &'static str)];

#[test]
fn only_files_are_kept() {
    const SCRIPT: (&str, &str) = ("content-type", "text/javascript");
    const LENGTH: (&str, &str) = ("content-length", "10");
    const LARGEST: (&str, &str) = ("content-length", "16777216");
    const LARGER: (&str, &str) = ("content-length", "16777217");
    let table: [(u16, Headers, Option<usize>); 9] = [
        (200, &[SCRIPT, LENGTH], Some(10)),
        (200, &[SCRIPT, LARGEST], Some(MAX_FILE_BYTES)),
        (200, &[SCRIPT, LARGER], None),
        (200, &[SCRIPT], None),
        (200, &[LENGTH], None),
        (
            200,
            &[("content-type", "text/html; charset=utf-8"), LENGTH],
            None,
        ),
        (200, &[SCRIPT, LENGTH, ("content-encoding", "gzip")], None),
        (206, &[SCRIPT, LENGTH], None),
        (404, &[SCRIPT, LENGTH], None),
    ];
    for (status, headers, expected) in table {
        let mut response = HttpResponse::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, HeaderValue::from_str(value).unwrap());
        }
        let response = response.body(Body::empty()).unwrap();
        assert_eq!(
            cacheable_length(&response),
            expected,
            "{status} {headers:?}"
        );
    }
}

#[tokio::test]
async fn a_body_is_read_into_as_much_as_it_says() {
    let table = [("abc", 3, Ok("abc")), ("abcd", 3, Err(())), ("", 0, Ok(""))];
    for (body, length, expected) in table {
        let found = read(Body::from(body), length).await;
        let found = found.map_err(drop);
        assert_eq!(found, expected.map(Bytes::from), "{body}");
    }
}
