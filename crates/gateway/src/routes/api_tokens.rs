//! `/mlflow/@shell/tokens`: API tokens.
//!
//! | request | what |
//! |---|---|
//! | `POST /mlflow/@shell/tokens` | issues one, with the `name` and the `lifetime` of the JSON body, if it has one |
//! | `GET /mlflow/@shell/tokens` | lists those of the user that have not ended; with `?all`, those of all users, for administrators |
//! | `DELETE /mlflow/@shell/tokens/ID` | revokes one of the user's; of any user's, for administrators |
//!
//! A page of the shell asks in the name of its user. The program that is given a
//! token sends it to MLflow's API and AI gateway, and nowhere else is it accepted.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use shell_core::{
    claims::Claims,
    initiator::Sender,
    refusal::{Problem, Rejection},
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    audit::AuditRecord,
    auth::{
        api_tokens::{
            TooLong, draw_id,
            registry::{MOST_PER_USER, NotListed, TokenRecord, TokenRegistry},
        },
        authenticate, clock,
    },
    fetch_metadata,
    middleware::rate_limit::RateLimit,
    pipeline::Pipeline,
    telemetry::request::RequestTelemetry,
};

/// The longest body of a request for a token, in bytes.
const MAX_BODY: usize = 4 * 1024;

/// The longest name of a token, in characters.
const MAX_NAME: usize = 64;

/// How times are written.
const MINUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// What a token is asked for with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TokenRequest {
    name: String,
    lifetime: Option<u64>,
}

/// Answers a request for `path`, which begins with [`TOKENS`](shell_core::intercept::TOKENS).
///
/// # Errors
/// If none are issued here, a page of this site does not ask, the client asks too
/// often, or the user may not have what is asked for.
pub(crate) async fn respond(
    pipeline: &Pipeline,
    rate: &RateLimit,
    path: &str,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let claims = match admit(pipeline, rate, &head).await {
        Ok(claims) => claims,
        Err(cause) => {
            pipeline.drain_anonymous(body).await;
            return Err(cause);
        }
    };
    let id = path.strip_prefix(shell_core::intercept::TOKENS);
    let id = id.and_then(|rest| rest.strip_prefix('/'));
    match (&head.method, id) {
        (&Method::POST, None) => issue(pipeline, &claims, &head, body).await,
        (&Method::GET, None) => list(pipeline, &claims, &head).await,
        (&Method::DELETE, Some(id)) => revoke(pipeline, &claims, &head, id).await,
        _ => Err(Problem::api_token_methods()),
    }
}

/// Who asks, if a script of this site does, not a link or another site: the worker
/// would attach the bearer to those requests, too.
async fn admit(
    pipeline: &Pipeline,
    rate: &RateLimit,
    head: &Parts,
) -> Result<Arc<Claims>, Problem> {
    let auth = &pipeline.auth;
    auth.api_access.token_lifetime()?;
    let initiator = fetch_metadata::initiator(&head.headers);
    if !initiator.is_own_script(pipeline.config.origin.as_str(), Sender::Worker) {
        return Err(Problem::api_token_for_own_pages());
    }
    rate.check(&head.extensions, &head.headers)?;
    let telemetry = RequestTelemetry::of(&head.extensions);
    let check = authenticate::page_claims(auth, &head.headers);
    let claims = telemetry.authenticate(check).await;
    let claims = claims.map_err(Rejection::for_page)?;
    // A user who may not use MLflow needs no token. Which servers and operations
    // it is good for is decided when it is used.
    auth.policy.current().policy.admit(&claims)?;
    Ok(claims)
}

async fn issue(
    pipeline: &Pipeline,
    claims: &Arc<Claims>,
    head: &Parts,
    body: Body,
) -> Result<Response, Problem> {
    let auth = &pipeline.auth;
    let longest = auth.api_access.token_lifetime()?;
    let asked = read(body).await?;
    let lifetime = asked.lifetime.unwrap_or(longest).min(longest);
    let subject = &claims.subject;
    tracing::info!(subject, seconds = lifetime, "API token issued");
    let pending = pipeline
        .audit
        .begin(Some(AuditRecord::of_token(claims, head)));
    let issued = seal(pipeline, claims, asked.name, lifetime).await;
    let response = issued.map(|body| answer(StatusCode::CREATED, &body));
    pending.end(&response);
    response
}

