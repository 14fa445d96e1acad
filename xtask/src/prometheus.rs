//! Prometheus's own reader of metrics, and a parser of its alerts, for Python.

use std::path::PathBuf;

use crate::{
    failure::Result,
    python::{self, Purpose},
};

const PROMETHEUS_CLIENT: &str = "0.26.0";

/// Prometheus's language, as a parser.
const PROMQL_PARSER: &str = "0.12.0";

const YAML: &str = "6.0.3";

/// Returns a Python with it, after installing it if need be; `None` if there is
/// no Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("prometheus-client-{PROMETHEUS_CLIENT}-promql-{PROMQL_PARSER}"),
        what: &format!("prometheus-client {PROMETHEUS_CLIENT}"),
        takes: "some seconds",
        question: "import prometheus_client.openmetrics.parser, promql_parser, yaml; \
                   from importlib.metadata import version; \
                   print(version('prometheus-client'), version('promql-parser'), yaml.__version__)",
        versions: &format!("{PROMETHEUS_CLIENT} {PROMQL_PARSER} {YAML}"),
    };
    let packages = [
        format!("prometheus-client=={PROMETHEUS_CLIENT}"),
        format!("promql-parser=={PROMQL_PARSER}"),
        format!("pyyaml=={YAML}"),
    ];
    let environment = python::ensure_if_possible(&purpose, |environment| {
        let mut arguments = vec!["install"];
        arguments.extend(packages.iter().map(String::as_str));
        environment.pip(&arguments)
    })?;
    Ok(environment.map(|environment| environment.program("python")))
}
