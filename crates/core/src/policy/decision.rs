//! Whether a user's rules allow a request.
//!
//! 1. Each right that a request takes is given by a rule without limits, or by
//!    rules with limits that together cover everything the request is about.
//! 2. What a request brings in from elsewhere, such as the run that a model version
//!    is made from, takes the right to read that, if the policy has limits at all.
//! 3. A list is allowed if a rule with limits gives the right, and then it is
//!    [filtered](Filter).

use super::{
    Access, Area, Filter, Policy, Request, Rule,
    listing::Listing,
    operation::Operation,
    references::{Reference, Scope},
    request::Subject,
    resources::Resource,
};

/// By what a request is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance<'a> {
    /// The rule; the first of them, if it takes several.
    pub rule: &'a Rule,
    /// What the user may see of the answer, if that is not all.
    pub filter: Option<Filter>,
}

/// A right that a request takes.
pub(super) type Demand = (Area, Access);

impl Policy {
    /// By what a user of `groups` may do what `request` asks.
    pub fn allowing(&self, groups: &[String], request: &Request) -> Option<Allowance<'_>> {
        let demands = self.demands(request);
        if demands.is_empty() {
            let rule = self.of(groups).find(|rule| rule.allow.is_everything())?;
            return Some(Allowance { rule, filter: None });
        }
        let given = |demand: &Demand| self.giving(groups, request, *demand);
        let given: Vec<Allowance<'_>> = demands.iter().map(given).collect::<Option<_>>()?;
        let rule = given.first()?.rule;
        let filter = given.into_iter().find_map(|allowance| allowance.filter);
        Some(Allowance { rule, filter })
    }

    /// The entities that have to be looked up before `request` of a user of `groups`
    /// can be decided; none if it is decided.
    pub fn unresolved(&self, groups: &[String], request: &Request) -> Vec<Reference> {
        let mut missing: Vec<Reference> = Vec::new();
        for demand in self.demands(request) {
            let rules = self.rules_with(groups, request, demand);
            if rules.iter().any(|rule| rule.is_unlimited(demand.0)) {
                continue;
            }
            let Subject::Entities(entities) = request.subject(demand.0) else {
                continue;
            };
            let open = entities
                .into_iter()
                .filter(|it| !covered(&rules, it, request));
            let open = open.filter(|it| rules.iter().any(|rule| rule.limits.depends_on(it)));
            missing.extend(open.flat_map(|it| request.resources().missing(it)));
        }
        missing.sort();
        missing.dedup();
        missing
    }

    /// The rights that `request` takes.
    pub(super) fn demands(&self, request: &Request) -> Vec<Demand> {
        let mut demands = request.operation().demands();
        if let Operation::Endpoint(endpoint) = request.operation()
            && self.has_limits()
        {
            let own = endpoint.area.scope();
            let brought_in = [Scope::Experiments, Scope::Models]
                .into_iter()
                .filter(|scope| *scope != own && request.brings_in(*scope));
            demands.extend(brought_in.map(|scope| (scope.area(), Access::Read)));
        }
        demands
    }

    /// The rules for a user of `groups` that give a right in the workspace that
    /// `request` acts in.
    pub(super) fn rules_with(
        &self,
        groups: &[String],
        request: &Request,
        (area, access): Demand,
    ) -> Vec<&Rule> {
        let acts = |rule: &&Rule| {
            area.scope() == Scope::Workspaces || rule.limits.cover_workspace(request.workspace())
        };
        let rules = self.of(groups).filter(|rule| rule.allow.has(area, access));
        rules.filter(acts).collect()
    }

    /// By what a user of `groups` has one right that `request` takes.
    pub(super) fn giving(
        &self,
        groups: &[String],
        request: &Request,
        demand: Demand,
    ) -> Option<Allowance<'_>> {
        let rules = self.rules_with(groups, request, demand);
        if let Some(rule) = rules.iter().find(|rule| rule.is_unlimited(demand.0)) {
            return Some(Allowance { rule, filter: None });
        }
        let rule = rules.first()?;
        match request.subject(demand.0) {
            Subject::Unsaid => None,
            Subject::Entities(entities) => entities
                .iter()
                .all(|it| covered(&rules, it, request))
                .then_some(Allowance { rule, filter: None }),
            Subject::List(listing) => {
                let filter = Some(filter(&rules, listing)?);
                Some(Allowance { rule, filter })
            }
        }
    }
}

impl Rule {
    /// Whether it gives its rights to `area` whatever a request there is about.
    fn is_unlimited(&self, area: Area) -> bool {
        match area.scope() {
            Scope::Workspaces => self.limits.is_empty(),
            Scope::Experiments | Scope::Models => self.limits.is_whole_workspace(),
        }
    }
}

impl Scope {
    /// The area whose right to read shows what an entity of this kind has.
    fn area(self) -> Area {
        match self {
            Self::Experiments => Area::Runs,
            Self::Models => Area::RegisteredModels,
            Self::Workspaces => Area::Workspaces,
        }
    }
}

fn covered(rules: &[&Rule], reference: &Reference, request: &Request) -> bool {
    let resources = request.resources();
    let is_new = reference.may_be_new && resources.get(reference) == Some(&Resource::Absent);
    let labels = resources.labels(reference);
    let covers = |rule: &&Rule| rule.limits.cover(reference, labels.as_deref());
    is_new || rules.iter().any(covers)
}

fn filter(rules: &[&Rule], listing: &'static Listing) -> Option<Filter> {
    let patterns = rules
        .iter()
        .flat_map(|rule| rule.limits.patterns(listing.scope));
    let patterns: Vec<_> = patterns.cloned().collect();
    (!patterns.is_empty()).then_some(Filter { listing, patterns })
}
