//! Whether the policy permits a request.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue},
};
use shell_core::{
    canonical_path::Ambiguous,
    claims::Claims,
    config::Upstream,
    policy::{self, Permit, Policy, may_use},
    refusal::Problem,
};

use super::{AuthState, resource_lookup::Place};
use crate::{
    inspection::{self, Inspection, InspectionError, Purpose, parser_pool::ParserPool},
    proxy::servers::Servers,
    telemetry::request_id::REQUEST_ID,
};

/// What a request asks for, if that has one reading, and whether it is permitted.
pub(crate) struct Authorization {
    pub(crate) permit: Result<Permit, Problem>,
    pub(crate) inspection: Option<Inspection>,
}

/// What decisions are made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means<'a> {
    pub(crate) auth: &'a AuthState,
    pub(crate) parsers: &'a ParserPool,
    pub(crate) servers: &'a Servers,
}

/// Decides whether the user of `claims` may send `request` for `path` on `server`.
///
/// The body of a user who may not use this site or server at all is not read.
pub(crate) async fn authorize(
    means: Means<'_>,
    claims: &Claims,
    (server, path): (Option<&Upstream>, &str),
    request: &mut Request,
) -> Authorization {
    let current = means.auth.policy.current();
    let policy = &current.policy;
    let admitted = policy.admit(claims).map_err(Problem::from);
    let admitted = admitted.and_then(|()| may_use(server, &claims.name, &claims.groups));
    let inspected = match &admitted {
        Ok(()) => inspection::inspect(means.parsers, path, purpose(policy), request).await,
        Err(_) => inspection::inspect_head(path, request),
    };
    match (inspected, admitted) {
        (Ok(inspection), Ok(())) => {
            let decider = Decider {
                policy,
                server,
                claims,
            };
            // Of two readings the inspection has refused the request.
            let workspace = workspace(request.headers()).ok().flatten();
            let request_id = request.headers().get(REQUEST_ID).cloned();
            let named = (workspace.as_deref(), request_id.as_ref());
            let permit = decider.permit(means, &inspection.request, named).await;
            let inspection = Some(inspection);
            Authorization { permit, inspection }
        }
        (Ok(inspection), Err(cause)) => Authorization {
            permit: Err(cause),
            inspection: Some(inspection),
        },
        (Err(InspectionError { cause, inspection }), _) => Authorization {
            permit: Err(cause),
            inspection: inspection.map(|inspection| *inspection),
        },
    }
}

/// Has what a request may have changed asked for anew, once it is done.
pub(crate) fn forget_changed(
    means: Means<'_>,
    (server, workspace): (Option<&str>, Option<&str>),
    inspection: Option<&Inspection>,
) {
    if let (Some(inspection), Ok(server)) = (inspection, means.servers.named(server)) {
        let place = Place {
            server,
            workspace,
            request_id: None,
        };
        means.auth.resources.forget(place, &inspection.request);
    }
}

/// The workspace that a request's headers name.
pub(crate) fn workspace(headers: &HeaderMap) -> Result<Option<String>, Ambiguous> {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    Ok(policy::workspace(headers)?.map(ToOwned::to_owned))
}

fn purpose(policy: &Policy) -> Purpose {
    if policy.has_limits() {
        Purpose::Limits
    } else {
        Purpose::Rights
    }
}

/// A policy, and for whom on which server it decides.
struct Decider<'a> {
    policy: &'a Policy,
    server: Option<&'a Upstream>,
    claims: &'a Claims,
}

impl Decider<'_> {
    async fn permit(
        &self,
        means: Means<'_>,
        asked: &policy::Request,
        (workspace, request_id): (Option<&str>, Option<&HeaderValue>),
    ) -> Result<Permit, Problem> {
        let permit = |asked: &policy::Request| self.policy.permit(self.server, self.claims, asked);
        if !self.policy.has_limits() {
            return permit(asked);
        }
        let name = self.server.map(|server| server.name.as_str());
        let server = means.servers.named(name)?;
        let place = Place {
            server,
            workspace,
            request_id,
        };
        let (lookup, groups) = (&means.auth.resources, &self.claims.groups);
        let resolved = lookup.resolve(self.policy, groups, place, asked.clone());
        // Boxed, or every request would have its room.
        permit(&Box::pin(resolved).await?)
    }
}
