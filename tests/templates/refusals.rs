//! What the scripts refuse while there is nothing.

use serde_json::json;

use crate::cloud::Cloud;

pub(crate) fn settings_that_no_template_has_are_named(cloud: &Cloud) {
    let output = cloud.deploy(&json!({ "Imagee": "x", "Tasks": "3" }), &[]);

    assert!(!output.succeeded);
    assert!(
        output
            .complained
            .contains("no template has a parameter Imagee"),
        "{output:?}"
    );
    assert!(cloud.record().is_empty());
}

pub(crate) fn a_setting_that_is_missing_is_named_before_anything_is_made(cloud: &Cloud) {
    let file = cloud.path("settings.json");
    std::fs::write(&file, r#"{"Image": "mlflow:3.18.0"}"#).expect("there is room");
    std::fs::write(cloud.path("a.zip"), "").expect("there is room");

    let own = ["--settings", &file, "--authorizer", &cloud.path("a.zip")];
    let output = cloud.run("deploy/deploy.py", &own);

    assert!(!output.succeeded);
    assert!(
        output.complained.contains("has no DomainPrefix: "),
        "{output:?}"
    );
    assert!(cloud.record().is_empty());
}

pub(crate) fn nobody_is_admitted_who_is_no_role_and_no_user(cloud: &Cloud) {
    let strangers = [
        "*",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::123456789012:role/a,*",
        "arn:aws:iam::123456789012:role/a,",
        "arn:aws:sts::123456789012:assumed-role/a/b",
    ];
    for principals in strangers {
        let settings = json!({ "ApproverPrincipals": principals });
        let output = cloud.deploy(&settings, &["--also", "accounts"]);

        assert!(!output.succeeded, "{principals}");
        let words = "which is no role and no user";
        assert!(output.complained.contains(words), "{output:?}");
        assert!(output.complained.contains("ApproverPrincipals has"));
    }
    assert!(cloud.record().is_empty());
}

pub(crate) fn a_configuration_is_not_made_of_stacks_that_are_not_there(cloud: &Cloud) {
    let output = cloud.run(
        "deploy/configure.py",
        &["--out", &cloud.path("config.json")],
    );

    assert!(!output.succeeded);
    assert!(
        output
            .complained
            .contains("the stack mlflow-identity does not tell"),
        "{output:?}"
    );
}
