//! The schema's settings and keys of `config.json` are those of the manual.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use shell_tests::environment;

use crate::chart::Chart;

/// Settings that other values of the chart are for, or that mean nothing in a pod.
const OF_THE_CHART: &[&str] = &[
    "listen",
    "config",
    "config_json",
    "site",
    "policy",
    "policy_json",
    "upstream",
    "upstream.url",
    "upstream.identity_headers",
    "upstreams.NAME",
    "upstreams.NAME.url",
    "upstreams.NAME.identity_headers",
    "client.secret",
    "client.secret_file",
    "tls.certificate",
    "tls.key",
    "audit.file",
    "audit.days",
    "timeouts.drain",
    "timeouts.shutdown_delay",
    "metrics.listen",
    "tokens.key_file",
    "tokens.keys",
    "tokens.registry",
];

/// Keys of `config.json` that the chart makes itself, and those for sites that no
/// gateway serves.
const OF_NO_GATEWAY: &[&str] = &[
    "api",
    "upstreams.name",
    "upstreams.base",
    "upstreams.groups",
    "python.tracking_uri",
];

#[test]
fn the_settings_are_those_of_the_manual() {
    let Some(chart) = Chart::render(&[]) else {
        return;
    };
    let known = leaves(&chart.schema["properties"]["settings"]);
    same("docs/OPERATION.md", "| setting |", OF_THE_CHART, &known);
}

#[test]
fn the_keys_of_the_configuration_are_those_of_the_manual() {
    let Some(chart) = Chart::render(&[]) else {
        return;
    };
    let known = leaves(&chart.schema["properties"]["config"]);
    same("docs/CONFIGURATION.md", "| key |", OF_NO_GATEWAY, &known);
}

#[test]
fn the_manual_names_every_value_and_no_other() {
    let Some(chart) = Chart::render(&[]) else {
        return;
    };
    let known: BTreeSet<_> = known_values(&chart.schema);
    let documented = names("docs/KUBERNETES.md", "| value | what it is |");
    for name in &documented {
        assert!(known.contains(name), "{name} is no value");
    }
    let above = |name: &str| {
        documented
            .iter()
            .any(|one| is_part(one, name) || is_part(name, one))
    };
    for name in chart.values.as_object().expect("values").keys() {
        assert!(above(name), "{name} is missing in the manual");
    }
}

/// The values, and the values in them.
fn known_values(schema: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (key, part) in schema["properties"].as_object().into_iter().flatten() {
        let inner = part["properties"].as_object().into_iter().flatten();
        all.extend(inner.map(|(name, _)| format!("{key}.{name}")));
        all.insert(key.clone());
    }
    all
}

/// The first table of a page and the schema name the same, but for `others`.
fn same(page: &str, head: &str, others: &[&str], known: &BTreeSet<String>) {
    let documented = names(page, head);
    assert!(documented.len() > 20, "{page} has its table");
    for name in &documented {
        let is_known = known.iter().any(|one| is_part(one, name));
        let is_other = others.contains(&name.as_str());
        assert!(
            is_known || is_other,
            "{name} of {page} is missing in the schema"
        );
        assert!(!(is_known && is_other), "{name} is the chart's own");
    }
    for name in known {
        let is_documented = documented.iter().any(|one| is_part(name, one));
        assert!(is_documented, "{name} is not in {page}");
    }
}

/// Whether a key is the one that is named, or within it.
fn is_part(key: &str, named: &str) -> bool {
    let rest = key.strip_prefix(named);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The names in the first column of a table.
fn names(page: &str, head: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(environment::workspace().join(page)).expect("the page");
    let rows = text.lines().skip_while(|line| !line.starts_with(head));
    let rows = rows.skip(2).take_while(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.map(ToOwned::to_owned).collect()
}

/// The keys of a schema that have no keys in them.
fn leaves(schema: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (key, part) in schema["properties"].as_object().into_iter().flatten() {
        let within = leaves(part);
        if within.is_empty() {
            all.insert(key.clone());
        }
        all.extend(within.iter().map(|inner| format!("{key}.{inner}")));
    }
    all
}
