use super::*;

fn machine(scope: Option<&str>) -> MachineClient {
    MachineClient {
        client_id: "a:b".into(),
        secret: Secret::new("ü%"),
        scope: scope.map(String::from),
    }
}

/// RFC 6749 §2.3.1, by way of RFC 7617 §2; the second as `urlencode` and `base64` of
/// a shell make it.
#[test]
fn credentials_are_encoded_twice() {
    let table = [
        (
            "Aladdin",
            "open sesame",
            "Basic QWxhZGRpbjpvcGVuK3Nlc2FtZQ==",
        ),
        ("a:b", "ü%", "Basic YSUzQWI6JUMzJUJDJTI1"),
    ];
    for (name, secret, expected) in table {
        assert_eq!(basic(name, &Secret::new(secret)).expose(), expected);
    }
}

#[test]
fn a_secret_is_shown_once() {
    let url = "https://login.example.com/oauth2/token";
    let (form, header) = machine(None).request(url, Authentication::Basic);
    assert_eq!(form.body, "grant_type=client_credentials");
    assert_eq!(header.unwrap().expose(), "Basic YSUzQWI6JUMzJUJDJTI1");

    let scoped = machine(Some("mlflow/read mlflow/write"));
    let (form, header) = scoped.request(url, Authentication::Post);
    assert_eq!(
        form.body,
        "grant_type=client_credentials&scope=mlflow%2Fread+mlflow%2Fwrite\
         &client_id=a%3Ab&client_secret=%C3%BC%25"
    );
    assert_eq!(header, None);
    assert!(!format!("{scoped:?}").contains('ü'));
}

#[test]
fn a_token_serves_as_long_as_it_says() {
    let now = Timestamp(1_000);
    let answer = |body: &str| accept(Response { status: 200, body }, now);
    let hour = r#"{"access_token": "MARKER", "token_type": "Bearer", "expires_in": 3600}"#;
    let hour = answer(hour).unwrap();
    assert_eq!(hour.expires_at, Timestamp(4_600));
    assert_eq!(hour.next(false, Timestamp(3_699)), Next::Serve);
    assert_eq!(hour.next(false, Timestamp(3_700)), Next::Renew);
    assert!(hour.serves(false, Timestamp(4_599)));
    assert_eq!(hour.next(true, now), Next::Renew);
    assert!(!hour.serves(true, now));
    assert_eq!(
        MachineToken::read(hour.write().expose()),
        Some(hour.clone())
    );
    assert!(!format!("{hour:?}").contains("MARKER"));

    let silent = answer(r#"{"access_token": "t", "token_type": "Bearer"}"#).unwrap();
    assert_eq!(silent.expires_at, Timestamp(1_060));
    // {"alg":"RS256"} and {"iss":"i","sub":"s","iat":500,"exp":1400}
    let jwt = "eyJhbGciOiJSUzI1NiJ9.\
               eyJpc3MiOiJpIiwic3ViIjoicyIsImlhdCI6NTAwLCJleHAiOjE0MDB9.c2ln";
    let stated = answer(&format!(
        r#"{{"access_token": "{jwt}", "token_type": "Bearer"}}"#
    ));
    assert_eq!(stated.unwrap().expires_at, Timestamp(1_900));
    assert_eq!(
        answer(r#"{"token_type": "Bearer"}"#),
        Err(TokenError::Malformed)
    );
}

#[test]
fn the_other_way_is_tried_only_if_the_client_was_not_recognised() {
    let refused = |code: &str| TokenError::Refused(code.into());
    for (error, expected) in [
        (refused("invalid_client"), true),
        (refused("status 401"), true),
        (refused("invalid_scope"), false),
        (TokenError::Throttled, false),
        (TokenError::Unreachable, false),
    ] {
        assert_eq!(may_be_of_authentication(&error), expected, "{error:?}");
    }
}
