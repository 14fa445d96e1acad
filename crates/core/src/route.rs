//! MLflow's client-side route: the fragment that both documents show.

use serde::{Deserialize, Serialize};

use crate::query;

/// Longest route that is kept, in bytes. Comparing many runs makes long ones.
const ROUTE_LIMIT: usize = 8 * 1024;

/// A route of MLflow's hash router, such as `#/experiments/1`, or nothing.
///
/// It is only ever appended to a fixed path of our own origin, and it begins
/// with `#/`, so it cannot lead anywhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Route(String);

impl Route {
    /// Takes `hash` if it is a route; anything else is the start page.
    ///
    /// UIs up to MLflow 2.5 link to the page around their frame, with `#mlflow`
    /// before the route.
    pub fn new(hash: &str) -> Self {
        let route = match hash.strip_prefix("#mlflow/") {
            Some(route) => format!("#/{route}"),
            None => hash.to_owned(),
        };
        let is_route = route.starts_with("#/")
            && route.len() <= ROUTE_LIMIT
            && !route.chars().any(char::is_control);
        Self(if is_route { route } else { String::new() })
    }

    /// The workspace that it names (MLflow 3.10 and later); `None` if that is MLflow's
    /// default one.
    pub fn workspace(&self) -> Option<String> {
        let (_, parameters) = self.0.split_once('?')?;
        query::get(parameters, "workspace").filter(|name| !name.is_empty())
    }

    /// The hash, with its `#`; empty for the start page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Route {
    fn from(hash: String) -> Self {
        Self::new(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_may_name_a_workspace() {
        let table = [
            ("#/experiments?workspace=team-a", Some("team-a")),
            ("#/models/m?x=1&workspace=a%20b", Some("a b")),
            ("#/experiments?workspace=", None),
            ("#/experiments", None),
            ("", None),
        ];
        for (hash, expected) in table {
            let found = Route::new(hash).workspace();
            assert_eq!(found.as_deref(), expected, "{hash}");
        }
    }

    #[test]
    fn links_to_the_page_around_the_frame_are_routes_too() {
        let table = [
            (
                "#mlflow/models/churn/versions/2",
                "#/models/churn/versions/2",
            ),
            ("#mlflow", ""),
            ("#mlflowx/models", ""),
        ];
        for (hash, route) in table {
            assert_eq!(Route::new(hash).as_str(), route, "{hash}");
        }
    }

    #[test]
    fn only_hash_routes_are_kept() {
        let table = [
            ("#/experiments/1/runs/abc", true),
            ("#/experiments?searchFilter=a%20%3D%201", true),
            ("", false),
            ("#", false),
            ("#access_token=x", false),
            ("//evil.test/#/", false),
            ("https://evil.test/#/", false),
            ("#/a\nb", false),
        ];
        for (hash, kept) in table {
            assert_eq!(
                Route::new(hash).as_str() == hash && !hash.is_empty(),
                kept,
                "{hash}"
            );
        }
        assert_eq!(
            Route::new(&format!("#/{}", "x".repeat(ROUTE_LIMIT))),
            Route::default()
        );
    }
}
