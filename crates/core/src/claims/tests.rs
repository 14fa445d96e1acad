use std::sync::LazyLock;

use super::*;

mod groups;
mod reading;

const NOW: Timestamp = Timestamp(1_000);

const ISSUER: &str = "https://issuer.example/pool";

static CLIENTS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["client".to_owned()]);
static GROUPS: LazyLock<Groups> = LazyLock::new(Groups::default);

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        client_ids: &CLIENTS,
        audiences: &[],
        bearer: Bearer::Id,
        groups: &GROUPS,
    }
}

/// A good token with one claim changed, and the verdict.
type Row = (&'static str, fn(&mut RawClaims), Result<(), ClaimsError>);

#[test]
fn a_token_is_believed_if_it_is_ours() {
    use ClaimsError::{Client, Issuer, Use};
    let table: [Row; 21] = [
        ("as issued", |_| {}, Ok(())),
        (
            "other issuer",
            |c| c.iss = "https://evil.example/pool".into(),
            Err(Issuer),
        ),
        ("issuer with a slash", |c| c.iss.push('/'), Err(Issuer)),
        (
            "issuer with something before it",
            |c| c.iss.insert(0, ' '),
            Err(Issuer),
        ),
        (
            "issuer in other letters",
            |c| c.iss.make_ascii_uppercase(),
            Err(Issuer),
        ),
        ("issuer cut short", |c| c.iss.truncate(20), Err(Issuer)),
        ("no issuer", |c| c.iss.clear(), Err(Issuer)),
        ("no token_use", |c| c.token_use = None, Ok(())),
        (
            "access token",
            |c| c.token_use = Some("access".into()),
            Err(Use),
        ),
        (
            "refresh token",
            |c| c.token_use = Some("refresh".into()),
            Err(Use),
        ),
        (
            "token_use in other letters",
            |c| c.token_use = Some("Id".into()),
            Err(Use),
        ),
        (
            "empty token_use",
            |c| c.token_use = Some(String::new()),
            Err(Use),
        ),
        (
            "aud among several",
            |c| c.aud = Some(many(["other", "client"])),
            Ok(()),
        ),
        (
            "other client",
            |c| c.aud = Some(many(["other", "clients"])),
            Err(Client),
        ),
        (
            "aud in other letters",
            |c| c.aud = Some(one("Client")),
            Err(Client),
        ),
        (
            "aud that begins so",
            |c| c.aud = Some(one("client2")),
            Err(Client),
        ),
        (
            "aud that ours begins with",
            |c| c.aud = Some(one("clien")),
            Err(Client),
        ),
        (
            "aud of several in one text",
            |c| c.aud = Some(one("client other")),
            Err(Client),
        ),
        ("aud of nobody", |c| c.aud = Some(many([])), Err(Client)),
        ("no aud", |c| c.aud = None, Err(Client)),
        (
            "client_id in place of aud",
            |c| (c.aud, c.client_id, c.token_use) = (None, Some("client".into()), None),
            Err(Client),
        ),
    ];
    compare(expected(), &id_token(), &table);
}

#[test]
fn a_token_is_believed_in_its_time() {
    use ClaimsError::{Expired, NotYetValid};
    let table: [Row; 11] = [
        (
            "expired within the leeway",
            |c| c.exp = before(CLOCK_LEEWAY - 1),
            Ok(()),
        ),
        ("expired", |c| c.exp = before(CLOCK_LEEWAY), Err(Expired)),
        ("expired long ago", |c| c.exp = Timestamp(0), Err(Expired)),
        ("never expires", |c| c.exp = Timestamp(u64::MAX), Ok(())),
        ("nbf now", |c| c.nbf = Some(NOW), Ok(())),
        (
            "nbf within the leeway",
            |c| c.nbf = Some(NOW.plus(CLOCK_LEEWAY)),
            Ok(()),
        ),
        (
            "nbf later",
            |c| c.nbf = Some(NOW.plus(CLOCK_LEEWAY + 1)),
            Err(NotYetValid),
        ),
        (
            "nbf never",
            |c| c.nbf = Some(Timestamp(u64::MAX)),
            Err(NotYetValid),
        ),
        (
            "nbf after exp",
            |c| (c.exp, c.nbf) = (before(600), Some(Timestamp(u64::MAX))),
            Err(Expired),
        ),
        // When a token was issued is for the display of clocks that differ.
        ("iat later", |c| c.iat = Some(Timestamp(u64::MAX)), Ok(())),
        ("no iat", |c| c.iat = None, Ok(())),
    ];
    compare(expected(), &id_token(), &table);
}

#[test]
fn access_tokens_are_addressed_by_client_id() {
    use ClaimsError::{Client, Use};
    let of_access = Expected {
        bearer: Bearer::Access,
        ..expected()
    };
    let access = RawClaims {
        token_use: Some("access".into()),
        client_id: Some("client".into()),
        aud: None,
        ..id_token()
    };
    let table: [Row; 8] = [
        ("as issued", |_| {}, Ok(())),
        ("no token_use", |c| c.token_use = None, Ok(())),
        (
            "aud of a resource",
            |c| c.aud = Some(one("https://api.example")),
            Ok(()),
        ),
        ("ID token", |c| c.token_use = Some("id".into()), Err(Use)),
        (
            "other client",
            |c| c.client_id = Some("clients".into()),
            Err(Client),
        ),
        (
            "empty client_id",
            |c| c.client_id = Some(String::new()),
            Err(Client),
        ),
        ("no client_id", |c| c.client_id = None, Err(Client)),
        (
            "aud in place of client_id",
            |c| (c.aud, c.client_id) = (Some(one("client")), None),
            Err(Client),
        ),
    ];
    compare(of_access, &access, &table);
    assert_eq!(access.check(expected(), NOW), Err(Use));
}

#[test]
fn a_user_is_called_by_the_friendliest_name_there_is() {
    let named = |email: Option<&str>, username: Option<&str>| {
        let claims = RawClaims {
            email: email.map(Into::into),
            cognito_username: username.map(Into::into),
            ..id_token()
        };
        claims.check(expected(), NOW).unwrap().name
    };

    assert_eq!(named(Some("a@example.com"), Some("a")), "a@example.com");
    assert_eq!(named(None, Some("Google_123")), "Google_123");
    assert_eq!(named(None, None), "subject");
}

/// Changes a good token by each row, and compares the verdicts.
fn compare(expected: Expected<'_>, good: &RawClaims, table: &[Row]) {
    for (name, change, verdict) in table {
        let mut claims = good.clone();
        change(&mut claims);
        let found = claims.check(expected, NOW).map(drop);
        assert_eq!(found, *verdict, "{name}");
    }
}

fn id_token() -> RawClaims {
    RawClaims {
        iss: ISSUER.into(),
        sub: "subject".into(),
        aud: Some(Audience::One("client".into())),
        token_use: Some("id".into()),
        exp: Timestamp(2_000),
        ..RawClaims::default()
    }
}

fn before(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 - seconds)
}

fn one(name: &str) -> Audience {
    Audience::One(name.into())
}

fn many<const N: usize>(names: [&str; N]) -> Audience {
    Audience::Many(names.map(String::from).to_vec())
}
