use super::*;
use crate::settings::{ResolvedSettings, Settings, SettingsSources, show};

const SECRET: &str = "hunter2-hunter2";

fn read(file: &str, variables: &[(&str, &str)]) -> Result<ResolvedSettings, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, file).unwrap();
    let said = |error: crate::settings::SettingError| {
        let folder = format!("{}/", folder.path().display());
        error.to_string().replace(&folder, "")
    };
    let read = sources(variables).with_file(&path).read();
    read.map_err(|errors| errors.into_iter().map(said).collect())
}

fn sources(variables: &[(&str, &str)]) -> SettingsSources {
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    SettingsSources::default().with_environment(variables)
}

fn values(settings: &Settings) -> [Option<&str>; 3] {
    let values = [
        &settings.config_json,
        &settings.policy_json,
        &settings.tokens.keys,
    ];
    values.map(|value| value.as_ref().map(Inline::expose))
}

#[test]
fn a_variable_is_taken_as_it_is() {
    for text in [
        "12345",
        "true",
        "1.50",
        "2026-01-01",
        "\"in quotes\"",
        "[1, 2]",
        "{a = 1}",
        "{\"a\": 1}",
        "a # b",
        "a = 'b'\n",
        "\\u0041${X}",
    ] {
        let variables = INLINE.map(|it| format!("MLFLOW_SHELL_{}", it.variable));
        let variables = variables.each_ref().map(|name| (name.as_str(), text));
        let settings = read("", &variables).unwrap().settings;
        for value in values(&settings) {
            assert_eq!(value, Some(text));
        }
        let secret = settings.client.read().unwrap();
        assert_eq!(secret.expose(), text.trim());
    }
    // Another variable of the same section is read as in a file.
    let variables = [
        ("MLFLOW_SHELL_CLIENT__SECRET", "1"),
        ("MLFLOW_SHELL_LIMITS__POOL", "7"),
    ];
    assert_eq!(read("", &variables).unwrap().settings.limits.pool.get(), 7);
}

#[test]
fn a_secret_in_a_file_of_settings_is_refused_with_where_it_belongs() {
    let table = [
        (
            format!("client.secret = '{SECRET}'"),
            "gateway.toml: `client.secret`: it is taken from the environment only \
             (MLFLOW_SHELL_CLIENT__SECRET)",
            "`client.secret_file`",
        ),
        (
            format!("[tokens]\nkeys = ['{SECRET}']"),
            "gateway.toml: `tokens.keys`: it is taken from the environment only \
             (MLFLOW_SHELL_TOKENS__KEYS)",
            "`tokens.key_file`",
        ),
    ];
    let overriding = [
        ("MLFLOW_SHELL_CLIENT__SECRET", "b"),
        ("MLFLOW_SHELL_TOKENS__KEYS", "b"),
    ];
    for (file, expected, cure) in table {
        for variables in [&[][..], &overriding] {
            let said = read(&file, variables).unwrap_err();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].starts_with(expected), "{said:?}");
            assert!(said[0].contains(cure), "{said:?}");
            assert!(!said[0].contains(SECRET), "{said:?}");
        }
    }
    // Documents are no secrets.
    let settings = read("config_json = '{}'", &[]).unwrap().settings;
    assert_eq!(settings.config_json, Some(Inline::new("{}")));
}

#[test]
fn the_contents_and_the_file_together_are_an_error_that_names_both_sources() {
    for setting in &INLINE {
        let (keys, file) = (setting.keys.join("."), setting.file.join("."));
        let name = format!("MLFLOW_SHELL_{}", setting.variable);
        let said = read(&format!("{file} = '/a'"), &[(&name, SECRET)]).unwrap_err();
        let expected = format!(
            "{name}: `{keys}`: `{file}` is given, too (gateway.toml): one stands for the other, \
             so give only one"
        );
        assert_eq!(said, [expected]);
    }
}

#[test]
fn no_error_quotes_what_may_be_a_secret() {
    let escaped = "a\"b\\c";
    let variables: [&[(&str, &str)]; 6] = [
        &[("MLFLOW_SHELL_CLIENT", SECRET)],
        &[("MLFLOW_SHELL_TOKENS", SECRET)],
        &[("MLFLOW_SHELL_TOKENS", escaped)],
        &[("MLFLOW_SHELL_CLIENT__SECRET__VALUE", SECRET)],
        &[("MLFLOW_SHELL_TOKENS", "[1234567890]")],
        &[("MLFLOW_SHELL_CLIENT", "1234567890")],
    ];
    for variables in variables {
        let said = read("", variables).unwrap_err().concat();
        assert!(said.starts_with(variables[0].0), "{said}");
        for secret in [SECRET, "1234567890", "b\\"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
    let files = [
        format!("client = '{SECRET}'"),
        format!("client.secret = {SECRET}"),
        format!("[tokens]\nkeys = \"{SECRET}"),
        format!("tokens.key_file = ['{SECRET}']"),
    ];
    for file in files {
        let said = read(&file, &[]).unwrap_err().concat();
        assert!(said.starts_with("gateway.toml: "), "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn what_is_shown_is_the_source_alone_and_so_is_what_is_debugged() {
    let variables = INLINE.map(|it| format!("MLFLOW_SHELL_{}", it.variable));
    let variables = variables.each_ref().map(|name| (name.as_str(), SECRET));
    let resolved = sources(&variables).read().unwrap();
    let shown = show(&resolved).unwrap();
    for line in [
        "# config_json is set by MLFLOW_SHELL_CONFIG_JSON",
        "# policy_json is set by MLFLOW_SHELL_POLICY_JSON",
        "# secret is set by MLFLOW_SHELL_CLIENT__SECRET",
        "# keys is set by MLFLOW_SHELL_TOKENS__KEYS",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    let debugged = format!("{resolved:?} {:?}", resolved.settings);
    for text in [&shown, &debugged] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let again = folder.path().join("again.toml");
    std::fs::write(&again, &shown).unwrap();
    assert!(SettingsSources::default().with_file(&again).read().is_ok());
}

#[test]
fn a_blank_secret_is_no_secret() {
    let settings = read("", &[("MLFLOW_SHELL_CLIENT__SECRET", " \n")])
        .unwrap()
        .settings;
    assert!(settings.client.is_given());
    let said = settings.client.read().unwrap_err();
    assert!(said.contains("MLFLOW_SHELL_CLIENT__SECRET"), "{said}");
}
