use axum::http::{HeaderMap, HeaderValue, Response as HttpResponse};

use super::*;

type Headers = &'static [(&'static str, &'static str)];

fn file(bytes: usize) -> Arc<File> {
    let plain = Bytes::from(vec![0; bytes]);
    Arc::new(File::new(HeaderMap::new(), plain))
}

/// Keeps a file as a request does that has loaded it.
async fn keep(bundle: &Bundle, path: &str, bytes: usize) {
    let place = bundle.0.get_value_or_guard_async(path).await;
    let _ = place.unwrap_err().insert(file(bytes));
}

#[tokio::test]
async fn what_is_kept_has_a_bound_and_new_files_find_room() {
    const MIB: usize = 1024 * 1024;
    let bundle = Bundle::default();
    for number in 0..100 {
        let path = format!("/static-files/{number}.js");
        keep(&bundle, &path, 2 * MIB).await;
        assert!(bundle.0.weight() <= TOTAL_LIMIT, "{number}");
    }
    assert!(bundle.0.weight() > TOTAL_LIMIT / 2);

    // The largest that there can be, and many small ones.
    keep(&bundle, "/static-files/largest.js", FILE_LIMIT).await;
    assert!(bundle.fresh("/static-files/largest.js").is_some());
    for number in 0..10_000 {
        keep(&bundle, &format!("/{number}"), 1).await;
    }
    assert!(bundle.0.weight() <= TOTAL_LIMIT);
}

#[tokio::test]
async fn a_path_takes_room_as_well_as_its_file() {
    let bundle = Bundle::default();
    let long = "a".repeat(10_000);
    keep(&bundle, &long, 0).await;
    assert!(bundle.0.weight() > 10_000);
}

#[test]
fn only_files_are_kept() {
    const SCRIPT: (&str, &str) = ("content-type", "text/javascript");
    const LENGTH: (&str, &str) = ("content-length", "10");
    const LARGEST: (&str, &str) = ("content-length", "16777216");
    const LARGER: (&str, &str) = ("content-length", "16777217");
    let table: [(u16, Headers, Option<usize>); 9] = [
        (200, &[SCRIPT, LENGTH], Some(10)),
        (200, &[SCRIPT, LARGEST], Some(FILE_LIMIT)),
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
        assert_eq!(length_to_keep(&response), expected, "{status} {headers:?}");
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
