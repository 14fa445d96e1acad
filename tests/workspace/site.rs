//! The built site: how much there is of it, and what must not be in it.

use std::{fs, path::PathBuf};

use brotli::enc::BrotliEncoderParams;
use shell_tests::environment;

/// The most that the shell may add before MLflow's first byte, in bytes of
/// brotli at its best. The React patch it replaces adds 162 000.
const BUDGET: usize = 115_000;

/// Parts every build has, by how their names begin and end.
const PARTS: &[(&str, &str)] = &[
    ("index", ".html"),
    ("boot-", ".js"),
    ("shell-app-", ".js"),
    ("shell-app-", ".wasm"),
    ("shell-", ".css"),
    ("favicon", ".svg"),
    ("sw", ".js"),
];

/// What no page of the shell loads, so that it costs nobody a wait: Jupyter
/// asks for it, to show it on a tab of its own.
const FOR_OTHERS: &[&str] = &["favicon.ico"];

/// What the build replaces in `sw.js`.
const MARKERS: &[&str] = &["worker-glue", "build-stamp", "worker-module-text"];

#[test]
#[expect(clippy::print_stdout, reason = "the table is what is to be shown")]
fn the_shell_stays_within_its_bytes() {
    let mut total = 0;
    println!("{:<44}{:>9}{:>9}", "file", "plain", "brotli");
    let is_loaded = |(name, _): &(String, Vec<u8>)| !FOR_OTHERS.contains(&name.as_str());
    for (name, content) in files().into_iter().filter(is_loaded) {
        let compressed = compress(&content).len();
        println!("{name:<44}{:>9}{compressed:>9}", content.len());
        total += compressed;
    }
    println!("{:<53}{total:>9}", format!("all, of at most {BUDGET}"));

    assert!(total <= BUDGET, "{total} bytes are over {BUDGET}");
}

#[test]
fn every_part_is_built_and_compressed() {
    let files = files();
    for (start, end) in PARTS {
        let found = files.iter().find(|(name, _)| fits(name, start, end));
        let Some((name, _)) = found else {
            panic!("the site has no {start}…{end}");
        };
        for coding in ["br", "gz"] {
            let compressed = environment::site().join(format!("{name}.{coding}"));
            assert!(compressed.is_file(), "{} is missing", compressed.display());
        }
    }
}

#[test]
fn what_others_ask_for_is_there() {
    let files = files();
    for name in FOR_OTHERS {
        assert!(files.iter().any(|(file, _)| file == name), "{name}");
    }
}

#[test]
fn the_worker_is_whole() {
    let worker = text("sw.js");
    for marker in MARKERS {
        assert!(!worker.contains(marker), "sw.js still says {marker}");
    }
}

/// The build changes files after trunk has named their digests.
#[test]
fn the_document_names_no_digest_of_a_file() {
    assert!(!text("index.html").contains(" integrity="));
}

/// The content security policy would not run them.
#[test]
fn the_document_has_no_inline_scripts() {
    let document = text("index.html");
    let scripts = document.split("<script").skip(1);
    for script in scripts {
        let (attributes, rest) = script.split_once('>').expect("a tag ends");
        let (content, _) = rest.split_once("</script>").expect("a script ends");
        assert!(attributes.contains("src="), "{attributes}");
        assert_eq!(content.trim(), "");
    }
    assert!(!document.contains(" onload="));
}

fn fits(name: &str, start: &str, end: &str) -> bool {
    name.starts_with(start) && name.ends_with(end)
}

/// Everything of the shell that is served, without its compressed doubles, and
/// without a UI of MLflow's, which is below a folder.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(environment::site())
        .expect("the site can be read")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_file() && !is_double(path))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn is_double(path: &std::path::Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("br" | "gz"))
}

fn read(path: &std::path::Path) -> (String, Vec<u8>) {
    let name = path.file_name().expect("a name").to_string_lossy();
    let content = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    (name.into_owned(), content)
}

fn text(name: &str) -> String {
    fs::read_to_string(environment::site().join(name)).expect("the site has it")
}

fn compress(content: &[u8]) -> Vec<u8> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)
        .expect("memory can be written to");
    compressed
}
