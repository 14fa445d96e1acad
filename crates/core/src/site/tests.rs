use super::*;
use crate::{
    Origin,
    config::{Role, SignIn, Upstream},
    protocol::Message,
    testing,
};

const LINK: &str = "https://mlflow.example";

#[test]
fn sites_can_be_told_and_understood() {
    let lifetime = 60;
    let ways = [
        None,
        Some(Python::Token {
            lifetime,
            sign_in: Some(SignIn::default()),
        }),
        Some(Python::SigV4 {
            tracking_uri: "https://a.example/prod".into(),
        }),
    ];
    for python in ways {
        let site = Site {
            bar: Bar::Collapsed,
            python,
            ui: Some("3.18.0".into()),
            upstreams: vec!["dev".into(), "central".into()],
            page_origins: vec!["https://cdn.example".into(), "https://a.example".into()],
            rights: "can do everything".into(),
            refusal: Some("No.".into()),
        };
        assert_eq!(Site::read(&site.write()), Ok(site));
    }
}

#[test]
fn a_page_is_told_from_where_artifacts_may_load() {
    let mut config = testing::config();
    let user = User {
        name: "a@example.com".into(),
        groups: vec!["readers".into()],
        unreadable: None,
    };
    assert!(Site::of(&config, &user).page_origins.is_empty());

    config.artifacts.page_origins = vec![Origin::parse("https://cdn.example/").unwrap()];
    let site = Site::of(&config, &user);
    assert_eq!(site.page_origins, ["https://cdn.example"]);
}

#[test]
fn users_are_offered_the_servers_that_are_for_them() {
    let server = |name: &str, groups: &[&str]| Upstream {
        name: name.into(),
        base: None,
        groups: groups.iter().map(ToString::to_string).collect(),
    };
    let mut config = testing::config();
    config.upstreams = vec![server("dev", &[]), server("central", &["admins"])];
    let user = |group: &str| User {
        name: "a@example.com".into(),
        groups: vec![group.into()],
        unreadable: None,
    };

    let offered = |group| Site::of(&config, &user(group)).upstreams;

    assert_eq!(offered("readers"), ["dev"]);
    assert_eq!(offered("admins"), ["dev", "central"]);
    let refusal = |config: &Config, group| Site::of(config, &user(group)).refusal;
    assert_eq!(refusal(&config, "readers"), None);
    config.upstreams.remove(0);
    assert_eq!(refusal(&config, "readers").as_deref(), Some(NO_SERVER));
    config.upstreams.clear();
    assert_eq!(refusal(&config, "readers"), None);
    assert_eq!(
        refusal(&config, "pool_Google").as_deref(),
        Some(
            "a@example.com is signed in but in none of the groups that may use MLflow. Ask an \
             administrator to add you to one of them, then sign in again: admins, \
             model-approvers, readers."
        )
    );
}

#[test]
fn who_cannot_be_read_is_told_which_claim_it_is() {
    let user = User {
        name: "a@example.com".into(),
        groups: Vec::new(),
        unreadable: Some("the claim `groups` is a number, a list of texts is needed".into()),
    };
    let refusal = Site::of(&testing::config(), &user).refusal;
    assert_eq!(
        refusal.as_deref(),
        Some(
            "a@example.com is signed in, but the groups of this account cannot be read: the claim \
             `groups` is a number, a list of texts is needed. Please tell the administrator of \
             this site, who can correct the rule (`provider.groups`) or the claim at the sign-in \
             service."
        )
    );
}

#[test]
fn the_strongest_role_is_told_and_a_site_may_have_its_own() {
    let mut config = testing::config();
    let user = User {
        name: "a".into(),
        groups: vec!["readers".into(), "model-approvers".into(), "team".into()],
        unreadable: None,
    };
    let rights = |config: &Config| Site::of(config, &user).rights;
    assert_eq!(rights(&config), "can read everything and approve models");
    config.roles = vec![Role::new("team", "can log runs")];
    assert_eq!(rights(&config), "can log runs");
}

#[test]
fn an_address_names_a_server_that_there_is_or_gets_the_first() {
    let site = Site {
        upstreams: vec!["dev".into(), "central".into()],
        ..Site::default()
    };
    let table = [
        ("?upstream=central", "central"),
        ("?upstream=central/", "central"),
        ("?a=b&upstream=dev", "dev"),
        ("?upstream=other", "dev"),
        ("", "dev"),
    ];
    for (query, name) in table {
        assert_eq!(site.upstream(query), Some(name), "{query}");
    }
    assert_eq!(Site::default().upstream("?upstream=dev"), None);
}

