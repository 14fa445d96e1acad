//! The chart names secrets, and has none.

use serde_json::Value;

use crate::chart::{self, containers, list};

/// Parts of names of variables that hold secrets.
const SECRET: [&str; 4] = ["PASSWORD", "PASSPHRASE", "SECRET", "KEY"];

#[test]
fn no_object_has_a_secret() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        assert!(release.all("Secret").next().is_none(), "{name}");
        for container in release.pods().flat_map(containers) {
            for variable in list(&container["env"]) {
                is_a_reference(name, variable);
            }
        }
    }
}

fn is_a_reference(name: &str, variable: &Value) {
    let key = variable["name"].as_str().expect("a name");
    if !SECRET.iter().any(|part| key.contains(part)) {
        return;
    }
    let is_file = variable["value"]
        .as_str()
        .is_some_and(|value| value.starts_with("/run/secrets/"));
    let is_reference = variable["valueFrom"]["secretKeyRef"].is_object();
    assert!(is_file || is_reference, "{name}: {variable}");
}

#[test]
fn the_gateways_secrets_are_seen_by_the_gateway_alone() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        for container in release.pods().flat_map(containers) {
            let mounts = list(&container["volumeMounts"]).iter();
            let has_secrets = mounts.into_iter().any(|mount| mount["name"] == "secrets");
            assert!(!has_secrets || container["name"] == "gateway", "{name}");
        }
    }
}
