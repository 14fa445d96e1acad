//! `login`, `logout`, `whoami` and `status`.

use serde_json::json;
use shell_idp::{Fault, User};

use crate::fixture::{Login, Machine, READER, Site, Spec, hosted_login, http, shows_token};

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_on_this_machine_returns_to_it() {
    let site = Site::start(Spec::default()).await;
    let person = Machine::new().with("BROWSER", "true");
    let mut login = Login::begin(&person, &["login", &site.origin, "--store", "file"]);
    let callback = hosted_login(&login.url(), READER);
    let (address, query) = callback.split_once('?').expect("a query");

    // Who is not the hosted login ends nothing.
    for (url, status) in [
        (address.to_owned(), 400),
        (format!("{address}?code=a&state=b"), 400),
        (
            format!("{address}?{}", query.replace("state=terminal.", "state=")),
            400,
        ),
        (address.replace("/callback", "/other"), 404),
        (callback.replace("localhost", "127.0.0.1"), 404),
    ] {
        assert_eq!(http().get(&url).call().unwrap().status(), status, "{url}");
    }
    let posted = http().post(&callback).send_empty().unwrap();
    assert_eq!(posted.status(), 400);

    let mut page = http().get(&callback).call().unwrap();
    let header = |name: &str| {
        page.headers()
            .get(name)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(header("cache-control"), "no-store");
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    let text = page.body_mut().read_to_string().unwrap();
    assert!(
        text.contains("<h1>Signed in</h1>") && text.contains(READER),
        "{text}"
    );
    assert!(!text.contains("code=") && !shows_token(&text), "{text}");

    let ran = login.end();
    assert_eq!(ran.status, 0, "{ran:?}");
    let welcome = format!(
        "Signed in to {} as {READER}. {READER} can read everything.",
        site.origin
    );
    assert!(ran.said.contains(&welcome), "{ran:?}");
    assert!(!shows_token(&ran.said));
    let (token, _) = person.run(&["token", "--json"]).token();
    assert_eq!(site.api_status(&token), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_pasted_and_a_session_is_shown_and_ended() {
    let site = Site::start(Spec::default()).await;
    let person = Machine::new();
    let before = person.run(&["token", "--url", &site.origin]);
    assert_eq!(before.status, 3, "{before:?}");
    let cure = format!(
        "you are not signed in to {0}: mlflow-shell login {0}",
        site.origin
    );
    assert!(before.said.contains(&cure), "{before:?}");
    let none = person.run(&["status"]);
    assert_eq!(
        none.printed,
        "You are signed in to no site: mlflow-shell login URL\n"
    );

    let ran = person.sign_in(&site, READER);
    assert_eq!(ran.status, 0, "{ran:?}");
    let who = person.run(&["whoami"]);
    let expected = format!("{READER}\ngroups: readers\nrights: can read everything\nissuer: ");
    assert!(who.printed.starts_with(&expected), "{who:?}");
    let status = person.run(&["status"]);
    let line = format!(
        "{}  {READER}  renewed until the provider or you end it, in an encrypted file\n",
        site.origin
    );
    assert_eq!(status.printed, line);
    assert!(!shows_token(&who.printed) && !shows_token(&status.printed));

    // By the tracking server that MLflow has, too.
    let below = format!("{}/@dev", site.origin);
    let other = Machine {
        home: person.home,
        variables: person.variables,
    };
    let person = other.with("MLFLOW_TRACKING_URI", &below);
    let plain = person.run(&["token"]);
    assert_eq!(site.api_status(plain.printed.trim()), 200, "{plain:?}");

    let out = person.run(&["logout"]);
    assert_eq!(out.status, 0, "{out:?}");
    assert_eq!(site.provider.counts().revocations, 1);
    assert_eq!(person.run(&["token"]).status, 3);
    let left: Vec<_> = person.files().into_iter().map(|(path, ..)| path).collect();
    assert!(left.iter().all(|path| path.ends_with("lock")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_sealed_and_their_owners_alone() {
    let site = Site::start(Spec::default()).await;
    let person = Machine::new();
    assert_eq!(person.sign_in(&site, READER).status, 0);
    let files = person.files();
    assert_eq!(files.len(), 3, "{files:?}");
    for (path, mode, content) in files {
        assert_eq!(mode, 0o600, "{path}");
        let text = String::from_utf8(content).unwrap();
        assert!(!shows_token(&text) && !text.contains("refresh"), "{path}");
    }

    let person = person.with("MLFLOW_SHELL_PASSPHRASE", "another passphrase");
    let wrong = person.run(&["token", "--json"]);
    assert_eq!(wrong.status, 1, "{wrong:?}");
    assert!(
        wrong.said.contains("does not open the session file"),
        "{wrong:?}"
    );
    let person = person.with("MLFLOW_SHELL_PASSPHRASE", "");
    let none = person.run(&["token", "--json"]);
    assert_eq!(none.status, 1, "{none:?}");
    assert!(
        none.said
            .contains("give its passphrase in the variable MLFLOW_SHELL_PASSPHRASE")
    );

    // What cannot be opened can be forgotten.
    let out = person.run(&["logout"]);
    assert_eq!(out.status, 1, "{out:?}");
    assert!(out.said.contains("signed out of") && out.said.contains("could not be revoked"));
    assert_eq!(person.run(&["token"]).status, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_cure_is_named_before_anyone_signs_in() {
    let site = Site::start(Spec::default()).await;
    let ran = Machine::new().run(&["login", &site.origin, "--no-browser"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.said.contains("keyring cannot be used"), "{ran:?}");
    assert!(
        ran.said.contains("mlflow-shell login URL --store file"),
        "{ran:?}"
    );
    let short = Machine::new().with("MLFLOW_SHELL_PASSPHRASE", "short");
    let ran = short.run(&["login", &site.origin, "--no-browser", "--store=file"]);
    assert!(
        ran.said.contains("too short: take 8 characters or more"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_sign_in_is_refused() {
    let site = Site::start(Spec::default()).await;
    let person = Machine::new();
    let arguments = ["login", &site.origin, "--no-browser", "--store=file"];
    let code = |login: &mut Login| {
        let callback = hosted_login(&login.url(), READER);
        callback.split_once('?').expect("a query").1.to_owned()
    };
    let mut first = Login::begin(&person, &arguments);
    let mut second = Login::begin(&person, &arguments);
    let (_, other) = (code(&mut first), code(&mut second));
    let ran = first.paste(&other);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.said
            .contains("no sign-in with this state is waiting here"),
        "{ran:?}"
    );
    assert_eq!(site.provider.counts().exchanges, 0);
    let ran = second.paste("error=access_denied&state=terminal.x");
    assert_eq!(ran.status, 1, "{ran:?}");

    site.provider.faults().set(Fault::WrongNonce);
    let ran = person.sign_in(&site, READER);
    assert!(
        ran.said.contains("the ID token belongs to another sign-in"),
        "{ran:?}"
    );
    assert_eq!(person.run(&["status"]).printed.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sign_in_replaces_the_session_and_revokes_the_one_before() {
    let site = Site::start(Spec::default()).await;
    let person = Machine::new();
    site.provider.put_user(User::new("none@example.com", []));
    assert_eq!(person.sign_in(&site, READER).status, 0);
    let ran = person.sign_in(&site, "none@example.com");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.said.contains("none@example.com"), "{ran:?}");
    assert_eq!(site.provider.counts().revocations, 1);
    let (token, _) = person.run(&["token", "--json"]).token();
    assert_eq!(site.api_status(&token), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_does_not_offer_is_said() {
    let person = Machine::new();
    let login = |site: &Site| person.run(&["login", &site.origin, "--store=file", "--no-browser"]);

    let off = Spec {
        python: Some(json!({"access": "token"})),
        ..Spec::default()
    };
    let ran = login(&Site::start(off).await);
    assert!(
        ran.said
            .contains("its administrator has to add `python.sign_in`"),
        "{ran:?}"
    );

    let aws = json!({"access": "sigv4", "tracking_uri": "https://a.example/prod"});
    let aws = Spec {
        python: Some(aws),
        ..Spec::default()
    };
    let ran = login(&Site::start(aws).await);
    assert!(
        ran.said.contains("takes AWS credentials from programs"),
        "{ran:?}"
    );

    let site = Site::start(Spec::default()).await;
    let ran = person.run(&["login", &site.origin, "--store=file", "--device"]);
    assert!(
        ran.said.contains("offers no sign-in on another device"),
        "{ran:?}"
    );
    let issuer = site.provider.issuer();
    let ran = person.run(&["login", &issuer, "--store=file"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.said.contains("is no site of MLflow Auth Shell"),
        "{ran:?}"
    );
    for (url, words) in [
        ("http://mlflow.example.com", "must use https://"),
        (
            "https://me:pa55word@mlflow.example.com/",
            "has a user name before its host",
        ),
        ("databricks", "must begin with https://"),
    ] {
        let ran = person.run(&["login", url]);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(
            ran.said.contains(words) && !ran.said.contains("pa55word"),
            "{ran:?}"
        );
    }
    let ran = person.run(&["login", "http://127.0.0.1:9"]);
    assert_eq!(ran.status, 4, "{ran:?}");
}

/// The pages' client is the gateway's to ask for; with one of its own a terminal asks
/// the provider itself. Without one the gateway does not start (core's `config`).
#[tokio::test(flavor = "multi_thread")]
async fn where_the_gateway_keeps_sessions_a_terminal_has_a_client_of_its_own() {
    let own = shell_idp::DEVELOPMENT_CLIENT_ID;
    let python = json!({"access": "token", "sign_in": {"client_id": own}});
    let spec = Spec {
        python: Some(python),
        ..Spec::default()
    };
    let person = Machine::new();
    let site = Site::start_via_gateway(spec).await;
    let ran = person.sign_in(&site, READER);
    assert_eq!(ran.status, 0, "{ran:?}");
    let (token, _) = person
        .run(&["token", "--json", "--url", &site.origin])
        .token();
    assert_eq!(site.api_status(&token), 200);
}
