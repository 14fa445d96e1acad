use std::fs;

use super::*;
use crate::places;

/// The longest text that `CustomHeaders` of an app may be.
const LIMIT: usize = 25_000;

fn deployment() -> Deployment {
    Deployment {
        services: vec!["https://login.example".to_owned()],
        ui: Some("3.18.0".to_owned()),
        is_https: true,
        sources: Sources {
            frame_ancestors: "frame-ancestors 'self' https://studio.example".to_owned(),
            ..Sources::default()
        },
    }
}

fn headers(framers: &[&str]) -> Headers {
    let framers: Vec<_> = framers
        .iter()
        .map(|framer| Origin::parse(framer).unwrap())
        .collect();
    Headers::new(&deployment(), &framers)
}

fn value<'a>(headers: &'a Headers, pattern: &str, name: &str) -> Option<&'a str> {
    let rule = headers.0.iter().find(|rule| rule.pattern == pattern);
    let rule = rule.unwrap_or_else(|| panic!("there is no rule for {pattern}"));
    let mut headers = rule.headers.iter();
    let found = headers.find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

#[test]
fn the_file_in_the_repository_is_up_to_date() {
    let file = places::workspace().join(FILE);
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(
        text,
        for_any().to_yaml(),
        "write it anew with `cargo xtask amplify headers --any`"
    );
}

#[test]
fn each_pattern_is_there_once() {
    let headers = headers(&[]);
    let mut patterns: Vec<_> = headers.0.iter().map(|rule| &rule.pattern).collect();
    patterns.sort();
    let count = patterns.len();
    patterns.dedup();
    assert_eq!(patterns.len(), count);
}

#[test]
fn an_address_and_its_file_get_the_same() {
    let headers = headers(&["https://studio.example"]);
    let rule = |pattern: &str| {
        let mut rules = headers.0.iter();
        &rules.find(|rule| rule.pattern == pattern).unwrap().headers
    };
    for (address, file) in ONE_DOCUMENT {
        assert_eq!(rule(address), rule(file), "{address}");
    }
    assert_eq!(rule("/mlflow/"), rule("/mlflow/index.html"));
}

#[test]
fn what_a_studio_asks_first_may_be_read_by_it() {
    const NAME: &str = "access-control-allow-origin";
    let studio = "https://studio.example";
    let table: [(&[&str], Option<&str>); 3] = [
        (&[], None),
        (&[studio], Some(studio)),
        (&[studio, "https://other.example"], Some("*")),
    ];
    for (framers, expected) in table {
        let headers = headers(framers);
        for pattern in ["/", "/index.html", "/favicon.ico"] {
            assert_eq!(value(&headers, pattern, NAME), expected, "{pattern}");
        }
        for pattern in ["/config.json", "/sw.js", "/mlflow/", "/callback"] {
            assert_eq!(value(&headers, pattern, NAME), None, "{pattern}");
        }
    }
}

#[test]
fn types_that_a_host_may_not_know_are_told() {
    let headers = headers(&[]);
    let table = [
        ("/shell-*.wasm", Some("application/wasm")),
        ("/shell-*.js", None),
        (
            "/mlflow/static-files/static/**/*.mjs",
            Some("text/javascript"),
        ),
        ("/mlflow/static-files/static/**/*", None),
    ];
    for (pattern, expected) in table {
        assert_eq!(
            value(&headers, pattern, "content-type"),
            expected,
            "{pattern}"
        );
        let caching = value(&headers, pattern, "cache-control");
        assert_eq!(caching, Some(hosting::FOREVER), "{pattern}");
    }
}

#[test]
fn both_forms_say_the_same_and_fit_into_an_app() {
    for headers in [headers(&["https://studio.example"]), for_any()] {
        let (yaml, json) = (headers.to_yaml(), headers.to_json());
        assert!(yaml.len() <= LIMIT, "{}", yaml.len());
        let json: Value = serde_json::from_str(&json).unwrap();
        let rules = json["customHeaders"].as_array().unwrap();
        assert_eq!(rules.len(), headers.0.len());
        let texts = rules
            .iter()
            .flat_map(|rule| rule["headers"].as_array().unwrap());
        for header in texts {
            for name in ["key", "value"] {
                assert!(yaml.contains(&quoted(header[name].as_str().unwrap())));
            }
        }
    }
}

#[test]
fn quotes_are_doubled() {
    assert_eq!(quoted("script-src 'self'"), "'script-src ''self'''");
}
