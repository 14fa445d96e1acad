//! `deploy/compose/compose.yaml`, as the tests start its parts without an engine.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use shell_tests::{environment, server::free_port};
use tempfile::TempDir;

/// What of a service the tests use.
const USED: [&str; 5] = [
    "command",
    "env_file",
    "environment",
    "healthcheck",
    "volumes",
];

/// What only an engine can do. The tests read some of it, and start nothing by it.
const OF_THE_ENGINE: [&str; 12] = [
    "build",
    "cap_drop",
    "depends_on",
    "image",
    "mem_limit",
    "network_mode",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "tmpfs",
];

/// The user of a container, which is the image's.
const USER: &str = "user";

/// The addresses in the file, each at a port that is free here.
const PLACES: [(&str, &str); 5] = [
    ("site", "localhost:8080"),
    ("provider", "localhost:8081"),
    ("store", "localhost:9000"),
    ("mlflow", "127.0.0.1:5000"),
    ("postgres", "127.0.0.1:5432"),
];

/// The file, its secrets, and where its parts are reached here.
#[derive(Debug)]
pub(crate) struct Compose {
    services: Value,
    secrets: PathBuf,
    ports: BTreeMap<&'static str, u16>,
    /// What the parts keep.
    pub(crate) folder: TempDir,
}

/// Where the file and what belongs to it are.
pub(crate) fn source() -> PathBuf {
    environment::workspace().join("deploy/compose")
}

/// Reads the file strictly.
///
/// # Errors
/// If it is no Compose file.
pub(crate) fn read(file: &Path) -> Result<Value> {
    let python = environment::program("SHELL_TEST_STORE", "Compose");
    let python = python.context("what reads Compose files is not installed")?;
    let script = environment::workspace().join("tests/deployments/compose.py");
    let output = Command::new(python).arg(script).arg(file).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", file.display());
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Compose {
    /// Reads the file, makes its secrets by its own script, and chooses ports.
    ///
    /// # Errors
    /// If the file has what the tests do not know.
    pub(crate) fn start() -> Result<Self> {
        let services = read(&source().join("compose.yaml"))?["services"].take();
        for (name, service) in services.as_object().context("services")? {
            require_known(name, service)?;
        }
        let folder = tempfile::tempdir()?;
        let secrets = folder.path().join("secrets");
        let script = source().join("secrets.sh");
        let status = Command::new("sh").arg(script).arg(&secrets).status()?;
        ensure!(status.success(), "secrets.sh fails");
        let ports = PLACES.map(|(name, _)| Ok((name, free_port()?)));
        Ok(Self {
            services,
            secrets,
            ports: ports.into_iter().collect::<Result<_>>()?,
            folder,
        })
    }

    /// The service's definition.
    pub(crate) fn service(&self, name: &str) -> &Value {
        &self.services[name]
    }

    /// The services' names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let all = self.services.as_object().into_iter().flatten();
        all.map(|(name, _)| name.as_str())
    }

    /// The port of a part here.
    pub(crate) fn port(&self, name: &str) -> u16 {
        self.ports[name]
    }

    /// Where browsers reach a part.
    pub(crate) fn origin(&self, name: &str) -> String {
        format!("http://localhost:{}", self.port(name))
    }

    /// The text with the addresses that parts have here.
    pub(crate) fn relocated(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, place) in PLACES {
            let (_, port) = place.split_once(':').expect("an address");
            for host in ["localhost", "127.0.0.1"] {
                let here = format!("{host}:{}", self.port(name));
                text = text.replace(&format!("{host}:{port}"), &here);
            }
            // Of a container, all addresses; here, loopback.
            let here = format!("127.0.0.1:{}", self.port(name));
            text = text.replace(&format!("0.0.0.0:{port}"), &here);
        }
        text
    }

    /// The service's environment, secrets included.
    ///
    /// # Errors
    /// If a file with secrets cannot be read.
    pub(crate) fn environment(&self, name: &str) -> Result<BTreeMap<String, String>> {
        let service = self.service(name);
        let mut all = BTreeMap::new();
        for file in service["env_file"].as_array().into_iter().flatten() {
            let file = file.as_str().and_then(|file| file.strip_prefix("secrets/"));
            let text = fs::read_to_string(self.secrets.join(file.context("a file of secrets")?))?;
            let lines = text.lines().filter_map(|line| line.split_once('='));
            all.extend(lines.map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        let given = service["environment"].as_object().into_iter().flatten();
        for (key, value) in given {
            let value = value.as_str().with_context(|| format!("{key} of {name}"))?;
            all.insert(key.clone(), self.relocated(value));
        }
        Ok(all)
    }

    /// The service's command, or what its health is checked by.
    pub(crate) fn words(&self, name: &str, key: &str) -> Vec<String> {
        let service = self.service(name);
        let words = match key {
            "healthcheck" => &service[key]["test"],
            _ => &service[key],
        };
        let words = words.as_array().into_iter().flatten();
        let words = words
            .filter_map(Value::as_str)
            .map(|word| self.relocated(word));
        words.filter(|word| word != "CMD").collect()
    }

    /// The folder of a volume here.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn volume(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// An option that has no effect here, or one that nothing tests, is an error.
fn require_known(name: &str, service: &Value) -> Result<()> {
    for key in service.as_object().context("a service")?.keys() {
        let is_known = USED.contains(&&**key) || OF_THE_ENGINE.contains(&&**key) || key == USER;
        if !is_known {
            bail!("`{key}` of the service `{name}` is neither tested nor listed as the engine's");
        }
    }
    Ok(())
}
