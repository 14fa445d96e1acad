use super::*;

const STUDIO: &str = "https://d-example.studio.eu-central-1.sagemaker.aws";
const LOGIN: &str = "https://example.auth.eu-central-1.amazoncognito.com";

fn deployment() -> Deployment {
    Deployment {
        services: vec![LOGIN.to_owned(), "https://api.example".to_owned()],
        ui: Some("3.18.0".to_owned()),
        is_https: true,
        sources: Sources {
            frame_ancestors: format!("frame-ancestors 'self' {STUDIO}"),
            ..Sources::default()
        },
    }
}

#[test]
fn the_worker_talks_to_an_api_on_another_origin() {
    let text = format!(
        r#"{{"origin": "https://mlflow.example.com", "ui": "2.12.2",
            "api": "https://api.example/prod/mlflow", "frame_ancestors": ["{STUDIO}"],
            "provider": {{"domain": "{LOGIN}", "issuer": "https://issuer.example",
                "client_id": "client"}}}}"#
    );
    let config = Config::parse(&text).unwrap();

    let expected = Deployment {
        ui: Some("2.12.2".to_owned()),
        ..deployment()
    };
    assert_eq!(Deployment::of(&config), expected);
    for local in ["http://localhost:8080", "https://localhost:8443"] {
        let text = text.replace("https://mlflow.example.com", local);
        let config = Config::parse(&text).unwrap();
        assert!(!Deployment::of(&config).is_https, "{local}");
    }
}

fn header(path: &str, name: &str) -> String {
    let table = table(&deployment());
    let row = row(&table, path).expect("every path has a row");
    let mut headers = row.headers.iter();
    let found = headers.find(|(known, _)| *known == name);
    found.map_or_else(String::new, |(_, value)| value.clone())
}

#[test]
fn each_path_is_kept_as_long_as_it_stays_what_it_is() {
    let table = [
        ("/", ASK_FIRST),
        ("/callback", ASK_FIRST),
        ("/config.json", ASK_FIRST),
        ("/sw.js", ASK_FIRST),
        ("/shell-app-1a2b3c4d5e6f7a8b_bg.wasm", FOREVER),
        ("/boot-1a2b3c4d5e6f7a8b.js", FOREVER),
        ("/no-such-file", ASK_FIRST),
        ("/mlflow/", ASK_FIRST),
        ("/mlflow/index.html", ASK_FIRST),
        ("/mlflow/static-files/static/js/main.00d66947.js", FOREVER),
        ("/mlflow/static-files/pdf.worker.js", ASK_FIRST),
    ];
    for (path, expected) in table {
        assert_eq!(header(path, "cache-control"), expected, "{path}");
        assert_eq!(header(path, "x-content-type-options"), "nosniff", "{path}");
    }
}

/// Browsers take it for a mistake, or forget it, where there is no TLS.
#[test]
fn browsers_are_held_to_tls_where_there_is_tls() {
    let plain = Deployment {
        is_https: false,
        ..deployment()
    };
    for (deployment, expected) in [(deployment(), Some("max-age=31536000")), (plain, None)] {
        for row in table(&deployment) {
            let mut headers = row.headers.iter();
            let found = headers.find(|(name, _)| *name == STRICT_TRANSPORT_SECURITY.0);
            let found = found.map(|(_, value)| value.as_str());
            assert_eq!(found, expected, "{:?}", row.paths);
        }
    }
}

