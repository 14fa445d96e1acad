//! The Helm chart under `deploy`: rendered by Helm's own library, validated as a
//! cluster would, and its configuration given to the real gateway. There is no cluster.

mod chart;
mod copies;
mod extensions;
mod pod;
mod reach;
mod refusals;
mod schema;
mod secrets;
mod settings;
mod sidecar;

use std::{
    fs,
    process::{Command, Output},
};

use chart::{Chart, Release, containers, list};
use pod::Pod;
use serde_json::{Value, json};
use shell_tests::environment;

#[test]
fn kubernetes_takes_what_the_examples_make() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        let kinds = release.objects.iter().map(|one| one["kind"].clone());
        let kinds: Vec<_> = kinds.collect();
        for kind in ["Deployment", "Service", "ConfigMap", "NetworkPolicy", "Pod"] {
            assert!(kinds.contains(&json!(kind)), "{name}: no {kind}");
        }
        for object in &release.objects {
            let namespace = &object["metadata"]["namespace"];
            assert!(namespace.is_string(), "{name}: {object}");
        }
        assert!(
            release.notes.contains("helm test"),
            "{name}: {}",
            release.notes
        );
    }
}

#[test]
fn a_look_for_what_is_not_safe_finds_nothing() {
    let Some(examples) = chart::examples() else {
        return;
    };
    let Some(checkov) = environment::program("SHELL_TEST_CHECKOV", "mistakes in the chart") else {
        return;
    };
    // checkov looks into no folder whose name begins with a dot.
    let folder = tempfile::Builder::new().prefix("charts").tempdir();
    let folder = folder.expect("there is room");
    for (name, release) in examples {
        let documents: Vec<_> = release.objects.iter().map(Value::to_string).collect();
        let file = folder.path().join(format!("{name}.yaml"));
        fs::write(file, documents.join("\n---\n")).expect("there is room");
    }
    let output = Command::new(checkov)
        .arg("--config-file")
        .arg(chart::folder().join(".checkov.yaml"))
        .args(["--output", "json", "--directory"])
        .arg(folder.path())
        .env("LOG_LEVEL", "CRITICAL")
        .output()
        .expect("checkov starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["summary"]["failed"], 0, "{report:#}");
    assert_eq!(report["summary"]["parsing_errors"], 0, "{report:#}");
    let passed = report["summary"]["passed"].as_u64();
    assert!(passed > Some(500), "it has read them all: {passed:?}");
}

#[test]
fn the_gateway_accepts_its_configuration() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        let output = Pod::of(release).check();
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
}

#[test]
fn the_gateway_would_refuse_a_wrong_configuration() {
    let values = chart::example("minimal") + "\n---\npolicy: { rules: [{ name: a }] }";
    let Some(chart) = Chart::render(&[values]) else {
        return;
    };
    let release = chart.outcomes[0]
        .as_ref()
        .expect("Helm does not know policies");
    let output = Pod::of(release).check();
    assert!(!output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("policy.json"), "{}", said(&output));
}

#[test]
fn every_pod_is_one_of_the_restricted_standard() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        for pod in release.pods() {
            let context = &pod["securityContext"];
            assert_eq!(context["runAsNonRoot"], true, "{name}");
            assert_eq!(context["runAsUser"], 65532, "{name}");
            assert_eq!(
                context["seccompProfile"]["type"], "RuntimeDefault",
                "{name}"
            );
            assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
            for shared in ["hostNetwork", "hostPID", "hostIPC"] {
                assert!(pod[shared].is_null(), "{name}: {shared}");
            }
            for container in containers(pod) {
                is_restricted(name, container);
            }
        }
    }
}

fn is_restricted(name: &str, container: &Value) {
    let context = &container["securityContext"];
    assert_eq!(context["allowPrivilegeEscalation"], false, "{name}");
    assert_eq!(context["readOnlyRootFilesystem"], true, "{name}");
    assert_eq!(
        context["capabilities"],
        json!({ "drop": ["ALL"] }),
        "{name}"
    );
    assert_ne!(context["runAsUser"], 0, "{name}");
    assert!(
        container["resources"]["requests"]["cpu"].is_string(),
        "{name}"
    );
    assert!(
        container["resources"]["limits"]["memory"].is_string(),
        "{name}"
    );
}

