use base64ct::{Base64UrlUnpadded, Encoding};

use super::*;
use crate::{
    Entropy, Route,
    algorithm::Algorithms,
    claims::{ClaimsError, ReadError},
    pkce::Verifier,
    testing,
};

const NOW: Timestamp = Timestamp(10_000);

#[test]
fn the_exchange_posts_code_and_verifier_to_the_token_endpoint() {
    let redemption = Redemption {
        code: Secret::new("c/1"),
        verifier: Verifier::new(Entropy([3; 32])),
        nonce: Secret::new("n"),
        route: Route::default(),
        window: false,
    };

    let (request, _) = exchange(redemption, &config(Bearer::Id));
    assert_eq!(request.url, "https://login.example.com/oauth2/token");
    assert_eq!(
        request.body,
        "grant_type=authorization_code&code=c%2F1\
         &redirect_uri=https%3A%2F%2Fmlflow.example.com%2Fcallback\
         &code_verifier=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM&client_id=client"
    );
    assert!(!format!("{request:?}").contains("AwMD"));
}

/// Answers of providers met in the field, and what each means.
#[test]
fn answers_are_told_apart() {
    use TokenError as E;
    let good = body(&id_token("n", 3600));
    let refused = |error: &str| Err(E::Refused(error.into()));
    let table: [(&str, u16, String, Result<(), TokenError>); 18] = [
        ("as Cognito answers", 200, good.clone(), Ok(())),
        (
            "token_type in lower case",
            200,
            good.replace("Bearer", "bearer"),
            Ok(()),
        ),
        (
            "another token type",
            200,
            good.replace("Bearer", "DPoP"),
            Err(E::Malformed),
        ),
        ("HTML", 200, "<html>".into(), Err(E::Malformed)),
        (
            "no ID token",
            200,
            good.replace("id_token", "x"),
            Err(E::MissingIdToken),
        ),
        (
            "replayed ID token",
            200,
            body(&id_token("other", 3600)),
            Err(E::Nonce),
        ),
        (
            "expired code",
            400,
            r#"{"error":"invalid_grant"}"#.into(),
            refused("invalid_grant"),
        ),
        (
            "unknown client",
            401,
            r#"{"error":"invalid_client"}"#.into(),
            refused("invalid_client"),
        ),
        ("empty refusal", 400, String::new(), refused("status 400")),
        (
            "a page that refuses",
            403,
            "<html>".into(),
            refused("status 403"),
        ),
        (
            "too slow",
            408,
            r#"{"error":"invalid_grant"}"#.into(),
            Err(E::Unavailable),
        ),
        ("not there", 404, String::new(), Err(E::Unavailable)),
        (
            "throttled",
            429,
            r#"{"error":"slow_down"}"#.into(),
            Err(E::Throttled),
        ),
        ("broken", 500, "oops".into(), Err(E::Unavailable)),
        (
            "down",
            503,
            r#"{"error":"invalid_grant"}"#.into(),
            Err(E::Unavailable),
        ),
        (
            "other issuer",
            200,
            body(&token(r#"{"iss":"x","sub":"s","exp":1}"#)),
            Err(E::Claims(ClaimsError::Issuer)),
        ),
        (
            "not a JWT",
            200,
            body("abc"),
            Err(E::UnreadableToken(ReadError::Malformed)),
        ),
        (
            "over at once",
            200,
            good.replace("3600", "0"),
            Err(E::Malformed),
        ),
    ];
    for (name, status, body, expected) in table {
        let body = &body;
        let response = Response { status, body };
        let found = accept(response, &pending(), &config(Bearer::Id), NOW);
        assert_eq!(found.map(drop), expected, "{name}");
    }
}

/// What a page says of it, in whole.
#[test]
fn a_token_that_servers_would_refuse_is_named_to_the_user() {
    let advice = |body: &str, config: &Config| {
        let error = accept(ok(body), &pending(), config, NOW).unwrap_err();
        crate::UserError::of_exchange(error, config).advice()
    };
    let mut config = config(Bearer::Id);
    config.provider.algorithms = Algorithms::parse(["ES256", "EdDSA"]).unwrap();
    assert_eq!(
        advice(&body(&id_token("n", 3600)), &config),
        "The answer of the sign-in service was not accepted: the ID token is signed with RS256, \
         this site takes ES256, EdDSA. Please tell the administrator of this site."
    );

    let long = format!(r#"{{"x":"{}"}}"#, "x".repeat(bounds::TOKEN_LENGTH));
    let config = self::config(Bearer::Access);
    let long = body(&id_token("n", 3600)).replace("opaque", &token(&long));
    let said = advice(&long, &config);
    assert!(said.contains("bytes is longer than 61440"), "{said}");
    assert!(said.contains("fewer groups are needed"), "{said}");
}

#[test]
fn who_cannot_be_read_is_signed_in_and_in_no_group() {
    let claims = r#"{"iss":"https://issuer.example","sub":"s","aud":"client","iat":1,"exp":99,"nonce":"n","cognito:groups":{"a":1}}"#;
    let grant = accept(
        ok(&body(&token(claims))),
        &pending(),
        &config(Bearer::Id),
        NOW,
    );
    let user = grant.unwrap().user;
    assert_eq!(user.groups, [""; 0]);
    assert_eq!(
        user.unreadable.as_deref(),
        Some("the claim `cognito:groups` is an object, a list of texts is needed")
    );
}

#[test]
fn a_grant_ends_at_the_earlier_of_two_ends_by_our_clock() {
    let table = [
        ("3600", 3600, 3600),
        ("3600", 86_400, 3600),
        ("86400", 300, 300),
    ];
    for (expires_in, claimed, lifetime) in table {
        let body = body(&id_token("n", claimed)).replace("3600", expires_in);
        let grant = accept(ok(&body), &pending(), &config(Bearer::Id), NOW);
        assert_eq!(grant.unwrap().expires_at, NOW.plus(lifetime));
    }
}

#[test]
fn configuration_says_which_token_is_the_bearer() {
    let body = body(&id_token("n", 3600));
    let bearer = |kind| {
        let grant = accept(ok(&body), &pending(), &config(kind), NOW);
        grant.unwrap().bearer
    };

    assert_eq!(bearer(Bearer::Access).expose(), "opaque");
    assert_eq!(bearer(Bearer::Id).expose(), id_token("n", 3600));
}

#[test]
fn a_renewal_posts_the_refresh_token() {
    let request = refresh(&Secret::new("r/1"), &config(Bearer::Id));

    assert_eq!(request.url, "https://login.example.com/oauth2/token");
    assert_eq!(
        request.body,
        "grant_type=refresh_token&refresh_token=r%2F1&client_id=client"
    );
}

/// Renewals as providers answer them (cognito.md, tolerance rules 1 and 2).
#[test]
fn a_renewal_replaces_what_it_brings_and_keeps_the_rest() {
    let whole = body(&id_token("any", 3600));
    let without = |member: &str| whole.replace(member, "unknown");
    let (id, access) = (Bearer::Id, Bearer::Access);
    let table = [
        ("rotation", id, whole.clone(), Ok(("s", "r"))),
        (
            "no rotation",
            id,
            without("refresh_token"),
            Ok(("s", "old")),
        ),
        (
            "the same one",
            id,
            whole.replace("\"r\"", "\"old\""),
            Ok(("s", "old")),
        ),
        (
            "no ID token",
            access,
            without("id_token"),
            Ok(("a@example.com", "r")),
        ),
        (
            "no access token to send",
            access,
            without("access_token"),
            Err(TokenError::Malformed),
        ),
        ("HTML", id, "<html>".into(), Err(TokenError::Malformed)),
        (
            "another user",
            id,
            body(&token(
                r#"{"iss":"https://issuer.example","sub":"t","aud":"client","iat":1,"exp":2}"#,
            )),
            Err(TokenError::Subject),
        ),
    ];
    let before = testing::grant("old", 1_000, 60);
    for (name, bearer, body, expected) in table {
        let renewed = renew(ok(&body), &before, &config(bearer), NOW);
        let renewed = renewed.map(|grant| {
            assert_eq!(grant.received_at, NOW, "{name}");
            let refresh = grant.refresh.unwrap().expose().to_owned();
            (grant.user.name, refresh)
        });
        let expected = expected.map(|(user, token)| (user.to_owned(), token.to_owned()));
        assert_eq!(renewed, expected, "{name}");
    }
}

/// OpenID Connect Core §12.2: a refresh may bring no ID token. What is sent then is
/// the one there is, to its own end and not to that of the access token.
#[test]
fn without_another_id_token_the_last_one_serves_until_its_own_end() {
    let config = config(Bearer::Id);
    let first = body(&id_token("n", 3600)).replace(":3600", ":300");
    let first = accept(ok(&first), &pending(), &config, NOW).unwrap();
    assert_eq!(first.expires_at, NOW.plus(300));
    let without = |refresh: &str| {
        format!(r#"{{"access_token":"b","token_type":"bearer","expires_in":300{refresh}}}"#)
    };
    for (refresh, kept) in [(r#","refresh_token":"next""#, "next"), ("", "r")] {
        let grant = renew(ok(&without(refresh)), &first, &config, NOW.plus(225)).unwrap();
        let expected = Grant {
            refresh: Some(Secret::new(kept)),
            expires_at: NOW.plus(3600),
            is_last: true,
            ..first.clone()
        };
        assert_eq!(grant, expected, "{refresh}");
    }
}

#[test]
fn no_renewal_outlives_the_greatest_age() {
    let mut config = config(Bearer::Id);
    config.session.max_age = Some(100);
    let body = body(&id_token("n", 3600));
    let grant = accept(ok(&body), &pending(), &config, NOW).unwrap();
    assert_eq!(grant.ends_at, Some(NOW.plus(100)));

    let later = NOW.plus(50);
    let renewed = renew(ok(&body), &grant, &config, later).unwrap();
    assert_eq!(renewed.ends_at, grant.ends_at);
}

fn ok(body: &str) -> Response<'_> {
    Response { status: 200, body }
}

fn pending() -> Pending {
    Pending {
        nonce: Secret::new("n"),
    }
}

fn body(id_token: &str) -> String {
    format!(
        r#"{{"access_token":"opaque","id_token":"{id_token}","refresh_token":"r","token_type":"Bearer","expires_in":3600}}"#
    )
}

fn id_token(nonce: &str, lifetime: u64) -> String {
    let exp = 5_000_000 + lifetime;
    token(&format!(
        r#"{{"iss":"https://issuer.example","sub":"s","aud":"client","token_use":"id","iat":5000000,"exp":{exp},"nonce":"{nonce}"}}"#
    ))
}

fn token(claims: &str) -> String {
    format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2ln",
        Base64UrlUnpadded::encode_string(claims.as_ref())
    )
}

fn config(bearer: Bearer) -> Config {
    Config {
        bearer,
        ..testing::config()
    }
}
