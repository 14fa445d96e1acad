//! The user pool.

use std::collections::BTreeSet;

use serde_json::json;
use shell_core::{Config, policy::Policy};

use crate::cloud::Cloud;

pub(crate) fn the_site_is_registered_once_its_address_is_known(cloud: &Cloud, config: &Config) {
    let client = cloud.last("AWS::Cognito::UserPoolClient", |_| true);

    assert_eq!(client["CallbackURLs"], json!([config.redirect_uri()]));
    assert_eq!(client["LogoutURLs"], json!([config.logout_uri()]));
    assert_eq!(client["ClientId"], config.provider.client_id.as_str());
    let issuer = config.provider.issuer.as_str();
    assert!(
        issuer.ends_with(client["UserPoolId"].as_str().expect("an id")),
        "{issuer}"
    );
    let domain = config.provider.domain.as_str();
    assert_eq!(
        domain,
        "https://example-mlflow.auth.us-east-1.amazoncognito.com"
    );
}

pub(crate) fn people_sign_in_by_code_and_nobody_signs_up(cloud: &Cloud) {
    let pool = cloud.last("AWS::Cognito::UserPool", |_| true);
    let only_administrators = json!({ "AllowAdminCreateUserOnly": true });
    assert_eq!(pool["AdminCreateUserConfig"], only_administrators);
    assert_eq!(pool["AutoVerifiedAttributes"], json!(["email"]));

    let client = cloud.last("AWS::Cognito::UserPoolClient", |made| {
        made.operation == "CreateUserPoolClient"
    });
    assert_eq!(client["GenerateSecret"], false);
    assert_eq!(client["AllowedOAuthFlows"], json!(["code"]));
    assert_eq!(client["ExplicitAuthFlows"], json!(["ALLOW_CUSTOM_AUTH"]));
    assert_eq!(client["EnableTokenRevocation"], true);
    assert_eq!(client["PreventUserExistenceErrors"], "ENABLED");
    assert_eq!(client["RefreshTokenRotation"]["Feature"], "ENABLED");
}

pub(crate) fn the_groups_are_those_of_the_policy(cloud: &Cloud) {
    let record = cloud.record();
    let groups = record
        .iter()
        .filter(|made| made.kind == "AWS::Cognito::UserPoolGroup");
    let names: BTreeSet<_> = groups
        .filter_map(|made| made.with["GroupName"].as_str())
        .collect();

    assert_eq!(names, Policy::built_in().groups().into_iter().collect());
}
