//! From a request to MLflow's answer: who asks, for what, and may they?

use std::time::Duration;

use axum::{body::Body, extract::Request, http::HeaderMap, response::Response};
use http_body_util::{BodyExt, Limited};
use shell_core::{
    claims::Claims,
    policy::{self, Permit, may_use},
    refusal::Cause,
};

use crate::{
    Gateway,
    audit::Decision,
    authenticate,
    look::{self, Look},
    programs, proxy,
};

/// Who sends the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller {
    /// A page, with the token of its session.
    Page,
    /// A program, with a token of either kind.
    Program,
}

/// A verdict, and whom and what it is about.
struct Judged {
    permit: Result<Permit, Cause>,
    claims: Claims,
    /// What it asks for, if that has one reading.
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
) -> Result<Response, Cause> {
    let judged = match judge(gateway, caller, name, path, &mut request).await {
        Ok(judged) => judged,
        Err(cause) => {
            drain(request.into_body()).await;
            return Err(cause);
        }
    };
    let Judged {
        permit,
        claims,
        look,
    } = judged;
    let decision = Decision::new(&claims, name, path, look.as_ref(), &request, &permit);
    let pending = gateway.settings.audit.begin(decision);
    let answer = match permit {
        Ok(permit) => proxy::forward(gateway, permit, path, request).await,
        Err(cause) => {
            drain(request.into_body()).await;
            Err(cause)
        }
    };
    pending.end(&answer);
    answer
}

/// What is not here is not verified, what is not verified is not looked at, and
/// of whoever may not be here at all no body is read.
async fn judge(
    gateway: &Gateway,
    caller: Caller,
    name: Option<&str>,
    path: &str,
    request: &mut Request,
) -> Result<Judged, Cause> {
    let server = policy::server(&gateway.settings.config.upstreams, name)?;
    let claims = caller.claims(gateway, request.headers()).await?;
    let in_force = gateway.settings.policy.in_force();
    let admitted = in_force.policy.admit(&claims).map_err(Cause::from);
    let admitted = admitted.and_then(|()| may_use(server, &claims.name, &claims.groups));
    let look = match &admitted {
        Ok(()) => look::at(path, request).await,
        Err(_) => look::from_afar(path, request),
    };
    let judge = |look: &Look| in_force.policy.permit(server, &claims, &look.asked);
    Ok(Judged {
        permit: match &look {
            Ok(look) => admitted.and_then(|()| judge(look)),
            Err(cause) => Err(cause.clone()),
        },
        claims,
        look: look.ok(),
    })
}

impl Caller {
    async fn claims(self, gateway: &Gateway, headers: &HeaderMap) -> Result<Claims, Cause> {
        match self {
            Self::Page => authenticate::claims(gateway, headers).await,
            Self::Program => {
                programs::are_served(gateway)?;
                authenticate::program_claims(gateway, headers).await
            }
        }
    }
}

/// The most that is read of the body of a refused request, in bytes.
const DRAINED: usize = 64 * 1024 * 1024;

/// How long that may take.
const DRAINING: Duration = Duration::from_secs(30);

/// Reads a body to its end and keeps nothing of it. A browser that is answered
/// while it is still sending may see a broken connection instead of the 401
/// after which the worker would renew the token and send the request again.
pub(crate) async fn drain(body: Body) {
    let mut body = Limited::new(body, DRAINED);
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever is slower than that sees the connection close.
    let _ = tokio::time::timeout(DRAINING, all).await;
}
