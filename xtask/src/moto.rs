//! An emulator of Amazon Cognito's API, and the AWS client for Python.

use std::path::PathBuf;

use crate::{
    failure::Result,
    places,
    python::{self, Purpose},
};

const MOTO: &str = "5.2.5";

const BOTO3: &str = "1.44.5";

/// What people install for the script that makes users. The client's version
/// must be one that it allows.
const REQUIREMENTS: &str = "deploy/users/requirements.txt";

/// Returns the folder with the AWS client and nothing else, which an MLflow that
/// keeps its artifacts in S3 has to import; `None` as for [`ensure`].
pub(crate) fn ensure_client() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("boto3-{BOTO3}"),
        what: &format!("boto3 {BOTO3}"),
        takes: "half a minute",
        question: "import boto3; print(boto3.__version__)",
        versions: BOTO3,
    };
    let boto3 = format!("boto3=={BOTO3}");
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &boto3])
    })?;
    Ok(environment.and_then(|environment| environment.packages()))
}

/// Returns a Python with both, after installing them if need be; `None` if
/// there is no Python here, or the package index cannot be reached.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let purpose = Purpose {
        folder: &format!("moto-{MOTO}-boto3-{BOTO3}"),
        what: &format!("moto {MOTO}"),
        takes: "a minute",
        question: "import boto3, moto, moto.cognitoidp.models, moto.server; \
                   print(moto.__version__, boto3.__version__)",
        versions: &format!("{MOTO} {BOTO3}"),
    };
    let moto = format!("moto[cognitoidp,server]=={MOTO}");
    let boto3 = format!("boto3=={BOTO3}");
    let requirements = places::workspace().join(REQUIREMENTS);
    let requirements = requirements.to_string_lossy();
    let environment = python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &moto, &boto3, "--requirement", &requirements])
    })?;
    Ok(environment.map(|environment| environment.program("python")))
}
