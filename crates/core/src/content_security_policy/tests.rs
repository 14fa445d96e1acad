use super::*;

const ANCESTORS: &str = "frame-ancestors 'self' https://studio.example";
const CDN: &str = "https://cdn.example";
const FONTS: &str = "https://fonts.example:8443";
const STORE: &str = "https://store.example";

fn sources(pages: &[&str]) -> Sources {
    Sources {
        frame_ancestors: ANCESTORS.to_owned(),
        page_origins: pages.iter().map(ToString::to_string).collect(),
        store_origins: Vec::new(),
    }
}

fn directive<'a>(policy: &'a str, name: &str) -> &'a str {
    let mut directives = policy.split("; ");
    let found = directives.find(|directive| directive.split(' ').next() == Some(name));
    found.unwrap_or_else(|| panic!("{policy} has no {name}"))
}

#[test]
fn a_configuration_says_which_sources_there_are() {
    let mut config = crate::testing::config();
    let of_config = |config: &Config| Sources::of(config);
    let nothing = Sources {
        frame_ancestors: "frame-ancestors 'self'".to_owned(),
        ..Sources::default()
    };
    assert_eq!(of_config(&config), nothing);

    config.artifacts.page_origins = vec![Origin::parse(CDN).unwrap()];
    config.artifacts.store_origins = vec![Origin::parse(STORE).unwrap()];
    let listed = Sources {
        page_origins: vec![CDN.to_owned()],
        store_origins: vec![STORE.to_owned()],
        ..nothing
    };
    assert_eq!(of_config(&config), listed);
}

#[test]
fn what_artifact_pages_may_load_is_on_mlflows_document_and_nowhere_else() {
    let (none, listed) = (sources(&[]), sources(&[CDN, FONTS]));
    let version = UiVersion::parse("3.18.0");
    let policy = listed.mlflow_document(version);
    for name in [
        "script-src",
        "style-src",
        "font-src",
        "img-src",
        "media-src",
    ] {
        let directive = directive(&policy, name);
        let ends = format!(" {CDN} {FONTS}");
        assert!(directive.ends_with(&ends), "{directive}");
    }
    let without = policy.replace(&format!(" {CDN} {FONTS}"), "");
    assert_eq!(without, none.mlflow_document(version));
    for name in ["connect-src", "worker-src", "frame-src", "form-action"] {
        assert!(!directive(&policy, name).contains("https:"), "{policy}");
    }
    for other in [
        Sources::shell,
        Sources::shell_window,
        Sources::other_answer,
        Sources::refusal_page,
    ] {
        assert_eq!(other(&listed), other(&none));
    }
    assert_eq!(listed.bundle_file(version), none.bundle_file(version));
    assert_eq!(none.bundle_file(version), none.mlflow_document(version));
}

#[test]
fn a_listed_store_is_where_mlflow_loads_from_and_its_window_goes() {
    let none = sources(&[CDN]);
    let listed = Sources {
        store_origins: vec![STORE.to_owned(), FONTS.to_owned()],
        ..none.clone()
    };
    let both = format!(" {STORE} {FONTS}");
    let version = UiVersion::parse("3.18.0");
    let table = [
        (
            listed.mlflow_document(version),
            none.mlflow_document(version),
            &["img-src", "media-src", "connect-src", "frame-src"][..],
        ),
        (listed.shell(), none.shell(), &["frame-src"]),
        (listed.shell_window(), none.shell_window(), &["frame-src"]),
    ];
    for (policy, without, names) in table {
        for name in names {
            let directive = directive(&policy, name);
            assert!(directive.ends_with(&both), "{directive}");
        }
        assert_eq!(policy.matches(&both).count(), names.len(), "{policy}");
        assert_eq!(policy.replace(&both, ""), without);
    }
    for other in [Sources::other_answer, Sources::refusal_page] {
        assert_eq!(other(&listed), other(&none));
    }
    assert_eq!(listed.bundle_file(version), none.bundle_file(version));
}

#[test]
fn only_the_worker_talks_to_others() {
    let sources = sources(&[CDN]);
    let services = ["https://login.example".to_owned(), STORE.to_owned()];
    assert_eq!(
        sources.worker(&services),
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
         connect-src 'self' https://login.example https://store.example"
    );
    let table = [
        (sources.shell(), "connect-src 'self'"),
        (sources.shell_window(), "connect-src 'self'"),
        (
            sources.mlflow_document(None),
            "connect-src 'self' data: blob:",
        ),
        (sources.bundle_file(None), "connect-src 'self' data: blob:"),
        (sources.other_answer(), "default-src 'none'"),
        (sources.refusal_page(), "default-src 'none'"),
    ];
    for (policy, expected) in table {
        let name = expected.split(' ').next().unwrap();
        assert_eq!(directive(&policy, name), expected);
    }
}

#[test]
fn everything_of_mlflows_is_framed_by_whom_the_configuration_lists() {
    let sources = sources(&[CDN]);
    for policy in [
        sources.shell(),
        sources.mlflow_document(None),
        sources.bundle_file(None),
        sources.other_answer(),
        sources.refusal_page(),
    ] {
        assert_eq!(directive(&policy, "frame-ancestors"), ANCESTORS);
    }
    let window = sources.shell_window();
    assert_eq!(
        directive(&window, "frame-ancestors"),
        "frame-ancestors 'none'"
    );
}

#[test]
fn only_a_ui_that_needs_it_evaluates_texts() {
    let sources = sources(&[]);
    let table = [
        (Some("3.18.0"), false),
        (Some("2.22.5"), true),
        (None, true),
    ];
    for (version, evaluates) in table {
        let version = version.and_then(UiVersion::parse);
        for policy in [
            sources.mlflow_document(version),
            sources.bundle_file(version),
        ] {
            let scripts = directive(&policy, "script-src");
            assert_eq!(scripts.contains("'unsafe-eval'"), evaluates, "{scripts}");
        }
    }
}
