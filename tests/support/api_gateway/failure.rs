//! What API Gateway answers itself, and how that can be changed.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use shell_core::cors;

use crate::api_gateway::Api;

/// Why API Gateway answers itself: a type of gateway response, with the words
/// that tell its cases apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No such resource or method, or no signature.
    MissingToken,
    /// Something else than a signature.
    NoSignature(String),
    /// A signature by an unknown key.
    UnknownKey,
    /// Identity sources are missing, or the authorizer says so.
    Unauthorized,
    /// The authorizer denies it.
    Denied,
    /// The authorizer does not allow it.
    NotAllowed,
    /// The authorizer fails.
    AuthorizerFailure,
    /// The authorizer's answer cannot be understood.
    AuthorizerConfiguration,
    /// The query is spelt wrongly.
    BadRequest,
    /// The headers are too long.
    Headers,
    /// The URL or the method ARN is too long.
    Url,
    /// The request's body is too long.
    RequestTooLarge,
    /// The answer's body is too long.
    ResponseTooLarge,
    /// The integration cannot be reached.
    IntegrationFailure,
    /// The integration takes too long.
    IntegrationTimeout,
}

/// What is changed of a type of gateway response.
#[derive(Debug, Clone)]
pub struct Customized {
    /// The type, such as `ACCESS_DENIED` or `DEFAULT_4XX`.
    pub kind: &'static str,
    /// Headers that are added.
    pub headers: Vec<(&'static str, String)>,
    /// The body, with `$context.error.messageString` for the usual message as
    /// JSON; the usual body if there is none.
    pub template: Option<&'static str>,
}

impl Customized {
    /// Lets the site at `site` read every answer.
    pub fn with_cors(site: &str) -> Vec<Self> {
        let headers = vec![
            ("access-control-allow-origin", site.to_owned()),
            (
                "access-control-expose-headers",
                cors::EXPOSED_HEADERS.join(","),
            ),
            ("cache-control", "no-store".to_owned()),
        ];
        ["DEFAULT_4XX", "DEFAULT_5XX"]
            .map(|kind| Self {
                kind,
                headers: headers.clone(),
                template: None,
            })
            .into()
    }
}

impl Failure {
    /// The answer of `api`.
    pub(super) fn respond(&self, api: &Api) -> Response {
        let (status, error, body) = self.usual();
        let customized = self.customized(api);
        let template = customized.and_then(|it| it.template);
        let body = match template {
            Some(template) => {
                let message = body.get("message").or(body.get("Message"));
                let message = message.unwrap_or(&Value::Null).to_string();
                template.replace("$context.error.messageString", &message)
            }
            None => body.to_string(),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(
            HeaderName::from_static("x-amzn-errortype"),
            HeaderValue::from_static(error),
        );
        for (name, value) in customized.into_iter().flat_map(|it| &it.headers) {
            let value = HeaderValue::try_from(value).expect("what is configured is a header");
            headers.insert(HeaderName::from_static(name), value);
        }
        response
    }

    /// Its own type goes before that of all of its class.
    fn customized<'a>(&self, api: &'a Api) -> Option<&'a Customized> {
        let own = self.kind()?;
        let class = if self.usual().0.is_server_error() {
            "DEFAULT_5XX"
        } else {
            "DEFAULT_4XX"
        };
        [own, class]
            .into_iter()
            .find_map(|kind| api.responses.iter().find(|it| it.kind == kind))
    }

    /// Its type; `None` if it is refused before there is an API to ask.
    fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::MissingToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::NoSignature(_) => "INVALID_SIGNATURE",
            Self::UnknownKey => "ACCESS_DENIED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Denied | Self::NotAllowed => "ACCESS_DENIED",
            Self::AuthorizerFailure => "AUTHORIZER_FAILURE",
            Self::AuthorizerConfiguration => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::BadRequest => "BAD_REQUEST_PARAMETERS",
            Self::ResponseTooLarge => "API_CONFIGURATION_ERROR",
            Self::IntegrationFailure => "INTEGRATION_FAILURE",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
            // The one type that cannot be changed, and what is no type.
            Self::RequestTooLarge | Self::Headers | Self::Url => return None,
        })
    }

    /// Status, `x-amzn-errortype`, body.
    fn usual(&self) -> (StatusCode, &'static str, Value) {
        const EXPLICIT: &str =
            "User is not authorized to access this resource with an explicit deny";
        let (status, error, message) = match self {
            Self::MissingToken => (
                StatusCode::FORBIDDEN,
                "MissingAuthenticationTokenException",
                json!("Missing Authentication Token"),
            ),
            Self::NoSignature(words) => (
                StatusCode::FORBIDDEN,
                "IncompleteSignatureException",
                json!(words),
            ),
            Self::UnknownKey => (
                StatusCode::FORBIDDEN,
                "UnrecognizedClientException",
                json!("The security token included in the request is invalid."),
            ),
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "UnauthorizedException",
                json!("Unauthorized"),
            ),
            // The one with a capital.
            Self::Denied => return denied(EXPLICIT),
            Self::NotAllowed => return denied("User is not authorized to access this resource"),
            Self::AuthorizerFailure | Self::AuthorizerConfiguration => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "AuthorizerConfigurationException",
                Value::Null,
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "BadRequestException",
                json!("Bad Request"),
            ),
            Self::Headers => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "RequestHeadersTooLargeException",
                json!("Request headers too large"),
            ),
            Self::Url => (
                StatusCode::URI_TOO_LONG,
                "RequestTooLargeException",
                json!("Request URI too long"),
            ),
            Self::RequestTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                json!("Request Too Long"),
            ),
            Self::ResponseTooLarge => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerErrorException",
                json!("Internal server error"),
            ),
            Self::IntegrationFailure => (
                StatusCode::GATEWAY_TIMEOUT,
                "InternalServerErrorException",
                json!("Network error communicating with endpoint"),
            ),
            Self::IntegrationTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "InternalServerErrorException",
                json!("Endpoint request timed out"),
            ),
        };
        (status, error, json!({ "message": message }))
    }
}

fn denied(words: &str) -> (StatusCode, &'static str, Value) {
    let body = json!({ "Message": words });
    (StatusCode::FORBIDDEN, "AccessDeniedException", body)
}