/// The image has no shell and no `sleep`, so nothing may be run in it.
#[test]
fn an_instance_has_time_to_finish_before_it_is_killed() {
    let Some(examples) = chart::examples() else {
        return;
    };
    for (name, release) in examples {
        let seconds = |setting: &str| {
            let value = variable(release.gateway(), setting);
            let number = value.trim_end_matches('s').parse::<u64>();
            number.unwrap_or_else(|_| panic!("{name}: {setting}={value}"))
        };
        let delay = seconds("MLFLOW_SHELL_TIMEOUTS__SHUTDOWN_DELAY");
        let drain = seconds("MLFLOW_SHELL_TIMEOUTS__DRAIN");
        let grace = &release.template()["spec"]["terminationGracePeriodSeconds"];
        assert!(grace.as_u64() > Some(delay + drain + 5), "{name}");
        assert!(delay >= 10, "{name}");
        assert!(release.gateway()["lifecycle"].is_null(), "{name}");
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            assert!(release.gateway()[probe]["httpGet"].is_object(), "{name}");
        }
        let strategy = &release.deployment()["spec"]["strategy"]["rollingUpdate"];
        assert_eq!(strategy["maxUnavailable"], 0, "{name}");
    }
}

/// The value of a variable that a container has, once.
fn variable<'a>(container: &'a Value, name: &str) -> &'a str {
    let mut all = list(&container["env"])
        .iter()
        .filter(|one| one["name"] == name);
    let value = all.next().and_then(|one| one["value"].as_str());
    assert!(all.next().is_none(), "{name} is there twice");
    value.unwrap_or_else(|| panic!("no {name}"))
}

/// Kubernetes starts such a container before the others and ends it after them.
#[test]
fn mlflow_beside_the_gateway_listens_on_loopback_and_outlives_it() {
    let Some(release) = chart::release_of("sidecar") else {
        return;
    };
    let mlflow = &list(&release.template()["spec"]["initContainers"])[0];
    assert_eq!(mlflow["restartPolicy"], "Always");
    assert_eq!(variable(mlflow, "MLFLOW_HOST"), "127.0.0.1");
    assert_eq!(mlflow["ports"], Value::Null);
    let upstream = variable(release.gateway(), "MLFLOW_SHELL_UPSTREAM");
    assert_eq!(upstream, "http://127.0.0.1:5000");
    let store = variable(mlflow, "MLFLOW_BACKEND_STORE_URI");
    assert!(
        !store.split('@').next().unwrap_or_default().contains(":m"),
        "{store}"
    );
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert!(
            mlflow[probe]["exec"].is_object(),
            "{probe} is asked in the pod"
        );
    }
}

#[test]
fn a_change_of_the_configuration_replaces_the_pods() {
    let base = chart::example("several");
    let change = |more: &str| format!("{base}\n---\n{more}\n");
    let cases = [
        base.clone(),
        change("policy: { rules: [{ name: a, groups: [admins], allow: everything }] }"),
        base.replace("https://mlflow.example.com\n", "https://ml.example.com\n"),
        base.replace("name: archive", "name: older"),
        change("autoscaling: { enabled: true }"),
    ];
    let Some(chart) = Chart::render(&cases) else {
        return;
    };
    let outcomes = chart.outcomes.iter();
    let releases = outcomes.map(|outcome| outcome.as_ref().expect("it is rendered"));
    let sums: Vec<_> = releases.map(checksum).collect();
    assert!(
        sums[0].as_str().is_some_and(|sum| sum.len() == 64),
        "{sums:?}"
    );
    assert!(!sums[1..4].contains(&sums[0]), "{sums:?}");
    assert_eq!(sums[4], sums[0]);
}

fn checksum(release: &Release) -> &Value {
    &release.template()["metadata"]["annotations"]["checksum/config"]
}

/// What a program said, on both outputs.
fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts.map(|text| String::from_utf8_lossy(text)).concat()
}
