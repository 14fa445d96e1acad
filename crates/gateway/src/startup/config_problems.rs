//! All that is wrong in a `config.json`, each with its cure.

use serde_json::Value;
use shell_core::config::ConfigError;

use crate::settings::GROUPS_CURE;

/// Reads `document` with `read` as often as something is wrong with it, and takes out
/// what is wrong: the rest may be wrong, too.
///
/// # Errors
/// With a line for each problem.
pub(super) fn all<T>(
    mut document: Value,
    read: impl Fn(&Value) -> Result<T, ConfigError>,
) -> Result<T, String> {
    let mut removed: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    loop {
        let error = match read(&document) {
            Ok(read) if lines.is_empty() => return Ok(read),
            Ok(_) => break,
            Err(error) => error,
        };
        // What was taken out is missing now, which is no problem of its own.
        if removed.iter().any(|key| key == error.key()) {
            break;
        }
        let value = take(&mut document, error.key());
        let cure = cure(error.key(), value.as_ref());
        let cure = cure.map(|cure| [": ", cure].concat()).unwrap_or_default();
        lines.push(format!("{error}{cure}"));
        removed.push(error.key().to_owned());
        // What follows a section that lacks a key is not read until the section is gone.
        let section = error.key().rsplit_once('.').map(|(section, _)| section);
        match (value, section) {
            (Some(_), _) => {}
            (None, Some(section)) => {
                take(&mut document, section);
                removed.push(section.to_owned());
            }
            (None, None) => break,
        }
    }
    Err(lines.join("\n"))
}

/// Takes out the value of a key; of a list with a wrong item all, and returns the item.
fn take(document: &mut Value, key: &str) -> Option<Value> {
    let (path, item) = match key.split_once('[') {
        Some((path, item)) => (path, Some(item)),
        None => (key, None),
    };
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut parents = parents.split('.').filter(|parent| !parent.is_empty());
    let object = parents.try_fold(document, |object, parent| object.get_mut(parent));
    let value = object?.as_object_mut()?.remove(name)?;
    let index = item.and_then(|item| item.split_once(']')?.0.parse::<usize>().ok());
    let found = index.and_then(|index| value.get(index).cloned());
    Some(found.unwrap_or(value))
}

/// Sections of the gateway's own settings.
const SETTINGS: [&str; 11] = [
    "audit", "client", "issuers", "jwks", "limits", "listen", "log", "metrics", "timeouts", "tls",
    "upstream",
];

const SECRET_CURE: &str = "config.json is public, browsers read it. Put the secret alone in a \
                           file, and name that file in the gateway's settings: \
                           `client.secret_file = \"/etc/mlflow-shell/secret\"`. If this \
                           config.json was served, have the provider issue another secret";

const SECONDS_CURE: &str = "write seconds as a number: 3600 is an hour, 43200 are twelve";

const SETTING_CURE: &str = "that is a setting of the gateway, for the file of --settings";

/// What to write instead, where the error alone does not say it.
fn cure(key: &str, value: Option<&Value>) -> Option<&'static str> {
    let is_text = value.is_some_and(Value::is_string);
    match key {
        "groups" => Some(GROUPS_CURE),
        _ if key.starts_with("provider.groups") => {
            (!value.is_some_and(Value::is_object)).then_some(GROUPS_CURE)
        }
        "client_secret" | "provider.client_secret" => Some(SECRET_CURE),
        "session.max_age" | "python.lifetime" | "provider.clock_leeway" if is_text => {
            Some(SECONDS_CURE)
        }
        "provider.scopes" if is_text => Some("write a list: [\"openid\", \"email\"]"),
        "frame_ancestors" if is_text => Some("write a list: [\"https://portal.example.com\"]"),
        "python" if is_text => Some("write {\"access\": \"token\"}"),
        _ if SETTINGS.contains(&key) => Some(SETTING_CURE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shell_core::Config;

    use super::*;

    fn problems(change: impl Fn(&mut Value)) -> Vec<String> {
        let mut document = json!({
            "origin": "https://mlflow.example.com",
            "provider": {
                "domain": "https://login.example.com",
                "issuer": "https://issuer.example",
                "client_id": "c",
            },
        });
        change(&mut document);
        let read = all(document, |document| Config::parse(&document.to_string()));
        let lines = read.err().unwrap_or_default();
        lines.lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn what_is_wrong_is_said_at_once_and_each_with_its_cure() {
        let said = problems(|document| {
            document["origin"] = json!("mlflow.example.com");
            document["session"] = json!({"max_age": "12h"});
            document["provider"]["client_secret"] = json!("s3cret");
            document["provider"]["groups"] = json!("admins");
            document["provider"]["scopes"] = json!("openid email");
            document["tls"] = json!({});
        });
        let expected = [
            "`origin` is `mlflow.example.com`, which must begin with https://",
            "`provider.client_secret` ",
            "client.secret_file = ",
            "`provider.groups` has an invalid type: string \"admins\", expected a sequence",
            "[{\"claim\": \"groups\"}]",
            "`provider.scopes` ",
            "[\"openid\", \"email\"]",
            "`session.max_age` ",
            "43200",
            "`tls` ",
            "for the file of --settings",
        ];
        for expected in expected {
            assert!(
                said.iter().any(|line| line.contains(expected)),
                "{expected}: {said:#?}"
            );
        }
        assert_eq!(said.len(), 6, "{said:#?}");
        assert!(!said.concat().contains("s3cret"), "{said:#?}");
    }

    #[test]
    fn one_wrong_rule_of_a_list_is_named() {
        let said = problems(|document| document["provider"]["groups"] = json!(["admins"]));
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].contains("`provider.groups[0]`"), "{said:#?}");
        assert!(said[0].contains("[{\"claim\": \"groups\"}]"), "{said:#?}");

        let said = problems(|document| {
            document["provider"]["groups"] = json!([{"claim": "a", "value": "b"}]);
        });
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].ends_with("belong together"), "{said:#?}");
    }

    #[test]
    fn what_is_missing_is_said_once_and_so_is_what_follows() {
        let said = problems(|document| {
            document["bar"] = json!("up");
            document["provider"] = json!({"issuer": "https://issuer.example", "client_id": ""});
        });
        assert_eq!(said.len(), 3, "{said:#?}");
        for problem in [
            "`bar`",
            "`provider.client_id`",
            "`provider.domain` is missing",
        ] {
            let times = said.iter().filter(|line| line.contains(problem)).count();
            assert_eq!(times, 1, "{problem}: {said:#?}");
        }
        assert!(problems(|_| ()).is_empty());
    }
}
