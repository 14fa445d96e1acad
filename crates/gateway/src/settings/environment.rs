//! Settings in the environment.
//!
//! 1. `MLFLOW_SHELL_LISTEN` is `listen`, `MLFLOW_SHELL_TIMEOUTS__HEAD` is
//!    `timeouts.head`.
//! 2. A value is read as in a file if it is a number, a truth value, a list, a
//!    table or a text in quotes there; otherwise it is a text. The contents of a file
//!    ([`INLINE`]) are always a text.
//! 3. An empty variable is ignored.
//! 4. `MLFLOW_SHELL_SETTINGS` names the file, and is no setting itself.
//! 5. The variables that Kubernetes sets for a service called `mlflow-shell` are
//!    ignored: `MLFLOW_SHELL_SERVICE_…` and `MLFLOW_SHELL_PORT…`.
//! 6. So are those of the commands that sign in from a terminal, such as
//!    `MLFLOW_SHELL_CLIENT_SECRET`.

use toml::{Table, Value};

use super::{inline::INLINE, sources::Keys};

const PREFIX: &str = "MLFLOW_SHELL_";

/// What does not become a setting.
const FILE: &str = "SETTINGS";
const KUBERNETES: [&str; 2] = ["SERVICE_", "PORT_"];
const KUBERNETES_PORT: &str = "PORT";

/// What the commands read that sign in from a terminal, and the tile of `JupyterLab`.
const TERMINAL: [&str; 8] = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CLIENT_SECRET_FILE",
    "PASSPHRASE",
    "REJECTED",
    "SCOPE",
    "TOKEN_URL",
    "URL",
];

/// The settings among these variables: the name of each, its keys and value.
pub(super) fn settings(
    variables: impl Iterator<Item = (String, String)>,
) -> impl Iterator<Item = (String, Keys, Value)> {
    variables.filter_map(|(name, text)| {
        let rest = name.strip_prefix(PREFIX)?;
        let is_none = rest == FILE || TERMINAL.contains(&rest) || is_of_kubernetes(rest);
        if text.is_empty() || is_none {
            return None;
        }
        let keys = rest.to_ascii_lowercase();
        let keys: Keys = keys.split("__").map(ToOwned::to_owned).collect();
        let value = if INLINE.iter().any(|setting| setting.is_at(&keys)) {
            Value::String(text)
        } else {
            value(&text)
        };
        Some((name, keys, value))
    })
}

fn is_of_kubernetes(rest: &str) -> bool {
    rest == KUBERNETES_PORT || KUBERNETES.iter().any(|prefix| rest.starts_with(prefix))
}

fn value(text: &str) -> Value {
    let line = format!("value = {text}").parse::<Table>();
    match line.ok().and_then(|mut table| table.remove("value")) {
        None | Some(Value::Datetime(_)) => Value::String(text.to_owned()),
        Some(value) => value,
    }
}
