use super::*;

const OTHER: &str = "default-src 'none'; sandbox; frame-ancestors 'self' https://studio.example";

fn sources() -> Sources {
    Sources {
        frame_ancestors: "frame-ancestors 'self' https://studio.example".to_owned(),
        ..Sources::default()
    }
}

fn alone() -> Sources {
    Sources {
        frame_ancestors: "frame-ancestors 'self'".to_owned(),
        ..Sources::default()
    }
}

fn of(policy: &str) -> Stated<'_> {
    Stated {
        policy: Some(policy),
        ..Stated::default()
    }
}

#[test]
fn the_document_of_a_server_is_html_at_its_root() {
    let table = [
        ("/", Some("text/html"), true),
        ("/", Some("Text/HTML ; charset=utf-8"), true),
        ("/index.html", Some("text/html;charset=utf-8"), true),
        ("/", None, false),
        ("/", Some("text/htmlx"), false),
        ("/", Some("image/svg+xml"), false),
        ("/", Some("application/xhtml+xml"), false),
        ("/get-artifact", Some("text/html"), false),
        (
            "/ajax-api/2.0/mlflow/experiments/search",
            Some("text/html"),
            false,
        ),
        ("/index.html/", Some("text/html"), false),
        ("//", Some("text/html"), false),
    ];
    for (path, media_type, expected) in table {
        assert_eq!(
            is_document(path, media_type),
            expected,
            "{path} {media_type:?}"
        );
        for server in ["/mlflow", "/mlflow/@dev"] {
            let path = [server, path].concat();
            assert_eq!(is_document_of_site(&path, media_type), expected, "{path}");
        }
    }
    for path in [
        "/",
        "/index.html",
        "/mlflow/@shell/tokens",
        "/mlflow/static-files/x.html",
    ] {
        assert!(!is_document_of_site(path, Some("text/html")), "{path}");
    }
}

#[test]
fn documents_and_workers_go_by_the_policy_of_their_own_answer() {
    let table = [
        ("navigate", "document", true),
        ("navigate", "iframe", true),
        ("navigate", "embed", true),
        ("same-origin", "worker", true),
        ("same-origin", "sharedworker", true),
        ("no-cors", "script", false),
        ("no-cors", "image", false),
        ("cors", "font", false),
        ("cors", "", false),
    ];
    for (mode, destination, expected) in table {
        let requester = Requester::new(mode, destination);
        assert_eq!(
            governs(requester, destination),
            expected,
            "{mode} {destination}"
        );
    }
}

#[test]
fn an_answer_gets_the_policy_of_its_kind() {
    let sources = sources();
    let version = UiVersion::parse("3.18.0");
    let document = |version| sources.mlflow_document(version);
    let table = [
        (Content::Other, OTHER.to_owned()),
        (Content::Document(version), document(version)),
        (Content::Document(None), document(None)),
    ];
    for (content, expected) in table {
        assert_eq!(
            sources.correct(content, Stated::default()),
            Some(expected),
            "{content:?}"
        );
    }
    let file = sources.correct_bundle_file(version, Stated::default());
    assert_eq!(file, Some(sources.bundle_file(version)));
}

#[test]
fn what_a_server_says_is_added_to() {
    let table = [
        (
            "sandbox; default-src 'none'",
            "sandbox; default-src 'none', ",
        ),
        (" a 'b' ;; c ,, d", "a 'b'; c, d, "),
        ("x-frame-ancestors 'none'", "x-frame-ancestors 'none', "),
        ("", ""),
        (" , ;", ""),
    ];
    for (policy, kept) in table {
        let corrected = sources().correct(Content::Other, of(policy));
        assert_eq!(corrected, Some([kept, OTHER].concat()), "{policy}");
        let file = sources().correct_bundle_file(None, of(policy));
        assert_eq!(file, Some([kept, &sources().bundle_file(None)].concat()));
        let document = sources().correct(Content::Document(None), of(policy));
        assert_eq!(
            document,
            Some([kept, &sources().mlflow_document(None)].concat())
        );
    }
}

#[test]
fn who_frames_it_and_who_is_told_is_not_for_a_server_to_say() {
    let table = [
        ("frame-ancestors 'none'", ""),
        ("Frame-Ancestors *", ""),
        ("a b; frame-ancestors 'self' ;c", "a b; c, "),
        (
            "frame-ancestors 'self'; a b, c d, frame-ancestors *",
            "a b, c d, ",
        ),
        ("a b; report-uri https://a.example; REPORT-TO all", "a b, "),
        ("frame-ancestors 'self' https://studio.example", ""),
    ];
    for (policy, kept) in table {
        let corrected = sources().correct(Content::Other, of(policy));
        assert_eq!(corrected, Some([kept, OTHER].concat()), "{policy}");
        // Also beside ours.
        let both = [OTHER, ", ", policy].concat();
        let corrected = sources().correct(Content::Other, of(&both));
        assert_eq!(corrected, Some([kept, OTHER].concat()), "{both}");
    }
}

#[test]
fn answers_that_say_just_that_stay_as_they_are() {
    let sources = sources();
    let strict = UiVersion::parse("3.18.0");
    let document = |version| sources.mlflow_document(version);
    let refusal = sources.refusal_page();
    let table = [
        (Content::Other, OTHER.to_owned()),
        (Content::Other, format!("a b; c, {OTHER}")),
        (Content::Other, refusal.clone()),
        (Content::Document(None), document(None)),
        // The gateway knows the version.
        (Content::Document(None), document(strict)),
        (Content::Document(strict), document(strict)),
        (Content::Document(strict), refusal),
    ];
    for (content, policy) in table {
        assert_eq!(
            sources.correct(content, of(&policy)),
            None,
            "{content:?} {policy}"
        );
        for stated in [
            Stated {
                options: Some("SAMEORIGIN"),
                ..of(&policy)
            },
            Stated {
                is_reported: true,
                ..of(&policy)
            },
        ] {
            let corrected = sources.correct(content, stated);
            assert_eq!(corrected, Some(policy.clone()), "{stated:?}");
        }
    }
}

#[test]
fn a_policy_of_another_kind_or_version_is_not_enough() {
    let sources = sources();
    let strict = UiVersion::parse("3.18.0");
    let wide = sources.mlflow_document(None);
    let table = [
        (Content::Other, wide.clone()),
        (Content::Document(strict), wide),
        (Content::Document(None), OTHER.to_owned()),
        (Content::Other, alone().other_answer()),
    ];
    for (content, policy) in table {
        assert!(
            sources.correct(content, of(&policy)).is_some(),
            "{content:?} {policy}"
        );
    }
}

#[test]
fn mlflows_own_default_is_ours_where_nobody_else_frames_the_shell() {
    let policy = alone().other_answer();
    let table = [
        ("SAMEORIGIN", true),
        (" sameorigin", true),
        ("DENY", false),
        ("ALLOWALL", false),
    ];
    for (options, passes) in table {
        let stated = Stated {
            options: Some(options),
            ..of(&policy)
        };
        let corrected = alone().correct(Content::Other, stated);
        assert_eq!(corrected.is_none(), passes, "{options}");
    }
}
