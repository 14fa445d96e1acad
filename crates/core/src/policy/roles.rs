//! What members of each group may do, in words for the screen.

use std::cmp::Reverse;

use super::{Access, Area, Policy, Rights};
use crate::{config::Role, messages::policy::list};

/// What the rules for a group allow.
struct Allowed {
    /// Whatever the names.
    always: Rights,
    /// For certain names.
    sometimes: Rights,
}

impl Policy {
    /// What members of each group may do, in plain words, the strongest group
    /// first.
    pub fn roles(&self) -> Vec<Role> {
        let groups = self.groups().into_iter();
        let mut groups: Vec<_> = groups.map(|group| (self.allowed(group), group)).collect();
        groups.sort_by_key(|(allowed, _)| Reverse(allowed.always.strength()));
        let role = |(allowed, group): (Allowed, &str)| Role::new(group, &allowed.in_words());
        groups.into_iter().map(role).collect()
    }

    fn allowed(&self, group: &str) -> Allowed {
        let group = [group.to_owned()];
        let union = |is_limited: bool| {
            let rules = self.of(&group);
            let rules = rules.filter(|rule| rule.limits.is_empty() != is_limited);
            rules.fold(Rights::default(), |all, rule| all.union(rule.allow))
        };
        Allowed {
            always: union(false),
            sometimes: union(true),
        }
    }
}

impl Allowed {
    fn in_words(&self) -> String {
        if self.always.is_everything() {
            return "can do everything".to_owned();
        }
        let reads: &[Access] = &[Access::Read];
        let changes: &[Access] = &[Access::Write, Access::Manage];
        let phrases = [("read ", reads), ("change ", changes)].map(|(verb, accesses)| {
            let always = areas(accesses, |area, access| self.always.has(area, access));
            let certain = areas(accesses, |area, access| {
                self.sometimes.has(area, access) && !self.always.has(area, access)
            });
            [
                phrase(verb, &always),
                phrase(&format!("{verb}certain "), &certain),
            ]
        });
        let phrases: Vec<String> = phrases.into_iter().flatten().flatten().collect();
        format!("can {}", phrases.join(" and "))
    }
}

fn areas(accesses: &[Access], has: impl Fn(Area, Access) -> bool) -> Vec<Area> {
    let any = |area: &Area| accesses.iter().any(|access| has(*area, *access));
    Area::ALL.into_iter().filter(any).collect()
}

fn phrase(verb: &str, areas: &[Area]) -> Option<String> {
    match areas.len() {
        0 => None,
        all if all == Area::ALL.len() => Some(format!("{verb}everything")),
        _ => {
            let nouns: Vec<_> = areas.iter().map(|area| area.nouns()).collect();
            Some(format!("{verb}{}", list(&nouns)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_what_their_members_may_do() {
        let text = r#"{"rules": [
            {"name": "r", "groups": ["readers", "scientists"], "allow": {"*": ["read"]}},
            {"name": "t", "groups": ["scientists"],
             "allow": {"experiments": ["write"], "runs": ["write"], "artifacts": ["write"]}},
            {"name": "m", "groups": ["fraud"], "allow": {"registered-models": ["read", "manage"]},
             "models": ["fraud-*"]},
            {"name": "s", "groups": ["fraud"], "allow": {"traces": ["read"]}},
            {"name": "a", "groups": ["admins"], "allow": "everything"}
        ]}"#;
        let roles = Policy::parse(text).unwrap().roles();
        let told: Vec<_> = roles
            .iter()
            .map(|role| (role.group.as_str(), role.rights.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("admins", "can do everything"),
                (
                    "scientists",
                    "can read everything and change experiments, runs and artifacts"
                ),
                ("readers", "can read everything"),
                (
                    "fraud",
                    "can read traces and read certain registered models and change certain \
                     registered models"
                ),
            ]
        );
    }
}
