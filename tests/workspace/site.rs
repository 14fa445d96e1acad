//! The built site: how much there is of it, and what must not be in it.

use std::{fs, path::PathBuf};

use brotli::enc::BrotliEncoderParams;
use shell_tests::environment;

/// The most that the whole shell may weigh, in bytes of brotli at its best. The
/// React patch it replaces adds 162 000 to a bundle of 5.4 MB.
const WHOLE: usize = 248_600;

/// The most that may arrive before MLflow's document is requested.
const BEFORE: usize = 122_600;

/// What arrives before that, by how the names begin. The page's own module does
/// not: the start script requests the document meanwhile.
const FIRST: &[&str] = &["index.html", "boot-", "sw.js"];

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

/// What no page of the shell loads, so that it delays no page: Jupyter
/// asks for it, to show it on a tab of its own.
const FOR_OTHERS: &[&str] = &["favicon.ico"];

#[test]
#[expect(clippy::print_stdout, reason = "the table is what is to be shown")]
fn the_shell_stays_within_its_bytes() {
    let (mut whole, mut before) = (0, 0);
    println!("{:<44}{:>9}{:>9}", "file", "plain", "brotli");
    let is_loaded = |(name, _): &(String, Vec<u8>)| !FOR_OTHERS.contains(&name.as_str());
    for (name, content) in files().into_iter().filter(is_loaded) {
        let compressed = compress(&content).len();
        println!("{name:<44}{:>9}{compressed:>9}", content.len());
        whole += compressed;
        if FIRST.iter().any(|start| name.starts_with(start)) {
            before += compressed;
        }
    }
    for (what, bytes, limit) in [
        ("all", whole, WHOLE),
        ("before MLflow's document", before, BEFORE),
    ] {
        println!("{:<53}{bytes:>9}", format!("{what}, of at most {limit}"));
        assert!(bytes <= limit, "{what}: {bytes} bytes are over {limit}");
    }
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

/// What has a place in `assets` to be put into is in the built file.
#[test]
fn every_marker_is_replaced() {
    for (asset, start) in [("sw.js", "sw.js"), ("boot.js", "boot-")] {
        let path = environment::workspace().join("assets").join(asset);
        let source = fs::read_to_string(path).expect("the asset can be read");
        let markers = markers(&source);
        assert!(!markers.is_empty(), "assets/{asset} has no marker");

        let built = files()
            .into_iter()
            .find(|(name, _)| fits(name, start, ".js"));
        let (name, built) = built.expect("the site has it");
        let built = String::from_utf8(built).expect("scripts are text");
        for marker in markers {
            assert!(!built.contains(marker), "{name} still says {marker}");
        }
    }
}

/// No table of headers has rules for other folders, such as snippets of glue.
#[test]
fn no_folder_is_in_the_site_but_that_of_a_user_interface() {
    for entry in fs::read_dir(environment::site()).expect("the site can be read") {
        let path = entry.expect("an entry can be read").path();
        assert!(
            path.is_file() || path.ends_with("mlflow"),
            "{}",
            path.display()
        );
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
    let scripts: Vec<_> = document.split("<script").skip(1).collect();
    assert!(!scripts.is_empty(), "the document starts nothing");
    for script in scripts {
        let (attributes, rest) = script.split_once('>').expect("a tag ends");
        let (content, _) = rest.split_once("</script>").expect("a script ends");
        assert!(attributes.contains("src="), "{attributes}");
        assert_eq!(content.trim(), "");
    }
    assert!(!document.contains(" onload="));
}

/// Everything in `source` that looks like `@@this@@`.
fn markers(source: &str) -> Vec<&str> {
    let pieces: Vec<_> = source.match_indices("@@").collect();
    pieces
        .chunks_exact(2)
        .map(|pair| &source[pair[0].0..pair[1].0 + 2])
        .collect()
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
