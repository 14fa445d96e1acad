//! The way of a request for MLflow: authenticate, admit, inspect, authorise,
//! audit, forward.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Uri},
    response::Response,
};
use shell_core::{
    Config,
    claims::Claims,
    credentials::{self, Reason},
    policy::{self, Area, Operation, Permit},
    presigned,
    refusal::{Advice, Problem, Rejection},
    site::tracking_uri,
};

use crate::{
    audit::{Audit, AuditRecord},
    auth::{
        AuthState, authenticate,
        authorize::{Authorization, Means, authorize, forget_changed, workspace},
    },
    body::{drain, guarded::hold_until_sent},
    fetch_metadata,
    http_client::ForModel,
    inspection::parser_pool::ParserPool,
    middleware::{
        anonymous_limits::AnonymousLimits,
        concurrency::{ConcurrencyLimiter, ConcurrencyPermit, User},
    },
    proxy::{Proxy, Target, headers},
    run_owner,
    telemetry::request::RequestTelemetry,
};

/// What the steps of the pipeline need.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) config: Config,
    /// Whether runs that are created are their verified user's.
    pub(crate) run_owner: bool,
    pub(crate) auth: AuthState,
    pub(crate) limiter: ConcurrencyLimiter,
    pub(crate) anonymous: AnonymousLimits,
    pub(crate) parsers: ParserPool,
    pub(crate) audit: Audit,
    pub(crate) proxy: Arc<Proxy>,
}

/// Who sends a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller {
    /// A page, with the token of its session.
    Page,
    /// A program, with a token of either kind.
    Program,
}

impl Pipeline {
    /// Answers a request of `caller` for `target`: with MLflow's response, if the
    /// policy permits it.
    ///
    /// # Errors
    /// With why not.
    pub(crate) async fn respond(
        &self,
        caller: Caller,
        target: Target<'_>,
        mut request: Request,
    ) -> Result<Response, Problem> {
        let telemetry = RequestTelemetry::of(request.extensions());
        let admitted = self.admit(
            caller,
            target,
            &telemetry,
            (request.headers(), request.uri()),
        );
        let (claims, slot) = match admitted.await {
            Ok(admitted) => admitted,
            Err(cause) => {
                self.drain_anonymous(request.into_body()).await;
                return Err(cause);
            }
        };
        // What is authorised and audited is what MLflow gets.
        headers::clean_request(request.headers_mut());
        let Authorization { permit, inspection } = self
            .authorize(&claims, target, &mut request, &telemetry)
            .await?;
        let record = AuditRecord::new(
            &self.audit,
            &claims,
            target,
            inspection.as_ref(),
            &request,
            &permit,
        );
        let pending = self.audit.begin(record);
        let operation = inspection.as_ref().map(|found| found.request.operation());
        let available = self.check_available(caller, target.path, &request, operation);
        if operation.is_some_and(|it| it.is_of(Area::Gateway)) {
            request.extensions_mut().insert(ForModel);
        }
        let workspace = workspace(request.headers()).ok().flatten();
        let owned = self.own(&claims, operation, &permit, &mut request).await;
        let available = available.and(owned);
        let response = match permit.and_then(|permit| available.map(|()| permit)) {
            Ok(permit) => {
                self.forward(&claims, permit, target.path, request, &telemetry)
                    .await
            }
            Err(cause) => {
                drain(request.into_body()).await;
                Err(cause)
            }
        };
        pending.end(&response);
        if self.auth.policy.current().policy.has_limits() {
            let changed = (target.server, workspace.as_deref());
            forget_changed(self.means(), changed, inspection.as_ref());
        }
        response.map(|response| hold_until_sent(response, slot))
    }

    /// Authenticates a request, and waits for its slot. A server that does not
    /// exist is refused before a token is verified, and only authenticated
    /// requests get a slot.
    async fn admit(
        &self,
        caller: Caller,
        target: Target<'_>,
        telemetry: &RequestTelemetry,
        (headers, address): (&HeaderMap, &Uri),
    ) -> Result<(Arc<Claims>, ConcurrencyPermit), Problem> {
        policy::server(&self.config.upstreams, target.server)?;
        let checked =
            telemetry.authenticate(self.authenticate(caller, headers, (target.path, address)));
        let claims = checked.await;
        let claims = claims.map_err(|why| self.rejected(why, caller, target, headers))?;
        let user = User::new(&claims.issuer, &claims.subject);
        let began = Instant::now();
        let slot = self.limiter.acquire(user).await;
        telemetry.waited(began.elapsed());
        let slot = slot.map_err(|reason| telemetry.shed(reason))?;
        Ok((claims, slot))
    }

