//! Who may do what in MLflow.
//!
//! 1. A request is what it asks MLflow to do ([`Operation`]): accesses to
//!    areas, found by method and decoded path among all endpoints of all
//!    supported versions ([`endpoints`]).
//! 2. A [`Policy`] is a list of named [rules](Rule), each from groups to
//!    rights. What a user may do is the union of the rules for the user's
//!    groups.
//! 3. A user who is in no group of any rule is not admitted at all.
//! 4. An operation of which nothing is known takes a rule that allows
//!    everything.
//! 5. A rule may be limited to experiments, registered models or workspaces. It then
//!    covers requests that are about those, and no others ([`decision`]): whose a run
//!    or a trace is, MLflow is asked for ([`resources`]) and never guessed.
//! 6. A server that lists groups is for their members, of those whom the policy
//!    admits ([`may_use`]).
//!
//! Groups that no rule names are ignored: Cognito adds one for each external
//! identity provider a user comes from.

mod artifact_owner;
mod coverage;
pub mod decision;
mod denial;
mod document;
pub mod endpoints;
mod grants;
pub mod graphql;
mod limits;
mod listing;
pub mod names;
mod operation;
mod references;
mod request;
pub mod resources;
mod roles;
mod rule;
mod servers;
mod workspace;

use std::collections::HashMap;

pub(crate) use self::servers::may_carry;
pub use self::{
    coverage::Coverage,
    decision::Allowance,
    denial::Denial,
    document::PolicyError,
    grants::{Grant, grants},
    limits::{Limits, Pattern},
    listing::{Filter, Listing, NotAList},
    names::naming_parameter,
    operation::{Access, Area, Operation},
    references::{EntityKind, Parameter, Presence, Reference, Scope},
    request::{BodyRequirement, Request},
    rule::{Rights, Rule},
    servers::{may_use, server},
    workspace::{DEFAULT_WORKSPACE, WORKSPACE, workspace},
};

use crate::{claims::Claims, config::Upstream, refusal::Problem};

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    rules: Vec<Rule>,
    /// The places of the rules for each group: a site may have a rule for each of a
    /// thousand teams, of which a user is in a few.
    of_group: HashMap<String, Vec<usize>>,
    /// Whether some rule has limits, and whether some is limited to workspaces.
    limits: (bool, bool),
}

/// Permission to forward one request to one MLflow server. Only a [`Policy`] makes
/// it.
#[derive(Debug)]
pub struct Permit {
    subject: String,
    rule: String,
    server: Option<String>,
    path: String,
    filter: Option<Filter>,
}

