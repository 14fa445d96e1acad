//! Several MLflow servers behind one site.

use serde_json::json;

use crate::{
    echo,
    fixture::{FRAME, Fixture, SCRIPT, TAB},
};

/// Two servers: one for everyone, and one for `admins` and `team-x`.
async fn two() -> Fixture {
    Fixture::with(|spec| {
        spec.with_upstream("dev", &[])
            .with_upstream("central", &["admins", "team-x"])
    })
    .await
}

/// Which servers were asked for which paths, since the start.
fn asked(fixture: &Fixture) -> Vec<(Option<&'static str>, String)> {
    let reached = fixture.reached().into_iter();
    reached
        .filter(|record| record.path != "/version")
        .map(|record| (record.upstream, record.path))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_that_is_named_is_asked_and_no_other() {
    let fixture = two().await;
    let admin = fixture.token_with("cognito:groups", json!(["admins"]));
    for name in ["dev", "central"] {
        for (path, there) in [
            ("/get-artifact?a=b", "/get-artifact"),
            ("/a%2Fb", "/a/b"),
            ("", "/"),
        ] {
            let before = asked(&fixture).len();
            let path = format!("/mlflow/@{name}{path}");

            let answer = fixture.get_with(&path, &admin, SCRIPT).await;

            assert_eq!(answer.status, 200, "{path}");
            let asked = asked(&fixture).split_off(before);
            assert_eq!(asked, [(Some(name), there.to_owned())], "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_admits_its_own() {
    let fixture = two().await;
    let table = [
        ("dev", json!(["readers"]), 200),
        ("dev", json!([]), 403),
        ("central", json!(["readers"]), 403),
        ("central", json!(["team-x"]), 403),
        ("central", json!(["readers", "team-x"]), 200),
        ("central", json!(["admins"]), 200),
    ];
    for (name, groups, status) in table {
        let token = fixture.token_with("cognito:groups", groups.clone());
        let before = fixture.reached().len();

        let answer = fixture
            .get_with(&format!("/mlflow/@{name}/get-artifact"), &token, SCRIPT)
            .await;

        assert_eq!(answer.status, status, "{name} {groups}");
        let reached = fixture.reached().len() > before;
        assert_eq!(reached, status == 200, "{name} {groups}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_kept_out_is_told_of_which_server_and_whose_it_is() {
    let fixture = two().await;

    let told = fixture.get_as_reader("/mlflow/@central/graphql").await;

    let told = told.json();
    assert_eq!(told["error_code"], "PERMISSION_DENIED");
    let words = "reader@example.com may not use the MLflow server `central`, which is for \
                 members of these groups: admins, team-x.";
    let message = told["message"].as_str().expect("a sentence");
    assert!(message.starts_with(words), "{message}");
}

/// The provider is down, and was never asked for its keys: had the gateway
/// tried to verify, it would have answered 503.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused_before_the_token_is_looked_at() {
    let (several, one) = (two().await, Fixture::new().await);
    let choose = "This site has several MLflow servers, and an address must name one: @dev, \
                  @central.";
    let unknown = "This site has no MLflow server of this name: @dev, @central.";
    let nameless = "This site has one MLflow server, which has no name: leave out @dev.";
    let nowhere = "This address leads to no MLflow server of this site.";
    let table = [
        (&several, "/mlflow", choose),
        (&several, "/mlflow/", choose),
        (&several, "/mlflow/graphql", choose),
        (&several, "/mlflow/static-files/x.js", choose),
        (&several, "/mlflow/x/@dev/graphql", choose),
        (&several, "/mlflow//@dev/graphql", choose),
        (&several, "/mlflow/../@dev/graphql", nowhere),
        (&several, "/mlflow/@other/graphql", unknown),
        (&several, "/mlflow/@other/static-files/x.js", unknown),
        (&several, "/mlflow/@de/graphql", unknown),
        (&several, "/mlflow/@Dev/graphql", nowhere),
        (&several, "/mlflow/%40dev/graphql", nowhere),
        (&several, "/mlflow/@d%65v/graphql", nowhere),
        (&several, "/mlflow/@dev%2fgraphql", nowhere),
        (&several, "/mlflow/@/graphql", nowhere),
        (&several, "/mlflow/@shell/graphql", nowhere),
        (&several, "/mlflow/@dev/../@central/graphql", nowhere),
        (&several, "/mlflow/@dev/%2e%2e/central/graphql", nowhere),
        (&several, "/mlflow/@dev/..%2fcentral/graphql", nowhere),
        (&one, "/mlflow/@dev/graphql", nameless),
        (&one, "/mlflow/@dev/static-files/x.js", nameless),
        (&one, "/mlflow/%40dev/graphql", nowhere),
    ];
    for fixture in [&several, &one] {
        fixture.deployment.login.stop();
    }
    for (fixture, path, words) in table {
        let answer = fixture.get_as_reader(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let told = answer.json();
        assert_eq!(told["error_code"], "ENDPOINT_NOT_FOUND", "{path}");
        assert_eq!(told["message"], words, "{path}");

        let page = fixture.get(path, FRAME).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text().contains("There is no such MLflow server"));
    }
    assert!(several.reached().is_empty(), "{:?}", several.reached());
    assert!(one.reached().is_empty(), "{:?}", one.reached());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_is_sent_to_the_shell_of_its_server() {
    let fixture = two().await;

    let answer = fixture.get("/mlflow/@dev/", TAB).await;

    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/?upstream=dev");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_has_its_own_bundle() {
    let fixture = two().await;
    for name in ["dev", "central"] {
        for _ in 0..3 {
            let path = format!("/mlflow/@{name}{}", echo::SCRIPT);
            let answer = fixture.get(&path, SCRIPT).await;
            assert_eq!(answer.status, 200, "{name}");
            assert_eq!(answer.text(), echo::script_text(), "{name}");
        }
    }
    let expected = [Some("dev"), Some("central")].map(|name| (name, echo::SCRIPT.to_owned()));
    assert_eq!(asked(&fixture), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_stay_below_the_server() {
    let fixture = two().await;
    let table = [
        ("/mlflow/@dev/moved", "/mlflow/@dev/ajax-api/2.0/there"),
        (
            "/mlflow/@dev/moved-in-full",
            "/mlflow/@dev/ajax-api/2.0/there",
        ),
        ("/mlflow/@dev/away", "https://elsewhere.example/"),
    ];
    for (path, location) in table {
        let answer = fixture.get_as_admin(path).await;
        assert!(answer.status.is_redirection(), "{path}");
        assert_eq!(answer.header("location"), location, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_is_asked_for_its_own_version() {
    let fixture = two().await;
    let admin = fixture.token_with("cognito:groups", json!(["admins"]));
    for name in ["dev", "central", "dev"] {
        let path = format!("/mlflow/@{name}/");
        let answer = fixture.get_with(&path, &admin, FRAME).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{policy}");
    }

    let reached = fixture.reached().into_iter();
    let versions: Vec<_> = reached
        .filter(|record| record.path == "/version")
        .map(|record| record.upstream)
        .collect();
    assert_eq!(versions, [Some("dev"), Some("central")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_servers_are_is_not_told() {
    let fixture = two().await;

    let config = fixture.get("/config.json", &[]).await;

    let told = config.json();
    assert_eq!(told["upstreams"][0], json!({ "name": "dev" }));
    for server in &fixture.deployment.upstreams {
        assert!(!config.text().contains(&server.origin()));
    }
}
