//! A table of endpoints, or of their parameters: which one is there in which
//! version of MLflow.
//!
//! It is written so that another version changes few lines: those of what it
//! adds, and of what it has no longer.

use std::{collections::BTreeMap, fmt, iter};

use crate::{
    failure::{Failure, Result},
    mlflow::release::Release,
};

/// What is in the columns of endpoints.
pub(crate) const ENDPOINTS: &str = "method\tpath\tsince\tuntil\tapp\thandler";
/// What is in those of parameters.
pub(crate) const NAMES: &str = "method\tpath\tsince\tuntil\tparameter\ttype";
const VERSIONS: &str = "# made by `cargo xtask endpoints` from MLflow ";
/// Stands for the last version, whichever that is.
const STILL: &str = "-";

/// All endpoints of some versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    header: &'static str,
    versions: Vec<String>,
    /// Who answers in each version, if anyone does; or the parameter's type.
    endpoints: BTreeMap<Endpoint, Vec<Option<String>>>,
}

/// What is asked of whom, in the table's order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    path: String,
    method: String,
    /// The option of `mlflow server` that adds it, or nothing; or its parameter.
    app: String,
}

/// What a version has that the one before it had not, and the other way round.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) added: Vec<&'a Endpoint>,
    pub(crate) ended: Vec<&'a Endpoint>,
}

impl Table {
    /// Reads a table with these columns.
    pub(crate) fn parse(columns: &'static str, text: &str) -> Result<Self> {
        let (header, text) = text.split_once('\n').unwrap_or_default();
        let (versions, text) = text.split_once('\n').unwrap_or_default();
        let versions = versions.strip_prefix(VERSIONS);
        let Some(versions) = versions.filter(|_| header == columns) else {
            return Err(Failure::because("the table of endpoints has another form"));
        };
        let mut table = Self {
            header: columns,
            versions: versions.split(' ').map(str::to_owned).collect(),
            endpoints: BTreeMap::new(),
        };
        for line in text.lines() {
            let read = table.read(line);
            read.ok_or_else(|| Failure::because(format!("this is no endpoint: {line}")))?;
        }
        Ok(table)
    }

    /// Returns the versions in their order.
    pub(crate) fn versions(&self) -> &[String] {
        &self.versions
    }

    /// Puts down what a version has, in the form of `tests/endpoints/list.py`
    /// or `names.py`.
    pub(crate) fn set(&mut self, version: &str, listing: &str) -> Result<()> {
        let column = self.column(version);
        for handlers in self.endpoints.values_mut() {
            handlers[column] = None;
        }
        for line in listing.lines() {
            let &[method, path, app, handler] = &*line.split('\t').collect::<Vec<_>>() else {
                return Err(Failure::because(format!("this is no endpoint: {line}")));
            };
            self.handlers(method, path, app)[column] = Some(handler.to_owned());
        }
        self.endpoints
            .retain(|_, handlers| handlers.iter().any(Option::is_some));
        Ok(())
    }

