//! What a gateway that makes the token requests keeps of their answers, and what it
//! passes on: a token-mediating backend (draft-ietf-oauth-browser-based-apps, "Token-
//! Mediating Backend").
//!
//! 1. The refresh token stays with the gateway. In its place the worker gets a
//!    handle, which only renews together with the browser's sealed cookie.
//! 2. Of the other tokens those are passed on that the worker needs: the one that
//!    requests carry, and the ID token, which says who the user is.
//! 3. An answer that is no success is passed on; whether it ends the session is
//!    decided here for gateway and worker.

use serde_json::{Map, Value};

use super::{
    Response,
    failure::{Failure, FailureClass, Phase, TokenError},
    token,
};
use crate::{Config, Secret, config::Bearer};

/// The members that are passed on, besides the access token where that is sent.
const PASSED: [&str; 3] = ["token_type", "expires_in", "id_token"];

/// A successful answer of the token endpoint, taken apart.
#[derive(Debug)]
pub struct Mediated {
    /// What the gateway keeps.
    pub refresh: Option<Secret>,
    /// Whose ID token it is, if there is one: `sub`.
    pub subject: Option<String>,
    passed: Passed,
}

/// It holds tokens, so `Debug` shows none of it.
struct Passed(Map<String, Value>);

/// Takes an answer apart. `None` if it is no success.
///
/// # Errors
/// If it is a success of no use: no token response, or with an ID token that is not
/// for this client.
pub fn mediate(response: Response<'_>, config: &Config) -> Result<Option<Mediated>, TokenError> {
    if response.status != 200 {
        return Ok(None);
    }
    let told = crate::json::parse(response.body).map_err(|_| TokenError::Malformed)?;
    let Value::Object(told) = told else {
        return Err(TokenError::Malformed);
    };
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let subject = text("id_token").map(|token| token::subject(&Secret::new(token), config));
    Ok(Some(Mediated {
        refresh: text("refresh_token").map(Secret::new),
        subject: subject.transpose()?,
        passed: Passed(passed(&told, config.bearer)),
    }))
}

fn passed(told: &Map<String, Value>, bearer: Bearer) -> Map<String, Value> {
    let access = (bearer == Bearer::Access).then_some("access_token");
    let names = PASSED.into_iter().chain(access);
    let members = names.filter_map(|name| Some((name.to_owned(), told.get(name)?.clone())));
    members.collect()
}

impl Mediated {
    /// The answer to the worker, with this handle in place of the refresh token.
    pub fn answer(self, handle: Option<&Secret>) -> Value {
        let Passed(mut members) = self.passed;
        if let Some(handle) = handle {
            let handle = handle.expose().into();
            members.insert("refresh_token".to_owned(), handle);
        }
        Value::Object(members)
    }
}

/// Whether an answer to a renewal ends the session, by the rules of the worker.
pub fn is_refused(response: Response<'_>) -> bool {
    let Err(error) = token::read(response) else {
        return false;
    };
    let phase = Phase::Renewal;
    Failure { phase, error }.class() == FailureClass::Permanent
}

impl std::fmt::Debug for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde_json::json;

    use super::*;
    use crate::{
        claims::{ClaimsError, ReadError},
        testing,
    };

    #[test]
    fn the_refresh_token_is_kept_and_only_what_is_needed_passed_on() {
        let id_token = token("https://issuer.example");
        let whole = json!({
            "access_token": "a", "id_token": id_token, "refresh_token": "r", "scope": "openid",
            "token_type": "Bearer", "expires_in": 60, "x": {"refresh_token": "r"},
        });
        let of_id = json!({"id_token": id_token, "token_type": "Bearer", "expires_in": 60});
        let mut of_access = of_id.clone();
        of_access["access_token"] = "a".into();
        let handle = Secret::new("h");
        for (bearer, expected) in [(Bearer::Id, of_id), (Bearer::Access, of_access)] {
            let config = config(bearer);
            let mediated = of(&whole, &config).unwrap().unwrap();
            assert_eq!(mediated.refresh, Some(Secret::new("r")));
            assert_eq!(mediated.subject.as_deref(), Some("s"));
            assert!(!format!("{mediated:?}").contains(&id_token));
            assert_eq!(mediated.answer(None), expected);

            let answer = of(&whole, &config).unwrap().unwrap().answer(Some(&handle));
            assert_eq!(answer["refresh_token"], "h");
        }
    }

    #[test]
    fn an_answer_of_no_use_is_passed_on_to_nobody() {
        let config = config(Bearer::Id);
        let foreign = json!({"id_token": token("https://other.example"), "token_type": "Bearer"});
        let table = [
            (foreign, TokenError::Claims(ClaimsError::Issuer)),
            (
                json!({"id_token": "x"}),
                TokenError::UnreadableToken(ReadError::Malformed),
            ),
            (json!([1]), TokenError::Malformed),
        ];
        for (body, error) in table {
            assert_eq!(of(&body, &config).unwrap_err(), error, "{body}");
        }
        let refusal = Response {
            status: 400,
            body: "",
        };
        assert!(mediate(refusal, &config).unwrap().is_none());
    }

    #[test]
    fn gateway_and_worker_agree_on_what_ends_a_session() {
        let table = [
            (400, "", true),
            (400, r#"{"error":"invalid_grant"}"#, true),
            (401, "", true),
            (403, "<html>", true),
            (408, "", false),
            (429, r#"{"error":"invalid_grant"}"#, false),
            (503, "", false),
            (400, r#"{"error":"temporarily_unavailable"}"#, false),
            (200, "<html>", false),
        ];
        for (status, body, ends) in table {
            assert_eq!(
                is_refused(Response { status, body }),
                ends,
                "{status} {body}"
            );
        }
    }

    fn of(body: &Value, config: &Config) -> Result<Option<Mediated>, TokenError> {
        let body = &body.to_string();
        mediate(Response { status: 200, body }, config)
    }

    fn config(bearer: Bearer) -> Config {
        Config {
            bearer,
            ..testing::config()
        }
    }

    fn token(issuer: &str) -> String {
        let claims = json!({"iss": issuer, "sub": "s", "aud": "client", "iat": 1, "exp": 2});
        let payload = Base64UrlUnpadded::encode_string(claims.to_string().as_ref());
        format!("eyJhbGciOiJSUzI1NiJ9.{payload}.c2ln")
    }
}
