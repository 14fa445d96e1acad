//! Virtual environments, each made once and kept in the cache.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
};

/// Its presence says that the environment was once complete and imported.
const READY: &str = "ready";

/// What an environment is for.
#[derive(Debug)]
pub(crate) struct Purpose<'a> {
    /// The name of its folder, another one for every version.
    pub(crate) folder: &'a str,
    /// What is installed, in words.
    pub(crate) what: &'a str,
    /// How long that takes, in words.
    pub(crate) takes: &'a str,
    /// A line of Python that imports what must be there and prints `versions`.
    pub(crate) question: &'a str,
    /// What it prints if everything is there.
    pub(crate) versions: &'a str,
}

/// A virtual environment.
#[derive(Debug)]
pub(crate) struct Environment {
    folder: PathBuf,
}

/// Returns the environment for `purpose`. If need be it is made, and filled by
/// `install`.
pub(crate) fn ensure(
    purpose: &Purpose<'_>,
    install: impl FnOnce(&Environment) -> Result<()>,
) -> Result<Environment> {
    let environment = Environment {
        folder: places::cache()?.join(purpose.folder),
    };
    if environment.folder.join(READY).is_file() {
        return Ok(environment);
    }
    if !environment.serves(purpose) {
        create(&environment)?;
        let Purpose { what, takes, .. } = purpose;
        say(format!("installing {what} with pip (once; about {takes})"));
        install(&environment)?;
    }
    if !environment.serves(purpose) {
        return Err(Failure::because(format!(
            "{} could not be installed (pip's words are above): check the network and the \
             version, then run the command again",
            purpose.what
        )));
    }
    let marker = environment.folder.join(READY);
    fs::write(&marker, purpose.versions)
        .explain(|| format!("cannot write {}", marker.display()))?;
    Ok(environment)
}

/// Whether the environment in this folder of the cache was once complete.
pub(crate) fn is_ready(folder: &str) -> Result<bool> {
    Ok(places::cache()?.join(folder).join(READY).is_file())
}

/// Returns the environment for `purpose`, which only some tests need: nothing
/// if there is no Python here, or the package index cannot be reached.
pub(crate) fn ensure_if_possible(
    purpose: &Purpose<'_>,
    install: impl FnOnce(&Environment) -> Result<()>,
) -> Result<Option<Environment>> {
    if interpreter().is_none() {
        return Ok(None);
    }
    match ensure(purpose, install) {
        Ok(environment) => Ok(Some(environment)),
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        Err(Failure::Because(sentence)) => {
            say(sentence);
            Ok(None)
        }
    }
}

/// Returns a Python that is recent enough for everything installed here.
pub(crate) fn interpreter() -> Option<PathBuf> {
    interpreters().next()
}

/// Returns every Python that is recent enough: the usual one first, then by version.
pub(crate) fn interpreters() -> impl Iterator<Item = PathBuf> {
    let names = [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ];
    let found = names.into_iter().filter_map(|name| programs::find(&[name]));
    found.filter(|python| is_recent(python))
}

impl Environment {
    /// The environment that has this Python.
    pub(crate) fn of(python: &Path) -> Option<Self> {
        let folder = python.parent()?.parent()?.to_owned();
        Some(Self { folder })
    }

    /// Returns the path of one of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Returns the folder of its packages.
    pub(crate) fn packages(&self) -> Option<PathBuf> {
        let question = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let answer = process::answer(Command::new(self.program("python")).args(["-c", question]));
        answer.map(|text| PathBuf::from(text.trim_end()))
    }

    /// Runs pip in it.
    pub(crate) fn pip(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.program("python"));
        command
            .args(["-m", "pip", "--disable-pip-version-check"])
            .args(arguments);
        process::run(&format!("`pip {}`", arguments[0]), &mut command)
    }

    /// Returns the report of `pip check`, whose exit status only repeats it.
    pub(crate) fn pip_check(&self) -> String {
        let mut command = Command::new(self.program("python"));
        let output = command.args(["-m", "pip", "check"]).output();
        output.map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    fn serves(&self, purpose: &Purpose<'_>) -> bool {
        let mut command = Command::new(self.program("python"));
        let answer = process::answer(command.args(["-c", purpose.question]));
        answer.is_some_and(|answer| answer.trim() == purpose.versions)
    }
}

fn create(environment: &Environment) -> Result<()> {
    if environment.program("pip").is_file() {
        return Ok(());
    }
    let python = interpreter()
        .ok_or_else(|| Failure::because("Python 3.10 or newer is missing: install it"))?;
    let mut command = Command::new(python);
    command
        .args(["-m", "venv", "--clear"])
        .arg(&environment.folder);
    process::run("`python3 -m venv`", &mut command).map_err(|failure| {
        cure(
            failure,
            "Python could not make a virtual environment (its words are above): \
             on Debian and Ubuntu, install the package python3-venv",
        )
    })
}

fn is_recent(python: &Path) -> bool {
    let question = "import sys; print(sys.version_info >= (3, 10))";
    process::answer(Command::new(python).args(["-c", question]))
        .is_some_and(|answer| answer.trim() == "True")
}

fn cure(failure: Failure, sentence: &str) -> Failure {
    match failure {
        Failure::Interrupted => failure,
        Failure::Because(_) => Failure::because(sentence),
    }
}
