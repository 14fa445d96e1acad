use std::{
    fs::{self, File},
    io::Write,
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const FRAME: &str = r#"(0,n.jsx)("iframe",{src:t,sandbox:"allow-scripts"})"#;

/// A wheel of the release 9.9.9 with these files besides a document.
fn wheel(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow-9.9.9-py3-none-any.whl");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let always = [
        (
            "mlflow-9.9.9.dist-info/METADATA",
            "Name: mlflow\nVersion: 9.9.9\n",
        ),
        ("mlflow/__init__.py", ""),
        ("mlflow/server/js/build/index.html", "<!doctype html>"),
    ];
    for (name, content) in always.iter().chain(files) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    (folder, path)
}

fn find(path: &Path) -> Result<Wheel> {
    Wheel::find("9.9.9", Some(path), None)
}

#[test]
fn a_ui_is_placed_as_it_is_and_written_down() {
    let script = "mlflow/server/js/build/static/js/main.1a2b3c4d.js";
    let map = "mlflow/server/js/build/static/js/main.1a2b3c4d.js.map";
    let (folder, path) = wheel(&[(script, FRAME), (map, "{}")]);
    let wheel = find(&path).unwrap();
    let (maps, files): (BTreeMap<_, _>, BTreeMap<_, _>) = wheel
        .files()
        .unwrap()
        .into_iter()
        .partition(|(name, _)| has_ending(name, "map"));
    let note = Note::of(&wheel, &files, maps.len());
    let kept = folder.path().join("kept");
    write(&kept, &files, &note).unwrap();
    compress::folder(&kept).unwrap();

    let site = folder.path().join("site");
    place::into(&kept, &site).unwrap();

    let placed = |name: &str| site.join("mlflow").join(name);
    let main = "static-files/static/js/main.1a2b3c4d.js";
    assert_eq!(
        fs::read_to_string(placed("index.html")).unwrap(),
        "<!doctype html>"
    );
    assert_eq!(fs::read_to_string(placed(main)).unwrap(), FRAME);
    assert!(placed(&format!("{main}.br")).is_file());
    assert!(!placed(&format!("{main}.map")).exists());
    let note = Note::read(&site.join("mlflow")).unwrap();
    assert!(note.is_of(&wheel));
    assert_eq!(note.files()[main], format!("{:x}", Sha256::digest(FRAME)));
    assert_eq!(note.files().len(), 2);

    place::plainly(&kept, &site).unwrap();
    assert!(placed(main).is_file());
    assert!(!placed(&format!("{main}.br")).exists());
}

#[test]
fn a_file_that_is_not_that_wheel_is_refused() {
    let (_folder, path) = wheel(&[]);
    let other = Wheel::find("9.9.8", Some(&path), None).unwrap_err();
    assert!(
        other.to_string().contains("is of version 9.9.9, not 9.9.8"),
        "{other}"
    );

    let hash = Wheel::find("9.9.9", Some(&path), Some("00")).unwrap_err();
    assert!(
        hash.to_string()
            .contains("00 is the one as given with --sha256"),
        "{hash}"
    );

    let known = Wheel::find("3.18.0", Some(&path), None).unwrap_err();
    assert!(
        known.to_string().contains("of the released wheel"),
        "{known}"
    );
}

#[test]
fn a_wheel_without_a_ui_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow_skinny-9.9.9-py3-none-any.whl");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let name = "mlflow_skinny-9.9.9.dist-info/METADATA";
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(b"Version: 9.9.9\n").unwrap();
    zip.finish().unwrap();

    let failure = find(&path).unwrap().files().unwrap_err();
    assert!(failure.to_string().contains("has no UI"), "{failure}");
}

#[test]
fn names_that_leave_the_folder_are_not_followed() {
    let (_folder, path) = wheel(&[
        ("mlflow/server/js/build/../../../../escaped.js", "x"),
        ("/mlflow/server/js/build/absolute.js", "x"),
    ]);
    let files = find(&path).unwrap().files().unwrap();
    for name in files.keys() {
        assert!(!name.contains("..") && !name.starts_with('/'), "{name}");
    }
}

#[test]
fn what_would_break_the_shell_is_refused() {
    let findings = |text: &str| {
        let file = ("a.js".to_owned(), text.as_bytes().to_vec());
        Findings::of(&BTreeMap::from([file]))
    };
    let table = [
        (FRAME, None),
        (
            r#"sandbox:"allow-scripts allow-same-origin""#,
            Some("could act as whoever looks at it"),
        ),
        (
            "navigator.serviceWorker.register('sw.js')",
            Some("registers a service worker"),
        ),
    ];
    for (text, expected) in table {
        let outcome = findings(text)
            .report("9.9.9")
            .err()
            .map(|failure| failure.to_string());
        match expected {
            None => assert_eq!(outcome, None, "{text}"),
            Some(words) => assert!(outcome.unwrap().contains(words), "{text}"),
        }
    }
}

#[test]
fn evaluations_are_counted_and_names_like_theirs_are_not() {
    let file = (
        "a.js".to_owned(),
        b"eval(x);medieval(y);a.eval(z);new Function('x');isFunction(f)".to_vec(),
    );
    let findings = Findings::of(&BTreeMap::from([file]));
    assert_eq!(findings.evaluations, [1, 1]);
}
