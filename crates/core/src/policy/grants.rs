//! What a group may do, as patterns of methods and paths: for what cannot ask
//! the policy request by request, such as IAM and a cached answer of API
//! Gateway.

use std::collections::BTreeMap;

use super::{
    Policy, Rights,
    endpoints::{self, Endpoint},
    graphql::Field,
};

/// A method, or `*`, and a path in which `*` stands for anything, slashes
/// included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The method, or `*`.
    pub method: &'static str,
    /// The path, without a slash before it.
    pub path: String,
}

/// Lists what members of `groups` may call: what is not below the API, if
/// `with_ui`, and the API below each of `prefixes` (`api`, `ajax-api`).
///
/// 1. Rules with limits are left out: a path does not say what a request is about.
/// 2. Where all `GET` endpoints of a family are allowed they are one pattern,
///    `2.0/mlflow/runs/*`; it covers those that a later MLflow may add. All
///    else is listed one by one.
pub fn grants(policy: &Policy, groups: &[String], prefixes: &[&str], with_ui: bool) -> Vec<Grant> {
    let unlimited = policy.of(groups).filter(|rule| rule.limits.is_empty());
    let rights = unlimited.fold(Rights::default(), |all, rule| all.union(rule.allow));
    if rights.is_everything() {
        return vec![Grant {
            method: "*",
            path: "*".to_owned(),
        }];
    }
    let mut families: BTreeMap<(bool, &str), Vec<&Endpoint>> = BTreeMap::new();
    for endpoint in endpoints::all() {
        let family = (endpoint.is_api, family(endpoint));
        families.entry(family).or_default().push(endpoint);
    }
    let mut granted: Vec<Grant> = Vec::new();
    for ((is_api, family), endpoints) in families {
        let below = |prefix: &str, grant: Grant| Grant {
            path: format!("{prefix}/{}", grant.path),
            ..grant
        };
        let of_family = of_family(rights, family, &endpoints);
        if is_api {
            for prefix in prefixes {
                granted.extend(of_family.iter().cloned().map(|grant| below(prefix, grant)));
            }
        } else if with_ui {
            granted.extend(of_family);
        }
    }
    let fields = &super::graphql::FIELDS;
    if with_ui
        && fields
            .iter()
            .flat_map(Field::demands)
            .all(|(area, access)| rights.has(area, access))
    {
        let path = "graphql".to_owned();
        let method = "POST";
        granted.push(Grant { method, path });
    }
    granted
}

/// The path of the family: its first three segments, or as many as are fixed.
fn family(endpoint: &Endpoint) -> &str {
    let depth = if endpoint.is_api { 3 } else { 1 };
    let ends = endpoint.path.match_indices('/').map(|(index, _)| index);
    let end = ends.chain([endpoint.path.len()]).nth(depth - 1);
    let family = end.and_then(|end| endpoint.path.get(..end));
    let family = family.unwrap_or(&endpoint.path);
    family.split_once("/{").map_or(family, |(fixed, _)| fixed)
}

fn of_family(rights: Rights, family: &str, endpoints: &[&Endpoint]) -> Vec<Grant> {
    let allowed = |endpoint: &&&Endpoint| rights.has(endpoint.area, endpoint.access);
    let (gets, others): (Vec<_>, Vec<_>) = endpoints
        .iter()
        .partition(|endpoint| endpoint.method == "GET");
    let below = |endpoint: &&&Endpoint| endpoint.path.len() > family.len();
    let mut granted = Vec::new();
    if gets.iter().all(|endpoint| allowed(&endpoint))
        && gets.iter().filter(|endpoint| below(endpoint)).count() > 1
    {
        granted.push(Grant {
            method: "GET",
            path: format!("{family}/*"),
        });
        granted.extend(
            gets.iter()
                .filter(|endpoint| !below(endpoint))
                .map(|endpoint| exact(endpoint)),
        );
    } else {
        granted.extend(
            gets.iter()
                .filter(|endpoint| allowed(endpoint))
                .map(|endpoint| exact(endpoint)),
        );
    }
    granted.extend(
        others
            .iter()
            .filter(|endpoint| allowed(endpoint))
            .map(|endpoint| exact(endpoint)),
    );
    granted.sort();
    granted.dedup();
    granted
}

fn exact(endpoint: &Endpoint) -> Grant {
    let star = |segment: &str| {
        if segment.starts_with('{') {
            "*".to_owned()
        } else {
            segment.to_owned()
        }
    };
    let segments: Vec<String> = endpoint.path.split('/').map(star).collect();
    Grant {
        method: endpoint.method,
        path: segments.join("/"),
    }
}

#[cfg(test)]
mod tests;
