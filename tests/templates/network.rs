//! Where the network's endpoints lead, and for whom.

use std::slice;

use serde_json::Value;

use crate::cloud::Cloud;

/// The account of the emulator.
const ACCOUNT: &str = "123456789012";

/// Prints the policies of all endpoints, by the end of the services' names.
const POLICIES: &str = "
import ast, json, sys, boto3
ec2 = boto3.client('ec2', region_name='us-east-1', endpoint_url=sys.argv[1],
                   aws_access_key_id='testing', aws_secret_access_key='testing')
found = ec2.describe_vpc_endpoints()['VpcEndpoints']
# The emulator has them as Python writes them down.
print(json.dumps({each['ServiceName']: ast.literal_eval(each['PolicyDocument']) for each in found}))
";

/// What the tasks do there, and no more; `*` in an action is all of a service's.
pub(crate) fn each_endpoint_leads_to_what_this_account_needs(cloud: &Cloud, sagemaker: bool) {
    let policies = cloud.ask(POLICIES);
    let policies = policies.as_object().expect("an object");
    let mut expected = vec!["s3", "ecr.api", "ecr.dkr", "logs", "secretsmanager"];
    if sagemaker {
        expected.push("experiments");
    }
    let mut names: Vec<_> = policies.keys().filter_map(|name| service(name)).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);

    for (name, policy) in policies {
        let statements = policy["Statement"].as_array().expect("a list");
        assert!(!statements.is_empty(), "{name}");
        for statement in statements {
            is_ours(name, statement);
        }
    }
}

fn service(name: &str) -> Option<&str> {
    let known = ["com.amazonaws.us-east-1.", "aws.sagemaker.us-east-1."];
    known.iter().find_map(|start| name.strip_prefix(start))
}

/// Whether a statement is about this account's principals and things.
fn is_ours(name: &str, statement: &Value) {
    assert_eq!(statement["Effect"], "Allow", "{name}");
    // ECR signs the addresses of layers itself.
    if statement["Sid"] == "Images" && name == "com.amazonaws.us-east-1.s3" {
        assert_eq!(statement["Action"], "s3:GetObject");
        let layers = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*";
        assert_eq!(statement["Resource"], layers);
        return;
    }
    let principal = &statement["Condition"]["StringEquals"]["aws:PrincipalAccount"];
    assert_eq!(principal, ACCOUNT, "{name}: {statement}");
    for action in texts(&statement["Action"]) {
        let (_, what) = action.split_once(':').expect("a service's action");
        assert!(
            what != "*" || name.ends_with("experiments"),
            "{name}: {action}"
        );
    }
    for resource in texts(&statement["Resource"]) {
        // An action that is about no resource takes a star.
        let is_sign_in = statement["Action"] == serde_json::json!(["ecr:GetAuthorizationToken"]);
        assert!(
            resource.contains(ACCOUNT) || (is_sign_in && resource == "*"),
            "{name}: {resource}"
        );
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<&str> {
    let list = value
        .as_array()
        .map_or(slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}
