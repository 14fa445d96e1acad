//! Settings from several sources, merged.
//!
//! 1. A file in TOML.
//! 2. The environment: `MLFLOW_SHELL_LISTEN`, and `MLFLOW_SHELL_TIMEOUTS__HEAD`
//!    for a key of a section.
//! 3. The command line.
//!
//! The later source wins, key by key. The source of each value is kept, so that
//! errors name it.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde_path_to_error::{Path as Place, Segment};
use toml::{Table, Value};

use super::{Settings, environment};

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// The default.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable of the environment.
    Variable(String),
    /// This flag of the command line.
    Flag(&'static str),
}

/// The keys on the way to a value, such as `["timeouts", "head"]`.
pub(super) type Keys = Vec<String>;

/// Settings from several sources.
#[derive(Debug, Clone, Default)]
pub struct SettingsSources {
    table: Table,
    sources: BTreeMap<Keys, SettingSource>,
    errors: Vec<SettingError>,
}

/// The settings of all sources, merged.
#[derive(Debug, Clone)]
pub struct ResolvedSettings {
    /// The settings.
    pub settings: Settings,
    sources: BTreeMap<Keys, SettingSource>,
}

/// A setting that is wrong: where it is from, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{why}", if .key.is_empty() { String::new() } else { format!("`{key}`: ") })]
pub struct SettingError {
    place: SettingSource,
    key: String,
    why: String,
}

impl SettingError {
    /// The first of the keys on the way to the value: a section, or a setting of none.
    /// Empty if the file is not TOML.
    pub fn section(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

impl SettingsSources {
    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: &Path) -> Self {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("cannot be read: {error}"));
        let table = text.and_then(|text| text.parse().map_err(|error| format!("{error}")));
        let source = SettingSource::File(path.to_owned());
        match table {
            Ok(table) => self.merge(Vec::new(), Value::Table(table), &source),
            Err(why) => self.refuse(source, String::new(), why.trim_end().to_owned()),
        }
        self
    }

    /// Adds variables of the environment.
    #[must_use]
    pub fn with_environment(mut self, variables: impl Iterator<Item = (String, String)>) -> Self {
        for (name, keys, value) in environment::settings(variables) {
            self.merge(keys, value, &SettingSource::Variable(name));
        }
        self
    }

    /// Lets the value of a flag, if it is given, override the other sources.
    #[must_use]
    pub fn with_flag(
        mut self,
        flag: &'static str,
        keys: &[&str],
        value: Option<impl Into<Value>>,
    ) -> Self {
        if let Some(value) = value {
            let keys = keys.iter().copied().map(ToOwned::to_owned).collect();
            self.merge(keys, value.into(), &SettingSource::Flag(flag));
        }
        self
    }

    /// Merges them.
    ///
    /// # Errors
    /// With every setting that is wrong.
    pub fn read(self) -> Result<ResolvedSettings, Vec<SettingError>> {
        match self.read_valid() {
            (Some(resolved), errors) if errors.is_empty() => Ok(resolved),
            (_, errors) => Err(errors),
        }
    }

    /// Merges those that are valid, so that they can be checked although others are
    /// wrong, and returns every setting that is wrong. Nothing may run with them:
    /// what is wrong has its default there.
    pub fn read_valid(mut self) -> (Option<ResolvedSettings>, Vec<SettingError>) {
        loop {
            let read = serde_path_to_error::deserialize(Value::Table(self.table.clone()));
            let error = match read {
                Ok(settings) => {
                    let sources = self.sources;
                    return (Some(ResolvedSettings { settings, sources }), self.errors);
                }
                Err(error) => error,
            };
            let keys = keys(error.path());
            let why = error.inner().message().to_owned();
            self.refuse(self.source(&keys), keys.join("."), why);
            // The rest may be wrong, too.
            if keys.is_empty() || !remove(&mut self.table, &keys) {
                return (None, self.errors);
            }
        }
    }

    fn merge(&mut self, keys: Keys, value: Value, source: &SettingSource) {
        let is_leaf = |table: &Table| table.is_empty() && !keys.is_empty();
        let Some(table) = value.as_table().filter(|table| !is_leaf(table)) else {
            return self.set(keys, value, source);
        };
        for (key, value) in table {
            let inner = [keys.as_slice(), std::slice::from_ref(key)].concat();
            self.merge(inner, value.clone(), source);
        }
    }

    /// Sets a value, and removes what is there or in the way.
    fn set(&mut self, keys: Keys, value: Value, source: &SettingSource) {
        let others = |of: &Keys| !of.starts_with(&keys) && !keys.starts_with(of);
        self.sources.retain(|of, _| others(of));
        insert_value(&mut self.table, &keys, value);
        self.sources.insert(keys, source.clone());
    }

    /// Where a value is from, or what is in it, or what it is in.
    fn source(&self, keys: &[String]) -> SettingSource {
        let mut sources = self.sources.iter();
        let found = sources.find(|(of, _)| keys.starts_with(of) || of.starts_with(keys));
        found.map_or(SettingSource::Default, |(_, source)| source.clone())
    }

    fn refuse(&mut self, place: SettingSource, key: String, why: String) {
        self.errors.push(SettingError { place, key, why });
    }
}

impl ResolvedSettings {
    /// Where the value of a key is from.
    pub fn source(&self, keys: &[String]) -> &SettingSource {
        let mut sources = self.sources.iter();
        let found = sources.find(|(of, _)| keys.starts_with(of));
        found.map_or(&SettingSource::Default, |(_, source)| source)
    }
}

/// A value in the way is replaced, such as an address in place of a table.
fn insert_value(table: &mut Table, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => drop(table.insert(key.clone(), value)),
        [key, rest @ ..] => {
            let entry = table.entry(key.clone());
            let inner = entry.or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            if let Value::Table(inner) = inner {
                insert_value(inner, rest, value);
            }
        }
    }
}

/// Removes a value, or the list that it is in.
fn remove(table: &mut Table, keys: &[String]) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return false;
    };
    match table.get_mut(key) {
        Some(Value::Table(inner)) if !rest.is_empty() => remove(inner, rest),
        _ => table.remove(key).is_some(),
    }
}

fn keys(path: &Place) -> Keys {
    let key = |segment: &Segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().filter_map(key).collect()
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

#[cfg(test)]
mod tests;
