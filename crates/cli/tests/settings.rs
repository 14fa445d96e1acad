//! The settings of a gateway, as the program takes, checks and shows them.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const CONFIG: &str = r#"{"origin": "https://mlflow.example.com", "provider": {
    "domain": "https://login.example.com", "issuer": "https://issuer.example", "client_id": "c"}}"#;

const PLACES: &str = "config = 'config.json'\nsite = '.'\nupstream = 'http://127.0.0.1:5000'\n";

/// Another program of this machine may have the usual one.
const ANY_PORT: &str = "listen = '127.0.0.1:0'";

#[test]
fn what_is_good_is_found_good() {
    let folder = folder(&settings(""));
    let output = run(
        folder.path(),
        &["config", "check", "--settings", "gateway.toml"],
        &[],
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        said(&output.stdout),
        "ok    listen: 127.0.0.1:0\n\
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
    let settings = "config = 'config.json'\nsite = 'nowhere'\nlisten = '0.0.0.0:8080'\n\
                    [audit]\nfile = 'config.json/audit'\n[metrics]\nlisten = '127.0.0.1:8080'\n[tls]\ncertificate = 'cert.pem'\nkey = 'key.pem'\n\
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
                "wrong audit: the audit log cannot be written to `config.json/audit` (--audit-log): \
                 `config.json` is not a folder",
                "wrong metrics: `metrics.listen` 127.0.0.1:8080 and `listen` 0.0.0.0:8080 are the same",
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

/// What the check finds, the gateway does not start with, and says so in the same words.
#[test]
fn what_is_found_wrong_is_what_the_gateway_does_not_start_with() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("listen = '{}'", listener.local_addr().unwrap());
    let equal = "listen = '127.0.0.1:7080'";
    let issuer = "[[issuers]]\nissuer = 'https://m.example'\nclient_ids = ['a']\ngroups = 'admins'";
    let table = [
        (taken.as_str(), String::new(), "cannot listen on 127.0.0.1:"),
        (
            ANY_PORT,
            format!("[metrics]\n{taken}"),
            "cannot listen on 127.0.0.1:",
        ),
        (
            equal,
            format!("[metrics]\n{equal}"),
            "`listen` 127.0.0.1:7080 are the same",
        ),
        (
            ANY_PORT,
            "[audit]\nfile = 'index.html/audit'".to_owned(),
            "the audit log cannot be written to `index.html/audit`",
        ),
        (
            ANY_PORT,
            "[tls]\nkey = 'key.pem'".to_owned(),
            "`tls.certificate` and `tls.key` need",
        ),
        (
            ANY_PORT,
            "[tracing]\notlp = 'collector'".to_owned(),
            "`tracing.otlp`",
        ),
        (
            ANY_PORT,
            issuer.to_owned(),
            "write rules, such as [{\"claim\": \"groups\"}]",
        ),
    ];
    for (listen, sections, expected) in table {
        let text = format!("{PLACES}{listen}\n{sections}\n");
        let folder = folder(&text);
        for command in [&["config", "check"][..], &["serve"]] {
            let command = [command, &["--settings", "gateway.toml"]].concat();
            let output = run(folder.path(), &command, &[]);
            assert_eq!(output.status.code(), Some(1), "{command:?} {text}");
            let told = said(&output.stdout) + &said(&output.stderr);
            assert!(told.contains(expected), "{command:?} {expected}: {told}");
        }
    }
}

#[test]
fn a_gateway_that_cannot_start_says_all_that_is_wrong() {
    let folder = folder(&settings(""));
    let options = ["--policy", "nowhere.json", "--site", "nowhere"];
    let command = [&["serve", "--settings", "gateway.toml"], &options[..]].concat();
    let output = run(folder.path(), &command, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output.stderr);
    for expected in [
        "the gateway cannot start:",
        "wrong policy: cannot read `nowhere.json` (--policy)",
        "wrong site: no site in `nowhere`",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("ok    "), "{text}");
}

#[test]
fn settings_that_are_wrong_do_not_hide_what_else_is() {
    let folder = folder(&settings("[timeouts]\nhead = 5\n[tls]\nkeey = 'a'\n"));
    let config = CONFIG.replace("\"c\"", "\"c\", \"client_secret\": \"s3cret\"");
    fs::write(folder.path().join("config.json"), config).unwrap();
    let output = run(
        folder.path(),
        &["config", "check", "--settings", "gateway.toml"],
        &[("MLFLOW_SHELL_LISTEN", "8080")],
    );
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output.stdout);
    for expected in [
        "wrong settings: gateway.toml: `timeouts.head`: invalid type: integer `5`, expected a \
         duration with its unit, such as `30s`",
        "wrong settings: MLFLOW_SHELL_LISTEN: `listen`: `8080` is no address to listen on",
        "wrong settings: gateway.toml: `tls.keey`: unknown field",
        "wrong config: config.json: `provider.client_secret` ",
        "`client.secret_file = ",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    // The default of what is wrong is not checked.
    for section in ["listen: 127", "tls: none"] {
        assert!(!text.contains(section), "{section}: {text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
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

/// What a platform that gives variables only gives.
#[test]
fn documents_and_secrets_of_the_environment_are_checked_and_never_shown() {
    let folder = folder("site = '.'\nupstream = 'http://127.0.0.1:5000'\nlisten = '127.0.0.1:0'");
    let policy = r#"{"rules": [{"name": "a", "groups": ["g"], "allow": "everything"}]}"#;
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let variables = [
        ("MLFLOW_SHELL_CONFIG_JSON", CONFIG),
        ("MLFLOW_SHELL_POLICY_JSON", policy),
        ("MLFLOW_SHELL_CLIENT__SECRET", "0042"),
        ("MLFLOW_SHELL_TOKENS__KEYS", key),
    ];
    let check = ["config", "check", "--settings", "gateway.toml"];
    let show = ["config", "show", "--settings", "gateway.toml"];
    let table: [(&[&str], &[&str]); 2] = [
        (
            &check,
            &[
                "ok    config: https://mlflow.example.com\n",
                "ok    policy: that of MLFLOW_SHELL_POLICY_JSON\n",
                "ok    tokens: sealed with the keys of MLFLOW_SHELL_TOKENS__KEYS\n",
            ],
        ),
        (
            &show,
            &[
                "# config_json is set by MLFLOW_SHELL_CONFIG_JSON\n",
                "# secret is set by MLFLOW_SHELL_CLIENT__SECRET\n",
            ],
        ),
    ];
    for (command, expected) in table {
        let output = run(folder.path(), command, &variables);
        let text = said(&output.stdout) + &said(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{text}");
        for expected in expected {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        for secret in ["0042", key, "everything", "login.example.com"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[test]
fn what_is_wrong_in_a_variable_is_said_with_its_name_and_no_secret() {
    let folder = folder("site = '.'\nupstream = 'http://127.0.0.1:5000'\nlisten = '127.0.0.1:0'");
    let torn = format!("{{\n{}", &CONFIG[..30]);
    let config = ("MLFLOW_SHELL_CONFIG_JSON", CONFIG);
    let table: [(&[(&str, &str)], &[&str]); 7] = [
        (
            &[("MLFLOW_SHELL_CONFIG_JSON", &torn)],
            &[
                "wrong config: MLFLOW_SHELL_CONFIG_JSON (config_json): config.json is not JSON",
                "line 2 column",
            ],
        ),
        (
            &[("MLFLOW_SHELL_CONFIG_JSON", "/etc/config.json")],
            &[
                "MLFLOW_SHELL_CONFIG_JSON (config_json) takes the contents of the file, not its path",
            ],
        ),
        (
            &[config, ("MLFLOW_SHELL_CONFIG", "config.json")],
            &[
                "MLFLOW_SHELL_CONFIG_JSON: `config_json`: `config` is given, too (MLFLOW_SHELL_CONFIG)",
            ],
        ),
        (
            &[config, ("MLFLOW_SHELL_POLICY_JSON", "{\"rules\": ")],
            &[
                "wrong policy: MLFLOW_SHELL_POLICY_JSON (policy_json): ",
                "line 1 column",
            ],
        ),
        (
            &[config, ("MLFLOW_SHELL_CLIENT__SECRET", "  ")],
            &["wrong config: MLFLOW_SHELL_CLIENT__SECRET (client.secret) is blank"],
        ),
        (
            &[config, ("MLFLOW_SHELL_TOKENS__KEYS", "hunter2hunter2")],
            &[
                "wrong tokens: MLFLOW_SHELL_TOKENS__KEYS (tokens.keys), key 1: not 32 bytes in base64",
                "openssl rand",
            ],
        ),
        (
            &[config, ("MLFLOW_SHELL_TOKENS", "hunter2hunter2")],
            &["wrong settings: MLFLOW_SHELL_TOKENS: `tokens`: "],
        ),
    ];
    for (variables, expected) in table {
        for command in [&["config", "check"][..], &["serve"]] {
            let command = [command, &["--settings", "gateway.toml"]].concat();
            let output = run(folder.path(), &command, variables);
            let text = said(&output.stdout) + &said(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{text}");
            for expected in expected {
                // What settings alone are wrong with, `serve` says without `wrong`.
                let expected = expected.trim_start_matches("wrong settings: ");
                assert!(text.contains(expected), "{expected}: {text}");
            }
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

/// With keys as they are and no list it is as with a file of keys alone.
#[test]
fn keys_of_the_environment_without_a_list_have_none_to_show() {
    let folder = folder("");
    let variables = [
        ("MLFLOW_SHELL_CONFIG_JSON", CONFIG),
        (
            "MLFLOW_SHELL_TOKENS__KEYS",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ];
    for command in [
        &["tokens", "list"][..],
        &["tokens", "revoke", "0123456789abcdef"],
    ] {
        let output = run(folder.path(), command, &variables);
        assert_eq!(output.status.code(), Some(1));
        let text = said(&output.stderr);
        assert!(text.contains("keeps no list of tokens"), "{text}");
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

/// Settings that are good, but for these sections.
fn settings(sections: &str) -> String {
    format!("{PLACES}{ANY_PORT}\n{sections}")
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
