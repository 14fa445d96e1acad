use super::*;
use crate::settings::{Time, location::Location, show};

fn read(
    file: &str,
    variables: &[(&str, &str)],
    listen: Option<&str>,
) -> Result<ResolvedSettings, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, file).unwrap();
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let layers = SettingsSources::default()
        .with_file(&path)
        .with_environment(variables)
        .with_flag("--listen", &["listen"], listen);
    let folder = format!("{}/", folder.path().display());
    let said = |error: SettingError| error.to_string().replace(&folder, "");
    let read = layers.read();
    read.map_err(|errors| errors.into_iter().map(said).collect())
}

#[test]
fn the_command_line_is_stronger_than_the_environment_and_that_than_the_file() {
    let file = "listen = '127.0.0.1:1'\n[timeouts]\nhead = '1s'\nbody = '2s'";
    let variables = [
        ("MLFLOW_SHELL_LISTEN", "127.0.0.1:2"),
        ("MLFLOW_SHELL_TIMEOUTS__BODY", "1m 3s"),
        ("MLFLOW_SHELL_LIMITS__STREAMS", "7"),
        ("MLFLOW_SHELL_AUDIT__READS", "true"),
        ("MLFLOW_SHELL_SITE", "2026-01-01"),
        ("PATH", "/bin"),
    ];
    let resolved = read(file, &variables, Some("127.0.0.1:3")).unwrap();

    assert_eq!(resolved.settings.listen.port(), 3);
    assert_eq!(resolved.settings.timeouts.head, Time::seconds(1));
    assert_eq!(resolved.settings.timeouts.body, Time::seconds(63));
    assert_eq!(
        resolved.settings.timeouts.idle,
        Settings::default().timeouts.idle
    );
    assert_eq!(resolved.settings.limits.streams.get(), 7);
    assert!(resolved.settings.audit.reads);
    assert_eq!(resolved.settings.site, Some("2026-01-01".into()));

    let source = |key: &str| {
        let keys: Vec<_> = key.split('.').map(ToOwned::to_owned).collect();
        resolved.source(&keys).to_string()
    };
    assert_eq!(source("listen"), "--listen");
    assert!(source("timeouts.head").ends_with("gateway.toml"));
    assert_eq!(source("timeouts.body"), "MLFLOW_SHELL_TIMEOUTS__BODY");
    assert_eq!(source("timeouts.idle"), "default");
}

#[test]
fn all_that_is_wrong_is_said_with_its_place() {
    let file = "[limits]\nconections = 5\nheaders = 0\n[timeouts]\nhead = 30\nidle = '0s'\n[tsl]\n";
    let variables = [
        ("MLFLOW_SHELL_LIMITS__STREAMS", "many"),
        ("MLFLOW_SHELL_LISTEN__PORT", "1"),
    ];
    let said = read(file, &variables, None).unwrap_err();

    for expected in [
        "gateway.toml: `limits.conections`: unknown field `conections`, expected one of `connections`, ",
        "gateway.toml: `limits.headers`: invalid value: integer `0`",
        "gateway.toml: `timeouts.head`: invalid type: integer `30`, expected a duration with its \
         unit, such as `30s`",
        "gateway.toml: `timeouts.idle`: `0s` is no duration: write it as `30s`, ",
        "gateway.toml: `tsl`: unknown field `tsl`, expected one of `listen`, ",
        "MLFLOW_SHELL_LIMITS__STREAMS: `limits.streams`: invalid type: string \"many\"",
        "MLFLOW_SHELL_LISTEN__PORT: `listen",
    ] {
        assert!(
            said.iter().any(|line| line.starts_with(expected)),
            "{expected}: {said:#?}"
        );
    }
    assert_eq!(said.len(), 7, "{said:#?}");
}

#[test]
fn an_address_that_is_none_is_refused_with_what_one_looks_like() {
    let table = [
        ("8080", "`8080` is no address"),
        (":8080", "`:8080` is no address"),
        ("localhost:8080", "`localhost:8080` is no address"),
        (
            "true",
            "invalid type: boolean `true`, expected an IP address and a port",
        ),
    ];
    for (value, expected) in table {
        let variables = [
            ("MLFLOW_SHELL_LISTEN", value),
            ("MLFLOW_SHELL_METRICS__LISTEN", value),
        ];
        let said = read("", &variables, None).unwrap_err();
        assert_eq!(said.len(), 2, "{said:?}");
        for line in said {
            assert!(line.contains(expected), "{line}");
            assert!(line.contains("such as `127.0.0.1:8080`"), "{line}");
        }
    }
}

