//! What `deploy.py --hosting gateway` refuses while there is nothing.

use serde_json::{Map, Value, json};

use super::{APP, HOSTING, SERVER};
use crate::cloud::Cloud;

/// Prints why each of the settings is refused; nothing if one is not.
const ASK: &str = "
import json, sys
import gateway
from stacks import Problem
def why(settings):
    try:
        gateway.derived(settings)
    except Problem as problem:
        return str(problem)
print(json.dumps([why(each) for each in json.loads('SETTINGS')]))
";

/// Settings that would do, to which each case adds.
fn base() -> Map<String, Value> {
    let settings = json!({
        "GatewayImage": "gateway:1",
        "DomainName": "mlflow.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a",
    });
    settings.as_object().expect("an object").clone()
}

const ISSUER: &str = "https://login.example.com";

pub(super) fn settings_that_do_not_go_together_are_named(cloud: &Cloud) {
    let cognito = json!({ "DomainPrefix": "a", "Image": "mlflow:1" });
    let own = json!({ "Issuer": ISSUER, "ClientId": "a", "Image": "mlflow:1" });
    let managed = json!({ "Backend": "sagemaker", "DomainPrefix": "a", "Servers": SERVER });
    let long = "x".repeat(4097);
    let two = format!("{SERVER},{APP}");
    let elsewhere = SERVER.replace("mlflow-tracking-server", "endpoint");
    let cases = [
        (
            &cognito,
            json!({ "Backend": "fargate" }),
            "Backend is 'fargate'",
        ),
        (
            &cognito,
            json!({ "CertificateArn": null }),
            "or HostedZoneId",
        ),
        (
            &cognito,
            json!({ "SiteOrigin": "https://b.example" }),
            "SiteOrigin is https://mlflow.example.com",
        ),
        (
            &cognito,
            json!({ "Servers": SERVER }),
            "set Backend to sagemaker",
        ),
        (&cognito, json!({ "ClientId": "a" }), "set Issuer, too"),
        (
            &cognito,
            json!({ "DatabaseAddress": "db" }),
            "only DatabaseAddress is set",
        ),
        (&cognito, json!({ "SubnetIds": "a,b" }), "set VpcId, too"),
        (
            &cognito,
            json!({ "VpcId": "v", "VpcCidr": "10.0.0.0/16", "SubnetIds": "a,b" }),
            "needs PublicSubnetIds",
        ),
        (
            &cognito,
            json!({ "VpcId": "v", "VpcCidr": "10.0.0.0/16", "SubnetIds": "a", "PublicSubnetIds": "c,d" }),
            "SubnetIds has one subnet",
        ),
        (
            &cognito,
            json!({ "Tasks": "9" }),
            "Tasks is 9 and MostTasks 6",
        ),
        (&cognito, json!({ "Policy": long }), "Policy has 4097 bytes"),
        (&own, json!({ "DomainPrefix": "a" }), "remove one of them"),
        (
            &managed,
            json!({ "Image": "mlflow:1" }),
            "has no use for Image",
        ),
        (&managed, json!({ "Servers": two }), "give each a name"),
        (
            &managed,
            json!({ "Servers": elsewhere }),
            "which is no ARN of a tracking server",
        ),
    ];
    let whole = |settings: &Value, change: &Value| {
        let mut all = base();
        all.extend(settings.as_object().expect("an object").clone());
        all.extend(change.as_object().expect("an object").clone());
        all.retain(|_, value| !value.is_null());
        Value::Object(all)
    };
    let all: Vec<_> = cases
        .iter()
        .map(|(settings, change, _)| whole(settings, change))
        .collect();
    let found = cloud.ask(&ASK.replace("SETTINGS", &Value::Array(all).to_string()));
    for (number, (_, change, words)) in cases.iter().enumerate() {
        let said = found[number].as_str().unwrap_or("nothing");
        assert!(said.contains(words), "{change}: {said}");
    }
    for (settings, change, words) in [
        (
            &cognito,
            json!({ "Image": null }),
            "has no Image: docs/GATEWAY_ON_AWS.md",
        ),
        (&own, json!({ "ClientId": null }), "has no ClientId: "),
        (&managed, json!({ "Servers": null }), "has no Servers: "),
        (
            &cognito,
            json!({ "Backend": "fargate" }),
            "Backend is 'fargate'",
        ),
    ] {
        let output = cloud.deploy_only(&whole(settings, &change), &HOSTING);
        assert!(!output.succeeded, "{change}");
        assert!(output.complained.contains(words), "{change}: {output:?}");
    }
    api_gateway_signs_nothing(cloud);
    assert!(cloud.record().is_empty());
}

fn api_gateway_signs_nothing(cloud: &Cloud) {
    let output = cloud.deploy(&json!({ "Backend": "sagemaker" }), &[]);

    assert!(!output.succeeded);
    let words = "Backend is a setting of --hosting gateway";
    assert!(output.complained.contains(words), "{output:?}");
}
