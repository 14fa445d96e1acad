//! For which requests rights allow an access: all, some names, or none.

use super::{
    Access, Area, Limits, Policy,
    endpoints::{EntityKind, Name},
};

/// For which requests an access is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// For none.
    Nothing,
    /// For those that carry certain names.
    Names,
    /// For all.
    All,
}

impl Policy {
    /// How far `access` to `area` reaches for members of `groups`, in requests
    /// that carry `names`.
    pub fn reach(&self, groups: &[String], area: Area, access: Access, names: &[Name]) -> Coverage {
        let rules = self.of(groups).filter(|rule| rule.allow.has(area, access));
        let reach = rules.map(|rule| rule.limits.reach(names));
        reach.max().unwrap_or(Coverage::Nothing)
    }
}

impl Limits {
    /// How far a rule with these limits reaches in requests that carry `names`.
    pub fn reach(&self, names: &[Name]) -> Coverage {
        let is_limited = |name: &Name| match name.kind {
            EntityKind::Experiment => !self.experiments.is_empty(),
            EntityKind::RegisteredModel => !self.models.is_empty(),
        };
        match names {
            _ if self.is_empty() => Coverage::All,
            [] => Coverage::Nothing,
            names if names.iter().all(is_limited) => Coverage::Names,
            _ => Coverage::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::endpoints;

    #[test]
    fn limited_rights_reach_requests_that_carry_a_name_of_their_kind() {
        let text = r#"{"rules": [
            {"name": "r", "groups": ["fraud"], "allow": {"runs": ["read"]}},
            {"name": "m", "groups": ["fraud"], "models": ["fraud-*"],
             "allow": {"registered-models": ["read", "manage"]}}
        ]}"#;
        let policy = Policy::parse(text).unwrap();
        let table = [
            ("POST", "2.0/mlflow/runs/search", Coverage::All),
            ("POST", "2.0/mlflow/runs/create", Coverage::Nothing),
            ("GET", "2.0/mlflow/registered-models/get", Coverage::Names),
            (
                "POST",
                "2.0/mlflow/registered-models/rename",
                Coverage::Names,
            ),
            (
                "GET",
                "2.0/mlflow/registered-models/search",
                Coverage::Nothing,
            ),
            (
                "POST",
                "2.0/mlflow/registered-models/create",
                Coverage::Nothing,
            ),
            (
                "GET",
                "2.0/mlflow/experiments/get-by-name",
                Coverage::Nothing,
            ),
        ];
        for (method, path, expected) in table {
            let mut all = endpoints::all();
            let found = all.find(|endpoint| endpoint.method == method && endpoint.path == path);
            let endpoint = found.unwrap();
            let groups = ["fraud".to_owned()];
            let reach = policy.reach(&groups, endpoint.area, endpoint.access, endpoint.names);
            assert_eq!(reach, expected, "{method} {path}");
        }
    }
}