#[test]
fn only_the_worker_talks_to_other_servers() {
    for path in ["/", "/callback", "/relay", "/mlflow/", "/config.json"] {
        let policy = header(path, POLICY);
        assert!(policy.contains("connect-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains(LOGIN), "{path}: {policy}");
    }
    assert_eq!(
        header("/sw.js", POLICY),
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
             connect-src 'self' {LOGIN} https://api.example"
        )
    );
}

#[test]
fn each_document_has_the_ancestors_it_needs() {
    let listed = format!("; frame-ancestors 'self' {STUDIO}");
    let nobody = "; frame-ancestors 'none'";
    let table = [
        ("/", listed.as_str()),
        ("/index.html", &listed),
        ("/callback", nobody),
        ("/relay", nobody),
        ("/mlflow/", &listed),
        (
            "/mlflow/static-files/lib/notebook-trace-renderer/index.html",
            &listed,
        ),
    ];
    for (path, ancestors) in table {
        let policy = header(path, POLICY);
        assert!(policy.ends_with(ancestors), "{path}: {policy}");
    }
}

#[test]
fn only_the_relay_keeps_its_opener() {
    let table = [
        ("/", "same-origin"),
        ("/callback", "same-origin"),
        ("/relay", "unsafe-none"),
        ("/mlflow/", ""),
    ];
    for (path, expected) in table {
        assert_eq!(header(path, "cross-origin-opener-policy"), expected);
    }
}

#[test]
fn a_site_without_a_ui_has_no_rows_for_it() {
    let bare = Deployment {
        ui: None,
        ..deployment()
    };
    let rows = table(&bare);
    let row = row(&rows, "/mlflow/").expect("every path has a row");
    assert_eq!(row.paths, Paths::Below("/"));
}

#[test]
fn what_is_probed_is_the_start_page_and_its_icon() {
    let rows = table(&deployment());
    let probed = rows.iter().filter(|row| row.is_probed);
    let paths: Vec<_> = probed.flat_map(|row| row.patterns).collect();
    assert_eq!(paths, [&"/", &"/favicon.ico"]);
}

/// Hosts that know only patterns must come to the same rows, whichever of
/// several matching patterns they prefer.
#[test]
fn no_file_fits_the_patterns_of_two_rows() {
    let rows = table(&deployment());
    let files = [
        "/sw.js",
        "/index.html",
        "/favicon.ico",
        "/favicon.svg",
        "/config.json",
        "/boot-1704dc4a8961c735.js",
        "/shell-939aa903bdc0d896.css",
        "/shell-app-d527723430b7c3a2_bg.wasm",
        "/mlflow/index.html",
        "/mlflow/static-files/favicon.ico",
        "/mlflow/static-files/manifest.json",
        "/mlflow/static-files/pdf.worker.js",
        "/mlflow/static-files/lib/notebook-trace-renderer/index.html",
        "/mlflow/static-files/lib/notebook-trace-renderer/js/main.c62f6f07012c0ed82508.js",
        "/mlflow/static-files/static/media/pdf.worker.min.b0b0a2ac.mjs",
        "/mlflow/static-files/TelemetryLogger.telemetry-worker.d0f8ea2c83c08b63528f.worker.js",
    ];
    for file in files {
        let fits = |row: &&Row| row.patterns.iter().any(|pattern| matches(pattern, file));
        let by_pattern: Vec<_> = rows.iter().filter(fits).collect();
        let expected = row(&rows, file).expect("every path has a row");
        assert_eq!(by_pattern, [expected], "{file}");
    }
}

/// Whether a pattern with at most one `*` has `path`.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, end)) => {
            path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
        }
    }
}

/// `intercept` has its own list, because the worker has no room for this table.
#[test]
fn the_documents_of_a_hosted_ui_are_those_that_get_no_token() {
    use crate::{intercept::Dispatch, testing::clearance};
    let mut config = crate::testing::config();
    config.ui = Some("3.18.0".to_owned());
    let own = config.origin.as_str();
    let table = UI_DOCUMENTS.iter().map(|path| (*path, Dispatch::File));
    let others = ["/mlflow/index.htm", "/mlflow/graphql"].map(|path| (path, Dispatch::Here));
    for (path, dispatch) in table.chain(others) {
        let clearance = clearance(own, path, "");
        assert_eq!(clearance.dispatch(&config), dispatch, "{path}");
    }
}
