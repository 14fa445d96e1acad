use super::*;

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
fn cognito_tokens_parse_with_and_without_groups() {
    let json = r#"{"iss":"i","sub":"s","aud":"c","exp":5,"custom:x":"1","identities":[{}]}"#;
    assert!(
        serde_json::from_str::<RawClaims>(json)
            .unwrap()
            .groups
            .is_empty()
    );

    let json = r#"{"iss":"i","sub":"s","exp":5,"cognito:groups":["a, b","c"]}"#;
    assert_eq!(
        serde_json::from_str::<RawClaims>(json).unwrap().groups,
        ["a, b", "c"]
    );
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
