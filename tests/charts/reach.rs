//! Who reaches whom, by the rules of Kubernetes's network policies: a pod that any
//! policy selects is reached only as one of these policies permits.

use serde_json::{Map, Value, json};

use crate::chart::{self, Release, list};

/// A pod that asks another one.
#[derive(Debug, Clone)]
struct Peer {
    namespace: &'static str,
    labels: Value,
}

fn gateway_of(release: &Release) -> Peer {
    Peer {
        namespace: "mlops",
        labels: release.template()["metadata"]["labels"].clone(),
    }
}

fn other(namespace: &'static str) -> Peer {
    let labels = json!({ "app": "notebook" });
    Peer { namespace, labels }
}

/// Whether `from` reaches a port of the pods `to`.
fn reaches(release: &Release, from: &Peer, to: &Peer, port: &Value) -> bool {
    let policies = release.all("NetworkPolicy");
    let selecting: Vec<_> = policies.filter(|policy| is_for(policy, to)).collect();
    selecting.is_empty() || selecting.iter().any(|policy| permits(policy, from, port))
}

fn is_for(policy: &Value, pod: &Peer) -> bool {
    let is_there = policy["metadata"]["namespace"] == pod.namespace;
    is_there && selects(&policy["spec"]["podSelector"], &pod.labels)
}

fn permits(policy: &Value, from: &Peer, port: &Value) -> bool {
    let here = &policy["metadata"]["namespace"];
    let is_peer = |peer| is(peer, from, here);
    list(&policy["spec"]["ingress"]).iter().any(|rule| {
        let has_port = list(&rule["ports"]).iter().any(|one| one["port"] == *port);
        has_port && (rule["from"].is_null() || list(&rule["from"]).iter().any(is_peer))
    })
}

/// Whether a peer of a policy in the namespace `here` is this pod. Each example says
/// namespaces by name.
fn is(peer: &Value, pod: &Peer, here: &Value) -> bool {
    let namespace = json!({ "kubernetes.io/metadata.name": pod.namespace });
    let [spaces, pods] = ["namespaceSelector", "podSelector"].map(|key| &peer[key]);
    let is_in = match (spaces.is_object(), pods.is_object()) {
        (true, _) => selects(spaces, &namespace),
        (false, true) => *here == pod.namespace,
        // A block of addresses, of which nothing is known here.
        (false, false) => false,
    };
    is_in && (pods.is_null() || selects(pods, &pod.labels))
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let none = Map::new();
    let wanted = selector["matchLabels"].as_object().unwrap_or(&none);
    wanted.iter().all(|(name, value)| labels[name] == *value)
}

#[test]
fn only_the_gateway_reaches_mlflow() {
    let servers = [
        ("minimal", "mlflow", json!({ "app": "mlflow" })),
        ("everything", "mlops", json!({ "app": "mlflow" })),
        (
            "several",
            "production",
            json!({ "app.kubernetes.io/name": "mlflow" }),
        ),
        (
            "several",
            "research",
            json!({ "app.kubernetes.io/name": "mlflow" }),
        ),
    ];
    for (name, namespace, labels) in servers {
        let Some(release) = chart::release_of(name) else {
            return;
        };
        let mlflow = Peer { namespace, labels };
        let reaches = |from: &Peer, port| reaches(release, from, &mlflow, &json!(port));
        assert!(reaches(&gateway_of(release), 5000), "{name}");
        assert!(!reaches(&gateway_of(release), 22), "{name}");
        for from in ["mlops", namespace, "monitoring", "ingress-nginx", "default"] {
            assert!(!reaches(&other(from), 5000), "{name}: from {from}");
        }
        let impostor = Peer {
            namespace: "default",
            ..gateway_of(release)
        };
        assert!(
            !reaches(&impostor, 5000),
            "{name}: the labels are those of another namespace"
        );
        for pod in release.all("Pod") {
            let labels = pod["metadata"]["labels"].clone();
            assert!(
                !reaches(
                    &Peer {
                        namespace: "mlops",
                        labels
                    },
                    5000
                ),
                "{name}"
            );
        }
    }
}

#[test]
fn the_gateway_is_reached_from_where_the_values_say() {
    let callers = [
        ("minimal", "ingress-nginx", "http", true),
        ("minimal", "default", "http", false),
        ("minimal", "ingress-nginx", "metrics", false),
        ("minimal", "monitoring", "metrics", true),
        ("minimal", "monitoring", "http", false),
        ("everything", "gateways", "http", true),
        ("everything", "mlops", "http", false),
        ("several", "default", "http", true),
        ("several", "default", "metrics", false),
    ];
    for (name, from, port, expected) in callers {
        let Some(release) = chart::release_of(name) else {
            return;
        };
        let gateway = gateway_of(release);
        let outcome = reaches(release, &other(from), &gateway, &json!(port));
        assert_eq!(outcome, expected, "{name}: {port} from {from}");
    }
}
