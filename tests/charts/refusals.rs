//! Values that contradict each other, or are none.

use crate::chart::{self, Chart};

/// No example: the chart's own values.
const NONE: &str = "";

/// An example, what is put over it, and the words that must be in the error.
#[rustfmt::skip]
const REFUSED: &[(&str, &str, &[&str])] = &[
    ("minimal", "image: { repository: '' }", &["image.repository is empty", "docs/RUNNING.md"]),
    ("minimal", "image: { digest: sha256:abc }", &["/image/digest"]),
    ("minimal", "replicas: 0", &["/replicas"]),
    ("minimal", "replica: 3", &["additional properties 'replica' not allowed"]),
    ("minimal", "config: { origin: 'http://mlflow.example.com' }", &["/config/origin"]),
    (NONE, "{ image: { repository: a }, mlflow: { servers: [{ url: 'http://a', external: true }] } }", &["config.origin is missing", "https://"]),
    ("minimal", "config: { origins: a }", &["additional properties 'origins' not allowed"]),
    ("minimal", "config: { provider: { client_secret: a } }", &["additional properties 'client_secret' not allowed"]),
    ("minimal", "config: { api: 'https://a.example.com' }", &["additional properties 'api' not allowed"]),
    ("minimal", "config: { upstreams: [{ name: a }] }", &["config.upstreams", "mlflow.servers"]),
    ("minimal", "config: { provider: { via_gateway: true } }", &["via_gateway needs secrets.tokenKeys.name", "openssl rand"]),
    ("minimal", "config: { python: { access: token } }", &["config.python.access", "secrets.tokenKeys.name", "openssl rand"]),
    ("minimal", "config: { python: { access: sigv4 } }", &["/config/python/access"]),
    ("minimal", "tokenRegistry: { enabled: true }", &["tokenRegistry.enabled needs secrets.tokenKeys.name"]),
    ("several", "tokenRegistry: { existingClaim: a }", &["tokenRegistry.existingClaim", "tokenRegistry.enabled is false"]),
    ("minimal", "httpRoute: { enabled: true }", &["ingress.enabled and httpRoute.enabled"]),
    ("several", "httpRoute: { parentRefs: [] }", &["httpRoute.parentRefs is empty", "Gateway"]),
    ("minimal", "settings: { timeouts: { drain: 5s } }", &["/settings/timeouts", "'drain' not allowed"]),
    ("minimal", "settings: { timeouts: { answer: 5 minutes } }", &["/settings/timeouts/answer"]),
    ("minimal", "settings: { limits: { requests: many } }", &["/settings/limits/requests", "want integer"]),
    ("minimal", "settings: { client: { secret: a } }", &["/settings/client", "'secret' not allowed"]),
    ("minimal", "secrets: { client: { value: a } }", &["/secrets/client", "'value' not allowed"]),
    ("minimal", "mlflow: { mode: local }", &["/mlflow/mode"]),
    ("minimal", "mlflow: { servers: [] }", &["mlflow.servers is empty", "url"]),
    ("minimal", "mlflow: { servers: [{ namespace: a }] }", &["neither url nor arn"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a:5000' }] }", &["no podLabels", "NetworkPolicy", "`external`"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a', external: true, podLabels: { a: b } }] }", &["external and has podLabels"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a/mlflow', external: true }] }", &["/mlflow/servers/0/url"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a:b@c', external: true }] }", &["/mlflow/servers/0/url"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a', external: true }, { url: 'http://b', external: true }] }", &["no name", "/mlflow/@NAME/"]),
    ("minimal", "mlflow: { servers: [{ name: a, url: 'http://a', external: true }, { name: a, url: 'http://b', external: true }] }", &["two of mlflow.servers are called a"]),
    ("minimal", "mlflow: { servers: [{ url: 'http://a', external: true, groups: [b] }] }", &["has groups and no name"]),
    ("minimal", "mlflow: { servers: [{ name: shell, url: 'http://a', external: true }] }", &["/mlflow/servers/0/name"]),
    ("minimal", "mlflow: { servers: [{ arn: 'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/a' }] }", &["has an arn", "mlflow.mode to sagemaker"]),
    ("sagemaker", "mlflow: { servers: [{ url: 'http://a' }] }", &["has a url", "mlflow.mode to service"]),
    ("sagemaker", "mlflow: { servers: [{ arn: 'arn:aws-cn:sagemaker:cn-north-1:123456789012:mlflow-app/a' }] }", &["/mlflow/servers/0/arn"]),
    ("sagemaker", "mlflow: { servers: [] }", &["mlflow.servers is empty", "arn"]),
    ("sidecar", "mlflow: { servers: [{ url: 'http://a' }] }", &["mlflow.mode is sidecar", "empty the list"]),
    ("sidecar", "mlflow: { sidecar: { image: { repository: '' } } }", &["mlflow.sidecar.image.repository is empty"]),
    ("sidecar", "mlflow: { sidecar: { image: { tag: '' } } }", &["neither tag nor digest"]),
    ("sidecar", "mlflow: { sidecar: { database: { host: '' } } }", &["database.host is empty", "PostgreSQL"]),
    ("sidecar", "mlflow: { sidecar: { database: { user: 'a:b@c' } } }", &["/mlflow/sidecar/database/user"]),
    ("sidecar", "mlflow: { sidecar: { database: { sslMode: disable } } }", &["/mlflow/sidecar/database/sslMode"]),
    ("sidecar", "mlflow: { sidecar: { database: { passwordSecret: { name: '' } } } }", &["passwordSecret.name is empty"]),
    ("sidecar", "mlflow: { sidecar: { artifacts: { bucket: '' } } }", &["artifacts.bucket is empty"]),
    ("sidecar", "config: { artifacts: { store_origins: [] } }", &["presigned needs config.artifacts.store_origins"]),
    ("sidecar", "mlflow: { sidecar: { artifacts: { presigned: false } } }", &["store_origins is set", "presigned is false"]),
    ("everything", "autoscaling: { minReplicas: 9 }", &["autoscaling.minReplicas is larger"]),
    ("everything", "metrics: { enabled: false }", &["metrics.serviceMonitor.enabled needs metrics"]),
    ("minimal", "metrics: { enabled: false, dashboard: { enabled: true } }", &["metrics.dashboard.enabled needs metrics"]),
    ("minimal", "metrics: { port: 8080 }", &["/metrics/port"]),
    ("minimal", "extraEnv: [{ name: MLFLOW_SHELL_CLIENT__SECRET, value: a }]", &["extraEnv has MLFLOW_SHELL_CLIENT__SECRET", "`secrets`"]),
    ("minimal", "shutdown: { delaySeconds: 10s }", &["/shutdown/delaySeconds"]),
];

#[test]
fn values_that_contradict_each_other_are_refused_with_the_cure() {
    let cases: Vec<_> = REFUSED
        .iter()
        .map(|(example, over, _)| over_example(example, over))
        .collect();
    let Some(chart) = Chart::render(&cases) else {
        return;
    };
    for ((example, over, words), outcome) in REFUSED.iter().zip(chart.outcomes) {
        let Err(error) = outcome else {
            panic!("{example} with {over} is rendered");
        };
        for word in *words {
            assert!(error.contains(word), "{example} with {over}: {error}");
        }
    }
}

/// Two documents, which the renderer puts over each other as `helm --values` does.
fn over_example(example: &str, over: &str) -> String {
    if example == NONE {
        return over.to_owned();
    }
    format!("{}\n---\n{over}\n", chart::example(example))
}
