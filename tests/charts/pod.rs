//! A pod's file system and environment, as Kubernetes would make them, for the real
//! program.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use shell_tests::environment;
use tempfile::TempDir;

use crate::chart::{Release, list};

/// The gateway's container without a cluster.
pub(crate) struct Pod<'a> {
    root: TempDir,
    release: &'a Release,
}

impl<'a> Pod<'a> {
    /// Fills every folder that the gateway's container sees.
    pub(crate) fn of(release: &'a Release) -> Self {
        let root = tempfile::tempdir().expect("there is room");
        let pod = Self { root, release };
        for mount in list(&release.gateway()["volumeMounts"]) {
            let folder = pod.inside(text(&mount["mountPath"]));
            fs::create_dir_all(&folder).expect("there is room");
            pod.fill(&folder, pod.volume(text(&mount["name"])));
        }
        pod
    }

    /// Checks the settings, with the environment of the container and nothing else.
    pub(crate) fn check(&self) -> Output {
        let gateway = environment::program("SHELL_TEST_GATEWAY", "the gateway");
        let variables = list(&self.release.gateway()["env"]).iter();
        let variables = variables.map(|one| (text(&one["name"]), text(&one["value"])));
        Command::new(gateway.expect("it is built with the tests"))
            .args(["config", "check"])
            .env_clear()
            .envs(variables.map(|(name, value)| (name, self.value(value))))
            .current_dir(self.root.path())
            .output()
            .expect("the gateway starts")
    }

    /// A path's place outside of the pod; all other values as they are.
    fn value(&self, value: &str) -> String {
        let is_path = value.starts_with('/');
        let outside = || self.inside(value).display().to_string();
        if is_path { outside() } else { value.to_owned() }
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    fn volume(&self, name: &str) -> &Value {
        let volumes = list(&self.release.template()["spec"]["volumes"]);
        let found = volumes.iter().find(|volume| volume["name"] == name);
        found.unwrap_or_else(|| panic!("no volume {name}"))
    }

    fn fill(&self, folder: &Path, volume: &Value) {
        if let Some(name) = volume["configMap"]["name"].as_str() {
            match self.release.named("ConfigMap", name) {
                Some(map) => write_all(folder, &map["data"]),
                None => write_authority(folder),
            }
        }
        let sources = list(&volume["projected"]["sources"]).iter();
        let items = sources.flat_map(|source| list(&source["secret"]["items"]));
        let mode = volume["projected"]["defaultMode"].as_u64();
        for item in items {
            write_secret(&folder.join(text(&item["path"])), mode.expect("a mode"));
        }
    }
}

fn write_all(folder: &Path, data: &Value) {
    for (name, contents) in data.as_object().expect("files") {
        fs::write(folder.join(name), text(contents)).expect("there is room");
    }
}

/// What the site has to bring: here a company's certificate authority.
fn write_authority(folder: &Path) {
    let names = vec!["ca.example.com".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    fs::write(folder.join("ca.pem"), made.cert.pem()).expect("there is room");
}

/// A text that is good as a key and as a client's secret.
fn write_secret(file: &Path, mode: u64) {
    fs::write(file, BASE64_STANDARD.encode([7; 32])).expect("there is room");
    let mode = u32::try_from(mode).expect("a mode");
    fs::set_permissions(file, Permissions::from_mode(mode)).expect("it is ours");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}
