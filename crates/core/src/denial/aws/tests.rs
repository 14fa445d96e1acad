use super::*;

/// Status, error type, body, what is said of it: its status and a part of it.
type Row = (u16, Option<&'static str>, &'static str, u16, &'static str);

const TABLE: &[Row] = &[
    (
        403,
        Some("AccessDeniedException:http://internal.amazon.com/coral/"),
        r#"{"Message":"User: arn:aws:sts::123456789012:assumed-role/gw/s is not authorized to perform: sagemaker-mlflow:SearchExperiments on resource: arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/a"}"#,
        403,
        "can allow sagemaker-mlflow:SearchExperiments to that role",
    ),
    (
        403,
        None,
        r#"{"message":"Forbidden","__type":"com.amazon.coral.service#AccessDeniedException"}"#,
        403,
        "can allow sagemaker-mlflow:* to that role",
    ),
    (
        403,
        None,
        r#"{"message":"is not authorized to perform: <script> on"}"#,
        403,
        "can allow sagemaker-mlflow:* to that role",
    ),
    (
        403,
        Some("UnrecognizedClientException"),
        r#"{"message":"The security token included in the request is invalid."}"#,
        502,
        "does not know the credentials",
    ),
    (
        403,
        Some("InvalidSignatureException"),
        r#"{"message":"The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been 'x-amz-security-token:SECRET'"}"#,
        502,
        "found the signature",
    ),
    (
        403,
        None,
        r#"{"message":"Missing Authentication Token"}"#,
        502,
        "found the signature",
    ),
    (401, None, "", 502, "found the signature"),
    (
        404,
        Some("ResourceNotFoundException"),
        r#"{"message":"Tracking server not found"}"#,
        404,
        "AWS has no tracking server",
    ),
    (
        400,
        Some("ValidationException"),
        r#"{"message":"Tracking Server is in Stopped state"}"#,
        502,
        "is not running",
    ),
];

fn fault(status: u16, kind: Option<&'static str>, body: &str) -> Option<AwsError> {
    AwsError::read(status, kind, body.as_bytes())
}

#[test]
fn an_error_of_aws_becomes_a_sentence_that_says_what_to_do() {
    for (status, kind, body, expected, words) in TABLE {
        let fault = fault(*status, *kind, body).unwrap();
        let Meaning::Refused(cause) = fault.meaning(TRACKING_SERVER) else {
            panic!("{fault:?}");
        };
        assert_eq!(cause.status(), *expected, "{body}");
        assert!(cause.message().contains(words), "{}", cause.message());
        assert!(!cause.message().contains("SECRET"));
    }
}

#[test]
fn clocks_and_ended_credentials_are_told_apart() {
    let table = [
        (
            Some("InvalidSignatureException"),
            r#"{"message":"Signature expired: 20261122T000000Z is now earlier than 20261122T010000Z"}"#,
            Meaning::Skewed,
        ),
        (
            None,
            r#"{"message":"Signature not yet current: 20261122T000000Z is still later than …"}"#,
            Meaning::Skewed,
        ),
        (Some("RequestTimeTooSkewed"), "{}", Meaning::Skewed),
        (Some("ExpiredTokenException"), "{}", Meaning::Expired),
        (
            None,
            r#"{"message":"The security token included in the request is expired"}"#,
            Meaning::Expired,
        ),
        (Some("ThrottlingException"), "{}", Meaning::Other),
    ];
    for (kind, body, expected) in table {
        let fault = fault(403, kind, body).unwrap();
        assert_eq!(fault.meaning(MLFLOW_APP), expected, "{body}");
    }
}

#[test]
fn what_mlflow_says_is_not_read_as_an_error_of_aws() {
    for body in [
        r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No run"}"#,
        r#"{"error_code":"PERMISSION_DENIED","message":"not authorized to perform: x"}"#,
        "Not Found",
        "<html>",
        "[]",
    ] {
        assert_eq!(fault(404, None, body), None, "{body}");
    }
}

#[test]
fn an_app_needs_one_more_action() {
    let fault = fault(403, Some("AccessDenied"), "{}").unwrap();
    let Meaning::Refused(cause) = fault.meaning(MLFLOW_APP) else {
        panic!("{fault:?}");
    };
    assert!(cause.message().contains("sagemaker:CallMlflowAppApi"));
}
