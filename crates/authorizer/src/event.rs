use aws_lambda_events::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest as Request;
use http::{HeaderMap, header::AUTHORIZATION};
use serde::Deserialize;
use serde_json::Value;
use shell_core::{Secret, bearer};

use crate::{Failure, Why};

/// What matters of an authorizer's event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The request's method.
    pub method: String,
    /// The request's path, without its query.
    pub path: String,
    /// API Gateway's name for the request.
    pub request_id: String,
    /// The ARN pattern of every method of the API's stage.
    pub(crate) resource: String,
    token: Option<Secret>,
}

impl Event {
    /// Reads an event of a REST API's `REQUEST` authorizer.
    ///
    /// # Errors
    /// [`Failure::Event`], which says no more: the parser's own words may
    /// quote a header.
    pub fn read(payload: Value) -> Result<Self, Failure> {
        let request = Request::deserialize(payload).map_err(|_| Failure::Event)?;
        let arn = request.method_arn.as_deref().ok_or(Failure::Event)?;
        if request.type_.as_deref() != Some("REQUEST") {
            return Err(Failure::Event);
        }
        Ok(Self {
            resource: every_method(arn).ok_or(Failure::Event)?,
            token: token(&request),
            method: request
                .http_method
                .map(|it| it.to_string())
                .unwrap_or_default(),
            path: request.path.unwrap_or_default(),
            request_id: request.request_context.request_id.unwrap_or_default(),
        })
    }

    /// The name of the key that the token claims to be signed with.
    pub fn key_id(&self) -> Result<String, Failure> {
        Ok(shell_jose::key_id(self.token()?)?)
    }

    pub(crate) fn token(&self) -> Result<&str, Failure> {
        let token = self.token.as_ref().map(Secret::expose);
        token.ok_or(Failure::Unauthorized(Why::Missing))
    }
}

/// The stage's part of a method ARN, with wildcards for the rest.
///
/// API Gateway caches an answer for all methods, so the answer to one request
/// must be right for the next. The partition is the ARN's own: it is not
/// always `aws`.
fn every_method(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(3, '/');
    let (api, stage, _method) = (parts.next()?, parts.next()?, parts.next()?);
    let names: Vec<_> = api.split(':').collect();
    let ["arn", _, "execute-api", _, _, _] = names[..] else {
        return None;
    };
    Some(format!("{api}/{stage}/*/*"))
}

/// The one token of the one header. `multiValueHeaders` has every value of a
/// header, `headers` the last.
fn token(request: &Request) -> Option<Secret> {
    if request.multi_value_headers.contains_key(AUTHORIZATION) {
        only(&request.multi_value_headers)
    } else {
        only(&request.headers)
    }
}

fn only(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => bearer::token(value.to_str().ok()?).map(Secret::new),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_cover_the_stage_in_its_own_partition() {
        let table = [
            (
                "arn:aws:execute-api:us-east-1:123456789012:s4x3opwd6i/test/GET/request",
                Some("arn:aws:execute-api:us-east-1:123456789012:s4x3opwd6i/test/*/*"),
            ),
            (
                "arn:aws-us-gov:execute-api:us-gov-west-1:1:a/prod/POST/ajax-api/2.0/mlflow/runs/search",
                Some("arn:aws-us-gov:execute-api:us-gov-west-1:1:a/prod/*/*"),
            ),
            (
                "arn:aws-cn:execute-api:cn-north-1:1:a/test-invoke-stage/GET/",
                Some("arn:aws-cn:execute-api:cn-north-1:1:a/test-invoke-stage/*/*"),
            ),
            ("arn:aws:execute-api:us-east-1:1:a/$connect", None),
            ("arn:aws:lambda:us-east-1:1:a/test/GET/request", None),
            ("arn:aws:execute-api:a/test/GET/request", None),
            ("*", None),
            ("", None),
        ];
        for (arn, expected) in table {
            assert_eq!(every_method(arn).as_deref(), expected, "{arn}");
        }
    }

    #[test]
    fn events_do_not_print_their_token() {
        let event = include_str!("../fixtures/request.json");
        let mut event: Value = serde_json::from_str(event).unwrap();
        event["headers"]["authorization"] = "bearer a.b.c".into();
        let event = Event::read(event).unwrap();

        assert_eq!(event.token(), Ok("a.b.c"));
        assert!(!format!("{event:?}").contains("a.b.c"));
    }
}
