use super::*;
use crate::testing::parse;

const NOW: Timestamp = Timestamp(1_000);

const EXPECTED: Expected<'_> = Expected {
    issuer: "https://issuer.example/pool",
    client_id: "client",
    bearer: Bearer::Id,
};

/// Each row changes one claim of a good ID token; the verdict follows.
#[test]
fn one_wrong_claim_is_enough() {
    type Change = fn(&mut RawClaims);
    let table: [(&str, Change, Result<(), ClaimsError>); 11] = [
        ("as issued", |_| {}, Ok(())),
        ("no token_use", |c| c.token_use = None, Ok(())),
        (
            "aud among several",
            |c| c.aud = Some(many(["other", "client"])),
            Ok(()),
        ),
        (
            "other issuer",
            |c| c.iss.push('/'),
            Err(ClaimsError::Issuer),
        ),
        (
            "access token",
            |c| c.token_use = Some("access".into()),
            Err(ClaimsError::Use),
        ),
        (
            "other client",
            |c| c.aud = Some(many(["other", "clients"])),
            Err(ClaimsError::Client),
        ),
        ("no aud", |c| c.aud = None, Err(ClaimsError::Client)),
        (
            "expired within the leeway",
            |c| c.exp = Timestamp(NOW.0 - CLOCK_LEEWAY + 1),
            Ok(()),
        ),
        (
            "expired",
            |c| c.exp = Timestamp(NOW.0 - CLOCK_LEEWAY),
            Err(ClaimsError::Expired),
        ),
        (
            "nbf within the leeway",
            |c| c.nbf = Some(NOW.plus(CLOCK_LEEWAY)),
            Ok(()),
        ),
        (
            "nbf later",
            |c| c.nbf = Some(NOW.plus(CLOCK_LEEWAY + 1)),
            Err(ClaimsError::NotYetValid),
        ),
    ];
    for (name, change, expected) in table {
        let mut claims = id_token();
        change(&mut claims);
        assert_eq!(claims.check(EXPECTED, NOW).map(drop), expected, "{name}");
    }
}

#[test]
fn access_tokens_are_addressed_by_client_id() {
    let expected = Expected {
        bearer: Bearer::Access,
        ..EXPECTED
    };
    let access = RawClaims {
        token_use: Some("access".into()),
        client_id: Some("client".into()),
        aud: None,
        ..id_token()
    };

    assert!(access.clone().check(expected, NOW).is_ok());
    assert_eq!(access.check(EXPECTED, NOW), Err(ClaimsError::Use));
    assert_eq!(id_token().check(expected, NOW), Err(ClaimsError::Use));
}

#[test]
fn a_user_is_called_by_the_friendliest_name_there_is() {
    let named = |email: Option<&str>, username: Option<&str>| {
        let claims = RawClaims {
            email: email.map(Into::into),
            cognito_username: username.map(Into::into),
            ..id_token()
        };
        claims.check(EXPECTED, NOW).unwrap().name
    };

    assert_eq!(named(Some("a@example.com"), Some("a")), "a@example.com");
    assert_eq!(named(None, Some("Google_123")), "Google_123");
    assert_eq!(named(None, None), "subject");
}

#[test]
fn payloads_are_read_whole_or_not_at_all() {
    let read = |json: &str| RawClaims::read(json, parse).ok();

    let claims =
        read(r#"{"iss":"i","sub":"s","aud":"c","exp":5,"custom:x":"1","identities":[{}]}"#)
            .unwrap();
    assert_eq!(
        (claims.aud, claims.groups),
        (Some(Audience::One("c".into())), vec![])
    );
    let claims =
        read(r#"{"iss":"i","sub":"s","exp":5,"aud":["a"],"cognito:groups":["a, b","c"]}"#).unwrap();
    assert_eq!((claims.aud, claims.groups.len()), (Some(many(["a"])), 2));

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
        r#""nbf":"soon""#,
        r#""nbf":1.5"#,
        r#""token_use":["id"]"#,
        r#""aud":7"#,
        r#""cognito:groups":"admins""#,
    ] {
        let json = format!(r#"{{"iss":"i","sub":"s","exp":5,{claim}}}"#);
        assert!(RawClaims::read(&json, parse).is_err(), "{json}");
    }
}

fn id_token() -> RawClaims {
    RawClaims {
        iss: EXPECTED.issuer.into(),
        sub: "subject".into(),
        aud: Some(Audience::One("client".into())),
        token_use: Some("id".into()),
        exp: Timestamp(2_000),
        ..RawClaims::default()
    }
}

fn many<const N: usize>(names: [&str; N]) -> Audience {
    Audience::Many(names.map(String::from).to_vec())
}
