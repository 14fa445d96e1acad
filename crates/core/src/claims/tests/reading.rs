use super::*;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::algorithm::Algorithms;

fn read(json: &str) -> Result<RawClaims, ReadError> {
    RawClaims::parse(json.as_bytes())
}

#[test]
fn a_token_is_three_parts_with_a_header_and_claims() {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let claims = encode(r#"{"iss":"i","sub":"s","exp":5}"#);
    let with = |header: &str, claims: &str| format!("{}.{claims}.c2ln", encode(header));
    let plain = r#"{"alg":"RS256"}"#;
    let deep = format!(r#"{{"iss":"i","sub":"s","exp":5,"x":{}}}"#, "[".repeat(200));
    let malformed = || Err(ReadError::Malformed);
    let exp = || {
        let (name, wanted) = ("exp", "a time in seconds");
        Err(ReadError::Claim(ClaimError { name, wanted }))
    };
    let untaken = |name: &str| Err(Algorithms::all().check(name).unwrap_err().into());
    let table = [
        (with(plain, &claims), Ok(())),
        (
            with(r#"{"alg":"ES256","typ":"JWT","kid":"k"}"#, &claims),
            Ok(()),
        ),
        (with(r#"{"alg":"RS256","x":{"y":1}}"#, &claims), Ok(())),
        (with(r#"{"alg":"none"}"#, &claims), untaken("none")),
        (with(r#"{"alg":"HS256"}"#, &claims), untaken("HS256")),
        (with("{}", &claims), malformed()),
        (with(r#"{"alg":7}"#, &claims), malformed()),
        (
            with(r#"{"alg":"RS256","cty":"JWT"}"#, &claims),
            Err(ReadError::Nested),
        ),
        (with("[]", &claims), malformed()),
        (format!("e30.{claims}.c2ln"), malformed()),
        (with(plain, &format!("{claims}=")), malformed()),
        (with(plain, &encode(r#"{"iss":"i","sub":"s"}"#)), exp()),
        (
            with(plain, &encode(r#"{"iss":"i","sub":"s","exp":5.5}"#)),
            Ok(()),
        ),
        (
            with(plain, &encode(r#"{"iss":"i","sub":"s","exp":-5}"#)),
            exp(),
        ),
        (with(plain, &encode(&deep)), malformed()),
        (
            with(
                plain,
                &encode(&format!("{}1", " ".repeat(crate::bounds::JSON_LENGTH))),
            ),
            malformed(),
        ),
        (with(plain, ""), malformed()),
        (format!("{}.x", with(plain, &claims)), malformed()),
        (
            format!("{}.x.y", with(plain, &claims)),
            Err(ReadError::Encrypted),
        ),
        ("a.b".to_owned(), malformed()),
        (String::new(), malformed()),
    ];
    for (token, expected) in table {
        let found = RawClaims::unverified(&token, &Algorithms::all());
        assert_eq!(found.map(drop), expected, "{token:.100}");
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
        assert!(read(json).is_err(), "{json}");
    }
}

#[test]
fn a_claim_of_the_wrong_kind_is_refused_by_name_not_skipped() {
    for (name, values) in [
        ("exp", r#""2000" -1 -0.5 1e300 [2000] null true"#),
        ("nbf", r#""soon" -1 true {}"#),
        ("iat", r#""now" -1 []"#),
        ("iss", "null 7"),
        ("sub", "null 7"),
        ("token_use", r#"["id"] 7"#),
        ("client_id", "{} 7"),
        ("azp", "{} 7"),
        ("nonce", "{} 7"),
        ("aud", r#"7 {"0":"client"} ["client",7] [["client"]]"#),
    ] {
        for value in values.split(' ') {
            let mut claims = Map::from_iter([
                ("iss".to_owned(), "i".into()),
                ("sub".to_owned(), "s".into()),
                ("exp".to_owned(), 5.into()),
            ]);
            claims.insert(name.to_owned(), serde_json::from_str(value).unwrap());
            let refused = RawClaims::read(claims).unwrap_err();
            assert_eq!(refused.name, name, "{value}");
        }
    }
}

#[test]
fn null_is_as_good_as_absent_where_a_claim_may_be() {
    let optional = r#""aud":null,"azp":null,"nbf":null,"iat":null,"nonce":null,
        "client_id":null,"token_use":null,"email":null"#;
    let claims = read(&format!(r#"{{"iss":"i","sub":"s","exp":5,{optional}}}"#)).unwrap();
    assert_eq!((claims.aud, claims.azp, claims.nbf), (None, None, None));
}

#[test]
fn a_type_that_is_another_tokens_makes_it_that() {
    let table = [
        (None, true, true),
        (Some("JWT"), true, true),
        (Some("jwt"), true, true),
        (Some("application/jwt"), true, true),
        (Some("JOSE"), true, true),
        (Some("at+jwt"), false, true),
        (Some("AT+JWT"), false, true),
        (Some("application/at+jwt; x=y"), false, true),
        (Some("logout+jwt"), false, false),
        (Some("application/dpop+jwt"), false, false),
    ];
    for (typ, as_id, as_access) in table {
        let claims = read(r#"{"iss":"i","sub":"s","exp":5}"#).unwrap();
        let claims = claims.typed(typ.map(ToOwned::to_owned));
        assert_eq!(claims.may_be(Bearer::Id), as_id, "{typ:?}");
        assert_eq!(claims.may_be(Bearer::Access), as_access, "{typ:?}");
    }
}
