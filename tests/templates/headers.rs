//! Response headers: the templates repeat the table in `shell_core::hosting`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shell_core::{
    Config,
    content_security_policy::Sources,
    hosting::{self, Deployment, ONE_DOCUMENT, Row, STRICT_TRANSPORT_SECURITY, TYPES},
    response_headers::WITHHELD,
};

use crate::cloud::{Cloud, FRAMER};

/// Names in lower case, and values.
type Headers = BTreeMap<String, String>;

const CACHING: &str = "cache-control";

pub(crate) fn cloudfront_sends_those_of_the_table(cloud: &Cloud, config: &Config) {
    let distribution = cloud.last("AWS::CloudFront::Distribution", |_| true);
    let distribution = &distribution["DistributionConfig"];
    for row in hosting::table(&Deployment::of(config)) {
        for pattern in row.patterns {
            let behaviour = behaviour(distribution, &pattern.replace('*', "x"));
            assert_eq!(behaviour["TargetOriginId"], "site", "{pattern}");
            let id = behaviour["ResponseHeadersPolicyId"].clone();
            let policy = cloud.last("AWS::CloudFront::ResponseHeadersPolicy", |made| {
                made.name == id
            });
            let policy = &policy["ResponseHeadersPolicyConfig"];

            let mut expected = headers(&row);
            expected.remove(CACHING);
            assert_eq!(of_policy(policy), expected, "{pattern}");
            let readers = &policy["CorsConfig"]["AccessControlAllowOrigins"]["Items"];
            let allowed = if row.is_probed {
                json!([FRAMER])
            } else {
                Value::Null
            };
            assert_eq!(*readers, allowed, "{pattern}");
        }
    }
}

/// Opened as a document, such an answer must not run as one of the site's.
pub(crate) fn what_mlflow_answers_is_no_document(cloud: &Cloud, config: &Config) {
    let distribution = cloud.last("AWS::CloudFront::Distribution", |_| true);
    let distribution = &distribution["DistributionConfig"];
    let api = behaviour(distribution, "/mlflow/ajax-api/2.0/mlflow/runs/search");
    assert_eq!(api["TargetOriginId"], "api");
    let id = api["ResponseHeadersPolicyId"].clone();
    let policy = cloud.last("AWS::CloudFront::ResponseHeadersPolicy", |made| {
        made.name == id
    });

    let policy = &policy["ResponseHeadersPolicyConfig"];
    let content = Sources::of(config).other_answer();
    let security = json!({
        "ContentSecurityPolicy": { "Override": true, "ContentSecurityPolicy": content },
        "ContentTypeOptions": { "Override": true },
        "StrictTransportSecurity": {
            "Override": true,
            "AccessControlMaxAgeSec": 31_536_000,
            "IncludeSubdomains": false,
            "Preload": false,
        },
    });
    assert_eq!(policy["SecurityHeadersConfig"], security);
    // Whatever MLflow says: its answers needed a token.
    let cache =
        json!({ "Header": "Cache-Control", "Value": "private, no-store", "Override": true });
    assert_eq!(policy["CustomHeadersConfig"]["Items"], json!([cache]));

    let removed = policy["RemoveHeadersConfig"]["Items"].as_array();
    let removed = removed.expect("some are removed").iter();
    let removed = removed.map(|header| header["Header"].as_str().expect("a name").to_lowercase());
    assert_eq!(removed.collect::<Vec<_>>(), WITHHELD[..MOST_REMOVED]);
}

/// So many headers CloudFront removes by one policy (quota).
const MOST_REMOVED: usize = 10;

/// What CloudFront does with a path: the first that fits.
fn behaviour<'a>(distribution: &'a Value, path: &str) -> &'a Value {
    let others = distribution["CacheBehaviors"]["Items"].as_array();
    let mut others = others.expect("there are others").iter();
    let fits = |behaviour: &&Value| {
        let pattern = behaviour["PathPattern"].as_str().expect("a pattern");
        match pattern.split_once('*') {
            Some((start, end)) => path.starts_with(start) && path.ends_with(end),
            None => path == pattern,
        }
    };
    others
        .find(fits)
        .unwrap_or(&distribution["DefaultCacheBehavior"])
}

