//! A real `JupyterLab`, with the extension that shows other sites in its tabs.

use std::path::PathBuf;

use crate::{
    failure::Result,
    python::{self, Purpose},
};

const LAB: &str = "4.6.6";

/// What `deploy/studio/on-start.sh` installs.
const EXTENSION: &str = "0.5.0";

/// Returns the program that starts `JupyterLab`, after installing it if need be;
/// `None` if there is no Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("jupyterlab-{LAB}-iframe-{EXTENSION}"),
        what: &format!("JupyterLab {LAB}"),
        takes: "a minute",
        question: "import jupyterlab as lab, jupyterlab_iframe as extension; \
                   print(lab.__version__, extension.__version__)",
        versions: &format!("{LAB} {EXTENSION}"),
    };
    let packages = [
        format!("jupyterlab=={LAB}"),
        format!("jupyterlab_iframe=={EXTENSION}"),
    ];
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1]])
    })?;
    Ok(environment.map(|environment| environment.program("jupyter-lab")))
}
