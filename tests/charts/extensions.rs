//! Objects of extensions: Kubernetes itself has no schema of them.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use shell_tests::environment;

use crate::chart;

/// The kinds that are no part of Kubernetes.
const KINDS: [&str; 3] = ["HTTPRoute", "PrometheusRule", "ServiceMonitor"];

#[test]
fn the_extensions_take_what_the_examples_make() {
    let what = "objects of Kubernetes's extensions";
    let Some(models) = environment::program("SHELL_TEST_EXTENSIONS", what) else {
        return;
    };
    let Some(examples) = chart::examples() else {
        return;
    };
    let all = examples.iter().flat_map(|(_, release)| &release.objects);
    let all: Vec<_> = all
        .filter(|one| KINDS.iter().any(|kind| one["kind"] == *kind))
        .collect();
    let output = validated(&models, &json!(all));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for kind in KINDS {
        assert!(said.contains(kind), "{said}");
    }
    let broken = json!([{ "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": { "name": "a" }, "spec": { "parentRefs": [{ "namespace": "a" }] } }]);
    assert!(!validated(&models, &broken).status.success());
}

fn validated(models: &Path, objects: &Value) -> Output {
    let mut node = Command::new("node")
        .arg("validate.mjs")
        .current_dir(models)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node.js starts");
    let mut input = node.stdin.take().expect("its input");
    input
        .write_all(objects.to_string().as_bytes())
        .expect("it reads");
    drop(input);
    node.wait_with_output().expect("it ends")
}

/// The schemas let unknown fields pass, so these are compared as a whole.
#[test]
fn a_route_and_a_monitor_say_nothing_else() {
    let Some(release) = chart::release_of("everything") else {
        return;
    };
    let spec = |kind| release.all(kind).next().map(|one| one["spec"].clone());
    let route = json!({
        "parentRefs": [{ "name": "public", "namespace": "gateways", "sectionName": "https" }],
        "hostnames": ["mlflow.example.com"],
        "rules": [{
            "matches": [{ "path": { "type": "PathPrefix", "value": "/" } }],
            "backendRefs": [{ "name": "site-mlflow-auth-shell", "port": 80 }],
            "timeouts": { "request": "0s" },
        }],
    });
    assert_eq!(spec("HTTPRoute"), Some(route));
    let service = release.named("Service", "site-mlflow-auth-shell-metrics");
    let labels = &service.expect("metrics")["metadata"]["labels"];
    let monitor = spec("ServiceMonitor").expect("a monitor");
    let wanted = monitor["selector"]["matchLabels"]
        .as_object()
        .expect("labels");
    assert!(
        wanted.iter().all(|(name, value)| labels[name] == *value),
        "{labels}"
    );
    assert_eq!(
        monitor["endpoints"],
        json!([{ "port": "metrics", "interval": "30s" }])
    );
}
