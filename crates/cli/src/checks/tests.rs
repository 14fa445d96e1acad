use axum::http::{HeaderMap, HeaderValue, StatusCode};
use shell_core::{
    Config,
    content_security_policy::Sources,
    hosting::{Deployment, row, table},
};
use shell_gateway::Network;

use super::{
    Deployed,
    failure::failure,
    headers::compare,
    probe::{Probe, ProbeResponse},
    report::Report,
};

const LOGIN: &str = "https://example.auth.eu-central-1.amazoncognito.com";

/// One policy may serve several deployments, but allows nothing else.
#[test]
fn a_policy_may_name_the_provider_by_a_wildcard_and_no_more() {
    let worker = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {LOGIN}"
    );
    let with = |source: &str| worker.replace(LOGIN, source);
    let table = [
        (worker.clone(), true),
        (worker.to_uppercase().replace("HTTPS", "https"), false),
        (with("https://*.amazoncognito.com"), true),
        (with("https://*.auth.eu-central-1.amazoncognito.com"), true),
        (with("https://*.com"), false),
        (with("https://*.cognito.com"), false),
        (with("https:"), false),
        (with("*"), false),
        (with(""), false),
        (with(&format!("{LOGIN} https://other.example")), false),
        (worker.replace("'none'", "'self'"), false),
        (format!("{worker}; object-src 'none'"), false),
    ];
    for (policy, fits) in table {
        let found = compare_with("/sw.js", "content-security-policy", &policy);
        assert_eq!(found.is_ok(), fits, "{policy}: {found:?}");
    }
}

#[test]
fn lists_are_compared_as_lists_and_nothing_may_be_missing() {
    let cases = [
        (
            "/shell-1a2b3c4d.css",
            "cache-control",
            "immutable,max-age=31536000, Public",
            true,
        ),
        (
            "/shell-1a2b3c4d.css",
            "cache-control",
            "public, max-age=31536000",
            false,
        ),
        ("/sw.js", "cache-control", "no-cache", true),
        ("/sw.js", "cache-control", "public, max-age=0", false),
        ("/relay", "cross-origin-opener-policy", "same-origin", false),
    ];
    for (path, name, value, fits) in cases {
        let found = compare_with(path, name, value);
        assert_eq!(found.is_ok(), fits, "{path} {name}: {value}: {found:?}");
    }
    let mut bare = answer();
    assert!(compare(&rows(), "/", &bare).is_err());
    bare.headers = headers_of("/");
    assert_eq!(compare(&rows(), "/", &bare), Ok(()));
}

#[test]
fn programs_are_looked_for_where_they_send_their_requests() {
    let sample = "https://abc.execute-api.eu-central-1.amazonaws.com/prod";
    let signed = format!(r#""python": {{"access": "sigv4", "tracking_uri": "{sample}"}}"#);
    let table = [
        (r#""bar": "open""#.to_owned(), "https://a.example/api"),
        (
            r#""ui": "3.18.0", "api": "https://b.example/prod/mlflow""#.to_owned(),
            "https://b.example/prod/api",
        ),
        (
            signed,
            "https://abc.execute-api.eu-central-1.amazonaws.com/prod/api",
        ),
    ];
    for (more, programs) in table {
        let text = format!(
            r#"{{"origin": "https://a.example", {more}, "provider": {{"domain": "{LOGIN}",
                "issuer": "https://issuer.example", "client_id": "c"}}}}"#
        );
        let config = Config::parse(&text).unwrap();
        let deployed = Deployed::new(
            Probe::new(&Network::default()),
            config.origin.clone(),
            config,
        );
        let servers = deployed.servers();
        assert_eq!(servers[0].programs, programs, "{more}");
    }
}

#[test]
fn a_report_has_one_line_for_each_check() {
    let mut report = Report::new("https://mlflow.example.com");
    report.add("page", Ok("here".to_owned()));
    assert!(report.is_fine());
    report.add("worker", failure("cached", "do not"));
    report.leave_out("version", "no token");

    assert_eq!(
        report.table(),
        "ok        page     here\n\
         WRONG     worker   cached. Cure: do not.\n\
         left out  version  no token\n"
    );
    assert_eq!(report.wrong().collect::<Vec<_>>(), ["worker"]);
    let json = report.json();
    assert_eq!(json["fine"], false);
    assert_eq!(json["checks"][1]["cure"], "do not");
    assert_eq!(json["checks"][2]["why"], "no token");
}

/// What is found of an answer whose headers are right but for one.
fn compare_with(path: &str, name: &'static str, value: &str) -> super::CheckResult<()> {
    let mut answer = answer();
    answer.headers = headers_of(path);
    answer
        .headers
        .insert(name, HeaderValue::try_from(value).unwrap());
    compare(&rows(), path, &answer)
}

fn headers_of(path: &str) -> HeaderMap {
    let rows = rows();
    let headers = row(&rows, path).unwrap().headers.iter();
    let headers = headers.map(|(name, value)| {
        let value = HeaderValue::try_from(value.as_str());
        (name.parse().unwrap(), value.unwrap())
    });
    headers.collect()
}

fn rows() -> Vec<shell_core::hosting::Row> {
    table(&Deployment {
        services: vec![LOGIN.to_owned()],
        ui: None,
        is_https: true,
        sources: Sources {
            frame_ancestors: "frame-ancestors 'self'".to_owned(),
            ..Sources::default()
        },
    })
}

fn answer() -> ProbeResponse {
    ProbeResponse {
        url: "https://mlflow.example.com/".to_owned(),
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: String::new(),
    }
}
