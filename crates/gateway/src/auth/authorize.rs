//! Whether the policy permits a request.

use axum::extract::Request;
use shell_core::{
    claims::Claims,
    config::Upstream,
    policy::{Permit, may_use},
    refusal::Problem,
};

use super::live_policy::LivePolicy;
use crate::inspection::{self, Inspection, InspectionError, parser_pool::ParserPool};

/// What a request asks for, if that has one reading, and whether it is permitted.
pub(crate) struct Authorization {
    pub(crate) permit: Result<Permit, Problem>,
    pub(crate) inspection: Option<Inspection>,
}

/// Decides whether the user of `claims` may send `request` for `path` on `server`.
///
/// The body of a user who may not use this site or server at all is not read.
pub(crate) async fn authorize(
    policy: &LivePolicy,
    parsers: &ParserPool,
    claims: &Claims,
    (server, path): (Option<&Upstream>, &str),
    request: &mut Request,
) -> Authorization {
    let current = policy.current();
    let admitted = current.policy.admit(claims).map_err(Problem::from);
    let admitted = admitted.and_then(|()| may_use(server, &claims.name, &claims.groups));
    let inspected = match &admitted {
        Ok(()) => inspection::inspect(parsers, path, request).await,
        Err(_) => inspection::inspect_head(path, request),
    };
    match inspected {
        Ok(inspection) => Authorization {
            permit: admitted
                .and_then(|()| current.policy.permit(server, claims, &inspection.request)),
            inspection: Some(inspection),
        },
        Err(InspectionError { cause, inspection }) => Authorization {
            permit: Err(cause),
            inspection: inspection.map(|inspection| *inspection),
        },
    }
}
