//! From a request to MLflow's answer: who asks, for what, and may they?

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{body::Body, extract::Request, http::HeaderMap, response::Response};
use http_body_util::{BodyExt, Limited};
use shell_core::{
    claims::Claims,
    policy::{self, Permit, may_use},
    presigned,
    refusal::Problem,
};

use crate::{
    Gateway,
    audit::Decision,
    authenticate,
    concurrency::{Place, User},
    guarded::until_sent,
    headers,
    look::{self, Look, Unreadable},
    programs, proxy,
    watch::Watch,
};

/// Who sends the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller {
    /// A page, with the token of its session.
    Page,
    /// A program, with a token of either kind.
    Program,
}

/// Whose request it is, and its place among those under way.
struct Known {
    claims: Arc<Claims>,
    place: Place,
}

/// What a request asks for, if that has one reading, and whether it may.
struct Judged {
    permit: Result<Permit, Problem>,
    look: Option<Look>,
}

/// Answers a request for `path` on the server called `name`: MLflow's answer, if
/// the policy permits it.
pub(crate) async fn answer(
    gateway: &Gateway,
    caller: Caller,
    name: Option<&str>,
    path: &str,
    mut request: Request,
) -> Result<Response, Problem> {
    let watch = Watch::of(request.extensions());
    let known = admit(gateway, caller, name, &watch, request.headers()).await;
    let Known { claims, place } = match known {
        Ok(known) => known,
        Err(cause) => {
            drain_strangers(gateway, request.into_body()).await;
            return Err(cause);
        }
    };
    // What is judged and written down is what MLflow gets.
    headers::clean_request(request.headers_mut());
    let span = watch.span("decide");
    let Judged { permit, look } = judge(gateway, &claims, name, path, &mut request).await?;
    drop(span);
    watch.judged(look.as_ref().map(|look| look.asked.operation()), &permit);
    let audit = &gateway.settings.audit;
    let decision = Decision::new(audit, &claims, name, path, look.as_ref(), &request, &permit);
    let pending = audit.begin(decision);
    let on_site = check_page(gateway, caller, path, &request);
    let answer = match permit.and_then(|permit| on_site.map(|()| permit)) {
        Ok(permit) => forward(gateway, &claims, permit, path, request, &watch).await,
        Err(cause) => {
            drain(request.into_body()).await;
            Err(cause)
        }
    };
    pending.end(&answer);
    answer.map(|answer| until_sent(answer, place))
}

/// Whether the site has what a page asks for. It may be permitted all the same:
/// programs are given it.
fn check_page(
    gateway: &Gateway,
    caller: Caller,
    path: &str,
    request: &Request,
) -> Result<(), Problem> {
    match caller {
        Caller::Page => {
            let query = request.uri().query().unwrap_or_default();
            let artifacts = &gateway.settings.config.artifacts;
            presigned::check(artifacts, request.method().as_str(), path, query)
        }
        Caller::Program => Ok(()),
    }
}

/// What is not here is not verified, and whose it is nobody knows has no place.
async fn admit(
    gateway: &Gateway,
    caller: Caller,
    name: Option<&str>,
    watch: &Watch,
    headers: &HeaderMap,
) -> Result<Known, Problem> {
    policy::server(&gateway.settings.config.upstreams, name)?;
    let claims = known(watch, async {
        match caller {
            Caller::Page => authenticate::claims(gateway, headers).await,
            Caller::Program => {
                programs::are_served(gateway)?;
                authenticate::program_claims(gateway, headers).await
            }
        }
    });
    let claims = claims.await?;
    let user = User::new(&claims.issuer, &claims.subject);
    let began = Instant::now();
    let place = gateway.places.enter(user).await;
    watch.waited(began.elapsed());
    let place = place.map_err(|why| watch.shed(why))?;
    Ok(Known { claims, place })
}

/// Whose request it is. A check takes some fifty microseconds, and waits only
/// for keys, which is bounded for itself.
pub(crate) async fn known(
    watch: &Watch,
    check: impl Future<Output = Result<Arc<Claims>, Problem>>,
) -> Result<Arc<Claims>, Problem> {
    let _span = watch.span("authenticate");
    let checked = check.await;
    watch.token_checked(&checked);
    checked
}

/// What is not verified is not looked at, and of whoever may not be here at all
/// no body is read.
async fn judge(
    gateway: &Gateway,
    claims: &Claims,
    name: Option<&str>,
    path: &str,
    request: &mut Request,
) -> Result<Judged, Problem> {
    let server = policy::server(&gateway.settings.config.upstreams, name)?;
    let in_force = gateway.settings.policy.in_force();
    let admitted = in_force.policy.admit(claims).map_err(Problem::from);
    let admitted = admitted.and_then(|()| may_use(server, &claims.name, &claims.groups));
    let look = match &admitted {
        Ok(()) => look::at(&gateway.parsers, path, request).await,
        Err(_) => look::from_afar(path, request),
    };
    Ok(match look {
        Ok(look) => Judged {
            permit: admitted.and_then(|()| in_force.policy.permit(server, claims, &look.asked)),
            look: Some(look),
        },
        Err(Unreadable { cause, look }) => Judged {
            permit: Err(cause),
            look: look.map(|look| *look),
        },
    })
}

async fn forward(
    gateway: &Gateway,
    claims: &Claims,
    permit: Permit,
    path: &str,
    mut request: Request,
    watch: &Watch,
) -> Result<Response, Problem> {
    let _span = watch.upstream_span(request.headers_mut());
    let server = permit.server().map(ToOwned::to_owned);
    let began = Instant::now();
    let answer = proxy::forward(gateway, claims, permit, path, request).await;
    watch.upstream(server.as_deref(), began.elapsed());
    answer
}

/// The most that is read of the body of a refused request, in bytes.
const DRAINED: usize = 64 * 1024 * 1024;

/// How long that may take.
const DRAINING: Duration = Duration::from_secs(30);

/// As [`drain`], of requests of which nobody knows whose they are: so many at a
/// time, and of the others nothing is read.
pub(crate) async fn drain_strangers(gateway: &Gateway, body: Body) {
    if let Some(_permit) = gateway.strangers.drain() {
        drain(body).await;
    }
}

/// Reads a body to its end and keeps nothing of it. A browser that is answered
/// while it is still sending may see a broken connection instead of the 401
/// after which the worker would renew the token and send the request again.
pub(crate) async fn drain(body: Body) {
    let mut body = Limited::new(body, DRAINED);
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever is slower than that sees the connection close.
    let _ = tokio::time::timeout(DRAINING, all).await;
}
