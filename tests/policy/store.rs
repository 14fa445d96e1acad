//! What MLflow has stored, as a text that can be compared.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use shell_tests::environment;

/// Prints the database as SQL.
const DUMP: &str = "import sqlite3, sys
for line in sqlite3.connect(sys.argv[1]).iterdump():
    print(line)";

/// A server's database and artifacts.
#[derive(Debug)]
pub(crate) struct Store(PathBuf);

/// The store in this folder.
pub(crate) fn of(folder: PathBuf) -> Store {
    Store(folder)
}

impl Store {
    /// Every row of every table, and the name and size of every artifact.
    pub(crate) fn dump(&self) -> String {
        let python = environment::python().expect("the servers run on it");
        let output = Command::new(python)
            .args(["-c", DUMP])
            .arg(self.0.join("mlflow.db"))
            .output()
            .expect("Python starts");
        assert!(output.status.success(), "{output:?}");
        let rows = String::from_utf8(output.stdout).expect("SQL is text");
        let mut files = Vec::new();
        list(&self.0.join("artifacts"), &mut files).expect("the artifacts can be listed");
        files.sort();
        [rows, files.join("\n")].concat()
    }
}

/// Refuses a store that is not as it was, and says what is different.
pub(crate) fn refuse_change(version: &str, before: &str, after: &str) {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, after) = (lines(before), lines(after));
    let changed: Vec<_> = before.symmetric_difference(&after).collect();
    assert!(
        changed.is_empty(),
        "{version}: the store changed: {changed:#?}"
    );
}

fn list(folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(format!("{} {}", path.display(), fs::metadata(&path)?.len()));
        }
    }
    Ok(())
}
