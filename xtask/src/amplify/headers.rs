//! The headers, in the form that Amplify reads.
//!
//! Which of several patterns that fit one file counts is documented nowhere,
//! and reports differ: so no two patterns fit one file. The exceptions are files
//! of types that Amplify may not know: their own pattern says all that the wider
//! one says, and the type.

use std::iter;

use serde_json::{Value, json};
use shell_core::{
    Origin,
    content_security_policy::Sources,
    hosting::{self, Deployment, ONE_DOCUMENT, Row, TYPES},
};

/// The file that Amplify reads, at the root of the repository.
pub(super) const FILE: &str = "customHttp.yml";

/// The same for `CustomHeaders` of the app.
pub(super) const JSON: &str = "custom-headers.json";

/// What the file begins with.
const MADE_BY: &str = "# Made by `cargo xtask amplify headers` (in the repository: with `--any`): \
                       the table is in crates/core/src/hosting.rs";

/// Where hosted logins and APIs are, in regions that have Amplify Hosting.
const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Headers by patterns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headers(Vec<Rule>);

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    headers: Vec<(String, String)>,
}

/// Headers for a deployment that nothing is known of: the worker may talk to
/// any user pool and any API of these regions, nobody may frame the shell, and
/// MLflow's UI may be one that needs `eval`.
pub(super) fn for_any() -> Headers {
    let of_region = |region: &&str| {
        [
            format!("https://*.auth.{region}.amazoncognito.com"),
            format!("https://*.execute-api.{region}.amazonaws.com"),
        ]
    };
    let deployment = Deployment {
        services: REGIONS.iter().flat_map(of_region).collect(),
        ui: Some(String::new()),
        is_https: true,
        sources: Sources {
            frame_ancestors: "frame-ancestors 'self'".to_owned(),
            ..Sources::default()
        },
    };
    Headers::new(&deployment, &[])
}

impl Headers {
    /// Those of the table for `deployment`, which the sites of `framers` may
    /// frame.
    pub(super) fn new(deployment: &Deployment, framers: &[Origin]) -> Self {
        let mut rules = Vec::new();
        let table = hosting::table(deployment);
        for row in &table {
            let headers = headers(row, framers);
            let patterns = row.patterns.iter().filter(|pattern| !is_document(pattern));
            rules.extend(patterns.flat_map(|pattern| typed(pattern, &headers)));
            // Whether a rewritten address or the file behind it is compared
            // with a pattern is documented nowhere.
            let files = ONE_DOCUMENT.iter();
            let files = files.filter(|(address, _)| row.patterns.contains(address));
            rules.extend(files.map(|(_, file)| Rule::new(file, &headers)));
        }
        Self(rules)
    }

    /// What `customHttp.yml` holds.
    pub(super) fn to_yaml(&self) -> String {
        let mut text = format!("{MADE_BY}\ncustomHeaders:\n");
        text.extend(self.0.iter().map(Rule::to_yaml));
        text
    }

    /// The same as JSON, which is YAML as well.
    pub(super) fn to_json(&self) -> String {
        let header = |(key, value): &(String, String)| json!({ "key": key, "value": value });
        let rule = |rule: &Rule| {
            let headers: Vec<Value> = rule.headers.iter().map(header).collect();
            json!({ "pattern": rule.pattern, "headers": headers })
        };
        let rules: Vec<Value> = self.0.iter().map(rule).collect();
        format!("{:#}\n", json!({ "customHeaders": rules }))
    }
}

impl Rule {
    fn new(pattern: &str, headers: &[(String, String)]) -> Self {
        Self {
            pattern: pattern.to_owned(),
            headers: headers.to_vec(),
        }
    }

    fn to_yaml(&self) -> String {
        let pattern = quoted(&self.pattern);
        let header = |(key, value): &(String, String)| {
            let (key, value) = (quoted(key), quoted(value));
            format!("      - key: {key}\n        value: {value}\n")
        };
        let headers: String = self.headers.iter().map(header).collect();
        format!("  - pattern: {pattern}\n    headers:\n{headers}")
    }
}

/// Whether a pattern is of the start page's file, which has the headers of its
/// address here.
fn is_document(pattern: &str) -> bool {
    ONE_DOCUMENT.iter().any(|(_, file)| *file == pattern) || pattern == "/index.html"
}

fn headers(row: &Row, framers: &[Origin]) -> Vec<(String, String)> {
    let own = row.headers.iter();
    let mut headers: Vec<_> = own
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    // A host of files says the same to everyone. It cannot name several sites,
    // and what is read is nothing but the public start page.
    let reader = match framers {
        [] => None,
        [one] => Some(one.as_str()),
        _ => Some("*"),
    };
    if let Some(reader) = reader.filter(|_| row.is_probed) {
        headers.push(("access-control-allow-origin".to_owned(), reader.to_owned()));
    }
    headers
}

/// The rules for a pattern.
fn typed(pattern: &str, headers: &[(String, String)]) -> Vec<Rule> {
    let with_type = |pattern: &str, kind: &str| {
        let mut rule = Rule::new(pattern, headers);
        let content_type = ("content-type".to_owned(), kind.to_owned());
        rule.headers.push(content_type);
        rule
    };
    // In Amplify's patterns a single `*` stays in its folder.
    if let Some(folder) = pattern.strip_suffix("/*") {
        let all = format!("{folder}/**/*");
        let typed = TYPES.iter();
        let typed = typed.map(|(ending, kind)| with_type(&format!("{all}{ending}"), kind));
        return iter::once(Rule::new(&all, headers)).chain(typed).collect();
    }
    let mut types = TYPES.iter();
    match types.find(|(ending, _)| pattern.ends_with(ending)) {
        Some((_, kind)) => vec![with_type(pattern, kind)],
        None => vec![Rule::new(pattern, headers)],
    }
}

/// As a YAML text in single quotes, in which only these are special.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests;
