//! The user pool.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use shell_core::{Config, policy::Policy};
use shell_tests::environment;

use crate::cloud::Cloud;

/// Runs the function of the template for each event, with Cognito as it is told.
const ASK: &str = r#"
import json, sys, types

class Cognito:
    def admin_get_user(self, UserPoolId, Username):
        return json.loads(USERS)[Username]

stub = types.ModuleType("boto3")
stub.client = lambda service: Cognito()
sys.modules["boto3"] = stub
exec(SOURCE)

def answer(user, groups):
    event = {"userPoolId": "p", "userName": user, "response": {},
             "request": {"groupConfiguration": {"groupsToOverride": groups}}}
    try:
        response = handler(event, None)["response"]
    except KeyError:
        return "refused"
    override = response.get("claimsAndScopeOverrideDetails")
    return override and override["groupOverrideDetails"]["groupsToOverride"]

print(json.dumps([answer(user, groups) for user, groups in json.loads(EVENTS)]))
"#;

pub(crate) fn the_site_is_registered_once_its_address_is_known(cloud: &Cloud, config: &Config) {
    let client = cloud.last("AWS::Cognito::UserPoolClient", |made| {
        made.with["ClientName"] == "mlflow-app-client"
    });

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

/// By the function that Cognito asks before it issues tokens.
pub(crate) fn nobody_is_an_administrator_by_a_password_alone(cloud: &Cloud) {
    let template = environment::workspace().join("deploy/templates/identity.yaml");
    let template = fs::read_to_string(template).expect("there is a template");
    let (_, rest) = template
        .split_once("ZipFile: |\n")
        .expect("it has a function");
    let indented = |line: &&str| line.is_empty() || line.starts_with("          ");
    let lines = rest.lines().take_while(indented);
    let source: Vec<_> = lines
        .map(|line| line.get(10..).unwrap_or_default())
        .collect();

    let app = json!({ "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"] });
    let users = json!({
        "app": app, "password": {}, "sms": { "UserMFASettingList": ["SMS_MFA"] },
    });
    let table: [(&str, Value, Value); 7] = [
        ("app", json!(["admins", "readers"]), Value::Null),
        ("password", json!(["readers"]), Value::Null),
        ("password", json!([]), Value::Null),
        ("password", Value::Null, Value::Null),
        ("password", json!(["admins", "readers"]), json!(["readers"])),
        ("sms", json!(["admins"]), json!([])),
        // If Cognito cannot be asked, no other API is.
        ("unknown", json!(["admins"]), json!("refused")),
    ];
    let events: Vec<_> = table
        .iter()
        .map(|(user, groups, _)| json!([user, groups]))
        .collect();
    let texts = [
        json!(source.join("\n")),
        json!(users.to_string()),
        json!(json!(events).to_string()),
    ];
    let given = format!(
        "SOURCE, USERS, EVENTS = {}, {}, {}",
        texts[0], texts[1], texts[2]
    );

    let answers = cloud.ask(&[&given, ASK].concat());

    let expected: Vec<_> = table
        .iter()
        .map(|(_, _, expected)| expected.clone())
        .collect();
    assert_eq!(answers, Value::Array(expected));
}

/// Whether Cognito asks the function, and there is a way to register an app.
pub(crate) fn administrators_are_asked_for_a_second_factor(cloud: &Cloud) {
    let pool = cloud.last("AWS::Cognito::UserPool", |_| true);
    assert_eq!(pool["MfaConfiguration"], "OPTIONAL");
    let trigger = &pool["LambdaConfig"]["PreTokenGenerationConfig"];
    assert_eq!(trigger["LambdaVersion"], "V2_0");
    let function = trigger["LambdaArn"].as_str().expect("an ARN");
    assert!(function.contains(":lambda:"), "{function}");

    let client = cloud.last("AWS::Cognito::UserPoolClient", |made| {
        made.with["ClientName"] == "mlflow-enrolment"
    });
    assert_eq!(
        client["ExplicitAuthFlows"],
        json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH"])
    );
    assert!(client.get("AllowedOAuthFlows").is_none());
}