    /// Returns how a version differs from the one before it, if there is one.
    pub(crate) fn change(&self, version: &str) -> Option<Change<'_>> {
        let here = self.versions.iter().position(|known| known == version)?;
        let before = here.checked_sub(1)?;
        let only_in = |one: usize, other: usize| {
            self.endpoints
                .iter()
                .filter(move |(_, handlers)| handlers[one].is_some() && handlers[other].is_none())
                .map(|(endpoint, _)| endpoint)
                .collect()
        };
        Some(Change {
            added: only_in(here, before),
            ended: only_in(before, here),
        })
    }

    fn read(&mut self, line: &str) -> Option<()> {
        let &[method, path, since, until, app, handler] = &*line.split('\t').collect::<Vec<_>>()
        else {
            return None;
        };
        let position = |version| self.versions.iter().position(|known| known == version);
        let first = position(since)?;
        let last = match until {
            STILL => self.versions.len() - 1,
            _ => position(until)?,
        };
        let handlers = self.handlers(method, path, app).get_mut(first..=last)?;
        handlers.fill(Some(handler.to_owned()));
        Some(())
    }

    /// Returns where a version is in the table, which it enters if need be.
    fn column(&mut self, version: &str) -> usize {
        let release = Release::of(version);
        match self
            .versions
            .binary_search_by_key(&release, |known| Release::of(known))
        {
            Ok(column) => column,
            Err(column) => {
                self.versions.insert(column, version.to_owned());
                for handlers in self.endpoints.values_mut() {
                    handlers.insert(column, None);
                }
                column
            }
        }
    }

    fn handlers(&mut self, method: &str, path: &str, app: &str) -> &mut Vec<Option<String>> {
        let endpoint = Endpoint {
            path: path.to_owned(),
            method: method.to_owned(),
            app: app.to_owned(),
        };
        let nobody = vec![None; self.versions.len()];
        self.endpoints.entry(endpoint).or_insert(nobody)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{VERSIONS}{}", self.header, self.versions.join(" "))?;
        for (Endpoint { path, method, app }, handlers) in &self.endpoints {
            for (first, last, handler) in spans(handlers) {
                let since = &self.versions[first];
                let until = match self.versions.get(last + 1) {
                    Some(_) => &self.versions[last],
                    None => STILL,
                };
                writeln!(f, "{method}\t{path}\t{since}\t{until}\t{app}\t{handler}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, method, app } = self;
        write!(f, "{method} {path}")?;
        match app.as_str() {
            "" => Ok(()),
            app => write!(f, " ({app})"),
        }
    }
}

/// Returns from where to where someone answers without a gap, and who does at
/// the end of it.
fn spans(handlers: &[Option<String>]) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut next = 0;
    iter::from_fn(move || {
        let first = next + handlers[next..].iter().position(Option::is_some)?;
        let gap = handlers[first..].iter().position(Option::is_none);
        next = gap.map_or(handlers.len(), |length| first + length);
        Some((first, next - 1, handlers[next - 1].as_deref()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
method\tpath\tsince\tuntil\tapp\thandler
# made by `cargo xtask endpoints` from MLflow 2.9.2 2.12.2 3.5.0
GET\t/\t2.9.2\t-\t\tserve
GET\t/list\t2.9.2\t2.9.2\t\tlist
GET\t/list\t3.5.0\t-\t\tlist
POST\t/users\t2.12.2\t2.12.2\tbasic-auth\tcreate
";

    #[test]
    fn a_table_is_written_as_it_was_read() {
        assert_eq!(Table::parse(ENDPOINTS, TEXT).unwrap().to_string(), TEXT);
    }

    #[test]
    fn the_tables_are_as_they_are_written() {
        let endpoints = include_str!("../../../tests/endpoints/endpoints.tsv");
        let names = include_str!("../../../tests/endpoints/names.tsv");
        for (columns, text) in [(ENDPOINTS, endpoints), (NAMES, names)] {
            assert_eq!(Table::parse(columns, text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_new_version_changes_what_it_adds_and_what_it_ends() {
        let mut table = Table::parse(ENDPOINTS, TEXT).unwrap();
        table
            .set("3.18.0", "GET\t/\t\thome\nGET\t/new\t\tnew\n")
            .unwrap();
        let expected = TEXT
            .replace("3.5.0\n", "3.5.0 3.18.0\n")
            .replace("serve", "home")
            .replace("3.5.0\t-", "3.5.0\t3.5.0")
            .replace("POST", "GET\t/new\t3.18.0\t-\t\tnew\nPOST");
        assert_eq!(table.to_string(), expected);

        let change = table.change("3.18.0").unwrap();
        let [added, ended] = [change.added, change.ended].map(|endpoints| {
            let words: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
            words.join(", ")
        });
        assert_eq!((&*added, &*ended), ("GET /new", "GET /list"));
    }

    #[test]
    fn a_version_in_between_finds_its_place() {
        let mut table = Table::parse(ENDPOINTS, TEXT).unwrap();
        table.set("2.22.5", "GET\t/\t\tserve\n").unwrap();
        let expected = TEXT.replace("2.12.2 3", "2.12.2 2.22.5 3");
        assert_eq!(table.to_string(), expected);
        assert_eq!(table.change("2.9.2"), None);
    }

    #[test]
    fn a_version_that_is_listed_again_changes_nothing() {
        let mut table = Table::parse(ENDPOINTS, TEXT).unwrap();
        let listing = "GET\t/\t\tserve\nPOST\t/users\tbasic-auth\tcreate\n";
        table.set("2.12.2", listing).unwrap();
        assert_eq!(table.to_string(), TEXT);
    }

    #[test]
    fn a_damaged_table_is_refused() {
        for (part, damage) in [("\tserve", ""), ("2.9.2\t-", "2.9.3\t-"), ("since", "from")] {
            let text = TEXT.replacen(part, damage, 1);
            assert!(Table::parse(ENDPOINTS, &text).is_err(), "{damage}");
        }
    }
}
