//! Amazon API Gateway, as far as a REST API between browsers and MLflow meets
//! it.
//!
//! ```text
//!  client ─▶ limits ─▶ method ─▶ authorizer ─▶ integration ─▶ client
//!              └─────────┴───────────┴─────────────┴─▶ answers of its own
//! ```
//!
//! The authorizer is the real program, behind Lambda's interface. What is here
//! is what AWS documents, and where it documents nothing, what people report;
//! `tests/service/api_gateway` holds it to that, point by point, and says which
//! is which. Not here: throttling, API keys, request validation, mapping
//! templates, signatures (a signed request is one by an unknown key), and the
//! limits of a function's own.

mod api;
mod authorizer;
mod event;
mod failure;
mod integration;
mod policy;
mod resource;
mod spelling;

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::Value;
use shell_core::pkce;

use self::{authorizer::Authorizer, resource::Found};
use crate::proxy::IDLE;

pub use self::{
    api::{Api, Authorization, Caching, Integration, Limits, Method, NO_TOKEN, Source, Transfer},
    authorizer::{Function, Outcome},
    failure::{Customized, Failure},
    policy::{Verdict, evaluate},
};

/// The only stage.
pub const STAGE: &str = "prod";

/// A deployed API. Clones are the same one.
#[derive(Debug, Clone)]
pub struct ApiGateway(Arc<Deployed>);

#[derive(Debug)]
struct Deployed {
    api: RwLock<Arc<Api>>,
    authorizer: Authorizer,
    client: Client<HttpConnector, Body>,
    calls: AtomicU64,
}

/// A request, as far as API Gateway tells others of it.
#[derive(Debug)]
struct Call {
    id: String,
    stage: String,
    verb: String,
    /// Below the stage, as the client spelt it.
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl ApiGateway {
    /// Deploys `api` with this authorizer.
    pub fn new(api: Api, function: Function) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(HttpConnector::new());
        Self(Arc::new(Deployed {
            authorizer: Authorizer::new(function),
            api: RwLock::new(Arc::new(api)),
            client,
            calls: AtomicU64::new(1),
        }))
    }

    /// Deploys the API anew, changed by `change`.
    ///
    /// # Panics
    /// If another thread panicked while it did so.
    pub fn change(&self, change: impl FnOnce(&mut Api)) {
        let mut api = self.0.api.write().expect("no other thread panicked");
        change(Arc::make_mut(&mut api));
    }

    /// What is deployed.
    ///
    /// # Panics
    /// If another thread panicked while it deployed something.
    pub fn api(&self) -> Api {
        Api::clone(&self.deployed())
    }

    /// What the authorizer was told so far.
    ///
    /// # Panics
    /// If another thread panicked while it was asked.
    pub fn events(&self) -> Vec<Value> {
        self.0.authorizer.events()
    }

    /// Where it answers.
    pub fn router(&self) -> Router {
        let gateway = self.clone();
        Router::new().fallback(move |request| async move { gateway.answer(request).await })
    }

    async fn answer(&self, request: Request) -> Response {
        let number = self.0.calls.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        let api = self.deployed();
        let answered = self.carry_out(&api, id.clone(), request).await;
        let mut response = answered.unwrap_or_else(|failure| failure.respond(&api));
        let headers = response.headers_mut();
        for (name, value) in [("x-amzn-requestid", &id), ("x-amz-apigw-id", &id)] {
            let value = HeaderValue::from_str(value).expect("letters and digits");
            headers.insert(HeaderName::from_static(name), value);
        }
        response
    }

    fn deployed(&self) -> Arc<Api> {
        self.0.api.read().expect("no other thread panicked").clone()
    }

    async fn carry_out(
        &self,
        api: &Api,
        id: String,
        request: Request,
    ) -> Result<Response, Failure> {
        let Deployed {
            authorizer, client, ..
        } = &*self.0;
        let call = receive(api, id, request).await?;
        let found = resource::find(api, &call.verb, &call.path).ok_or(Failure::MissingToken)?;
        match found.method.authorization {
            Authorization::Open => {}
            Authorization::Iam => return Err(unsigned(&call.headers)),
            Authorization::Custom => {
                let Found { method, proxy } = &found;
                let answered = authorizer.ask(api.caching, &call, method.resource, proxy);
                answered.await?;
            }
        }
        integration::ask(client, api, &found, call).await
    }
}

/// Reads a request, within limits.
async fn receive(api: &Api, id: String, request: Request) -> Result<Call, Failure> {
    let (parts, body) = request.into_parts();
    // Read whatever becomes of it: Firefox gives up a request that is answered
    // while it is still being sent.
    let body = whole(body, api.limits.payload).await;
    let url = parts.uri.path_and_query().map_or("", |it| it.as_str());
    if url.len() > api.limits.url {
        return Err(Failure::Url);
    }
    if length(&parts.headers) > api.limits.headers {
        return Err(Failure::Headers);
    }
    let stage_and_path = parts.uri.path().strip_prefix('/');
    let stage_and_path = stage_and_path.ok_or(Failure::MissingToken)?;
    let (stage, path) = stage_and_path
        .find('/')
        .map_or((stage_and_path, "/"), |at| stage_and_path.split_at(at));
    if stage != STAGE {
        return Err(Failure::MissingToken);
    }
    let verb = parts.method.as_str();
    if event::arn(stage, verb, path).len() > api.limits.arn {
        return Err(Failure::Url);
    }
    let query = event::query(parts.uri.query().unwrap_or_default());
    Ok(Call {
        id,
        stage: stage.to_owned(),
        verb: verb.to_owned(),
        path: path.to_owned(),
        query: query.ok_or(Failure::BadRequest)?,
        headers: parts.headers,
        body: body.ok_or(Failure::RequestTooLarge)?,
    })
}

/// Reads all of a body, and returns it unless it is longer than `limit`.
async fn whole(mut body: Body, limit: usize) -> Option<Vec<u8>> {
    let (mut read, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let data = frame.ok()?.into_data().unwrap_or_default();
        length += data.len();
        if length <= limit {
            read.extend_from_slice(&data);
        }
    }
    (length <= limit).then_some(read)
}

/// Names and values of all headers.
pub(crate) fn length(headers: &HeaderMap) -> usize {
    let each = headers.iter();
    each.map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

/// Why a request to a method for signed ones is refused: no test has a key.
fn unsigned(headers: &HeaderMap) -> Failure {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Failure::MissingToken;
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    if value.starts_with("AWS4-HMAC-SHA256 ") && value.contains("Signature=") {
        return Failure::UnknownKey;
    }
    // In the other alphabet of base64, and filled up.
    let hash = pkce::challenge(&value).replace('-', "+").replace('_', "/");
    Failure::NoSignature(format!(
        "Invalid key=value pair (missing equal-sign) in Authorization header \
         (hashed with SHA-256 and encoded with Base64): '{hash}='."
    ))
}
