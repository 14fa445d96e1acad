use super::*;

fn read(json: &str) -> Option<RawClaims> {
    RawClaims::read(serde_json::from_str(json).unwrap())
}

#[test]
fn a_token_is_three_parts_with_a_header_and_claims() {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let claims = encode(r#"{"iss":"i","sub":"s","exp":5}"#);
    let with = |header: &str, claims: &str| format!("{}.{claims}.c2ln", encode(header));
    let plain = r#"{"alg":"RS256"}"#;
    let deep = format!(r#"{{"iss":"i","sub":"s","exp":5,"x":{}}}"#, "[".repeat(200));
    let table = [
        (with(plain, &claims), true),
        // Nothing is verified here.
        (with(r#"{"alg":"none"}"#, &claims), true),
        (with("{}", &claims), false),
        (with(r#"{"alg":7}"#, &claims), false),
        (with(r#"{"alg":"RS256","cty":"JWT"}"#, &claims), false),
        (with("[]", &claims), false),
        (format!("e30.{claims}.c2ln"), false),
        (with(plain, &format!("{claims}=")), false),
        (with(plain, &encode(r#"{"iss":"i","sub":"s"}"#)), false),
        (
            with(plain, &encode(r#"{"iss":"i","sub":"s","exp":5.5}"#)),
            false,
        ),
        (
            with(plain, &encode(r#"{"iss":"i","sub":"s","exp":-5}"#)),
            false,
        ),
        (with(plain, &encode(&deep)), false),
        (
            with(
                plain,
                &encode(&format!("{}1", " ".repeat(crate::bounds::JSON_LENGTH))),
            ),
            false,
        ),
        (with(plain, ""), false),
        (format!("{}.x", with(plain, &claims)), false),
        ("a.b".to_owned(), false),
        (String::new(), false),
    ];
    for (token, is_read) in table {
        let found = RawClaims::unverified(&token);
        assert_eq!(found.is_some(), is_read, "{token:.100}");
    }
}

#[test]
fn payloads_are_read_whole_or_not_at_all() {
    let claims =
        read(r#"{"iss":"i","sub":"s","aud":"c","exp":5,"custom:x":"1","identities":[{}]}"#)
            .unwrap();
    assert_eq!(claims.aud, Some(Audience::One("c".into())));
    let claims = read(r#"{"iss":"i","sub":"s","exp":5,"aud":["a"]}"#).unwrap();
    assert_eq!(claims.aud, Some(Audience::Many(vec!["a".into()])));

    for json in [
        "{}",
        "[]",
        r#"["i","s",null,null,null,5]"#,
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
        assert!(read(&json).is_none(), "{json}");
    }
}
