//! What the tasks may do, compared with what they do.

use std::slice;

use serde_json::Value;
use shell_tests::aws_actions;

use super::task;
use crate::cloud::Cloud;

/// Prints the statements of a role, by its ARN.
const STATEMENTS: &str = "
import ast, json, sys, boto3
iam = boto3.client('iam', region_name='us-east-1', endpoint_url=sys.argv[1],
                   aws_access_key_id='testing', aws_secret_access_key='testing')
role = 'ROLE'.split('/')[-1]
assert not iam.list_attached_role_policies(RoleName=role)['AttachedPolicies']
names = iam.list_role_policies(RoleName=role)['PolicyNames']
policies = [iam.get_role_policy(RoleName=role, PolicyName=name)['PolicyDocument'] for name in names]
# The emulator has some as Python writes them.
policies = [ast.literal_eval(each) if isinstance(each, str) else each for each in policies]
print(json.dumps([each for policy in policies for each in policy['Statement']]))
";

/// What a role permits, each resource with its actions, in order.
fn permitted(cloud: &Cloud, key: &str) -> Vec<(String, Vec<String>)> {
    let task = task::definition(cloud);
    let role = task[key].as_str().expect("it has one");
    let statements = cloud.ask(&STATEMENTS.replace("ROLE", role));
    let mut found = Vec::new();
    for statement in statements.as_array().expect("a list") {
        assert_eq!(statement["Effect"], "Allow", "{statement}");
        let mut actions = texts(&statement["Action"]);
        actions.sort_unstable();
        found.extend(
            texts(&statement["Resource"])
                .into_iter()
                .map(|resource| (resource, actions.clone())),
        );
    }
    found.sort_unstable();
    found
}

/// Whether a role permits exactly this; a resource is named by its end.
fn permits(found: &[(String, Vec<String>)], expected: &[(&str, &[&str])]) {
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (end, actions) in expected {
        let is_there = found
            .iter()
            .any(|(resource, own)| resource.ends_with(end) && own == actions);
        assert!(is_there, "{end} with {actions:?} in {found:#?}");
    }
}

pub(super) fn of_a_task_with_mlflow_and_a_collector(cloud: &Cloud) {
    let found = permitted(cloud, "taskRoleArn");
    let key = key(cloud);
    let logs = log_group(cloud, "mlflow");
    permits(
        &found,
        &[
            (":::mlflow-123456789012-us-east-1", &aws_actions::BUCKET),
            (":::mlflow-123456789012-us-east-1/*", &aws_actions::FILES),
            (&key, &aws_actions::KEY),
            (&logs, &aws_actions::METRICS),
        ],
    );
}

pub(super) fn of_a_task_in_front_of_sagemaker(cloud: &Cloud, server: &str, app: &str) {
    let found = permitted(cloud, "taskRoleArn");
    let files = cloud.ask(FILE_SYSTEMS);
    let files = files[0].as_str().expect("there is one");
    permits(
        &found,
        &[
            (server, &aws_actions::TRACKING_SERVER),
            (app, &aws_actions::APP),
            (files, &aws_actions::REGISTRY),
        ],
    );
    // Whole ARNs, and no others.
    assert!(
        found.iter().all(|(resource, _)| !resource.contains('*')),
        "{found:?}"
    );
}

/// The secrets that its containers have variables of, and no other.
pub(super) fn the_execution_role_reads_the_secrets_of_its_containers(cloud: &Cloud) {
    let task = task::definition(cloud);
    let containers = task["containerDefinitions"].as_array().expect("a list");
    let secrets = containers
        .iter()
        .filter_map(|each| each["secrets"].as_array())
        .flatten();
    let mut needed: Vec<_> = secrets
        .map(|secret| secret["valueFrom"].as_str().expect("a text"))
        .map(|from| from.split(':').take(7).collect::<Vec<_>>().join(":"))
        .collect();
    needed.sort_unstable();
    let found = permitted(cloud, "executionRoleArn");
    let read = found
        .iter()
        .filter(|(_, actions)| actions == &["secretsmanager:GetSecretValue"]);
    let read: Vec<_> = read.map(|(resource, _)| resource.clone()).collect();
    assert_eq!(read, needed);
}

const FILE_SYSTEMS: &str = "
import json, sys, boto3
efs = boto3.client('efs', region_name='us-east-1', endpoint_url=sys.argv[1],
                   aws_access_key_id='testing', aws_secret_access_key='testing')
print(json.dumps([each['FileSystemArn'] for each in efs.describe_file_systems()['FileSystems']]))
";

/// The end of the ARN of the deployment's key.
fn key(cloud: &Cloud) -> String {
    let secret = cloud.last("AWS::SecretsManager::Secret", |_| true);
    let arn = secret["KmsKeyId"].as_str().expect("a text");
    arn.to_owned()
}

fn log_group(cloud: &Cloud, container: &str) -> String {
    let container = task::container(&task::definition(cloud), container);
    let name = container["logConfiguration"]["options"]["awslogs-group"].as_str();
    format!(":log-group:{}", name.expect("a text"))
}

fn texts(value: &Value) -> Vec<String> {
    let list = value
        .as_array()
        .map_or(slice::from_ref(value), Vec::as_slice);
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
