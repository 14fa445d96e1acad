//! What requests refer to, as MLflow tells: the experiment of a run, the name of an
//! experiment.
//!
//! ```text
//!  Policy::unresolved ──▶ cache ──▶ MLflow, with the gateway's own right
//! ```
//!
//! MLflow is asked for each entity once: what cannot change is kept as long as there
//! is room, what can change for [`MAX_AGE`], or until a request that passes here may
//! have changed it. Without an answer the request is refused.

use std::{
    fmt,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, Limited};
use quick_cache::sync::Cache;
use serde_json::Value;
use shell_core::{
    bounds::{JSON_LENGTH, REFERENCES},
    policy::{
        self, Access, EntityKind, Policy, Reference, WORKSPACE,
        resources::{Lookup, Resource, Resources, lookup},
    },
    refusal::Problem,
};

use crate::{http_client::HttpClient, proxy::servers::Server};

/// How long a name, a tag or the experiments of a dataset are taken for what they
/// are: so long after a change the old ones may still decide.
const MAX_AGE: Duration = Duration::from_secs(30);

/// How many entities are kept of all servers.
const ENTITIES: usize = 100_000;

/// How many are asked for at a time, for one request.
const AT_A_TIME: usize = 8;

/// Asks MLflow, and keeps what it may.
pub(crate) struct ResourceLookup {
    client: HttpClient,
    known: Cache<Key, Known>,
}

/// An entity: of which server and workspace, its kind, and its name or id.
type Key = (Option<String>, Option<String>, EntityKind, String);

#[derive(Debug, Clone)]
struct Known {
    resource: Resource,
    /// When it was asked for, if it can change.
    asked_at: Option<Instant>,
}

/// Where entities are looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) server: &'a Server,
    /// As the client's request names it.
    pub(crate) workspace: Option<&'a str>,
}

impl Place<'_> {
    fn key(&self, reference: &Reference) -> Key {
        (
            self.server.name().map(ToOwned::to_owned),
            self.workspace.map(ToOwned::to_owned),
            reference.kind,
            reference.value.clone(),
        )
    }
}

impl ResourceLookup {
    pub(crate) fn new(client: HttpClient) -> Self {
        Self {
            client,
            known: Cache::new(ENTITIES),
        }
    }

    /// `request`, with all that `policy` has to know for deciding it for a user of
    /// `groups`.
    ///
    /// # Errors
    /// If MLflow does not say, or there is too much to ask for.
    pub(crate) async fn resolve(
        &self,
        policy: &Policy,
        groups: &[String],
        place: Place<'_>,
        request: policy::Request,
    ) -> Result<policy::Request, Problem> {
        let mut request = self.in_workspace(policy, place, request).await?;
        let mut resources = Resources::default();
        loop {
            let missing = policy.unresolved(groups, &request);
            if missing.is_empty() {
                return Ok(request);
            }
            if missing.len() > REFERENCES {
                return Err(Problem::too_many_references());
            }
            let found = stream::iter(missing.iter().cloned())
                .map(|reference| self.find(place, reference))
                .buffer_unordered(AT_A_TIME);
            let found: Vec<(Reference, Resource)> = found.try_collect().await?;
            for (reference, resource) in found {
                resources.insert(&reference, resource);
            }
            request = request.with_resources(resources.clone());
        }
    }

    /// `request`, acting in the workspace that MLflow acts in, if the policy is about
    /// workspaces and the server has them.
    async fn in_workspace(
        &self,
        policy: &Policy,
        place: Place<'_>,
        request: policy::Request,
    ) -> Result<policy::Request, Problem> {
        if !policy.has_workspaces() || !place.server.has_workspaces(&self.client).await? {
            return Ok(request);
        }
        let workspace = place.workspace.unwrap_or(policy::DEFAULT_WORKSPACE);
        Ok(request.in_workspace(workspace.to_owned()))
    }

    /// Forgets what `request` may have changed: what it refers to is asked for anew.
    pub(crate) fn forget(&self, place: Place<'_>, request: &policy::Request) {
        if request.operation().access() == Access::Read {
            return;
        }
        for reference in request.references() {
            self.known.remove(&place.key(reference));
        }
    }

    async fn find(
        &self,
        place: Place<'_>,
        reference: Reference,
    ) -> Result<(Reference, Resource), Problem> {
        let key = place.key(&reference);
        if let Some(known) = self.known.get(&key).filter(Known::is_current) {
            return Ok((reference, known.resource));
        }
        let Some(asked) = lookup(&reference) else {
            return Ok((reference, Resource::Absent));
        };
        let resource = self.ask(place, &asked).await?;
        if resource != Resource::Absent {
            let asked_at = asked.may_change.then(Instant::now);
            let resource = resource.clone();
            self.known.insert(key, Known { resource, asked_at });
        }
        Ok((reference, resource))
    }

    async fn ask(&self, place: Place<'_>, asked: &Lookup) -> Result<Resource, Problem> {
        let (status, answer) = self.get(place, &asked.target).await?;
        let found = match status {
            StatusCode::OK => asked.found(&answer),
            status => Lookup::is_absent(status.as_u16(), &answer).then_some(Resource::Absent),
        };
        found.ok_or_else(|| {
            let path = asked.target.split('?').next().unwrap_or_default();
            tracing::warn!(path, %status, "MLflow does not say what a request is about");
            Problem::reference_unknown()
        })
    }

    async fn get(&self, place: Place<'_>, target: &str) -> Result<(StatusCode, Value), Problem> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request =
            Request::get(format!("/?{query}")).header(header::ACCEPT, "application/json");
        if let Some(workspace) = place.workspace {
            request = request.header(WORKSPACE, workspace);
        }
        let request = request.body(Body::empty());
        let request = request.map_err(|_| Problem::reference_unknown())?;
        let response = place
            .server
            .upstream
            .send(&self.client, path, request)
            .await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, JSON_LENGTH).collect().await;
        let body = body.map_err(|_| Problem::reference_unknown())?.to_bytes();
        let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok((head.status, answer))
    }
}

impl Known {
    fn is_current(&self) -> bool {
        self.asked_at.is_none_or(|asked| asked.elapsed() < MAX_AGE)
    }
}

impl fmt::Debug for ResourceLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceLookup")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}
