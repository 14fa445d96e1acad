use super::*;

const HTML: &str = "<!DOCTYPE HTML><TITLE>ERROR: The request could not be satisfied</TITLE>";

/// Bodies as API Gateway, CloudFront and proxies write them.
#[test]
fn opaque_answers_become_mlflows_error_json() {
    let explicit =
        r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#;
    let denied = r#"{"Message":"User is not authorized to access this resource"}"#;
    let no_route = r#"{"message":"Missing Authentication Token"}"#;
    let forbidden = r#"{"message":"Forbidden"}"#;
    let null = r#"{"message":null}"#;
    let too_long = r#"{"message":"Request Too Long"}"#;
    let throttled = r#"{"message":"Too Many Requests"}"#;
    let failed = r#"{"message": "Internal server error"}"#;
    let timeout = r#"{"message": "Endpoint request timed out"}"#;
    let unavailable = "TEMPORARILY_UNAVAILABLE";
    let refused = "PERMISSION_DENIED";
    let table = [
        (403, Some("AccessDeniedException"), denied, refused, GROUPS),
        (403, Some("AccessDeniedException:x"), null, refused, GROUPS),
        (403, None, explicit, refused, GROUPS),
        (403, Some("ForbiddenException"), forbidden, refused, GROUPS),
        (403, None, forbidden, refused, GROUPS),
        (403, None, r#"{"Message":"Access Denied"}"#, refused, GROUPS),
        (403, None, HTML, refused, REFUSED_BEFORE),
        (403, None, "", refused, REFUSED_BEFORE),
        (
            403,
            Some("InvalidSignatureException"),
            r#"{"message":"x"}"#,
            refused,
            REFUSED_BEFORE,
        ),
        (
            403,
            Some("MissingAuthenticationTokenException"),
            no_route,
            "ENDPOINT_NOT_FOUND",
            NOT_FORWARDED,
        ),
        (403, None, no_route, "ENDPOINT_NOT_FOUND", NOT_FORWARDED),
        (
            413,
            Some("RequestTooLargeException"),
            too_long,
            "BAD_REQUEST",
            OVER_10_MB,
        ),
        (413, None, HTML, "BAD_REQUEST", TOO_LARGE),
        (
            429,
            Some("TooManyRequestsException"),
            throttled,
            "REQUEST_LIMIT_EXCEEDED",
            TOO_MANY,
        ),
        (500, None, failed, unavailable, BROKEN),
        (502, None, HTML, unavailable, BROKEN),
        (503, None, "", unavailable, BROKEN),
        (504, None, timeout, unavailable, SLOW),
        (504, None, HTML, unavailable, SLOW),
    ];
    for (status, kind, body, code, sentence) in table {
        let reading = read(status, kind, body);
        let document = format!(r#"{{"error_code":"{code}","message":"{sentence}"}}"#);
        assert_eq!(reading.document, Some(document), "{status} {body}");
        let notice = (status == 403).then(|| sentence.to_owned());
        assert_eq!(reading.notice, notice, "{status} {body}");
    }
}

#[test]
fn mlflows_own_answers_stay_and_a_403_is_news() {
    let ours = r#"{"error_code":"PERMISSION_DENIED","message":"a@example.com may not"}"#;
    let wordless = r#"{"error_code":"PERMISSION_DENIED"}"#;
    let table = [
        (403, ours, Some("a@example.com may not")),
        (403, wordless, Some(REFUSED)),
        (403, "Permission denied", Some("Permission denied")),
        (403, r#"{"detail":"x"}"#, Some(REFUSED)),
        (403, "[]", Some(REFUSED)),
        (413, ours, None),
        (429, ours, None),
        (500, ours, None),
        (500, r#"{"detail":"Not Found"}"#, None),
        (500, "Internal Server Error", None),
        (503, r#"{"error_code":"X","Message":"y"}"#, None),
    ];
    for (status, body, notice) in table {
        let reading = read(status, Some("x"), body);
        assert_eq!(reading.document, None, "{status} {body}");
        assert_eq!(reading.notice.as_deref(), notice, "{status} {body}");
    }
}

#[test]
fn short_answers_that_may_be_opaque_are_read() {
    let table = [
        (403, None, Some(8192), true),
        (403, None, Some(8193), false),
        (403, None, None, false),
        (403, Some("AccessDeniedException"), None, true),
        (413, None, Some(0), true),
        (429, None, Some(1), true),
        (500, None, Some(1), true),
        (504, None, Some(1), true),
        // A renewal begins with it.
        (401, Some("UnauthorizedException"), Some(1), false),
        (400, Some("BadRequestException"), Some(1), false),
        (404, None, Some(1), false),
        (501, None, Some(1), false),
        (200, Some("x"), Some(1), false),
    ];
    for (status, kind, length, expected) in table {
        let answered = Answered {
            url: "",
            status,
            kind,
            length,
        };
        assert_eq!(answered.is_read(), expected, "{answered:?}");
    }
}

#[test]
fn a_403_that_is_not_read_is_news_all_the_same() {
    let unread = |status| Answered {
        url: "",
        status,
        kind: None,
        length: None,
    };
    assert_eq!(unread(403).unread().notice.as_deref(), Some(REFUSED));
    assert_eq!(unread(500).unread(), Reading::default());
    assert_eq!(unread(200).unread(), Reading::default());
}

fn read(status: u16, kind: Option<&str>, body: &str) -> Reading {
    let answered = Answered {
        url: "",
        status,
        kind,
        length: Some(1),
    };
    answered.read(body)
}

#[test]
fn what_the_user_did_not_ask_for_is_no_news() {
    let table = [
        (
            "https://a/mlflow/ajax-api/3.0/mlflow/review-queues/get-or-create-user",
            false,
        ),
        (
            "https://a/mlflow/ajax-api/3.0/mlflow/review-queues/create",
            true,
        ),
    ];
    for (url, is_news) in table {
        let answered = Answered {
            url,
            status: 403,
            kind: None,
            length: Some(1),
        };
        let body = r#"{"error_code":"PERMISSION_DENIED","message":"No."}"#;
        let reading = answered.read(body);
        assert_eq!(reading.notice.is_some(), is_news, "{url}");
        assert_eq!(answered.unread().notice.is_some(), is_news, "{url}");
    }
}
