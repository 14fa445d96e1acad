use super::*;
use crate::testing;

const NOW: Timestamp = Timestamp(1_000);

fn answer(body: &str) -> Result<DeviceAuthorization, TokenError> {
    accept(Response { status: 200, body }, NOW)
}

fn begun() -> DeviceAuthorization {
    answer(
        r#"{"device_code": "MARKER", "user_code": "WDJB-MJHT", "expires_in": 600,
            "verification_uri": "https://login.example.com/device"}"#,
    )
    .unwrap()
}

#[test]
fn a_sign_in_says_where_to_go_and_with_which_code() {
    let config = testing::config();
    let request = begin("https://login.example.com/device_authorization", &config);
    assert_eq!(request.body, "client_id=client&scope=openid+email+profile");

    let begun = begun();
    assert_eq!(begun.user_code, "WDJB-MJHT");
    assert_eq!((begun.interval, begun.ends_at), (5, Timestamp(1_600)));
    assert!(!format!("{begun:?}").contains("MARKER"));
    let poll = begun.poll(&config);
    assert_eq!(poll.url, "https://login.example.com/oauth2/token");
    assert_eq!(
        poll.body,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
         &device_code=MARKER&client_id=client"
    );
}

#[test]
fn what_must_not_be_shown_is_no_answer() {
    let with = |uri: &str, code: &str| {
        format!(
            r#"{{"device_code": "d", "user_code": "{code}", "expires_in": 9,
                "verification_uri": "{uri}"}}"#
        )
    };
    let good = "https://a.example/device";
    assert!(answer(&with(good, "A-B")).is_ok());
    for (uri, code) in [
        ("http://a.example/device", "A"),
        ("javascript:alert(1)", "A"),
        ("https://a.example/ x", "A"),
        (good, r"A\u001b[2J"),
    ] {
        assert_eq!(
            answer(&with(uri, code)).err(),
            Some(TokenError::Malformed),
            "{uri} {code}"
        );
    }
    let refused = Response {
        status: 400,
        body: r#"{"error": "unauthorized_client"}"#,
    };
    assert_eq!(
        accept(refused, NOW).err(),
        Some(TokenError::Refused("unauthorized_client".into()))
    );
}

/// RFC 8628 §3.5.
#[test]
fn every_answer_to_a_question_is_heeded() {
    let config = testing::config();
    let refusal = |error: &str| format!(r#"{{"error": "{error}"}}"#);
    let waits = |answer: Result<(u16, &str), TokenError>, now| {
        let mut device = begun();
        let answer = answer.map(|(status, error)| (status, refusal(error)));
        let response = match &answer {
            Ok((status, body)) => Ok(Response {
                status: *status,
                body,
            }),
            Err(error) => Err(error.clone()),
        };
        let polled = device.polled(response, &config, now);
        polled.map(|_| device.interval)
    };
    let denied = |error: &str| DeviceError::Token(TokenError::Refused(error.into()));
    let table = [
        (Ok((400, "authorization_pending")), 1_599, Ok(5)),
        (Ok((400, "slow_down")), 1_000, Ok(10)),
        (Ok((429, "slow_down")), 1_000, Ok(10)),
        (Ok((503, "")), 1_000, Ok(10)),
        (Err(TokenError::Unreachable), 1_000, Ok(10)),
        (
            Ok((400, "authorization_pending")),
            1_600,
            Err(DeviceError::Expired),
        ),
        (Ok((400, "expired_token")), 1_000, Err(DeviceError::Expired)),
        (Ok((400, "access_denied")), 1_000, Err(DeviceError::Denied)),
        (
            Ok((400, "invalid_grant")),
            1_000,
            Err(denied("invalid_grant")),
        ),
    ];
    for (answer, now, expected) in table {
        assert_eq!(
            waits(answer.clone(), Timestamp(now)),
            expected,
            "{answer:?}"
        );
    }
}
