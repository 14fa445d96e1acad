//! Whether the policy allows a request, as far as an event tells of it.
//!
//! 1. What is judged is MLflow's path, wherever the API has MLflow
//!    ([`intercept::route_target`]).
//! 2. How often a path is decoded on its way through API Gateway is documented
//!    for no kind of API, and differs between them. So a path with a `%` has
//!    several readings: as it stands, decoded once, and again as long as there
//!    is something to decode. The request is allowed if each of them is.
//! 3. A path that a policy document would take for a pattern is refused: a
//!    cached answer for it could let other requests through.
//! 4. A navigation that does more than read a document or a file is never
//!    allowed, whatever token it has ([`shell_core::initiator`]).
//! 5. So is a request whose headers may name another workspace to MLflow than to
//!    a reader of logs, which the gateway refuses as well.
//! 6. Of names that a rule is limited to only those in a query count. API
//!    Gateway shows no authorizer a body, and no answer: a list of which a user may
//!    see a part is denied.

use shell_core::{
    canonical_path::{Ambiguous, CanonicalPath},
    claims::Claims,
    initiator,
    intercept::{self, RouteTarget},
    policy::{Policy, Request},
    refusal::Requester,
};

use crate::Event;

/// How often a path may be decoded before it has too many readings.
const MOST_READINGS: usize = 4;

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the request does, as a template of its path.
    pub operation: String,
    /// The rule that allows it, or why it is denied.
    pub ruling: Result<String, String>,
}

/// Judges the request that `event` is about, of the user of `claims`.
pub fn judge(policy: &Policy, claims: &Claims, event: &Event) -> Verdict {
    let mut operation = "unknown".to_owned();
    let ruling = requests(event).and_then(|requests| {
        let mut rule = Err("there is no path");
        for request in requests {
            request.operation().template().clone_into(&mut operation);
            let permit = policy.decide(claims, &request);
            let permit = permit.map_err(|denial| denial.message())?;
            if permit.filter().is_some() {
                return Err("a rule with limits allows a part of this list only".to_owned());
            }
            rule = Ok(permit.rule().to_owned());
        }
        rule.map_err(ToOwned::to_owned)
    });
    Verdict { operation, ruling }
}

/// Whether `event` is about a navigation that another site may have begun and
/// that does more than read a document or a file.
///
/// It is no reason to deny: API Gateway may keep an answer, and would then give
/// it to MLflow's own pages, too.
pub(crate) fn is_unsafe_navigation(event: &Event) -> bool {
    let may = |reading: &String| {
        on_mlflow(reading).is_some_and(|path| initiator::may_navigate(&event.method, path))
    };
    let in_each = |path: &String| readings(path).is_ok_and(|all| all.iter().all(may));
    event.requester != Requester::Script && !event.paths.iter().all(in_each)
}

/// What stands before MLflow's path in `path`: `/mlflow`, `/mlflow/@dev` or
/// nothing.
pub(crate) fn prefix(path: &str) -> &str {
    on_mlflow(path)
        .and_then(|rest| path.strip_suffix(rest))
        .unwrap_or_default()
}

/// Every reading of the request.
fn requests(event: &Event) -> Result<Vec<Request>, String> {
    if event.arn.is_pattern() {
        return Err("the path has a wildcard of policies".to_owned());
    }
    let mut requests = Vec::new();
    for path in &event.paths {
        for reading in readings(path).map_err(|Ambiguous| ambiguous())? {
            let path = on_mlflow(&reading).ok_or("the path leads nowhere")?;
            let request = Request::read(&event.method, path);
            let request = request.map_err(|Ambiguous| ambiguous())?;
            requests.push(request.with_query(&event.query));
        }
    }
    Ok(requests)
}

fn ambiguous() -> String {
    "the path has more than one reading".to_owned()
}

/// The readings of a path, each spelt so that it is decoded once to be read.
fn readings(path: &str) -> Result<Vec<String>, Ambiguous> {
    let mut readings = vec![path.replace('%', "%25")];
    while let Some(last) = readings.last() {
        let canonical = CanonicalPath::parse(last)?.canonical();
        if !canonical.contains("%25") {
            return Ok(readings);
        }
        if readings.len() == MOST_READINGS {
            return Err(Ambiguous);
        }
        readings.push(canonical.replace("%25", "%"));
    }
    Ok(readings)
}

/// The path on MLflow's side, undecoded.
fn on_mlflow(path: &str) -> Option<&str> {
    match intercept::route_target(path) {
        RouteTarget::Shell => Some(path),
        RouteTarget::StaticFile(_, rest)
        | RouteTarget::Upstream(_, rest)
        | RouteTarget::Program(_, rest) => Some(rest),
        RouteTarget::Nowhere | RouteTarget::Tokens => None,
    }
}

#[cfg(test)]
mod tests;
