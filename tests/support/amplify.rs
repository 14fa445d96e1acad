//! What Amplify Hosting makes of an app's rules, headers and files, as its
//! documentation has it. Amplify itself was never asked.

use std::{fs, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// Rules for rewrites, asked from the first to the last.
#[derive(Debug, Clone)]
pub struct Rules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    source: String,
    target: String,
    status: String,
}

/// With what the patterns of headers are compared, which is documented nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// With the path that was asked for.
    Address,
    /// With the file that is answered.
    File,
}

/// An app.
#[derive(Debug, Clone)]
pub struct App {
    /// Where its files are.
    pub folder: PathBuf,
    /// Its rewrites.
    pub rules: Rules,
    /// Its headers, in the form of `customHttp.yml`.
    pub headers: Value,
    /// What their patterns are about.
    pub compared: Compared,
}

impl Rules {
    /// Reads the JSON of the console, refusing what Amplify ignores silently.
    ///
    /// # Panics
    /// If a rule is none, or is of a kind that is not imitated here.
    pub fn parse(text: &str) -> Self {
        let rules: Value = serde_json::from_str(text).expect("JSON");
        let rules = rules.as_array().expect("a list").iter().map(Rule::read);
        Self(rules.collect())
    }

    /// Returns where the first rule for `path` leads, and with which status.
    pub fn lead(&self, path: &str) -> Option<(String, &str)> {
        self.0
            .iter()
            .find_map(|rule| Some((rule.lead(path)?, rule.status.as_str())))
    }
}

impl Rule {
    fn read(rule: &Value) -> Self {
        let text = |key: &str| rule[key].as_str().expect(key).to_owned();
        let source = text("source");
        let stars = source.matches("<*>").count();
        let at_the_end = stars == 0 || (stars == 1 && source.ends_with("<*>"));
        assert!(at_the_end, "Amplify ignores `{source}` silently");
        assert!(source.starts_with('/'), "`{source}` is not imitated here");
        let known = ["source", "target", "status", "condition"];
        for key in rule.as_object().expect("an object").keys() {
            assert!(known.contains(&key.as_str()), "`{key}` is unknown");
        }
        Self {
            source,
            target: text("target"),
            status: text("status"),
        }
    }

    fn lead(&self, path: &str) -> Option<String> {
        match self.source.strip_suffix("<*>") {
            None => (self.source == path).then(|| self.target.clone()),
            Some(start) => {
                let rest = path.strip_prefix(start)?;
                Some(self.target.replace("<*>", rest))
            }
        }
    }
}

impl App {
    /// Serves it.
    pub fn router(self) -> Router {
        let app = Arc::new(self);
        Router::new().fallback(move |request: Request| {
            let app = app.clone();
            async move { app.answer(request.uri()) }
        })
    }

    fn answer(&self, uri: &Uri) -> Response {
        let address = uri.path();
        let file = match self.rules.lead(address) {
            Some((target, "200")) => target,
            Some((target, status)) => panic!("{target}: {status} is not imitated here"),
            None if address.ends_with('/') => format!("{address}index.html"),
            None => address.to_owned(),
        };
        let path = self.folder.join(file.trim_start_matches('/'));
        let Some(content) = fs::read(&path).ok().filter(|_| !file.contains("..")) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let mut response = content.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(&file)));
        let compared = match self.compared {
            Compared::Address => address,
            Compared::File => &file,
        };
        for (name, value) in self.headers_of(compared) {
            headers.insert(name, value);
        }
        response
    }

    /// Returns the headers of every pattern that `path` fits.
    fn headers_of(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        let rules = self.headers["customHeaders"].as_array().expect("rules");
        let fits = |rule: &&Value| fits(rule["pattern"].as_str().expect("a pattern"), path);
        let headers = rules
            .iter()
            .filter(fits)
            .flat_map(|rule| rule["headers"].as_array().expect("headers"));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        headers
            .map(|header| {
                let name = text(&header["key"]).parse().expect("a name");
                let value = text(&header["value"]).parse().expect("a value");
                (name, value)
            })
            .collect()
    }
}

/// Whether a path fits a pattern: `**/` is any folders, or none, and `*` is
/// anything without a slash.
pub fn fits(pattern: &str, path: &str) -> bool {
    if let Some((start, rest)) = pattern.split_once("**/") {
        let Some(below) = path.strip_prefix(start) else {
            return false;
        };
        let deeper = below.match_indices('/').map(|(at, _)| &below[at + 1..]);
        return std::iter::once(below)
            .chain(deeper)
            .any(|name| fits(rest, name));
    }
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, end)) => {
            let middle = path
                .strip_prefix(start)
                .and_then(|rest| rest.strip_suffix(end));
            middle.is_some_and(|middle| !middle.contains('/'))
        }
    }
}

/// A type by the ending; of those that Amplify may not know, none.
fn kind(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "js" => "text/javascript",
        "css" => "text/css",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_their_folder_and_two_do_not() {
        let table = [
            ("/a", "/a", true),
            ("/a", "/a/b", false),
            ("/a-*.js", "/a-1.js", true),
            ("/a-*.js", "/a-1/2.js", false),
            ("/a/**/*", "/a/b", true),
            ("/a/**/*", "/a/b/c.js", true),
            ("/a/**/*", "/b", false),
            ("/a/**/*.mjs", "/a/b/c.mjs", true),
            ("/a/**/*.mjs", "/a/b/c.js", false),
            ("**/*", "/a/b", true),
        ];
        for (pattern, path, expected) in table {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_first_rule_counts() {
        let rules = Rules::parse(
            r#"[{"source": "/a", "target": "/b", "status": "200"},
                {"source": "/<*>", "target": "/c/<*>", "status": "301"}]"#,
        );
        assert_eq!(rules.lead("/a"), Some(("/b".to_owned(), "200")));
        assert_eq!(rules.lead("/d/e"), Some(("/c/d/e".to_owned(), "301")));
    }

    #[test]
    #[should_panic(expected = "ignores `/<*>/x` silently")]
    fn rules_that_amplify_ignores_are_refused() {
        Rules::parse(r#"[{"source": "/<*>/x", "target": "/", "status": "200"}]"#);
    }
}
