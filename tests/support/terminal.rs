//! A terminal of a user: the program's commands with a state of their own, and a
//! browser that signs in by itself.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Signs in at the development provider, as a browser would that has the URL of the
/// sign-in as its argument.
const BROWSER: &str = "
import sys
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener
browser = build_opener(HTTPCookieProcessor(CookieJar()))
form = browser.open(sys.argv[1]).geturl()
fields = {'username': USER, 'password': 'mlflow-dev-only'}
browser.open(form, urlencode(fields).encode())
";

/// A user's terminal, whose sessions are gone when it is dropped.
#[derive(Debug)]
pub struct Terminal {
    program: PathBuf,
    python: PathBuf,
    folder: TempDir,
}

impl Terminal {
    /// A terminal with this `mlflow-shell` and this Python.
    ///
    /// # Errors
    /// If there is no room.
    pub fn new(program: &Path, python: &Path) -> Result<Self> {
        Ok(Self {
            program: program.to_owned(),
            python: python.to_owned(),
            folder: tempfile::tempdir()?,
        })
    }

    /// Signs in as this user of the development provider.
    ///
    /// # Errors
    /// With what the program says.
    pub fn sign_in(&self, site: &str, user: &str) -> Result<()> {
        let browser = self.folder.path().join("browser");
        let script = BROWSER.replace("USER", &format!("'{user}'"));
        fs::write(&browser, format!("#!{}\n{script}", self.python.display()))?;
        fs::set_permissions(&browser, PermissionsExt::from_mode(0o700))?;
        let mut command = self.command(&["login", site, "--store", "file"]);
        let output = command.env("BROWSER", browser).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{said}");
        Ok(())
    }

    /// Runs a command of the program.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = self.command(arguments);
        command.output().context("the program starts")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        self.equip(&mut command);
        command.args(arguments);
        command
    }

    /// Gives a program the terminal's sessions.
    pub fn equip(&self, command: &mut Command) {
        command
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_RUNTIME_DIR", self.folder.path().join("runtime"))
            .env("MLFLOW_SHELL_PASSPHRASE", "of this test");
    }

    /// Everything that the program keeps, by path.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn kept(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        Ok(found)
    }
}
