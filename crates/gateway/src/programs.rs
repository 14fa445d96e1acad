//! What programs need: MLflow's REST API, and a token to call it with.
//!
//! Both are there only if the configuration's `python` says `token`; the API is,
//! too, if the gateway's settings have `issuers`, such as those of machines. A
//! page of the shell asks for a token in the name of its user, and the program that is
//! given it shows it below `/api`, and nowhere else.

use axum::{
    extract::Request,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use shell_core::{config::Python, refusal::Problem};

use crate::{
    Gateway,
    audit::Decision,
    authenticate,
    enforce::{self, drain_strangers},
    initiator, keys,
    tokens::TooLong,
    watch::Watch,
};

/// A user with a token that long gets no further with one of ours.
const TOO_LONG: &str = "You are in so many groups that a token for programs would be longer than \
                        servers take. Ask an administrator for a user with fewer groups.";

/// What MLflow's client asks of a server outside its API: to which version it
/// speaks, and, from 3.4 on, where it puts the spans of traces. Without them it
/// keeps traces in another form.
pub(crate) const BESIDE: [&str; 2] = ["/version", "/v1/traces"];

/// Refuses the requests of programs where there is no way for them.
pub(crate) fn are_served(gateway: &Gateway) -> Result<(), Problem> {
    if gateway.settings.given.issuers.is_empty() {
        lifetime(gateway).map(drop)
    } else {
        Ok(())
    }
}

/// Issues a token to the user whose session asks.
pub(crate) async fn issue(gateway: &Gateway, request: Request) -> Result<Response, Problem> {
    let watch = Watch::of(request.extensions());
    let (request, body) = request.into_parts();
    drain_strangers(gateway, body).await;
    let lifetime = lifetime(gateway)?;
    require_own_page(gateway, &request)?;
    gateway.rates.tokens.check(&request.extensions)?;
    let check = authenticate::claims(gateway, &request.headers);
    let claims = enforce::known(&watch, check).await?;
    // Who may not use MLflow needs no token; for which server it is used is
    // decided when it is.
    gateway.settings.policy.in_force().policy.admit(&claims)?;

    let subject = &claims.subject;
    tracing::info!(subject, seconds = lifetime, "token for programs issued");
    let pending = gateway
        .settings
        .audit
        .begin(Some(Decision::on_token(&claims, &request)));
    let keys = &gateway.settings.token_keys;
    let token = keys.issue(&claims, lifetime, keys::now());
    let token = token.map_err(|TooLong| Problem::denied(TOO_LONG.to_owned()))?;
    let told = json!({ "token": token.expose(), "expires_in": lifetime });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let answer = Ok((StatusCode::CREATED, headers, told.to_string()).into_response());
    pending.end(&answer);
    answer
}

/// How long tokens for programs live, in seconds, if there are any.
fn lifetime(gateway: &Gateway) -> Result<u64, Problem> {
    let cure = match &gateway.settings.config.python {
        Some(Python::Token { lifetime }) => return Ok(*lifetime),
        Some(Python::SigV4 { tracking_uri }) => {
            format!("they call {tracking_uri} with AWS credentials.")
        }
        None => "its administrator may allow it with `python` in config.json.".to_owned(),
    };
    let words = "This site does not serve MLflow's API to programs: ";
    Err(Problem::not_here([words, &cure].concat()))
}

/// A script of this site asks, and nothing that another site or a link makes
/// the browser send: the worker would attach the bearer to that, too.
fn require_own_page(gateway: &Gateway, request: &Parts) -> Result<(), Problem> {
    if request.method != Method::POST {
        return Err(Problem::bad_request("Tokens are asked for with POST."));
    }
    let own = gateway.settings.config.origin.as_str();
    if initiator::of(&request.headers).is_own_script(own) {
        Ok(())
    } else {
        let words = "Tokens for programs are issued to pages of this site only.";
        Err(Problem::denied(words.to_owned()))
    }
}
