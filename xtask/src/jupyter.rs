//! A real `JupyterLab`, with the extension that shows other sites in its tabs, and the
//! server proxy whose tiles are in its launcher.

use std::path::PathBuf;

use crate::{
    failure::Result,
    python::{self, Purpose},
};

const LAB: &str = "4.6.6";

/// What `deploy/studio/on-start.sh` installs: the one or the other.
const EXTENSION: &str = "0.5.0";
const PROXY: &str = "4.6.0";

/// Returns the program that starts `JupyterLab`, after installing it if need be;
/// `None` if there is no Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("jupyterlab-{LAB}-iframe-{EXTENSION}-proxy-{PROXY}"),
        what: &format!("JupyterLab {LAB}"),
        takes: "a minute",
        question: "import jupyterlab as lab, jupyterlab_iframe as extension, \
                   jupyter_server_proxy as proxy; \
                   print(lab.__version__, extension.__version__, proxy.__version__)",
        versions: &format!("{LAB} {EXTENSION} {PROXY}"),
    };
    let packages = [
        format!("jupyterlab=={LAB}"),
        format!("jupyterlab_iframe=={EXTENSION}"),
        format!("jupyter-server-proxy=={PROXY}"),
    ];
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1], &packages[2]])
    })?;
    Ok(environment.map(|environment| environment.program("jupyter-lab")))
}
