//! The token-mediating backend (`provider.via_gateway`): the refresh token stays
//! here, sealed in the browser's cookie.
//!
//! ```text
//!  worker ── code, verifier ──▶ gateway ──▶ provider
//!         ◀── ID token, handle ──┘  Set-Cookie: refresh token, sealed
//!  worker ── handle, cookie ──▶ gateway ── refresh token ──▶ provider
//! ```
//!
//! 1. The worker asks as it would ask the provider: in place of a refresh token it
//!    has the handle. The cookie is used with its own handle only, so that neither
//!    is of use without the other.
//! 2. A cookie that does not open, a session whose time is over, and one that the
//!    provider refuses are forgotten, and the worker is told `invalid_grant`.
//! 3. A cookie with another handle is another sign-in's: it stays as it is.
//! 4. A sign-in takes the place of what the browser had, which is revoked. Sign-out
//!    forgets the cookie whatever the provider says.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shell_core::{
    Config, Secret,
    oauth::{
        failure::TokenError,
        mediation::{self, Mediated},
    },
};

use super::{
    cookie::SessionCookie,
    form::{self, Form, FormRules, REFRESH_TOKEN, TOKEN, TokenRequest},
    provider::{Answer, ProviderClient, Purpose, Unavailable, error, json_with},
};
use crate::auth::{
    clock,
    kept_sessions::{KeptSession, KeptSessions},
};

/// Makes the token requests of a site, and keeps its sessions.
#[derive(Debug, Clone)]
pub(super) struct Mediation {
    config: Config,
    rules: FormRules,
    provider: ProviderClient,
    sessions: KeptSessions,
    cookie: SessionCookie,
}

/// What a request's cookie is.
enum Found {
    /// There is none.
    Nothing,
    /// None of ours, or not any more.
    Unusable,
    /// A session with another handle.
    Other(KeptSession),
    /// The session with this handle.
    Session(KeptSession),
}

impl Mediation {
    pub(super) fn new(
        config: &Config,
        rules: FormRules,
        provider: ProviderClient,
        sessions: KeptSessions,
    ) -> Self {
        Self {
            config: config.clone(),
            rules,
            provider,
            sessions,
            cookie: SessionCookie::of(config),
        }
    }

    fn find(&self, headers: &HeaderMap, handle: Option<&Secret>) -> Found {
        let Some(sealed) = self.cookie.read(headers) else {
            return Found::Nothing;
        };
        match (self.sessions.open(&sealed), handle) {
            (None, _) => Found::Unusable,
            (Some(session), Some(handle)) if session.is_of(handle) => Found::Session(session),
            (Some(session), _) => Found::Other(session),
        }
    }
}

/// Spends a code, or renews.
pub(super) async fn token(
    State(gateway): State<Arc<Mediation>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = form::read(&headers, &body);
    let asked = form.and_then(|form| Some((gateway.rules.token_request(&form)?, form)));
    match asked {
        Some((TokenRequest::Exchange, form)) => gateway.exchange(&form, &headers).await,
        Some((TokenRequest::Renewal, form)) => gateway.renew(form, &headers).await,
        None => error(StatusCode::BAD_REQUEST, "invalid_request"),
    }
}

/// Revokes and forgets.
pub(super) async fn revoke(
    State(gateway): State<Arc<Mediation>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = form::read(&headers, &body);
    match form.filter(|form| gateway.rules.is_revocation(form)) {
        Some(form) => gateway.end(form, &headers).await,
        None => error(StatusCode::BAD_REQUEST, "invalid_request"),
    }
}

impl Mediation {
    async fn exchange(&self, form: &Form, headers: &HeaderMap) -> Response {
        let answer = match self
            .provider
            .ask(Purpose::Tokens, &self.provider.token, form)
            .await
        {
            Ok(answer) => answer,
            Err(why) => return why.into_response(),
        };
        let mediated = match mediation::mediate(answer.as_response(), &self.config) {
            Ok(Some(mediated)) => mediated,
            Ok(None) => return answer.relay(),
            Err(why) => return useless(&why),
        };
        self.supersede(headers);
        let subject = mediated.subject.clone();
        let begun = mediated.refresh.as_ref();
        let begun = begun.and_then(|refresh| self.sessions.begin(refresh, subject, clock::now()));
        match begun {
            Some((session, handle)) => self.keep(&session, Some(&handle), mediated, headers),
            None => self.forgetting(headers, granted(mediated, None)),
        }
    }

