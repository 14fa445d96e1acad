//! For which requests rights allow an access: all, some names, or none.

use super::{Access, Area, Limits, Policy, endpoints::About};

/// For which requests an access is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// For none.
    Nothing,
    /// For those about certain experiments, models or workspaces.
    Some,
    /// For all.
    All,
}

impl Policy {
    /// How far `access` to `area` reaches for members of `groups`, in requests that
    /// say so what they are about.
    pub fn reach(&self, groups: &[String], area: Area, access: Access, about: About) -> Coverage {
        let rules = self.of(groups).filter(|rule| rule.allow.has(area, access));
        let reach = rules.map(|rule| rule.limits.reach(area, about));
        reach.max().unwrap_or(Coverage::Nothing)
    }
}

impl Limits {
    /// How far a rule with these limits reaches in requests for `area`.
    pub fn reach(&self, area: Area, about: About) -> Coverage {
        let scope = area.scope();
        let is_held = about.can_be_limited(scope) && !self.patterns(scope).is_empty();
        if self.is_empty() {
            Coverage::All
        } else if self.is_whole_workspace() || is_held {
            Coverage::Some
        } else {
            Coverage::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::endpoints;

    #[test]
    fn limited_rights_reach_requests_about_something_of_their_kind() {
        let text = r#"{"rules": [
            {"name": "r", "groups": ["fraud"], "allow": {"runs": ["read"]}},
            {"name": "m", "groups": ["fraud"], "models": ["fraud-*"],
             "allow": {"registered-models": ["read", "manage"]}}
        ]}"#;
        let policy = Policy::parse(text).unwrap();
        let table = [
            ("POST", "2.0/mlflow/runs/search", Coverage::All),
            ("POST", "2.0/mlflow/runs/create", Coverage::Nothing),
            ("GET", "2.0/mlflow/registered-models/get", Coverage::Some),
            (
                "POST",
                "2.0/mlflow/registered-models/rename",
                Coverage::Some,
            ),
            ("GET", "2.0/mlflow/registered-models/search", Coverage::Some),
            (
                "POST",
                "2.0/mlflow/registered-models/create",
                Coverage::Nothing,
            ),
            (
                "GET",
                "2.0/mlflow/model-versions/get-download-uri",
                Coverage::Some,
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
            let reach = policy.reach(&groups, endpoint.area, endpoint.access, endpoint.about);
            assert_eq!(reach, expected, "{method} {path}");
        }
    }
}
