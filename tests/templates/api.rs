//! The REST API: who is asked for what, and what it answers itself.

use serde_json::{Value, json};
use shell_core::{Config, cors};

use crate::cloud::{Cloud, Made};

/// Without either there is nothing but the preflight, which leads nowhere.
pub(crate) fn tokens_are_asked_for_where_browsers_call_and_signatures_where_programs_do(
    cloud: &Cloud,
) {
    let record = cloud.record();
    let methods = record.iter().filter(|made| made.operation == "PutMethod");
    let mut found: Vec<_> = methods.map(|method| described(method, &record)).collect();
    found.sort();

    assert_eq!(
        found,
        [
            "ANY AWS_IAM :8080/api/{proxy}",
            "ANY AWS_IAM :8081/api/2.0/endpoints/",
            "ANY AWS_IAM :8081/api/2.0/endpoints/{proxy}",
            "ANY AWS_IAM :8081/endpoints/{proxy}",
            // Behind CloudFront, which shows a key besides.
            "ANY CUSTOM key :8080/{proxy}",
            "OPTIONS NONE mock",
        ]
    );
}

pub(crate) fn static_files_are_public_only_if_asked_for(cloud: &Cloud) {
    let record = cloud.record();
    let methods = record.iter().filter(|made| made.operation == "PutMethod");
    let open = methods.filter(|made| made.with["authorizationType"] == "NONE");
    let mut found: Vec<_> = open.map(|method| described(method, &record)).collect();
    found.sort();

    assert_eq!(
        found,
        ["GET NONE :8080/static-files/{proxy}", "OPTIONS NONE mock"]
    );
}

/// A method, how it is authorized, and where it leads.
fn described(method: &Made, record: &[Made]) -> String {
    let of_same = |made: &&Made| made.operation == "PutIntegration" && made.name == method.name;
    let integration = record.iter().find(of_same).expect("it leads somewhere");
    let uri = integration.with["uri"].as_str().unwrap_or("mock");
    let uri = uri.rsplit_once(".com").map_or(uri, |(_, rest)| rest);
    let text = |key: &str| method.with[key].as_str().unwrap_or_default();
    let key = (method.with["apiKeyRequired"] == true).then_some("key");
    let authorized = [text("httpMethod"), text("authorizationType")];
    let parts = authorized.into_iter().chain(key).chain([uri]);
    parts.collect::<Vec<_>>().join(" ")
}

/// The key is CloudFront's alone, and the plan that it is good for has the stage.
pub(crate) fn browsers_reach_it_through_cloudfront_alone(cloud: &Cloud) {
    let key = cloud.last("AWS::ApiGateway::ApiKey", |_| true);
    let distribution = cloud.last("AWS::CloudFront::Distribution", |_| true);
    let origins = distribution["DistributionConfig"]["Origins"]["Items"].as_array();
    let origins = origins.expect("there are two").iter();
    let headers: Vec<_> = origins
        .map(|origin| (&origin["Id"], &origin["CustomHeaders"]["Items"]))
        .collect();
    let shown = json!([{ "HeaderName": "x-api-key", "HeaderValue": key["value"] }]);
    assert_eq!(
        headers,
        [(&json!("site"), &Value::Null), (&json!("api"), &shown)]
    );
    assert_eq!(key["enabled"], true);
    let value = key["value"].as_str().expect("a text");
    assert!(value.len() >= 20, "{value}");

    let plan = cloud.last("AWS::ApiGateway::UsagePlan", |_| true);
    assert_eq!(plan["apiStages"][0]["stage"], "prod");
    assert!(plan.get("throttle").is_none() && plan.get("quota").is_none());
    let member = cloud.last("AWS::ApiGateway::UsagePlanKey", |_| true);
    assert_eq!(member["keyType"], "API_KEY");
}

/// Whose site is on another origin has browsers that call it themselves.
pub(crate) fn it_is_public_where_the_site_is_elsewhere(cloud: &Cloud, acl: &str) {
    let record = cloud.record();
    let methods = record.iter().filter(|made| made.operation == "PutMethod");
    let keys = methods.filter(|made| made.with["apiKeyRequired"] == true);
    assert_eq!(keys.count(), 0);
    let made = |kind: &str| record.iter().any(|made| made.kind == kind);
    assert!(!made("AWS::ApiGateway::ApiKey"));

    let association = cloud.last("AWS::WAFv2::WebACLAssociation", |_| true);
    assert_eq!(association["WebACLArn"], acl);
    let stage = association["ResourceArn"].as_str().expect("an ARN");
    assert!(stage.starts_with("arn:aws:apigateway:us-east-1::/restapis/"));
    assert!(stage.ends_with("/stages/prod"), "{stage}");
}