/// A token, which is in the list before it is handed out.
async fn seal(
    pipeline: &Pipeline,
    claims: &Claims,
    name: String,
    lifetime: u64,
) -> Result<Value, Problem> {
    let (keys, now) = (&pipeline.auth.token_keys, clock::now());
    let id = draw_id().ok_or_else(Problem::token_list_unavailable)?;
    let token = keys.issue(claims, &id, lifetime, now);
    let token = token.map_err(|TooLong| Problem::api_token_too_long())?;
    if let Some(registry) = keys.registry() {
        let record = TokenRecord {
            id: id.clone(),
            issuer: claims.issuer.clone(),
            subject: claims.subject.clone(),
            user: claims.name.clone(),
            name,
            created: now.0,
            ends: now.plus(lifetime).0,
        };
        registry.add(record, now).await.map_err(problem)?;
    }
    Ok(json!({ "id": id, "token": token.expose(), "expires_in": lifetime }))
}

async fn read(body: Body) -> Result<TokenRequest, Problem> {
    let wrong = |why: &str| Problem::api_token_request(why);
    let bytes = axum::body::to_bytes(body, MAX_BODY).await;
    let bytes = bytes.map_err(|_| wrong("its body is too long, or broke off"))?;
    if bytes.is_empty() {
        return Ok(TokenRequest::default());
    }
    let asked = serde_json::from_slice::<TokenRequest>(&bytes);
    let asked = asked.map_err(|error| wrong(&error.to_string()))?;
    if asked.name.chars().count() > MAX_NAME || asked.name.chars().any(char::is_control) {
        return Err(wrong("`name` may have 64 characters, and none of control"));
    }
    if asked.lifetime == Some(0) {
        return Err(wrong("`lifetime` has to be a second or more"));
    }
    Ok(asked)
}

async fn list(
    pipeline: &Pipeline,
    claims: &Arc<Claims>,
    head: &Parts,
) -> Result<Response, Problem> {
    let registry = registry(pipeline)?;
    let of = match head.uri.query() {
        Some("all") if is_administrator(pipeline, claims) => None,
        Some("all") => return Err(Problem::tokens_of_others()),
        _ => Some((claims.issuer.as_str(), claims.subject.as_str())),
    };
    let valid = registry.valid(of, clock::now()).await.map_err(problem)?;
    let tokens: Vec<Value> = valid.iter().map(entry).collect();
    Ok(answer(StatusCode::OK, &json!({ "tokens": tokens })))
}

async fn revoke(
    pipeline: &Pipeline,
    claims: &Arc<Claims>,
    head: &Parts,
    id: &str,
) -> Result<Response, Problem> {
    let registry = registry(pipeline)?;
    let own = (claims.issuer.as_str(), claims.subject.as_str());
    let of = (!is_administrator(pipeline, claims)).then_some(own);
    let pending = pipeline
        .audit
        .begin(Some(AuditRecord::of_revocation(claims, head, id)));
    let revoked = registry.revoke(id, of, &claims.name, clock::now()).await;
    let response = revoked.map_err(problem).map(|record| {
        tracing::info!(
            id,
            user = record.user,
            by = claims.name,
            "API token revoked"
        );
        answer(StatusCode::OK, &entry(&record))
    });
    pending.end(&response);
    response
}

fn registry(pipeline: &Pipeline) -> Result<&TokenRegistry, Problem> {
    let registry = pipeline.auth.token_keys.registry();
    registry.ok_or_else(Problem::token_list_missing)
}

fn is_administrator(pipeline: &Pipeline, claims: &Claims) -> bool {
    pipeline
        .auth
        .policy
        .current()
        .policy
        .permits_everything(claims)
}

fn entry(record: &TokenRecord) -> Value {
    let TokenRecord {
        id,
        user,
        name,
        created,
        ends,
        issuer: _,
        subject: _,
    } = record;
    let (created, ends) = (minute(*created), minute(*ends));
    json!({ "id": id, "user": user, "name": name, "created": created, "ends": ends })
}

/// A time in seconds since 1970, as people read it.
fn minute(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    let text = time.and_then(|time| time.format(MINUTE).ok());
    text.unwrap_or_default()
}

fn problem(why: NotListed) -> Problem {
    match why {
        NotListed::Unavailable => Problem::token_list_unavailable(),
        NotListed::TooMany => Problem::too_many_tokens(MOST_PER_USER),
        NotListed::Unknown => Problem::no_such_token(),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body.to_string()).into_response()
}
