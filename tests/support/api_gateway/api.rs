//! What is deployed: a REST API with its resources, authorizer and limits.

use std::time::Duration;

use shell_core::cors;

use super::failure::Customized;

/// A REST API.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its methods; the order does not matter.
    pub methods: Vec<Method>,
    /// What the authorizer's answers are kept by, and for how long: 0 is never.
    pub caching: Caching,
    /// Media types whose bodies stay as they are.
    pub binary_media_types: &'static [&'static str],
    /// What is changed of API Gateway's own answers.
    pub responses: Vec<Customized>,
    /// What it bears.
    pub limits: Limits,
}

/// A method of a resource.
#[derive(Debug, Clone)]
pub struct Method {
    /// `GET`, …, or `ANY`.
    pub verb: &'static str,
    /// The resource, such as `/mlflow/{proxy+}`.
    pub resource: &'static str,
    /// Who may call it.
    pub authorization: Authorization,
    /// What answers.
    pub integration: Integration,
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// Everyone: `NONE`.
    Open,
    /// Whom the Lambda authorizer lets: `CUSTOM`.
    Custom,
    /// Who signs requests with AWS's keys: `AWS_IAM`.
    Iam,
}

/// What answers.
#[derive(Debug, Clone)]
pub enum Integration {
    /// Another server: `HTTP_PROXY`, through a VPC link.
    Proxy {
        /// Where, with `{proxy}` for the path parameter of this name.
        uri: String,
        /// Request headers that are something else than the client's.
        parameters: Vec<(&'static str, String)>,
        /// Whether the answer is passed on while it arrives.
        transfer: Transfer,
    },
    /// API Gateway itself, with these headers: `MOCK`.
    Mock(Vec<(&'static str, String)>),
}

/// `responseTransferMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// `BUFFERED`: it is read first, and looked at.
    Buffered,
    /// `STREAM`: neither.
    Stream,
}

/// How long the authorizer's answers are kept, and what they are found by.
#[derive(Debug, Clone, Copy)]
pub struct Caching {
    /// `authorizerResultTtlInSeconds`.
    pub time_to_live: Duration,
    /// `identitySource`.
    pub sources: &'static [Source],
}

/// An identity source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `method.request.header.NAME`.
    Header(&'static str),
    /// `context.path`.
    Path,
    /// `context.httpMethod`.
    Verb,
}

/// What a REST API bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Names and values of all headers together, in bytes.
    pub headers: usize,
    /// Path and query, in bytes.
    pub url: usize,
    /// The method ARN, in bytes.
    pub arn: usize,
    /// A body, in bytes, either way.
    pub payload: usize,
    /// How long an integration may take.
    pub integration: Duration,
    /// How long a streaming one may say nothing.
    pub idle: Duration,
}

impl Default for Limits {
    /// A regional API's.
    fn default() -> Self {
        Self {
            headers: 20_480,
            url: 10_240,
            arn: 1_600,
            payload: 10 * 1024 * 1024,
            integration: Duration::from_secs(29),
            idle: Duration::from_mins(5),
        }
    }
}

/// What MLflow is told in place of the token: a header can be changed, and not
/// left out.
pub const NO_TOKEN: &str = "none";

/// Everything that an answer of the authorizer depends on.
const SOURCES: &[Source] = &[Source::Header("Authorization"), Source::Path, Source::Verb];

impl Api {
    /// The API in front of MLflow at `mlflow`, for the site at `site`.
    pub fn of(mlflow: &str, site: &str) -> Self {
        let guarded = |verb, resource, authorization, path| Method {
            verb,
            resource,
            authorization,
            integration: Integration::Proxy {
                uri: format!("{mlflow}{path}"),
                parameters: vec![
                    // MLflow 3.5 and newer refuses origins that it was not told
                    // of, such as the `null` of some browsers, and has no use
                    // for the token.
                    ("origin", site.to_owned()),
                    ("authorization", NO_TOKEN.to_owned()),
                ],
                transfer: Transfer::Stream,
            },
        };
        Self {
            methods: vec![
                guarded("ANY", "/mlflow/{proxy+}", Authorization::Custom, "/{proxy}"),
                Method {
                    verb: "OPTIONS",
                    resource: "/mlflow/{proxy+}",
                    authorization: Authorization::Open,
                    integration: Integration::Mock(preflight(site)),
                },
                guarded(
                    "GET",
                    "/mlflow/static-files/{proxy+}",
                    Authorization::Open,
                    "/static-files/{proxy}",
                ),
                guarded("ANY", "/api/{proxy+}", Authorization::Iam, "/api/{proxy}"),
            ],
            caching: Caching {
                time_to_live: Duration::from_mins(5),
                sources: SOURCES,
            },
            binary_media_types: &["*/*"],
            responses: Customized::with_cors(site),
            limits: Limits::default(),
        }
    }
}

/// What a browser is told before a request from another origin.
fn preflight(site: &str) -> Vec<(&'static str, String)> {
    vec![
        ("access-control-allow-origin", site.to_owned()),
        (
            "access-control-allow-headers",
            cors::REQUEST_HEADERS.join(","),
        ),
        ("access-control-allow-methods", cors::METHODS.join(",")),
        ("access-control-max-age", cors::MAX_AGE.to_string()),
    ]
}
