use super::*;
use crate::testing::parse;

#[test]
fn payloads_are_read_whole_or_not_at_all() {
    let read = |json: &str| RawClaims::read(json, parse).ok();

    let claims =
        read(r#"{"iss":"i","sub":"s","aud":"c","exp":5,"custom:x":"1","identities":[{}]}"#)
            .unwrap();
    assert_eq!(claims.aud, Some(Audience::One("c".into())));
    let claims = read(r#"{"iss":"i","sub":"s","exp":5,"aud":["a"]}"#).unwrap();
    assert_eq!(claims.aud, Some(many(["a"])));

    for json in [
        "{}",
        "[]",
        r#"{"iss":"i","sub":"s"}"#,
        r#"{"iss":1,"sub":"s","exp":5}"#,
        r#"{"iss":"i","sub":"s","exp":"5"}"#,
    ] {
        assert!(read(json).is_none(), "{json}");
    }
}

#[test]
fn a_claim_of_the_wrong_kind_is_refused_not_skipped() {
    for claim in [
        r#""exp":"2000""#,
        r#""exp":-1"#,
        r#""exp":2000.5"#,
        r#""exp":1e300"#,
        r#""exp":[2000]"#,
        r#""exp":null"#,
        r#""nbf":"soon""#,
        r#""nbf":1.5"#,
        r#""nbf":true"#,
        r#""iat":"now""#,
        r#""iat":-1"#,
        r#""iss":null"#,
        r#""sub":7"#,
        r#""token_use":["id"]"#,
        r#""client_id":{}"#,
        r#""aud":7"#,
        r#""aud":{"0":"client"}"#,
        r#""aud":["client",7]"#,
        r#""aud":[["client"]]"#,
        r#""email":["a@example.com"]"#,
    ] {
        let json = format!(r#"{{"iss":"i","sub":"s","exp":5,{claim}}}"#);
        assert!(RawClaims::read(&json, parse).is_err(), "{json}");
    }
}
