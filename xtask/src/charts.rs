//! Helm's own library, and Kubernetes's schemas, for Python: what renders the chart
//! under `deploy`, and validates what it makes.

use std::path::PathBuf;

use crate::{
    failure::Result,
    python::{self, Purpose},
};

/// Has Helm 4.2.3 as a shared library.
const HELM: &str = "0.2.2";

const SCHEMAS: &str = "1.37.0";

/// Returns a Python with both, after installing them if need be; `None` if there is
/// no Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("helm-{HELM}-kubernetes-validate-{SCHEMAS}"),
        what: "Helm and Kubernetes's schemas",
        takes: "a minute",
        question: "import helm_python, kubernetes_validate, yaml; \
                   from importlib.metadata import version; \
                   print(version('helm-python-sdk'), version('kubernetes-validate'))",
        versions: &format!("{HELM} {SCHEMAS}"),
    };
    let packages = [
        format!("helm-python-sdk=={HELM}"),
        format!("kubernetes-validate=={SCHEMAS}"),
    ];
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1]])
    })?;
    Ok(environment.map(|environment| environment.program("python")))
}
