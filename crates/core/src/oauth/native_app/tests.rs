use super::*;
use crate::testing;

fn config(python: &str) -> Config {
    let text = serde_json::to_string(&testing::config()).unwrap();
    let text = format!("{},\"python\":{python}}}", text.strip_suffix('}').unwrap());
    Config::parse(&text).unwrap()
}

#[test]
fn a_site_says_whether_and_how_terminals_sign_in() {
    let off = r#"{"access": "token"}"#;
    let signed = r#"{"access": "sigv4", "tracking_uri": "https://a.example/prod"}"#;
    assert_eq!(
        NativeApp::of(&testing::config()),
        Err(NotOffered::NoPrograms)
    );
    assert_eq!(NativeApp::of(&config(off)), Err(NotOffered::Off));
    let uri = "https://a.example/prod".to_owned();
    assert_eq!(NativeApp::of(&config(signed)), Err(NotOffered::SigV4(uri)));
    let command = r#"{"access": "sigv4", "tracking_uri": "https://a.example/$(id)"}"#;
    let refused = NativeApp::of(&config(command));
    assert!(matches!(refused, Err(NotOffered::Wrong(_))), "{refused:?}");

    let abroad = r#"{"access": "token", "sign_in": {"redirect_uri": "https://evil.example/"}}"#;
    let refused = NativeApp::of(&config(abroad));
    assert!(matches!(refused, Err(NotOffered::Wrong(_))), "{refused:?}");

    let usual = NativeApp::of(&config(r#"{"access": "token", "sign_in": {}}"#)).unwrap();
    assert_eq!(usual.config.provider.client_id, "client");
    assert_eq!(usual.redirect.port, None);
    assert_eq!(usual.redirect.url(4711), "http://127.0.0.1:4711/callback");
    assert!(!usual.needs_discovery);
}

#[test]
fn a_redirect_is_taken_apart() {
    let table = [
        (
            "http://localhost:8765/callback",
            "localhost",
            Some(8765),
            "/callback",
        ),
        ("http://127.0.0.1/", "127.0.0.1", None, "/"),
        ("http://[::1]/a/b", "[::1]", None, "/a/b"),
        ("http://[::1]:9/a", "[::1]", Some(9), "/a"),
    ];
    for (url, host, port, path) in table {
        let found = LoopbackRedirect::of(url);
        let expected = LoopbackRedirect {
            host: host.into(),
            port,
            path: path.into(),
        };
        assert_eq!(found, expected, "{url}");
        if let Some(port) = port {
            assert_eq!(found.url(port), url);
        }
    }
}

/// The gateway's own token endpoint answers pages, and adds a secret that is theirs.
#[test]
fn where_the_gateway_asks_a_terminal_has_a_client_of_its_own() {
    let at_gateway = |python| {
        let mut config = config(python);
        config.provider.endpoints.token = format!("{}/oauth2/token", config.origin);
        NativeApp::of(&config)
    };
    assert_eq!(
        at_gateway(r#"{"access": "token", "sign_in": {}}"#),
        Err(NotOffered::Proxied)
    );
    let own = r#"{"access": "token", "sign_in": {"client_id": "native"}}"#;
    let mut app = at_gateway(own).unwrap();
    assert!(app.needs_discovery);
    assert_eq!(app.config.provider.client_id, "native");
    app.discovered(Endpoints::of_cognito(&testing::config().provider.domain));
    assert!(!app.needs_discovery);
    assert_eq!(
        app.config.provider.endpoints.token,
        "https://login.example.com/oauth2/token"
    );
}

#[test]
fn a_token_serves_for_three_quarters_of_its_life_and_never_its_last_ten_seconds() {
    use Next::{Over, Renew, Serve};
    let session =
        |lifetime| NativeSession::new(testing::config(), testing::grant("t", 1_000, lifetime));
    let table = [
        // lifetime, seconds since it was received, rejected, next, serves meanwhile
        (3600, 0, false, Serve, true),
        (3600, 2699, false, Serve, true),
        (3600, 2700, false, Renew, true),
        (3600, 3599, false, Renew, true),
        (3600, 3600, false, Renew, false),
        (3600, 0, true, Renew, false),
        (25, 15, false, Serve, true),
        (25, 16, false, Renew, true),
        (8, 0, false, Renew, true),
    ];
    for (lifetime, since, is_rejected, next, serves) in table {
        let (session, now) = (session(lifetime), Timestamp(1_000 + since));
        assert_eq!(session.next(is_rejected, now), next, "{lifetime} {since}");
        assert_eq!(
            session.serves(is_rejected, now),
            serves,
            "{lifetime} {since}"
        );
    }
    // The clock was set back: how long it has left is not known.
    assert_eq!(session(3600).next(false, Timestamp(900)), Renew);

    let mut last = session(60);
    last.is_last = true;
    assert_eq!(last.next(false, Timestamp(1_059)), Serve);
    assert_eq!(last.next(false, Timestamp(1_060)), Over);
    assert_eq!(last.next(true, Timestamp(1_000)), Over);

    let mut alone = session(60);
    alone.grant.refresh = None;
    assert_eq!(alone.next(false, Timestamp(1_059)), Serve);
    assert_eq!(alone.next(true, Timestamp(1_000)), Over);

    let mut ended = session(3600);
    ended.grant.ends_at = Some(Timestamp(1_010));
    assert_eq!(ended.next(false, Timestamp(1_009)), Serve);
    assert_eq!(ended.next(false, Timestamp(1_010)), Over);
}

#[test]
fn what_is_stored_of_a_session_is_the_whole_session() {
    let python = r#"{"access": "token", "sign_in": {"client_id": "native"}}"#;
    let app = NativeApp::of(&config(python)).unwrap();
    let mut session = NativeSession::new(app.config, testing::grant("tök&en=", 1_000, 60));
    session.is_last = true;
    let written = session.write();
    assert_eq!(NativeSession::read(written.expose()), Some(session.clone()));
    assert_eq!(NativeSession::read("{}"), None);
    assert!(!format!("{session:?} {written:?}").contains("tök"));
}
