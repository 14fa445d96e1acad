//! The settings of a gateway, as the program takes, checks and shows them.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const CONFIG: &str = r#"{"origin": "https://mlflow.example.com", "provider": {
    "domain": "https://login.example.com", "issuer": "https://issuer.example", "client_id": "c"}}"#;

const SETTINGS: &str = "config = 'config.json'\nsite = '.'\nupstream = 'http://127.0.0.1:5000'\n";

#[test]
fn what_is_good_is_found_good() {
    let folder = folder(SETTINGS);
    let output = run(
        folder.path(),
        &["config", "check", "--settings", "gateway.toml"],
        &[],
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        said(&output.stdout),
        "ok    listen: 127.0.0.1:8080\n\
         ok    tls: none: plain HTTP\n\
         ok    trust: the built-in authorities\n\
         ok    policy: the built-in one\n\
         ok    audit: standard output\n\
         ok    site: `.`\n\
         ok    tokens: sealed with a key that `serve` makes in its state folder\n\
         ok    tracing: off\n\
         ok    config: https://mlflow.example.com\n\
         ok    ui: MLflow's UI from the MLflow server\n\
         ok    issuers: https://issuer.example with keys at https://issuer.example/.well-known/jwks.json\n\
         ok    upstream: http://127.0.0.1:5000\n"
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_its_cure() {
    let settings = "config = 'config.json'\nsite = 'nowhere'\n[audit]\nfile = 'logs/audit'\n\
                    [tls]\ncertificate = 'cert.pem'\nkey = 'key.pem'\n\
                    [tokens]\nkey_file = 'keys'\n[trust]\nca_file = 'ca.pem'\n[tracing]\notlp = 'collector:4317'\n";
    let folder = folder(settings);
    fs::write(folder.path().join("policy.json"), r#"{"rule": []}"#).unwrap();
    let table: [(&[&str], &[&str]); 3] = [
        (
            &["--policy", "policy.json"],
            &[
                "wrong tls: `cert.pem` cannot be read: No such file",
                "wrong trust: `trust.ca_file`: `ca.pem` cannot be read: No such file",
                "wrong policy: `policy.json` (--policy): the policy's `rule` is not a known key",
                "wrong audit: there is no folder `logs` for the audit log (--audit-log): make it",
                "wrong site: no site in `nowhere`: build it with",
                "ok    config: https://mlflow.example.com",
                "wrong tokens: the keys for program tokens cannot be read from `keys`",
                "wrong tracing: `tracing.otlp`",
                "wrong upstream: MLflow's address: there is no MLflow server: give --upstream URL",
            ],
        ),
        (
            &["--config", "other.json"],
            &["wrong config: cannot read `other.json` (--config): No such file"],
        ),
        (
            &["--upstream", "here"],
            &["`here` is not an http:// or https:// URL"],
        ),
    ];
    for (options, expected) in table {
        let command = [&["config", "check", "--settings", "gateway.toml"], options].concat();
        let output = run(folder.path(), &command, &[]);
        assert_eq!(output.status.code(), Some(1));
        let text = said(&output.stdout);
        for expected in expected {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[test]
fn an_unknown_setting_is_refused_wherever_it_is_from() {
    let folder = folder("[timeouts]\nhaed = '3s'\n");
    let variables = [
        ("MLFLOW_SHELL_SETTINGS", "gateway.toml"),
        ("MLFLOW_SHELL_LIMITS__STREMS", "3"),
    ];
    for command in [&["serve"][..], &["config", "check"], &["config", "show"]] {
        let output = run(folder.path(), command, &variables);
        assert_eq!(output.status.code(), Some(1));
        let text = said(&output.stdout) + &said(&output.stderr);
        for expected in [
            "gateway.toml: `timeouts.haed`: unknown field `haed`, expected one of `handshake`",
            "MLFLOW_SHELL_LIMITS__STREMS: `limits.strems`: unknown field `strems`",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[test]
fn each_setting_is_shown_with_where_it_is_from() {
    let folder = folder("upstream = 'http://me:pass@mlflow'\n[timeouts]\ndrain = '1m'\n");
    let variables = [("MLFLOW_SHELL_LIMITS__STREAMS", "7")];
    let command = [
        "config",
        "show",
        "--settings",
        "gateway.toml",
        "--audit-reads",
        "--listen",
        "[::1]:80",
    ];
    let output = run(folder.path(), &command, &variables);
    let text = said(&output.stdout);
    for line in [
        "listen = \"[::1]:80\"  # --listen",
        "upstream = \"http://[redacted]@mlflow\"  # gateway.toml",
        "drain = \"1m\"  # gateway.toml",
        "streams = 7  # MLFLOW_SHELL_LIMITS__STREAMS",
        "reads = true  # --audit-reads",
        "days = 90  # default",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}: {text}");
    }
}

/// Those without a default have none to be compared.
#[test]
fn the_manual_has_every_setting_with_its_default() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manual = fs::read_to_string(root.join("docs/OPERATION.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["config", "show"], &[]);
    let mut section = String::new();
    for line in said(&output.stdout).lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((setting, _)) = line.split_once("  # default") {
            let (key, value) = setting.split_once(" = ").unwrap();
            let value = value.trim_matches('"');
            let row = format!("| `{section}{key}` | `{value}` |");
            assert!(manual.contains(&row), "docs/OPERATION.md lacks {row}");
        }
    }
}

fn folder(settings: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("config.json", CONFIG),
        ("gateway.toml", settings),
        ("index.html", ""),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("room");
    }
    folder
}

fn run(folder: &Path, command: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mlflow-shell"))
        .args(command)
        .current_dir(folder)
        // Where a build takes its site from.
        .env_remove("MLFLOW_SHELL_SITE")
        .envs(variables.iter().copied())
        .output()
        .expect("it starts")
}

fn said(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).expect("it is text")
}
