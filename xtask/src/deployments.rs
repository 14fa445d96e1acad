//! What stands beside the gateway in a deployment, each a real program: a database, an
//! S3 store, an identity provider and a load balancer.

use std::path::PathBuf;

use crate::{
    failure::Result,
    peer, places, programs,
    python::{self, Environment},
};

/// Where Debian's package has the database's programs.
const POSTGRES: &str = "/usr/lib/postgresql/15/bin";

/// Returns each program with the variable that names it to the tests, or `None` if one
/// cannot be had here.
pub(crate) fn ensure() -> Result<Option<Vec<(&'static str, PathBuf)>>> {
    if python::interpreter().is_none() {
        return Ok(None);
    }
    let [folder, provider] = ["tests/deployments", "deploy/compose/provider"]
        .map(|folder| places::workspace().join(folder));
    let store = folder.join("s3-store");
    let what = "an S3 store, and what reads Compose files";
    let store = peer::python_for(&store, what, "nanio, compose_spec, yaml");
    let provider = peer::python_for(&provider, "the provider of Compose", "canaille, sqlalchemy");
    let packages = folder.join("mlflow-packages");
    let what = "what MLflow takes for PostgreSQL and S3";
    let packages = peer::python_for(&packages, what, "boto3, psycopg2");
    let found = [
        ("SHELL_TEST_STORE", peer::or_say(store)?),
        ("SHELL_TEST_COMPOSE_PROVIDER", peer::or_say(provider)?),
        (
            "SHELL_TEST_MLFLOW_PACKAGES",
            peer::or_say(packages)?.and_then(|python| Environment::of(&python)?.packages()),
        ),
        ("SHELL_TEST_POSTGRES", postgres()?),
        ("SHELL_TEST_NGINX", peer::ensure_nginx()?),
    ];
    let found = found.into_iter();
    Ok(found.map(|(name, path)| Some((name, path?))).collect())
}

/// The folder of the database's programs.
fn postgres() -> Result<Option<PathBuf>> {
    let folder = PathBuf::from(POSTGRES);
    if !folder.join("initdb").is_file() {
        programs::install_debian_packages(&["postgresql-15"])?;
    }
    Ok(folder.join("initdb").is_file().then_some(folder))
}