    async fn authenticate(
        &self,
        caller: Caller,
        headers: &HeaderMap,
        address: (&str, &Uri),
    ) -> Result<Arc<Claims>, Rejection> {
        match caller {
            Caller::Page => authenticate::page_claims(&self.auth, headers).await,
            Caller::Program => authenticate::program_claims(&self.auth, headers, address).await,
        }
    }

    /// What a rejection is in words: a program may have lost its way to where pages
    /// call, or come without a token to where it may not come with one either.
    fn rejected(
        &self,
        why: Rejection,
        caller: Caller,
        target: Target<'_>,
        headers: &HeaderMap,
    ) -> Problem {
        let is_of_page = match caller {
            Caller::Program => false,
            Caller::Page => {
                let initiator = fetch_metadata::initiator(headers);
                initiator.is_browser() || why.reason() == Reason::Missing
            }
        };
        if is_of_page {
            return why.for_page();
        }
        why.for_program(Advice {
            tracking_uri: &tracking_uri(&self.config.origin, target.server),
            is_for_models: credentials::is_for_models(target.path),
        })
    }

    async fn authorize(
        &self,
        claims: &Claims,
        target: Target<'_>,
        request: &mut Request,
        telemetry: &RequestTelemetry,
    ) -> Result<Authorization, Problem> {
        let _span = telemetry.span("decide");
        let server = policy::server(&self.config.upstreams, target.server)?;
        let decided = authorize(self.means(), claims, (server, target.path), request).await;
        let operation = decided
            .inspection
            .as_ref()
            .map(|found| found.request.operation());
        telemetry.authorized(operation, &decided.permit);
        Ok(decided)
    }

    fn means(&self) -> Means<'_> {
        Means {
            auth: &self.auth,
            parsers: &self.parsers,
            servers: &self.proxy.servers,
        }
    }

    /// Whether the site has what the caller asks for: presigned URLs are for
    /// programs only, unless the site lists the store, and MLflow's assistant is for
    /// no program.
    fn check_available(
        &self,
        caller: Caller,
        path: &str,
        request: &Request,
        operation: Option<&Operation>,
    ) -> Result<(), Problem> {
        match caller {
            Caller::Page => {
                let query = request.uri().query().unwrap_or_default();
                let artifacts = &self.config.artifacts;
                presigned::check(artifacts, request.method().as_str(), path, query)
            }
            Caller::Program if operation.is_some_and(|it| it.is_of(Area::Assistant)) => {
                Err(Problem::assistant_for_pages())
            }
            Caller::Program => Ok(()),
        }
    }

    /// Makes a run that is created its user's, where that is set.
    async fn own(
        &self,
        claims: &Claims,
        operation: Option<&Operation>,
        permit: &Result<Permit, Problem>,
        request: &mut Request,
    ) -> Result<(), Problem> {
        match operation {
            Some(operation) if self.run_owner && permit.is_ok() => {
                let policy = &self.auth.policy.current().policy;
                let is_administrator = policy.permits_everything(claims);
                let body = (&self.parsers, request);
                run_owner::write(operation, claims, is_administrator, body).await
            }
            _ => Ok(()),
        }
    }

    async fn forward(
        &self,
        claims: &Claims,
        permit: Permit,
        path: &str,
        mut request: Request,
        telemetry: &RequestTelemetry,
    ) -> Result<Response, Problem> {
        let _span = telemetry.upstream_span(request.headers_mut());
        let server = permit.server().map(ToOwned::to_owned);
        let began = Instant::now();
        let response = self.proxy.forward(claims, permit, path, request).await;
        telemetry.upstream(server.as_deref(), began.elapsed());
        response
    }

    /// Drains the body of a request that is not authenticated: a bounded number
    /// of them at a time, and of the others nothing is read.
    pub(crate) async fn drain_anonymous(&self, body: Body) {
        if let Some(_permit) = self.anonymous.drain() {
            drain(body).await;
        }
    }
}
