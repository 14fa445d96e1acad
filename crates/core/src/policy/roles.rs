//! What the screen says of a group.

use super::{Access, Area, Policy, Rights};
use crate::{config::Role, words::policy as words};

impl Policy {
    /// What members of each group may do, in plain words, the strongest group
    /// first.
    pub fn roles(&self) -> Vec<Role> {
        let mut groups: Vec<(Rights, &str)> = self
            .groups()
            .into_iter()
            .map(|group| (self.rights(group), group))
            .collect();
        groups.sort_by_key(|(rights, _)| std::cmp::Reverse(rights.strength()));
        let role = |(rights, group)| Role::new(group, &rights_in_words(rights));
        groups.into_iter().map(role).collect()
    }

    /// All that the rules for this group allow, for whatever names.
    fn rights(&self, group: &str) -> Rights {
        let group = [group.to_owned()];
        let rules = self.of(&group);
        rules.fold(Rights::default(), |all, rule| all.union(rule.allow))
    }
}

fn rights_in_words(rights: Rights) -> String {
    if rights.is_everything() {
        return "can do everything".to_owned();
    }
    let with = |access: &[Access]| -> Vec<Area> {
        let has = |area: &Area| access.iter().any(|access| rights.has(*area, *access));
        Area::ALL.into_iter().filter(has).collect()
    };
    let readable = with(&[Access::Read]);
    let changeable = with(&[Access::Write, Access::Manage]);
    let read = match readable.len() {
        0 => None,
        all if all == Area::ALL.len() => Some("read everything".to_owned()),
        _ => Some(["read ", &words::nouns(&readable)].concat()),
    };
    let change = (!changeable.is_empty()).then(|| ["change ", &words::nouns(&changeable)].concat());
    let all: Vec<String> = read.into_iter().chain(change).collect();
    ["can ", &all.join(" and ")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn groups_are_told_what_their_members_may_do() {
        let text = r#"{"rules": [
            {"name": "r", "groups": ["readers", "scientists"], "allow": {"*": ["read"]}},
            {"name": "t", "groups": ["scientists"],
             "allow": {"experiments": ["write"], "runs": ["write"], "artifacts": ["write"]}},
            {"name": "m", "groups": ["fraud"], "allow": {"registered-models": ["read", "manage"]},
             "models": ["fraud-*"]},
            {"name": "a", "groups": ["admins"], "allow": "everything"}
        ]}"#;
        let roles = Policy::parse(text, testing::parse).unwrap().roles();
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
                    "can read registered models and change registered models"
                ),
            ]
        );
    }
}