fn of_policy(policy: &Value) -> Headers {
    let security = &policy["SecurityHeadersConfig"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    assert_eq!(security["ContentTypeOptions"]["Override"], true);
    let content = &security["ContentSecurityPolicy"]["ContentSecurityPolicy"];
    let tls = &security["StrictTransportSecurity"];
    assert_eq!(tls["Override"], true);
    assert_eq!(tls["IncludeSubdomains"], false);
    assert_eq!(tls["Preload"], false);
    let mut headers = Headers::from([
        ("content-security-policy".to_owned(), text(content)),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        (
            STRICT_TRANSPORT_SECURITY.0.to_owned(),
            format!("max-age={}", tls["AccessControlMaxAgeSec"]),
        ),
        (
            "referrer-policy".to_owned(),
            text(&security["ReferrerPolicy"]["ReferrerPolicy"]),
        ),
    ]);
    let custom = policy["CustomHeadersConfig"]["Items"].as_array();
    for header in custom.into_iter().flatten() {
        headers.insert(
            text(&header["Header"]).to_lowercase(),
            text(&header["Value"]),
        );
    }
    headers
}

/// Behind CloudFront a file's own metadata says how long it is kept.
pub(crate) fn files_are_kept_as_long_as_the_table_says(cloud: &Cloud, config: &Config) {
    let table = hosting::table(&Deployment::of(config));
    let names = [
        "index.html",
        "config.json",
        "sw.js",
        "favicon.svg",
        "boot-1704dc4a8961c735.js",
        "shell-app-d527723430b7c3a2_bg.wasm",
        "mlflow/index.html",
        "mlflow/static-files/favicon.ico",
        "mlflow/static-files/pdf.worker.js",
        "mlflow/static-files/lib/notebook-trace-renderer/index.html",
        "mlflow/static-files/lib/notebook-trace-renderer/js/main.00d66947.js",
        "mlflow/static-files/static/js/main.00d66947.js",
        "mlflow/static-files/static/media/pdf.worker.min.0f2a1b3c4d5e6f70.mjs",
    ];
    let kept = cloud.caching(&names);
    for (name, kept) in names.iter().zip(kept) {
        let row = hosting::row(&table, &format!("/{name}")).expect("a row has it");
        assert_eq!(Some(&kept), headers(row).get(CACHING), "{name}");
    }
}

pub(crate) fn amplify_sends_those_of_the_table(cloud: &Cloud, config: &Config) {
    let app = cloud.last("AWS::Amplify::App", |_| true);
    let mut given = of_amplify(app["customHeaders"].as_str().expect("a text"));
    let table = hosting::table(&Deployment::of(config));
    let mut expected: Vec<_> = table.iter().flat_map(for_amplify).collect();
    given.sort();
    expected.sort();
    assert_eq!(given, expected);

    let rules = app["customRules"].as_array().expect("a list").iter();
    let rules: Vec<_> = rules
        .map(|rule| (&rule["source"], &rule["target"]))
        .collect();
    for (address, file) in &ONE_DOCUMENT[1..] {
        assert!(
            rules.contains(&(&json!(address), &json!(file))),
            "{address}"
        );
    }
}

/// Amplify's patterns of a row. A `*` of theirs stays in its folder, files of
/// some types need these told, and the document has a file for each address.
fn for_amplify(row: &Row) -> Vec<(String, Headers)> {
    let mut headers = headers(row);
    if row.is_probed {
        // It can name one site, or all: here they are two.
        headers.insert("access-control-allow-origin".to_owned(), "*".to_owned());
    }
    let files = ONE_DOCUMENT.iter();
    let files = files.filter(|(address, _)| row.patterns.contains(address));
    let others = row
        .patterns
        .iter()
        .filter(|pattern| **pattern != "/index.html");
    let patterns = others.chain(files.map(|(_, file)| file));
    let patterns = patterns.flat_map(|pattern| match pattern.strip_suffix("/*") {
        Some(folder) => {
            let endings = TYPES.iter().map(|(ending, _)| *ending);
            let endings = [""].into_iter().chain(endings);
            endings
                .map(|ending| format!("{folder}/**/*{ending}"))
                .collect()
        }
        None => vec![(*pattern).to_owned()],
    });
    let typed = |pattern: String| {
        let mut headers = headers.clone();
        let kind = TYPES.iter().find(|(ending, _)| pattern.ends_with(ending));
        headers.extend(kind.map(|(_, kind)| ("content-type".to_owned(), (*kind).to_owned())));
        (pattern, headers)
    };
    patterns.map(typed).collect()
}

/// The patterns and their headers, each on a line of its own.
fn of_amplify(text: &str) -> Vec<(String, Headers)> {
    let mut patterns: Vec<(String, Headers)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(pattern) = line.strip_prefix("- pattern: ") {
            patterns.push((pattern.trim_matches('"').to_owned(), Headers::new()));
        } else if let Some(header) = line.strip_prefix("- { key: ") {
            let (name, value) = header.split_once(", value: ").expect("a value");
            let value = value.trim_end_matches(" }").trim_matches('"');
            let (_, headers) = patterns.last_mut().expect("headers are of a pattern");
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    patterns
}

fn headers(row: &Row) -> Headers {
    let pairs = row.headers.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}
