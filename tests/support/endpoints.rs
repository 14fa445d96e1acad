//! The endpoints of MLflow's versions, as `cargo xtask endpoints` listed them.

const TABLE: &str = include_str!("../endpoints/endpoints.tsv");
const PARAMETERS: &str = include_str!("../endpoints/names.tsv");

/// Stands before the versions in the table's second line.
const MADE_FROM: &str = "from MLflow ";
const EITHER_API: &str = "/{api|ajax-api}/";

/// What a name in a path stands for here.
const SAMPLE: &str = "sample";
/// What a name with a star stands for here: it may be several segments.
const SAMPLE_PATH: &str = "a/b";

/// An endpoint, in the versions from `since` to `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET` and so on; `QUERY` or `MUTATION` for a root field of GraphQL.
    pub method: &'static str,
    /// Its path, in which `{name}` stands for a segment or a part of one,
    /// `{name*}` for one or more, and `{api|ajax-api}` for both; for a root
    /// field of GraphQL `graphql:` and its name.
    pub path: &'static str,
    /// The first version that has it.
    pub since: &'static str,
    /// The last version that has it, if the newest one has it no longer.
    pub until: Option<&'static str>,
    /// The option of `mlflow server` that adds it, such as `basic-auth`, or
    /// nothing.
    pub app: &'static str,
    /// The function that answers.
    pub handler: &'static str,
}

/// A parameter of what changes something, in one version of MLflow or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The method, or `ANY`.
    pub method: &'static str,
    /// The endpoint's path, as [`Endpoint::path`]; after `ANY` the file of
    /// MLflow's whose functions read the parameter.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is of, such as `string`, `strings` or `header`.
    pub kind: &'static str,
}

/// Returns the versions whose parameters were listed, in their order.
///
/// # Panics
/// If the table has another form.
pub fn versions_with_parameters() -> Vec<&'static str> {
    versions_of(PARAMETERS)
}

/// Returns every parameter of what changes something, of every version.
///
/// # Panics
/// If the table has another form.
pub fn parameters() -> Vec<Parameter> {
    let rows = PARAMETERS.lines().skip(2);
    rows.map(|row| {
        let &[method, path, _since, _until, name, kind] = &*row.split('\t').collect::<Vec<_>>()
        else {
            panic!("this is no parameter: {row}");
        };
        Parameter {
            method,
            path,
            name,
            kind,
        }
    })
    .collect()
}

/// Returns the versions that were listed, in their order.
///
/// # Panics
/// If the table has another form.
pub fn versions() -> Vec<&'static str> {
    versions_of(TABLE)
}

fn versions_of(table: &'static str) -> Vec<&'static str> {
    let line = table.lines().nth(1).expect("a second line");
    let (_, versions) = line.split_once(MADE_FROM).expect("the versions");
    versions.split(' ').collect()
}

/// Returns every endpoint of every version. One that was away for a while is
/// there twice.
///
/// # Panics
/// If the table has another form.
pub fn all() -> Vec<Endpoint> {
    TABLE.lines().skip(2).map(Endpoint::parse).collect()
}

/// Returns the endpoints of one version.
///
/// # Panics
/// If that version was not listed.
pub fn of_version(version: &str) -> Vec<Endpoint> {
    let versions = versions();
    let position = |version: &str| {
        let position = versions.iter().position(|known| *known == version);
        position.unwrap_or_else(|| panic!("MLflow {version} is not in the table"))
    };
    let wanted = position(version);
    let mut endpoints = all();
    endpoints.retain(|Endpoint { since, until, .. }| {
        position(since) <= wanted && until.is_none_or(|until| wanted <= position(until))
    });
    endpoints
}

impl Endpoint {
    /// Returns the name of the root field if it is one of GraphQL.
    pub fn graphql_field(&self) -> Option<&'static str> {
        self.path.strip_prefix("graphql:")
    }

    /// Returns a path that it answers: the first of [`Self::samples`].
    pub fn sample(&self) -> String {
        self.samples().swap_remove(0)
    }

    /// Returns a path for each of the prefixes below which it answers.
    pub fn samples(&self) -> Vec<String> {
        if self.graphql_field().is_some() {
            return vec!["/graphql".to_owned()];
        }
        let Some(rest) = self.path.strip_prefix(EITHER_API) else {
            return vec![fill(self.path)];
        };
        ["ajax-api", "api"]
            .map(|prefix| fill(&format!("/{prefix}/{rest}")))
            .into()
    }

    fn parse(line: &'static str) -> Self {
        let fields: Vec<_> = line.split('\t').collect();
        let &[method, path, since, until, app, handler] = &*fields else {
            panic!("this is no endpoint: {line}");
        };
        Self {
            method,
            path,
            since,
            until: (until != "-").then_some(until),
            app,
            handler,
        }
    }
}

/// Puts samples where a path has names.
fn fill(path: &str) -> String {
    let mut parts = path.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').expect("a closed name");
        let starred = name.ends_with('*');
        filled.push_str(if starred { SAMPLE_PATH } else { SAMPLE });
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_endpoints() {
        for version in versions() {
            let endpoints = of_version(version);
            assert!(
                endpoints.iter().any(|endpoint| endpoint.sample() == "/"),
                "{version}"
            );
        }
    }

    #[test]
    fn an_endpoint_is_in_its_versions_only() {
        let has_list = |version| {
            let endpoints = of_version(version);
            let mut paths = endpoints.iter().map(|endpoint| endpoint.path);
            paths.any(|path| path == "/{api|ajax-api}/2.0/mlflow/experiments/list")
        };
        assert!(has_list("1.30.0"));
        assert!(!has_list("2.12.2"));
    }

    #[test]
    fn samples_have_no_names_in_them() {
        for endpoint in all() {
            for path in endpoint.samples() {
                assert!(path.starts_with('/'), "{path}");
                assert!(!path.contains(['{', '*', '|']), "{path}");
            }
        }
    }

    #[test]
    fn names_are_filled() {
        assert_eq!(fill("/a/{b}/{c*}"), "/a/sample/a/b");
        assert_eq!(fill("/models/{name}:generate"), "/models/sample:generate");
    }
}