    /// Revokes what the browser had, while the sign-in goes on.
    fn supersede(&self, headers: &HeaderMap) {
        if let Found::Other(session) = self.find(headers, None) {
            let gateway = self.clone();
            tokio::spawn(async move { gateway.revoke_at_provider(&session, None).await });
        }
    }

    async fn renew(&self, mut form: Form, headers: &HeaderMap) -> Response {
        let session = match self.find(headers, form.get(REFRESH_TOKEN)) {
            Found::Session(session) => session,
            Found::Nothing | Found::Other(_) => return refused(),
            Found::Unusable => return self.forgetting(headers, refused()),
        };
        if session.is_over(clock::now()) {
            self.revoke_at_provider(&session, None).await;
            return self.forgetting(headers, refused());
        }
        form.insert(REFRESH_TOKEN.to_owned(), session.refresh());
        match self
            .provider
            .ask(Purpose::Tokens, &self.provider.token, &form)
            .await
        {
            Ok(answer) => self.renewed(session, &answer, headers),
            Err(why) => why.into_response(),
        }
    }

    fn renewed(&self, session: KeptSession, answer: &Answer, headers: &HeaderMap) -> Response {
        let mediated = match mediation::mediate(answer.as_response(), &self.config) {
            Ok(Some(mediated)) => mediated,
            Ok(None) if mediation::is_refused(answer.as_response()) => {
                return self.forgetting(headers, answer.relay());
            }
            Ok(None) => return answer.relay(),
            Err(why) => return useless(&why),
        };
        let subject = mediated.subject.as_deref();
        let renewed = session.renewed(mediated.refresh.as_ref(), subject);
        let Some(session) = renewed else {
            tracing::warn!("a renewal brought another user's tokens");
            return self.forgetting(headers, refused());
        };
        self.keep(&session, None, mediated, headers)
    }

    /// Answers with the tokens, and has the browser keep the session.
    fn keep(
        &self,
        session: &KeptSession,
        handle: Option<&Secret>,
        mediated: Mediated,
        had: &HeaderMap,
    ) -> Response {
        let seconds = session.seconds_left(clock::now());
        let Some(sealed) = self.sessions.seal(session) else {
            return Unavailable.into_response();
        };
        let Ok(cookies) = self.cookie.keep(&sealed, seconds, had) else {
            let bytes = session.refresh().expose().len();
            tracing::error!(
                "the provider's refresh token has {bytes} bytes, more than a browser's cookies \
                 hold: sign-ins last as long as one token. Have the provider issue opaque \
                 refresh tokens, or set `provider.via_gateway` to false"
            );
            return self.forgetting(had, granted(mediated, None));
        };
        with_cookies(granted(mediated, handle), cookies)
    }

    async fn end(&self, form: Form, headers: &HeaderMap) -> Response {
        let response = match self.find(headers, form.get(TOKEN)) {
            Found::Session(session) => self.revoke_at_provider(&session, Some(form)).await,
            // The browser or another key has taken it: it cannot be revoked.
            Found::Nothing | Found::Unusable => error(StatusCode::BAD_REQUEST, "invalid_request"),
            // A sign-in took its place, and it was revoked then.
            Found::Other(_) => return StatusCode::OK.into_response(),
        };
        self.forgetting(headers, response)
    }

    async fn revoke_at_provider(&self, session: &KeptSession, form: Option<Form>) -> Response {
        let Some(url) = &self.provider.revocation else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let client_id = || ("client_id".to_owned(), Secret::new(&*self.rules.client_id));
        let mut form = form.unwrap_or_else(|| Form::from([client_id()]));
        form.insert(TOKEN.to_owned(), session.refresh());
        match self.provider.ask(Purpose::Revocation, url, &form).await {
            Ok(answer) => answer.relay(),
            Err(why) => why.into_response(),
        }
    }

    fn forgetting(&self, had: &HeaderMap, response: Response) -> Response {
        with_cookies(response, self.cookie.forget(had))
    }
}

fn with_cookies(mut response: Response, cookies: Vec<HeaderValue>) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The session is over (RFC 6749 §5.2).
fn refused() -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_grant")
}

/// A success that is none. The error has nothing of the tokens.
fn useless(why: &TokenError) -> Response {
    tracing::error!(%why, "the token endpoint's answer is not accepted");
    Unavailable.into_response()
}

fn granted(mediated: Mediated, handle: Option<&Secret>) -> Response {
    json_with(StatusCode::OK, &mediated.answer(handle))
}
