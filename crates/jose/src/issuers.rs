//! Which issuers are trusted, and which of their tokens are for us.

use shell_core::{
    Timestamp,
    claims::{Claims, ClaimsError, Expected, RawClaims},
    config::{Bearer, Groups},
};

use crate::{VerifyError, unverified_issuer};

/// A trusted issuer, and which of its tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The `iss` of the tokens.
    pub name: String,
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
}

/// Finds the issuer that `token` names among `issuers`: its place there. It is
/// only whose keys to ask for; they have to verify the token.
///
/// # Errors
/// If it is no token.
pub fn choose(token: &str, issuers: &[Issuer]) -> Result<Option<usize>, VerifyError> {
    let name = unverified_issuer(token)?;
    Ok(issuers.iter().position(|issuer| issuer.name == name))
}

impl Issuer {
    /// Checks claims, which this issuer's keys have verified, against all that
    /// is accepted of it.
    ///
    /// # Errors
    /// If nothing fits: what the one that came closest lacks.
    pub fn check(&self, claims: &RawClaims, now: Timestamp) -> Result<Claims, ClaimsError> {
        let mut why = ClaimsError::Issuer;
        for accepted in &self.accepted {
            let expected = Expected {
                issuer: &self.name,
                client_ids: &accepted.client_ids,
                audiences: &accepted.audiences,
                bearer: accepted.bearer,
                groups: &accepted.groups,
            };
            match claims.clone().check(expected, now) {
                Ok(claims) => return Ok(claims),
                Err(error) if progress(error) > progress(why) => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }
}

/// How far a check came: the furthest says best what is wrong.
fn progress(error: ClaimsError) -> u8 {
    match error {
        ClaimsError::Issuer => 0,
        ClaimsError::Use => 1,
        ClaimsError::Client => 2,
        ClaimsError::Expired | ClaimsError::NotYetValid => 3,
        ClaimsError::Groups => 4,
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::{KeySet, SigningKey, jwks, verify};
    use serde_json::{Value, json};

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
                "one with groups of another kind",
                json!({"aud": "app", "groups": {"a": 1}}),
                Err(E::Groups),
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
            let claims = verify(token.expose(), &keys).unwrap();
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
        assert_eq!(choose("x", &[issuer()]), Err(VerifyError::Malformed));
    }

    fn issuer() -> Issuer {
        let rules = |text| Groups::parse(text).unwrap();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Issuer {
            name: US.to_owned(),
            accepted: vec![
                Accepted {
                    client_ids: names(&["app"]),
                    audiences: Vec::new(),
                    bearer: Bearer::Id,
                    groups: rules(r#"[{"claim": "groups"}]"#),
                },
                Accepted {
                    client_ids: names(&["robot"]),
                    audiences: names(&["https://api"]),
                    bearer: Bearer::Access,
                    groups: rules(
                        r#"[{"claim": "scope", "value": "mlflow/read", "group": "readers"}]"#,
                    ),
                },
            ],
        }
    }
}