#[test]
fn whether_a_server_is_told_who_asks_is_said_beside_its_address() {
    let on = [("MLFLOW_SHELL_UPSTREAM__IDENTITY_HEADERS", "true")];
    let resolved = read("upstream.url = 'http://a'", &on, None).unwrap();
    let upstream = Location::served("http://a", true);
    assert_eq!(resolved.settings.upstream, Some(upstream.clone()));
    let shown = show(&resolved).unwrap();
    assert!(
        shown.contains("identity_headers = true  # MLFLOW"),
        "{shown}"
    );

    let file = "[upstreams]\na = { url = 'http://a', identity_headers = true }\nb = 'http://b'";
    let resolved = read(file, &[], None).unwrap();
    assert_eq!(resolved.settings.upstreams["a"], upstream);
    assert_eq!(resolved.settings.upstreams["b"], Location::from("http://b"));

    let table = [
        (
            "upstream = 'http://a'",
            &on[..],
            "`upstream`: `url` is missing",
        ),
        (
            "[upstream]\nidentity_headers = true\nsagemaker.arn = 'a'",
            &[],
            "`upstream`: `identity_headers` is for a `url`",
        ),
    ];
    for (file, variables, expected) in table {
        let said = read(file, variables, None).unwrap_err();
        assert!(said[0].contains(expected), "{said:?}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_shown_where_it_is_wrong() {
    let said = read("listen = \n", &[], None).unwrap_err();
    assert!(
        said[0].starts_with("gateway.toml: TOML parse error at line 1, column "),
        "{said:?}"
    );
    let said = read("listen = '127.0.0.1:1'\n[tls]\nkey == 1\n", &[], None).unwrap_err();
    assert!(said[0].contains("at line 3, column 6: "), "{said:?}");

    let missing = SettingsSources::default().with_file(Path::new("/nowhere/gateway.toml"));
    let said = missing.read().unwrap_err()[0].to_string();
    assert!(
        said.starts_with("/nowhere/gateway.toml: cannot be read: "),
        "{said}"
    );
}

#[test]
fn an_address_takes_the_place_of_a_table_and_the_other_way_round() {
    let file = "[upstreams]\na = 'http://a'\nb = 'http://b'";
    let resolved = read(file, &[("MLFLOW_SHELL_UPSTREAMS__B", "http://c")], None).unwrap();
    let expected = [("a", "http://a"), ("b", "http://c")];
    assert_eq!(
        resolved.settings.upstreams,
        expected.map(|(a, b)| (a.to_owned(), b.into())).into()
    );

    let said = read(file, &[("MLFLOW_SHELL_UPSTREAMS", "http://c")], None).unwrap_err();
    assert!(
        said[0].starts_with("MLFLOW_SHELL_UPSTREAMS: `upstreams`: "),
        "{said:?}"
    );
}

#[test]
fn empty_variables_and_what_is_for_others_are_no_settings() {
    let variables = [
        ("MLFLOW_SHELL_PORT", "tcp://10.0.0.1:8080"),
        ("MLFLOW_SHELL_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("MLFLOW_SHELL_SERVICE_HOST", "10.0.0.1"),
        ("MLFLOW_SHELL_SETTINGS", "gateway.toml"),
        // A terminal's, which may be beside a gateway's.
        ("MLFLOW_SHELL_CLIENT_ID", "robot"),
        ("MLFLOW_SHELL_CLIENT_SECRET", "secret"),
        ("MLFLOW_SHELL_CLIENT_SECRET_FILE", "secret"),
        ("MLFLOW_SHELL_PASSPHRASE", "passphrase"),
        ("MLFLOW_SHELL_REJECTED", "00"),
        ("MLFLOW_SHELL_SCOPE", "mlflow/read"),
        ("MLFLOW_SHELL_URL", "https://mlflow.example.com"),
        ("MLFLOW_SHELL_TOKEN_URL", "https://id.example.com/token"),
        ("MLFLOW_SHELL_UPSTREAM", ""),
    ];
    let resolved = read("", &variables, None).unwrap();
    assert_eq!(resolved.settings, Settings::default());
}

#[test]
fn what_is_shown_reads_back_as_the_same_and_tells_no_password() {
    let file = "upstream = 'https://me:pass@m.example/a@b'\n[upstreams]\n'x.y' = 'http://x'";
    let resolved = read(file, &[("MLFLOW_SHELL_LIMITS__POOL", "9")], None).unwrap();
    let shown = show(&resolved).unwrap();

    assert!(!shown.contains("pass"), "{shown}");
    assert!(
        shown.contains("upstream = \"https://[redacted]@m.example/a@b\"  # "),
        "{shown}"
    );
    assert!(
        shown.contains("pool = 9  # MLFLOW_SHELL_LIMITS__POOL\n"),
        "{shown}"
    );
    assert!(shown.contains("head = \"20s\"  # default\n"), "{shown}");

    let mut again = read(&shown, &[], None).unwrap().settings;
    again.upstream.clone_from(&resolved.settings.upstream);
    assert_eq!(again, resolved.settings);
}
