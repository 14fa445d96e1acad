use std::fmt;

use super::{Access, Area, Policy, Request, decision::Demand, endpoints};
use crate::{messages::policy as text, refusal::Problem};

/// Why a user is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// No rule is for any of the user's groups.
    NotAdmitted {
        /// Who was refused.
        name: String,
        /// The groups that there are rules for.
        groups: Vec<String>,
    },
    /// Which groups the user is in cannot be read.
    Unreadable {
        /// Who was refused.
        name: String,
        /// What is wrong with the claim.
        problem: String,
    },
    /// The user's rules do not allow the operation.
    NotAllowed {
        /// Who was refused.
        name: String,
        /// What it would take; `None` if nothing is known of it.
        demand: Option<(Area, Access)>,
        /// The endpoint's path, as logs have it.
        template: String,
        /// Whether the user may read what it is about.
        may_view: bool,
        /// The rule of the user's that would allow it, for other names.
        limited_by: Option<String>,
        /// The groups whose members may.
        groups: Vec<String>,
    },
}

impl Denial {
    pub(super) fn new(policy: &Policy, name: &str, groups: &[String], request: &Request) -> Self {
        let rules = || policy.of(groups);
        let lacks = |demand: &Demand| policy.giving(groups, request, *demand).is_none();
        let demand = policy.demands(request).into_iter().find(lacks);
        let limiting = |(area, access)| rules().find(|rule| rule.allow.has(area, access));
        Self::NotAllowed {
            name: name.to_owned(),
            demand,
            template: request.operation().template().to_owned(),
            may_view: demand.is_some_and(|(area, _)| {
                area.can_be_viewed() && rules().any(|rule| rule.allow.has(area, Access::Read))
            }),
            limited_by: demand.and_then(limiting).map(|rule| rule.name.clone()),
            groups: policy.whose(demand),
        }
    }

    /// The sentence that says who is refused, why, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::NotAdmitted { name, groups } => text::not_admitted(name, groups),
            Self::Unreadable { name, problem } => text::unreadable(name, problem),
            Self::NotAllowed {
                name,
                demand,
                template,
                may_view,
                limited_by,
                groups,
            } => {
                let done = match (demand, limited_by) {
                    (_, Some(rule)) => text::limited(name, rule),
                    (Some((area, access)), _) => {
                        let only_viewed = *may_view && *access != Access::Read;
                        let text = if only_viewed {
                            text::only_viewed
                        } else {
                            text::not_allowed
                        };
                        text(name, access.verb(*area), area.nouns())
                    }
                    (None, _) => text::unknown(name),
                };
                text::not_allowed_but(&done, template, groups)
            }
        }
    }
}

impl Area {
    /// Whether there is anything to read.
    fn can_be_viewed(self) -> bool {
        let mut all = endpoints::all();
        all.any(|endpoint| endpoint.area == self && endpoint.access == Access::Read)
    }
}

impl Policy {
    /// The groups whose members have these rights, whatever the names.
    fn whose(&self, demand: Option<(Area, Access)>) -> Vec<String> {
        let allows = |group: &&str| {
            let group = [(*group).to_owned()];
            self.of(&group).any(|rule| match demand {
                Some((area, access)) => rule.allow.has(area, access) && rule.limits.is_empty(),
                None => rule.allow.is_everything(),
            })
        };
        let groups = self.groups().into_iter().filter(allows);
        groups.map(ToOwned::to_owned).collect()
    }
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        Self::denied(denial.message())
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Denial {}
