mod glue;
mod module;

use std::{fs, io::Read, path::Path};

use super::{Tools, digest, document, fold, worker};

/// Leave everything as it is.
const TOOLS: Tools = Tools {
    optimise: |_| Ok(()),
    minify: |_, _| Ok(()),
};

const BOOTSTRAP: &str = "const stamp = \"build-stamp\";\n\
    /*! worker-glue */\n\
    const module = \"worker-module-text\";\n";

const TRUNK_SCRIPT: &str = "<script type=\"module\">\n\
    import init, * as bindings from '/shell-app-1f.js';\n\
    const wasm = await init({ module_or_path: '/shell-app-1f_bg.wasm' });\n\
    window.wasmBindings = bindings;\n\
    dispatchEvent(new CustomEvent(\"TrunkApplicationStarted\", {detail: {wasm}}));\n\
    </script>";

const BOOT: &str = "import init from \"/shell-app-1f.js\";\ninit(\"/shell-app-1f_bg.wasm\");\n";

#[test]
fn the_worker_holds_its_glue_and_module_and_is_stamped() {
    let folded = worker::fold(BOOTSTRAP, "let wasm_bindgen = $1;", b"\0asm").unwrap();

    // "\0asm", each byte changed by the mask 0x76 = 'v'.
    let rest = "const stamp = ;\nlet wasm_bindgen = $1;\nconst module = 'v\x17\x05\x1b';\n";
    let stamp = digest(rest.as_bytes());
    assert_eq!(
        folded,
        rest.replacen("stamp = ;", &format!("stamp = \"{stamp}\";"), 1)
    );
}

#[test]
fn the_stamp_changes_with_the_module() {
    let stamp = |module: &[u8]| worker::fold(BOOTSTRAP, "glue", module).unwrap()[..33].to_owned();
    assert_ne!(stamp(b"one"), stamp(b"two"));
    assert_eq!(stamp(b"one"), stamp(b"one"));
}

#[test]
fn a_module_spelled_as_text_keeps_its_bytes() {
    let module: Vec<u8> = (0..=255).collect();
    let whole = worker::fold(BOOTSTRAP, "glue", &module).unwrap();

    let (_, literal) = whole.split_once("module = '").unwrap();
    let literal = literal.strip_suffix("';\n").unwrap();
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
fn comments_of_the_bootstrap_stay_at_home() {
    let folded = worker::fold(&format!("// Why.\n{BOOTSTRAP}"), "glue", b"").unwrap();
    assert_eq!(folded, worker::fold(BOOTSTRAP, "glue", b"").unwrap());
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
    stage(folder.path());
    fold(folder.path(), TOOLS).unwrap();

    let html = fs::read_to_string(folder.path().join("index.html")).unwrap();
    let mut expected = vec!["icon.png".to_owned()];
    let names = names(folder.path());
    for (start, end) in [
        ("boot-", ".js"),
        ("index", ".html"),
        ("shell-", ".css"),
        ("shell-app-", ".js"),
        ("shell-app-", "_bg.wasm"),
        ("sw", ".js"),
    ] {
        let found = |name: &&String| name.starts_with(start) && name.ends_with(end);
        let name = names.iter().find(found).unwrap();
        expected.extend(["", ".br", ".gz"].map(|ending| format!("{name}{ending}")));
    }
    expected.sort();
    assert_eq!(names, expected);
    assert!(!html.contains("-1f"), "{html}");

    let worker = fs::read(folder.path().join("sw.js")).unwrap();
    assert_eq!(inflated(&folder.path().join("sw.js.br")), worker);
    assert_eq!(inflated(&folder.path().join("sw.js.gz")), worker);
}

#[test]
fn a_changed_module_has_another_name() {
    let module_name = |data: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path());
        let module = module::sample(["core::panicking::panic", "b"], data);
        fs::write(folder.path().join("shell-app-1f_bg.wasm"), module).unwrap();
        fold(folder.path(), TOOLS).unwrap();
        let names = names(folder.path());
        names.into_iter().find(|name| name.ends_with("_bg.wasm"))
    };
    assert_ne!(module_name(b"one"), module_name(b"two"));
    assert_eq!(module_name(b"one"), module_name(b"one"));
}

#[test]
fn a_missing_worker_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let failure = fold(folder.path(), TOOLS).unwrap_err().to_string();
    assert!(failure.contains("shell-worker.js"), "{failure}");
}

/// What trunk leaves in `folder`.
fn stage(folder: &Path) {
    let module = module::sample(["core::panicking::panic", "b"], b"");
    let html = format!("<link href=\"/shell-1f.css\"><body>{TRUNK_SCRIPT}</body>");
    let staged: [(&str, &[u8]); 9] = [
        ("index.html", html.as_bytes()),
        ("sw.js", BOOTSTRAP.as_bytes()),
        ("shell-worker.js", glue::GLUE.as_bytes()),
        ("shell-worker_bg.wasm", &module),
        ("shell-worker_loader.js", b""),
        ("shell-app-1f.js", glue::GLUE.as_bytes()),
        ("shell-app-1f_bg.wasm", &module),
        ("shell-1f.css", b"p { margin: 0 }"),
        ("icon.png", b"image"),
    ];
    for (name, content) in staged {
        fs::write(folder.join(name), content).unwrap();
    }
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