pub(crate) fn an_answer_of_the_authorizer_is_kept_for_the_request_it_was_for(
    cloud: &Cloud,
    seconds: u32,
) {
    let authorizer = cloud.last("AWS::ApiGateway::Authorizer", |_| true);

    let sources = "method.request.header.Authorization,context.path,context.httpMethod";
    assert_eq!(authorizer["identitySource"], sources);
    assert_eq!(authorizer["type"], "REQUEST");
    assert_eq!(authorizer["authorizerResultTtlInSeconds"], seconds);
}

/// The template's methods are put once, with the address that was known then;
/// what is answered is put again with the site's.
pub(crate) fn mlflow_is_told_neither_the_token_nor_another_origin(cloud: &Cloud, config: &Config) {
    let proxied = cloud.last("AWS::ApiGateway::Method", |made| {
        let uri = made.with["uri"].as_str();
        uri.is_some_and(|uri| uri.ends_with(":8080/{proxy}"))
    });

    let mapped = &proxied["requestParameters"];
    let origin = quoted(config.origin.as_str());
    assert_eq!(mapped["integration.request.header.Origin"], origin);
    assert_eq!(mapped["integration.request.header.Authorization"], "'none'");
    assert_eq!(mapped["integration.request.header.x-api-key"], "'none'");
    assert_eq!(proxied["responseTransferMode"], "STREAM");
}

pub(crate) fn a_preflight_is_answered_as_the_worker_asks(cloud: &Cloud) {
    let answer = cloud.last("AWS::ApiGateway::Method", |made| {
        made.operation == "PutIntegrationResponse"
    });

    let header = |name: &str| {
        let name = format!("method.response.header.Access-Control-{name}");
        answer["responseParameters"][name].clone()
    };
    assert_eq!(header("Allow-Methods"), quoted(&cors::METHODS.join(", ")));
    assert_eq!(
        header("Allow-Headers"),
        quoted(&cors::REQUEST_HEADERS.join(", "))
    );
    assert_eq!(header("Max-Age"), quoted(&cors::MAX_AGE.to_string()));
}

pub(crate) fn what_it_answers_itself_can_be_read_by_the_site_and_told_apart(
    cloud: &Cloud,
    config: &Config,
) {
    let kinds = [
        "UNAUTHORIZED",
        "ACCESS_DENIED",
        "AUTHORIZER_FAILURE",
        "MISSING_AUTHENTICATION_TOKEN",
    ];
    let mut bodies: Vec<_> = kinds.map(|kind| body_for(kind, cloud, config)).to_vec();
    bodies.sort();
    bodies.dedup();

    assert_eq!(bodies.len(), kinds.len());
}

/// The body of an answer, whose headers are checked.
fn body_for(kind: &str, cloud: &Cloud, config: &Config) -> String {
    let answer = cloud.last("AWS::ApiGateway::GatewayResponse", |made| {
        made.with["responseType"] == kind
    });
    let header = |name: &str| {
        let name = format!("gatewayresponse.header.{name}");
        answer["responseParameters"][name].clone()
    };
    let exposed = quoted(&cors::EXPOSED_HEADERS.join(", "));
    assert_eq!(
        header("Access-Control-Allow-Origin"),
        quoted(config.origin.as_str())
    );
    assert_eq!(header("Access-Control-Expose-Headers"), exposed);
    assert_eq!(header("Cache-Control"), "'no-store'");
    let body = answer["responseTemplates"]["application/json"].as_str();
    let body: Value = serde_json::from_str(body.expect("a body")).expect("it is JSON");
    body.to_string()
}

pub(crate) fn the_log_has_who_asked_and_no_trace_of_what_was_sent(cloud: &Cloud) {
    let stage = cloud.last("AWS::ApiGateway::Stage", |made| {
        made.operation == "UpdateStage"
    });
    let set = |path: &str| {
        let patches = stage["patchOperations"].as_array().expect("a list");
        let patch = patches.iter().find(|patch| patch["path"] == path);
        let value = patch.expect(path)["value"].as_str();
        value.unwrap_or_default().to_owned()
    };

    assert_eq!(set("/*/*/logging/dataTrace"), "false");
    assert_eq!(set("/*/*/logging/loglevel"), "off");
    let format = set("/accessLogSettings/format");
    let line: Value = serde_json::from_str(&format).expect("a line is JSON");
    assert_eq!(line["principal"], "$context.authorizer.principalId");
    let format = format.to_lowercase();
    for word in ["header", "query", "body"] {
        assert!(!format.contains(word), "{format}");
    }
}

/// API Gateway's static values are in quotes.
fn quoted(text: &str) -> String {
    format!("'{text}'")
}
