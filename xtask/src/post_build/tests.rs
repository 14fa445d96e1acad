use std::{fs, io::Read, path::Path};

use super::{complete, compress, digest, fill, without_comments, worker};

const BOOTSTRAP: &str = include_str!("../../../assets/sw.js");
const BOOT: &str = include_str!("../../../assets/boot.js");

#[test]
fn the_worker_holds_its_glue_and_module() {
    let bootstrap = "/* @@worker-glue@@ */\nconst module = \"@@worker-module@@\";\n";
    let whole = worker::embed(bootstrap, "let wasm_bindgen = $1;\n", b"\0asm").unwrap();

    // "\0asm", each byte changed by the mask 0x76 = 'v'.
    let expected = "let wasm_bindgen = $1;\nconst module = 'v\x17\x05\x1b';\n";
    assert_eq!(whole, expected);
}

#[test]
fn a_module_spelled_as_text_keeps_its_bytes() {
    let module: Vec<u8> = (0..=255).collect();
    let whole = worker::embed(BOOTSTRAP, "glue", &module).unwrap();

    let (_, literal) = whole.split_once("MODULE = '").unwrap();
    let (literal, _) = literal.split_once("';\n").unwrap();
    let unescaped = ["n\n", "r\r", "''", "\\\\"]
        .iter()
        .map(|pair| pair.split_at(1))
        .fold(literal.to_owned(), |text, (name, character)| {
            text.replacen(&format!("\\{name}"), character, 1)
        });
    let bytes: Vec<_> = unescaped.chars().map(|c| u32::from(c) ^ 0x76).collect();
    assert_eq!(bytes, (0..=255).collect::<Vec<_>>());
}

#[test]
fn comments_of_scripts_stay_at_home() {
    let script = "// Why.\nlet path = \"//\"; // How.\n  // Where.\nlet end;\n";
    let kept = "let path = \"//\"; // How.\nlet end;\n";
    assert_eq!(without_comments(script), kept);
}

#[test]
fn a_missing_or_repeated_marker_is_named() {
    assert_eq!(fill("a @@b@@ c", "@@b@@", "$1").unwrap(), "a $1 c");
    for script in ["a c", "@@b@@ @@b@@"] {
        let failure = fill(script, "@@b@@", "").unwrap_err().to_string();
        assert!(failure.contains("@@b@@"), "{failure}");
    }
}

#[test]
fn a_staged_folder_becomes_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stage(folder, b"page");
    complete(folder).unwrap();
    compress::folder(folder).unwrap();

    let html = text(&folder.join("index.html"));
    let named = ["boot-", "shell-app-", "shell-"].map(|start| {
        let names = names(folder).into_iter();
        let of_part: Vec<_> = names.filter(|name| name.starts_with(start)).collect();
        for name in of_part.iter().filter(|name| !is_double(name)) {
            let content = fs::read(folder.join(name)).unwrap();
            assert!(name.contains(&digest(&content)), "{name}");
            assert!(html.contains(&format!("\"/{name}\"")), "{name} in {html}");
        }
        of_part.len()
    });
    // Each file and its two doubles; the style begins like the page's two.
    assert_eq!(named, [3, 6, 9]);
    assert_eq!(names(folder).len(), 3 + 9 + 1 + 2 * 3);
    assert!(!html.contains("-1f"), "{html}");

    let worker = fs::read(folder.join("sw.js")).unwrap();
    assert_eq!(inflated(&folder.join("sw.js.br")), worker);
    assert_eq!(inflated(&folder.join("sw.js.gz")), worker);
}

#[test]
fn the_start_script_knows_the_names_of_glue_and_module() {
    let boot = |module: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path(), module);
        complete(folder.path()).unwrap();
        let mut names = names(folder.path()).into_iter();
        let name = names.find(|name| name.starts_with("boot-")).unwrap();
        let script = text(&folder.path().join(&name));
        for file in names.filter(|name| name.starts_with("shell-app-")) {
            assert!(script.contains(&format!("\"/{file}\"")), "{file}: {script}");
        }
        (name, script)
    };
    assert_eq!(boot(b"one"), boot(b"one"));
    let (one, two) = (boot(b"one"), boot(b"two"));
    assert_ne!(one.0, two.0);
    assert!(!one.1.contains("@@"), "{}", one.1);
}

#[test]
fn what_is_missing_is_named() {
    for missing in ["shell-worker.js", "shell-app-1f.js", "boot.js"] {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path(), b"page");
        fs::remove_file(folder.path().join(missing)).unwrap();
        let failure = complete(folder.path()).unwrap_err().to_string();
        assert!(failure.contains(&missing[..5]), "{failure}");
    }
}

/// A file that no document refers to would be dead weight, or a page without
/// its script.
#[test]
fn a_document_without_the_start_script_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    stage(folder.path(), b"page");
    let document = folder.path().join("index.html");
    fs::write(&document, text(&document).replace("boot.js", "")).unwrap();
    let failure = complete(folder.path()).unwrap_err().to_string();
    assert!(failure.contains("/boot.js"), "{failure}");
}

/// What trunk leaves in `folder`.
fn stage(folder: &Path, module: &[u8]) {
    let html = "<link href=\"/shell-1f.css\"><link href=\"/shell-app-1f.js\">\
        <link href=\"/shell-app-1f_bg.wasm\"><script src=\"/boot.js\"></script>";
    let staged: [(&str, &[u8]); 9] = [
        ("index.html", html.as_bytes()),
        ("sw.js", BOOTSTRAP.as_bytes()),
        ("boot.js", BOOT.as_bytes()),
        ("shell-worker.js", b"let wasm_bindgen;"),
        ("shell-worker_bg.wasm", b"worker"),
        ("shell-app-1f.js", b"export default () => {}"),
        ("shell-app-1f_bg.wasm", module),
        ("shell-1f.css", b"p { margin: 0 }"),
        ("icon.png", b"image"),
    ];
    for (name, content) in staged {
        fs::write(folder.join(name), content).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn is_double(name: &str) -> bool {
    [".br", ".gz"].iter().any(|ending| name.ends_with(ending))
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn inflated(file: &Path) -> Vec<u8> {
    let compressed = fs::read(file).unwrap();
    let mut bytes = Vec::new();
    let read = if file.extension().unwrap() == "br" {
        brotli::Decompressor::new(&*compressed, 4096).read_to_end(&mut bytes)
    } else {
        flate2::read::GzDecoder::new(&*compressed).read_to_end(&mut bytes)
    };
    read.unwrap();
    bytes
}
