//! Which issuers are trusted, and which of their tokens are for us.

use shell_core::{
    Timestamp,
    algorithm::Algorithms,
    claims::{Claims, ClaimsError, Expected, RawClaims},
    config::{Bearer, Groups, NameClaims},
};

use crate::{UnverifiedToken, VerifyError};

/// A trusted issuer, and which of its tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The `iss` of the tokens.
    pub name: String,
    /// What they may be signed with.
    pub algorithms: Algorithms,
    /// How far the clocks may differ, in seconds.
    pub leeway: u64,
    /// Which tokens are accepted: those that one of these fits.
    pub accepted: Vec<Accepted>,
}

/// Which tokens of an issuer are accepted, and as whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The app clients: see [`Expected::client_ids`].
    pub client_ids: Vec<String>,
    /// The APIs: see [`Expected::audiences`].
    pub audiences: Vec<String>,
    /// The kind of token.
    pub bearer: Bearer,
    /// How groups are found.
    pub groups: Groups,
    /// Which claim is the user's name.
    pub names: NameClaims,
}

/// Finds the issuer that `token` names among `issuers`: its place there. It is
/// only whose keys to ask for; they have to verify the token.
///
/// # Errors
/// If it is no token.
pub fn choose(token: &str, issuers: &[Issuer]) -> Result<Option<usize>, VerifyError> {
    let token = UnverifiedToken::read(token)?;
    Ok(issuers
        .iter()
        .position(|issuer| issuer.name == token.issuer()))
}

impl Issuer {
    /// Checks claims, which this issuer's keys have verified, against all that
    /// is accepted of it. What fits and has readable groups is preferred.
    ///
    /// # Errors
    /// If nothing fits: what the one that came closest lacks.
    pub fn check(&self, claims: &RawClaims, now: Timestamp) -> Result<Claims, ClaimsError> {
        let mut closest = Err(ClaimsError::Issuer);
        for accepted in &self.accepted {
            let found = claims.clone().check(self.expected(accepted), now);
            if progress(&found) > progress(&closest) {
                closest = found;
            }
        }
        closest
    }

    fn expected<'a>(&'a self, accepted: &'a Accepted) -> Expected<'a> {
        Expected {
            issuer: &self.name,
            client_ids: &accepted.client_ids,
            audiences: &accepted.audiences,
            bearer: accepted.bearer,
            groups: &accepted.groups,
            names: &accepted.names,
            leeway: self.leeway,
        }
    }
}

/// How far a check came: the furthest says best what is wrong.
fn progress(found: &Result<Claims, ClaimsError>) -> u8 {
    match found {
        Err(ClaimsError::Issuer) => 0,
        Err(ClaimsError::Use) => 1,
        Err(ClaimsError::Client) => 2,
        Err(ClaimsError::Presenter) => 3,
        Err(ClaimsError::Expired | ClaimsError::NotYetValid { .. }) => 4,
        Ok(claims) if claims.groups_error.is_some() => 5,
        Ok(_) => 6,
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::{KeySet, SigningKey, jwks, verify};
    use serde_json::{Value, json};
    use shell_core::{claims::ReadError, config::CLOCK_LEEWAY};

    /// The groups, or what is wrong.
    type Expectation<'a> = Result<&'a [&'a str], ClaimsError>;

    const US: &str = "https://issuer.example";

    #[test]
    fn a_token_is_whatever_fits_first_and_lacks_what_came_closest() {
        use ClaimsError as E;
        let key = SigningKey::generate("k").unwrap();
        let keys = KeySet::parse(&jwks([&key]).to_string()).unwrap();
        let table: [(&str, Value, Expectation<'_>); 10] = [
            ("a user's ID token", json!({"aud": "app"}), Ok(&["people"])),
            (
                "of one of several",
                json!({"aud": ["x", "app"]}),
                Ok(&["people"]),
            ),
            (
                "a machine's access token",
                json!({"client_id": "robot", "scope": "a mlflow/read"}),
                Ok(&["readers"]),
            ),
            (
                "an API's access token",
                json!({"aud": "https://api", "scope": "mlflow/read"}),
                Ok(&["readers"]),
            ),
            (
                "an ID token where an access token belongs",
                json!({"aud": "app", "token_use": "access"}),
                Err(E::Client),
            ),
            (
                "an ID token of the machine",
                json!({"aud": "robot"}),
                Err(E::Client),
            ),
            (
                "an access token of the app",
                json!({"client_id": "app"}),
                Err(E::Client),
            ),
            ("another's", json!({"aud": "other"}), Err(E::Client)),
            (
                "an old one",
                json!({"aud": "app", "exp": 1}),
                Err(E::Expired),
            ),
            (
                "one with groups of another kind, which are none",
                json!({"aud": "app", "groups": {"a": 1}}),
                Ok(&[]),
            ),
        ];
        let issuer = issuer();
        for (case, changes, expected) in table {
            let mut claims = json!({
                "iss": US, "sub": "u", "exp": 2_000_000_000, "groups": ["people"],
            });
            for (name, value) in changes.as_object().unwrap() {
                claims[name] = value.clone();
            }
            let token = key.sign(&claims).unwrap();
            assert_eq!(
                choose(token.expose(), slice::from_ref(&issuer)),
                Ok(Some(0))
            );
            let claims = verify(token.expose(), &keys, &issuer.algorithms).unwrap();
            let found = issuer.check(&claims, Timestamp(1_000_000_000));
            let expected = expected.map(|groups| groups.iter().map(ToString::to_string).collect());
            assert_eq!(found.map(|claims| claims.groups), expected, "{case}");
        }
    }

    #[test]
    fn issuers_are_chosen_letter_by_letter() {
        let key = SigningKey::generate("k").unwrap();
        let table = [
            (US, Some(0)),
            ("https://issuer.example/", None),
            ("https://ISSUER.example", None),
            ("https://issuer.example.evil.org", None),
            ("", None),
        ];
        for (name, place) in table {
            let claims = json!({"iss": name, "sub": "u", "exp": 1});
            let token = key.sign(&claims).unwrap();
            assert_eq!(choose(token.expose(), &[issuer()]), Ok(place), "{name}");
        }
        let malformed = VerifyError::Unreadable(ReadError::Malformed);
        assert_eq!(choose("x", &[issuer()]), Err(malformed));
    }

    fn issuer() -> Issuer {
        let rules = |text| Groups::parse(text).unwrap();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Issuer {
            name: US.to_owned(),
            algorithms: Algorithms::all(),
            leeway: CLOCK_LEEWAY,
            accepted: vec![
                Accepted {
                    client_ids: names(&["app"]),
                    audiences: Vec::new(),
                    bearer: Bearer::Id,
                    groups: rules(r#"[{"claim": "groups"}]"#),
                    names: NameClaims::default(),
                },
                Accepted {
                    client_ids: names(&["robot"]),
                    audiences: names(&["https://api"]),
                    bearer: Bearer::Access,
                    groups: rules(
                        r#"[{"claim": "scope", "value": "mlflow/read", "group": "readers"}]"#,
                    ),
                    names: NameClaims::default(),
                },
            ],
        }
    }
}
