use std::{fs, io::Read, path::Path};

use super::{digest, document, fold, glue, worker};

const BOOTSTRAP: &str = "const stamp = \"build-stamp\";\n\
    /*! worker-glue */\n\
    const module = \"worker-module-text\";\n";

const TRUNK_SCRIPT: &str = "<script type=\"module\">\n\
    import init, * as bindings from '/shell-app-1f.js';\n\
    const wasm = await init({ module_or_path: '/shell-app-1f_bg.wasm' });\n\
    window.wasmBindings = bindings;\n\
    dispatchEvent(new CustomEvent(\"TrunkApplicationStarted\", {detail: {wasm}}));\n\
    </script>";

const BOOT: &str =
    "import init from \"/shell-app-1f.js\";\ninit({module_or_path:\"/shell-app-1f_bg.wasm\"});\n";

#[test]
fn the_worker_holds_its_glue_and_module_and_is_stamped() {
    let folded = worker::fold(BOOTSTRAP, "let wasm_bindgen = $1;", b"\0asm").unwrap();

    let rest = "const stamp = ;\nlet wasm_bindgen = $1;\nconst module = \"\0asm\";\n";
    let stamp = digest(rest.as_bytes());
    assert_eq!(
        folded,
        format!("const stamp = \"{stamp}\";\nlet wasm_bindgen = $1;\nconst module = \"\0asm\";\n")
    );
}

#[test]
fn the_stamp_changes_with_the_module() {
    let stamp = |module: &[u8]| worker::fold(BOOTSTRAP, "glue", module).unwrap()[..33].to_owned();
    assert_ne!(stamp(b"one"), stamp(b"two"));
    assert_eq!(stamp(b"one"), stamp(b"one"));
}

#[test]
fn glue_loses_its_comments_and_indentation_only() {
    let given = "/**\n * @param {X} x\n */\nfunction f() {\n    // why\n    return a / b;\n\n}\n";
    assert_eq!(glue::slim(given), "function f() {\nreturn a / b;\n}\n");
}

#[test]
fn a_module_spelled_as_text_keeps_its_bytes() {
    let module: Vec<u8> = (0..=255).collect();
    let whole = worker::fold(BOOTSTRAP, "glue", &module).unwrap();

    let (_, literal) = whole.split_once("module = \"").unwrap();
    let literal = literal.strip_suffix("\";\n").unwrap();
    let unescaped = ["n\n", "r\r", "\"\"", "\\\\"]
        .iter()
        .map(|pair| pair.split_at(1))
        .fold(literal.to_owned(), |text, (name, character)| {
            text.replacen(&format!("\\{name}"), character, 1)
        });
    let bytes: Vec<_> = unescaped.chars().map(u32::from).collect();
    assert_eq!(bytes, (0..=255).collect::<Vec<_>>());
}

#[test]
fn markers_inside_the_glue_are_left_alone() {
    let glue = "const text = \"build-stamp\" + \"worker-module-text\";";
    let folded = worker::fold(BOOTSTRAP, glue, b"").unwrap();
    assert!(folded.contains(glue), "{folded}");
}

#[test]
fn a_missing_or_repeated_marker_is_named() {
    for marker in [
        "/*! worker-glue */",
        "\"worker-module-text\"",
        "\"build-stamp\"",
    ] {
        let missing = BOOTSTRAP.replace(marker, "0");
        let repeated = format!("{BOOTSTRAP}{marker}\n");
        for bootstrap in [missing, repeated] {
            let failure = worker::fold(&bootstrap, "", b"").unwrap_err().to_string();
            assert!(failure.contains(marker), "{failure}");
        }
    }
}

#[test]
fn the_glue_marker_has_its_line_to_itself() {
    let bootstrap = BOOTSTRAP.replace("/*! worker-glue */", "start(); /*! worker-glue */");
    assert!(worker::fold(&bootstrap, "", b"").is_err());
}

#[test]
fn the_start_script_moves_into_a_file() {
    let minified = TRUNK_SCRIPT.replace("type=\"module\"", "type=module");
    for script in [TRUNK_SCRIPT, &minified] {
        let html = format!("<head><script defer src=/a.js></script></head><body>{script}</body>");
        let document = document::fold(&html).unwrap();

        assert_eq!(document.boot, BOOT);
        assert_eq!(
            document.boot_name,
            format!("boot-{}.js", digest(BOOT.as_bytes()))
        );
        assert_eq!(
            document.html,
            format!(
                "<head><script defer src=/a.js></script></head>\
                 <body><script type=\"module\" src=\"/{}\"></script></body>",
                document.boot_name
            )
        );
    }
}

#[test]
fn documents_with_other_inline_scripts_are_refused() {
    let other = "<script>alert(1)</script>";
    let cases = [
        String::new(),
        other.to_owned(),
        format!("{other}{TRUNK_SCRIPT}"),
        format!("{TRUNK_SCRIPT}<script data-src=x>alert(1)</script>"),
    ];
    for html in cases {
        assert!(document::fold(&html).is_err(), "{html}");
    }
}

#[test]
fn a_staged_folder_becomes_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let staged = [
        ("index.html", format!("<body>{TRUNK_SCRIPT}</body>")),
        ("sw.js", BOOTSTRAP.to_owned()),
        ("shell-worker.js", "glue".repeat(100)),
        ("shell-worker_bg.wasm", "module".to_owned()),
        ("shell-worker_loader.js", String::new()),
        ("icon.png", "image".to_owned()),
    ];
    for (name, text) in &staged {
        fs::write(folder.path().join(name), text).unwrap();
    }

    fold(folder.path()).unwrap();

    let boot = format!("boot-{}.js", digest(BOOT.as_bytes()));
    let mut expected = vec!["icon.png".to_owned()];
    for name in [boot.as_str(), "index.html", "sw.js"] {
        expected.extend(["", ".br", ".gz"].map(|ending| format!("{name}{ending}")));
    }
    expected.sort();
    assert_eq!(names(folder.path()), expected);

    let worker = fs::read(folder.path().join("sw.js")).unwrap();
    assert_eq!(inflated(&folder.path().join("sw.js.br")), worker);
    assert_eq!(inflated(&folder.path().join("sw.js.gz")), worker);
}

#[test]
fn a_missing_worker_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let failure = fold(folder.path()).unwrap_err().to_string();
    assert!(failure.contains("shell-worker.js"), "{failure}");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn inflated(file: &Path) -> Vec<u8> {
    let compressed = fs::read(file).unwrap();
    let mut bytes = Vec::new();
    if file.extension().unwrap() == "br" {
        brotli::Decompressor::new(&*compressed, 4096)
            .read_to_end(&mut bytes)
            .unwrap();
    } else {
        flate2::read::GzDecoder::new(&*compressed)
            .read_to_end(&mut bytes)
            .unwrap();
    }
    bytes
}
