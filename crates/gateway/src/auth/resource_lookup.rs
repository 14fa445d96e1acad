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
    http::{HeaderValue, Request, StatusCode, header},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, Limited};
use quick_cache::sync::Cache;
use serde_json::Value;
use shell_core::{
    bounds::{FILTERED_ANSWER, REFERENCES},
    policy::{
        self, Access, EntityKind, Policy, Reference, WORKSPACE,
        resources::{Lookup, Resource, lookup},
    },
    refusal::Problem,
};

use tokio::task;

use crate::{http_client::HttpClient, proxy::servers::Server, telemetry::request_id::REQUEST_ID};

/// How long a name, a tag or the experiments of a dataset are taken for what they
/// are: so long after a change the old ones may still decide.
const MAX_AGE: Duration = Duration::from_secs(30);

/// How long an entity is taken for unknown to MLflow. Requests with invented ids must
/// not become as many requests to MLflow.
const MAX_AGE_OF_ABSENCE: Duration = Duration::from_secs(5);

/// How many entities are kept of all servers.
const ENTITIES: usize = 100_000;

/// The longest answer that is parsed on the connection's own thread, in bytes.
const INLINE_PARSE_BYTES: usize = 64 * 1024;

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
    asked_at: Instant,
    max_age: Duration,
}

/// Where entities are looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) server: &'a Server,
    /// As the client's request names it.
    pub(crate) workspace: Option<&'a str>,
    /// Of the request that is to be decided: MLflow's log has it for the questions, too.
    pub(crate) request_id: Option<&'a HeaderValue>,
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
        let place = self.place(policy, place).await?;
        let mut request = match place.workspace {
            Some(workspace) => request.in_workspace(workspace.to_owned()),
            None => request,
        };
        let mut asked = 0;
        loop {
            let missing = policy.unresolved(groups, &request);
            if missing.is_empty() {
                return Ok(request);
            }
            asked += missing.len();
            if asked > REFERENCES {
                return Err(Problem::too_many_references());
            }
            let found = stream::iter(missing.iter().cloned())
                .map(|reference| self.find(policy, place, reference))
                .buffer_unordered(AT_A_TIME);
            let found: Vec<(Reference, Resource)> = found.try_collect().await?;
            for (reference, resource) in found {
                request.know(&reference, resource);
            }
        }
    }

    /// The place with the workspace that MLflow acts in, if the server has workspaces: on
    /// another one a header that names one means nothing.
    async fn place<'a>(&self, policy: &Policy, place: Place<'a>) -> Result<Place<'a>, Problem> {
        let is_asked = policy.has_workspaces() || place.workspace.is_some();
        let has = is_asked && place.server.has_workspaces(&self.client).await?;
        let acting = place.workspace.unwrap_or(policy::DEFAULT_WORKSPACE);
        Ok(Place {
            workspace: has.then_some(acting),
            ..place
        })
    }

    /// Forgets what `request` may have changed: what it refers to is asked for anew.
    pub(crate) fn forget(&self, place: Place<'_>, request: &policy::Request) {
        if request.operation().access() == Access::Read {
            return;
        }
        let acting = [None, Some(policy::DEFAULT_WORKSPACE), place.workspace];
        for reference in request.references() {
            for workspace in acting {
                let place = Place { workspace, ..place };
                self.known.remove(&place.key(reference));
            }
        }
    }

    async fn find(
        &self,
        policy: &Policy,
        place: Place<'_>,
        reference: Reference,
    ) -> Result<(Reference, Resource), Problem> {
        let key = place.key(&reference);
        let known = self.known.get(&key).filter(Known::is_current);
        // What was absent a moment ago may have been created by someone else.
        let known = known.filter(|it| !reference.may_be_new || it.resource != Resource::Absent);
        if let Some(known) = known {
            return Ok((reference, known.resource));
        }
        let Some(asked) = lookup(&reference) else {
            return Ok((reference, Resource::Absent));
        };
        let mut resource = self.ask(place, &asked).await?;
        // Of no other use, and a thousand times as long as a name.
        resource.retain_tags(|key| policy.names_tag(key));
        let max_age = match resource {
            Resource::Absent if reference.may_be_new => None,
            Resource::Absent => Some(MAX_AGE_OF_ABSENCE),
            Resource::Labelled(_) | Resource::Of(_) if asked.may_change => Some(MAX_AGE),
            Resource::Labelled(_) | Resource::Of(_) => Some(Duration::MAX),
        };
        if let Some(max_age) = max_age {
            let known = Known {
                resource: resource.clone(),
                asked_at: Instant::now(),
                max_age,
            };
            self.known.insert(key, known);
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
        if let Some(id) = place.request_id {
            request = request.header(REQUEST_ID, id);
        }
        let request = request.body(Body::empty());
        let request = request.map_err(|_| Problem::reference_unknown())?;
        let response = place
            .server
            .upstream
            .send(&self.client, path, request)
            .await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, FILTERED_ANSWER).collect().await;
        let body = body.map_err(|_| Problem::reference_unknown())?.to_bytes();
        let is_short = body.len() <= INLINE_PARSE_BYTES;
        let read = move || serde_json::from_slice(&body).unwrap_or(Value::Null);
        // A run with large datasets has megabytes.
        let answer = if is_short {
            read()
        } else {
            let parsed = task::spawn_blocking(read).await;
            parsed.map_err(|_| Problem::reference_unknown())?
        };
        Ok((head.status, answer))
    }
}

impl Known {
    fn is_current(&self) -> bool {
        self.asked_at.elapsed() < self.max_age
    }
}

impl fmt::Debug for ResourceLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceLookup")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}
