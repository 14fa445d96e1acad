//! A released wheel, and that it is the one that was released.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::{self, File},
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::releases::known;
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places,
    python::{self, Purpose},
};

/// Where wheels have the UI.
const BUILD: &str = "mlflow/server/js/build/";

/// A wheel whose hash is what it should be.
#[derive(Debug)]
pub(super) struct Wheel {
    pub(super) version: String,
    pub(super) path: PathBuf,
    pub(super) sha256: String,
    content: Vec<u8>,
}

impl Wheel {
    /// Returns the wheel of the release `version`: the given file, or the one
    /// that pip downloads, and compares with the hash of its index.
    pub(super) fn find(version: &str, file: Option<&Path>, sha256: Option<&str>) -> Result<Self> {
        if !is_version(version) {
            return Err(Failure::because(format!(
                "`{version}` (--mlflow) is no version, such as 3.18.0"
            )));
        }
        let path = match file {
            Some(file) => file.to_owned(),
            None => download(version)?,
        };
        let content = fs::read(&path).explain(|| format!("cannot read {}", path.display()))?;
        let found = format!("{:x}", Sha256::digest(&content));
        check_hash(version, &found, sha256)?;
        if file.is_some() && sha256.is_none() && known(version).is_none() {
            say("that file's hash was compared with nothing: say with --sha256 what it must be");
        }
        let wheel = Self {
            version: version.to_owned(),
            path,
            sha256: found,
            content,
        };
        wheel.check_version()?;
        Ok(wheel)
    }

    /// Returns the name of the file.
    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Returns the files of the UI by their names in it.
    pub(super) fn files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut zip = self.open()?;
        let mut found = BTreeMap::new();
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).explain(|| self.is_broken())?;
            let safe = entry.enclosed_name();
            let name = safe.as_deref().and_then(Path::to_str);
            let Some(name) = name.and_then(|name| name.strip_prefix(BUILD)) else {
                continue;
            };
            if entry.is_file() {
                let name = name.to_owned();
                let mut content = Vec::new();
                entry
                    .read_to_end(&mut content)
                    .explain(|| self.is_broken())?;
                found.insert(name, content);
            }
        }
        if found.is_empty() {
            return Err(Failure::because(format!(
                "{} has no UI (nothing below {BUILD}): give the wheel of `mlflow` itself",
                self.path.display()
            )));
        }
        Ok(found)
    }

    fn check_version(&self) -> Result<()> {
        let found = self.says()?;
        if found == self.version {
            return Ok(());
        }
        Err(Failure::because(format!(
            "{} is of version {found}, not {}: say --mlflow {found}, or give another file",
            self.path.display(),
            self.version
        )))
    }

    /// Returns the version by the wheel's own words.
    fn says(&self) -> Result<String> {
        let mut zip = self.open()?;
        let names = zip.file_names().filter_map(Result::ok);
        let mut metadata = names.filter(|name| is_metadata(name));
        let name = metadata.next().map(Cow::into_owned);
        drop(metadata);
        let mut text = String::new();
        zip.by_name(&name.unwrap_or_default())
            .explain(|| self.is_broken())?
            .read_to_string(&mut text)
            .explain(|| self.is_broken())?;
        let version = text.lines().find_map(|line| line.strip_prefix("Version: "));
        version
            .map(|version| version.trim().to_owned())
            .ok_or_else(|| Failure::because(self.is_broken()))
    }

    fn open(&self) -> Result<ZipArchive<Cursor<&[u8]>>> {
        ZipArchive::new(Cursor::new(self.content.as_slice())).explain(|| self.is_broken())
    }

    fn is_broken(&self) -> String {
        format!("{} is no wheel that can be read", self.path.display())
    }
}

fn is_metadata(name: &str) -> bool {
    let folder = name.strip_suffix(".dist-info/METADATA");
    folder.is_some_and(|folder| !folder.contains('/'))
}

fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(plain)
}

/// The hash must be the given one, and the known one, as far as there are any.
fn check_hash(version: &str, found: &str, given: Option<&str>) -> Result<()> {
    let expected = [
        (given, "as given with --sha256"),
        (known(version), "of the released wheel"),
    ];
    for (hash, which) in expected {
        if let Some(hash) = hash.filter(|hash| !hash.eq_ignore_ascii_case(found)) {
            return Err(Failure::because(format!(
                "the wheel of MLflow {version} has the SHA-256 {found}, but {hash} is the one \
                 {which}: it is another file, and nothing of it was used"
            )));
        }
    }
    Ok(())
}

/// Lets pip download the wheel, once.
fn download(version: &str) -> Result<PathBuf> {
    let folder = places::cache()?.join("wheels").join(version);
    if let Some(wheel) = wheel_in(&folder) {
        return Ok(wheel);
    }
    let purpose = Purpose {
        folder: "pip",
        what: "pip",
        takes: "some seconds",
        question: "import pip; print('pip')",
        versions: "pip",
    };
    let pip = python::ensure(&purpose, |_| Ok(()))?;
    say(format!(
        "downloading the wheel of MLflow {version} with pip"
    ));
    let destination = folder.to_string_lossy();
    // Which Python it is for does not matter to its UI.
    pip.pip(&[
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--ignore-requires-python",
        "--dest",
        &destination,
        &format!("mlflow=={version}"),
    ])?;
    wheel_in(&folder)
        .ok_or_else(|| Failure::because(format!("pip has put no wheel into {destination}")))
}

fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| super::has_ending(&path.to_string_lossy(), "whl") && opens(path))
}

/// Whether it was downloaded to its end.
fn opens(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| ZipArchive::new(file).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_must_be_every_one_that_is_known() {
        let right = known("2.5.0").unwrap();
        let upper = right.to_uppercase();
        let table = [
            ("2.5.0", right, None, true),
            ("2.5.0", right, Some(right), true),
            ("2.5.0", right, Some(upper.as_str()), true),
            ("2.5.0", right, Some("00"), false),
            ("2.5.0", "00", None, false),
            ("2.5.0", "00", Some("00"), false),
            ("9.9.9", "00", None, true),
            ("9.9.9", "00", Some("01"), false),
        ];
        for (version, found, given, fits) in table {
            let outcome = check_hash(version, found, given);
            assert_eq!(outcome.is_ok(), fits, "{version} {found} {given:?}");
        }
    }

    #[test]
    fn versions_name_no_other_folder() {
        for (text, expected) in [("3.18.0", true), ("3.0.0rc1", true), ("", false)] {
            assert_eq!(is_version(text), expected, "{text}");
        }
        for text in ["../x", "v3", "3.18.0/..", "3 0", "3.*"] {
            assert!(!is_version(text), "{text}");
        }
    }
}