#[test]
fn links_lead_where_they_belong() {
    let own = "https://a.example";
    let route = |text: &str| Lead::Route(text.into());
    let page = |text: &str| Lead::Page(text.into());
    let table = [
        (None, [own, "/mlflow/", "", "#/models"], route("#/models")),
        // MLflow 3.18 has links with an absolute root.
        (
            None,
            [own, "/", "", "#/experiments/1"],
            route("#/experiments/1"),
        ),
        (None, [own, "/", "", ""], page("/")),
        (
            Some("dev"),
            [own, "/mlflow/@dev/", "", "#/models"],
            route("#/models"),
        ),
        (
            Some("dev"),
            [own, "/mlflow/@b/", "", "#/models"],
            page("/?upstream=b#/models"),
        ),
        (
            Some("dev"),
            [own, "/", "?upstream=b", "#/models"],
            page("/?upstream=b#/models"),
        ),
        (
            None,
            [own, "/mlflow/get-artifact", "?path=a", ""],
            Lead::Away,
        ),
        (
            None,
            ["https://a.example.evil", "/", "", "#/models"],
            Lead::Away,
        ),
    ];
    for (upstream, link, expected) in table {
        assert_eq!(lead(own, upstream, link), expected, "{link:?}");
    }
}

#[test]
fn a_sign_in_returns_to_the_shell_and_nowhere_else() {
    let table = [
        ("?upstream=dev#/models", "/?upstream=dev#/models"),
        ("#/models", "/#/models"),
        ("", "/"),
        ("/evil.test/", "/"),
        ("https://evil.test/", "/"),
    ];
    for (noted, address) in table {
        assert_eq!(left(noted), address, "{noted}");
    }
}

#[test]
fn programs_are_told_where_to_go() {
    let token = Python::Token {
        lifetime: 60,
        sign_in: None,
    };
    let sign_in = Python::Token {
        lifetime: 60,
        sign_in: Some(SignIn::default()),
    };
    let signed = Python::SigV4 {
        tracking_uri: "https://a1.execute-api.eu-west-1.amazonaws.com/prod".into(),
    };
    assert_eq!(
        environment(&token, LINK, None, Some("mlflow_x")),
        "export MLFLOW_TRACKING_URI=https://mlflow.example\n\
         export MLFLOW_TRACKING_TOKEN=mlflow_x\n\
         export MLFLOW_AMPLIFY_UI_URI=https://mlflow.example\n"
    );
    assert_eq!(
        environment(&token, LINK, Some("dev"), Some("mlflow_x")),
        "export MLFLOW_TRACKING_URI=https://mlflow.example/@dev\n\
         export MLFLOW_TRACKING_TOKEN=mlflow_x\n\
         export MLFLOW_AMPLIFY_UI_URI=https://mlflow.example/?upstream=dev\n"
    );
    assert_eq!(
        environment(&sign_in, LINK, Some("dev"), None),
        "mlflow-shell login https://mlflow.example\n\
         export MLFLOW_TRACKING_URI=https://mlflow.example/@dev\n\
         export MLFLOW_TRACKING_AUTH=shell\n\
         export MLFLOW_AMPLIFY_UI_URI=https://mlflow.example/?upstream=dev\n"
    );
    assert_eq!(
        environment(&sign_in, LINK, Some("dev"), Some("mlflow_x")),
        environment(&token, LINK, Some("dev"), Some("mlflow_x")),
    );
    assert_eq!(
        environment(&signed, LINK, None, None),
        "export MLFLOW_TRACKING_URI=https://a1.execute-api.eu-west-1.amazonaws.com/prod\n\
         export MLFLOW_TRACKING_AWS_SIGV4=true\n\
         export AWS_DEFAULT_REGION=eu-west-1\n\
         export MLFLOW_AMPLIFY_UI_URI=https://mlflow.example\n"
    );
}

#[test]
fn a_ui_of_another_minor_version_is_noticed() {
    let table = [
        ("3.18.0", "3.18.0\n", false),
        ("3.18.0", "3.18.1", false),
        ("3.18.0", "3.17.2", true),
        ("3.1.0", "3.18.0", true),
        ("2.18.0", "3.18.0", true),
        ("3.18.0", "<!doctype html>", false),
        ("3.18.0", "", false),
    ];
    for (ui, server, differ) in table {
        assert_eq!(skew(ui, server).is_some(), differ, "{ui} {server}");
    }
    assert_eq!(
        skew("3.18.0", "3.17.2").as_deref(),
        Some("MLflow here is 3.17.2, its pages are of 3.18.0: some may not work.")
    );
}
