//! The commands in docs/POLICY.md and docs/CLIENTS.md print what these say they print.

use std::{fs, path::Path, process::Command};

const COMMAND: &str = "$ mlflow-shell policy ";

#[test]
fn commands_print_what_the_manual_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manual = ["docs/POLICY.md", "docs/CLIENTS.md"];
    let manual = manual.map(|page| fs::read_to_string(root.join(page)).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let deploy = root.join("deploy").canonicalize().unwrap();
    std::os::unix::fs::symlink(deploy, folder.path().join("deploy")).unwrap();

    let examples = examples(&manual.concat());
    for name in ["table", "check", "explain", "iam"] {
        assert!(
            examples
                .iter()
                .any(|(command, _)| command.starts_with(name))
        );
    }
    for (command, expected) in examples {
        assert_eq!(run(&command, folder.path()), expected, "{command}");
    }
    let written = fs::read_to_string(folder.path().join("iam/policy-2.json")).unwrap();
    assert!(written.starts_with("{\n  \"Version\": \"2012-10-17\""));
}

/// A reader who has read enough, such as `head`, is no failure; and the exit
/// code says what a script wants to know.
#[test]
fn exit_codes_are_answers() {
    let here = Path::new(".");
    let explain = "explain --group readers POST";
    let table = [
        (format!("{explain} /api/2.0/mlflow/runs/search"), "0\n"),
        (format!("{explain} /api/2.0/mlflow/runs/create"), "1\n"),
        (format!("{explain} runs/create"), "2\n"),
        (
            format!("explain --policy no.json --group a GET {}", "/version"),
            "2\n",
        ),
        ("check no.json".to_owned(), "1\n"),
        ("show".to_owned(), "0\n"),
        ("roles".to_owned(), "0\n"),
    ];
    for (command, code) in table {
        let printed = run(&format!("{command} >/dev/null 2>&1; echo $?"), here);
        assert_eq!(printed, code, "{command}");
    }
    let piped = run("table --endpoints | head -n 1 | cut -c 1-6", here);
    assert_eq!(piped, "method\n");
}

/// The commands of a text, each with what follows it.
fn examples(text: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(command) = line.strip_prefix(COMMAND) {
            examples.push((command.to_owned(), String::new()));
            inside = true;
        } else if line == "```" {
            inside = false;
        } else if let (true, Some((_, printed))) = (inside, examples.last_mut()) {
            printed.push_str(line);
            printed.push('\n');
        }
    }
    examples
}

/// What a shell prints for a command, errors included.
fn run(command: &str, folder: &Path) -> String {
    let program = env!("CARGO_BIN_EXE_mlflow-shell");
    let output = Command::new("sh")
        .args(["-c", &format!("'{program}' policy {command} 2>&1")])
        .current_dir(folder)
        .output()
        .expect("there is a shell");
    String::from_utf8(output.stdout).expect("it prints text")
}