impl Policy {
    /// The policy of these rules.
    fn new(rules: Vec<Rule>) -> Self {
        let mut of_group: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            for group in &rule.groups {
                of_group.entry(group.clone()).or_default().push(place);
            }
        }
        let limits = |is_some: fn(&Limits) -> bool| rules.iter().any(|rule| is_some(&rule.limits));
        Self {
            limits: (
                limits(|it| !it.is_empty()),
                limits(|it| !it.workspaces.is_empty()),
            ),
            of_group,
            rules,
        }
    }

    /// The policy of a site that has no other: the AWS sample's three groups.
    ///
    /// - `administration`: `admins` may do everything.
    /// - `reading`: `readers` and `model-approvers` may read all that is not for
    ///   administrators.
    /// - `model-approval`: `model-approvers` may register models and versions,
    ///   describe, tag, alias and stage them; not rename or delete them, and not
    ///   write artifacts, which may be the files behind a version.
    pub fn built_in() -> Self {
        let reading = Rights::everywhere(Access::Read);
        let approval = Rights::default().and(Area::RegisteredModels, Access::Write);
        Self::new(vec![
            Rule::new("administration", &["admins"], Rights::EVERYTHING),
            Rule::new("reading", &["readers", "model-approvers"], reading),
            Rule::new("model-approval", &["model-approvers"], approval),
        ])
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The groups that rules are for, each once, in order.
    pub fn groups(&self) -> Vec<&str> {
        let all = self.rules.iter().flat_map(|rule| &rule.groups);
        all.fold(Vec::new(), |mut groups, group| {
            if !groups.contains(&group.as_str()) {
                groups.push(group);
            }
            groups
        })
    }

    /// Decides whether the user of these claims is admitted.
    ///
    /// # Errors
    /// If no rule is for any of the user's groups, or those cannot be read.
    pub fn admit(&self, claims: &Claims) -> Result<(), Denial> {
        if let Some(error) = &claims.groups_error {
            return Err(Denial::Unreadable {
                name: claims.name.clone(),
                problem: error.to_string(),
            });
        }
        self.admits(&claims.name, &claims.groups)
    }

    fn admits(&self, name: &str, groups: &[String]) -> Result<(), Denial> {
        if groups.iter().any(|group| self.of_group.contains_key(group)) {
            return Ok(());
        }
        Err(Denial::NotAdmitted {
            name: name.to_owned(),
            groups: self.groups().into_iter().map(ToOwned::to_owned).collect(),
        })
    }

    /// Decides whether the user of these claims may do what `request` asks.
    ///
    /// # Errors
    /// With what it would take.
    pub fn decide(&self, claims: &Claims, request: &Request) -> Result<Permit, Denial> {
        self.admit(claims)?;
        self.grant(claims, request)
    }

    /// Decides of a user who is admitted.
    fn grant(&self, claims: &Claims, request: &Request) -> Result<Permit, Denial> {
        let (name, groups) = (&claims.name, &claims.groups);
        let Allowance { rule, filter } = self
            .allowing(groups, request)
            .ok_or_else(|| Denial::new(self, name, groups, request))?;
        Ok(Permit {
            subject: claims.subject.clone(),
            rule: rule.name.clone(),
            server: None,
            path: request.path().canonical(),
            filter,
        })
    }

    /// The same decision for a user called `name`, of `groups`, who need not be
    /// verified: it explains, and nothing is forwarded with it.
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub fn judge(
        &self,
        name: &str,
        groups: &[String],
        request: &Request,
    ) -> Result<Allowance<'_>, Denial> {
        self.admits(name, groups)?;
        self.allowing(groups, request)
            .ok_or_else(|| Denial::new(self, name, groups, request))
    }

    /// As [`decide`](Self::decide), on `server`.
    ///
    /// # Errors
    /// [`Problem::denied`] with a sentence that says why.
    pub fn permit(
        &self,
        server: Option<&Upstream>,
        claims: &Claims,
        request: &Request,
    ) -> Result<Permit, Problem> {
        self.admit(claims)?;
        may_use(server, &claims.name, &claims.groups)?;
        let permit = self.grant(claims, request)?;
        let server = server.map(|server| server.name.clone());
        Ok(Permit { server, ..permit })
    }

    /// Whether the user of these claims may do whatever there is.
    pub fn permits_everything(&self, claims: &Claims) -> bool {
        // No MLflow has it, so only the right to everything permits it.
        let unknown = Request::read("POST", "/@shell/everything");
        unknown.is_ok_and(|request| self.decide(claims, &request).is_ok())
    }

    /// Whether some rule has limits.
    pub fn has_limits(&self) -> bool {
        self.limits.0
    }

    /// Whether some rule is limited to workspaces.
    pub fn has_workspaces(&self) -> bool {
        self.limits.1
    }

    /// Whether some rule is limited by a tag of this key.
    pub fn names_tag(&self, key: &str) -> bool {
        let mut patterns = self.rules.iter().flat_map(|rule| rule.limits.all());
        patterns.any(|pattern| matches!(pattern, Pattern::Tag(tag, _) if tag == key))
    }

    /// The rules that can only be decided by one who asks MLflow what a request is
    /// about: those with limits, but for the names that requests for experiments and
    /// registered models carry themselves.
    pub fn rules_with_lookups(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.needs_lookups())
    }

    /// The rules for a user of `groups`, in order.
    fn of<'a>(&'a self, groups: &[String]) -> impl Iterator<Item = &'a Rule> {
        let places = groups.iter().filter_map(|group| self.of_group.get(group));
        let mut places: Vec<usize> = places.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.rules.get(place))
    }
}

impl Permit {
    /// For whom the request is forwarded.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The server's name, if it has one.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The rule that allows it.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The path on the server: what was judged, in its one spelling.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the user may see of the answer, if that is not all.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }
}

#[cfg(test)]
mod tests;
