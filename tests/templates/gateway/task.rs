//! What the deployed task definition tells its containers.

use std::{fs, process::Command};

use serde_json::Value;
use shell_core::Config;
use shell_tests::{environment, server::free_port};

use crate::cloud::{Cloud, Output};

/// Prints the deployed task definition, with the text of each secret in place of
/// its ARN, as ECS puts them into the environment.
const TASK: &str = "
import json, re, sys, boto3
def client(service):
    return boto3.client(service, region_name='us-east-1', endpoint_url=sys.argv[1],
                        aws_access_key_id='testing', aws_secret_access_key='testing')
found = client('ecs').describe_task_definition(taskDefinition='mlflow-gateway')['taskDefinition']
secrets = client('secretsmanager')
for container in found['containerDefinitions']:
    for secret in container.get('secrets', []):
        arn, _, field = re.fullmatch(r'(arn:(?:[^:]+:){5}[^:]+)(:(\\w+)::)?', secret['valueFrom']).groups()
        text = secrets.get_secret_value(SecretId=arn)['SecretString']
        secret['text'] = json.loads(text)[field] if field else text
print(json.dumps(found, default=str))
";

/// The variables of a container, those from secrets too.
pub(super) fn variables(container: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| container[key].as_array().cloned().unwrap_or_default();
    let plain = list("environment");
    let plain = plain
        .iter()
        .map(|each| (text(&each["name"]), text(&each["value"])));
    let secret = list("secrets");
    let secret = secret
        .iter()
        .map(|each| (text(&each["name"]), text(&each["text"])));
    plain.chain(secret).collect()
}

/// The deployed task definition.
pub(super) fn definition(cloud: &Cloud) -> Value {
    cloud.ask(TASK)
}

pub(super) fn container(definition: &Value, name: &str) -> Value {
    let containers = definition["containerDefinitions"].as_array();
    let mut containers = containers.expect("a list").iter();
    let found = containers.find(|container| container["name"] == name);
    found.unwrap_or_else(|| panic!("there is {name}")).clone()
}

fn variable(container: &Value, name: &str) -> Option<String> {
    let found = variables(container)
        .into_iter()
        .find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

/// The program of the image is checked with the environment of the task. Its site is
/// built in, which a program under test has not; the port, and where the list of
/// tokens is mounted (`mount`), are this machine's.
pub(super) fn the_product_takes_its_environment(cloud: &Cloud, mount: &str) -> String {
    let gateway = container(&definition(cloud), "gateway");
    let text = variable(&gateway, "MLFLOW_SHELL_CONFIG_JSON").expect("it is told");
    if let Some(program) = environment::program("SHELL_TEST_GATEWAY", "the task's environment") {
        let site = cloud.path("site");
        fs::create_dir_all(&site).expect("there is room");
        fs::write(format!("{site}/index.html"), "<!doctype html>").expect("there is room");
        let port = free_port().expect("there is a free port");
        let here = |(name, value): (String, String)| {
            let value = value.replace(mount, &cloud.path(""));
            (
                name,
                value.replace("0.0.0.0:8080", &format!("127.0.0.1:{port}")),
            )
        };
        let output = Command::new(program)
            .args(["config", "check", "--site", &site])
            .env_clear()
            .envs(variables(&gateway).into_iter().map(here))
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        for line in said.lines() {
            assert!(line.starts_with("ok "), "{line}");
        }
    }
    text
}

pub(super) fn configure_writes_what_was_deployed(cloud: &Cloud, config: &Config) {
    assert_eq!(&cloud.configure(&["--hosting", "gateway"]), config);
    assert!(config.provider.via_gateway && config.python.is_some());
}

/// Only these run, each with a root file system that cannot be written and without
/// a capability; the gateway as the user of its image.
pub(super) fn nothing_in_a_container_can_be_changed(cloud: &Cloud, names: &[&str]) {
    let task = definition(cloud);
    let containers = task["containerDefinitions"].as_array().expect("a list");
    let found: Vec<_> = containers.iter().map(|each| &each["name"]).collect();
    assert_eq!(found, names);
    for each in containers {
        assert_eq!(each["readonlyRootFilesystem"], true, "{each}");
        let dropped = &each["linuxParameters"]["capabilities"]["drop"];
        assert_eq!(dropped[0], "ALL", "{each}");
    }
    let gateway = &containers[0];
    assert_eq!(gateway["user"], "65532:65532");
    assert_eq!(gateway["command"], serde_json::json!(["serve"]));
}

pub(super) fn mlflow_is_reached_from_within_the_task_alone(cloud: &Cloud) {
    let task = definition(cloud);
    let (gateway, mlflow) = (container(&task, "gateway"), container(&task, "mlflow"));
    assert_eq!(
        variable(&mlflow, "MLFLOW_HOST").as_deref(),
        Some("127.0.0.1")
    );
    let port = variable(&mlflow, "MLFLOW_PORT").expect("it is told");
    let url = format!("http://127.0.0.1:{port}");
    assert_eq!(variable(&gateway, "MLFLOW_SHELL_UPSTREAM"), Some(url));
    let ports = |container: &Value| container["portMappings"].as_array().cloned();
    assert!(ports(&mlflow).is_none_or(|ports| ports.is_empty()));
    assert_eq!(ports(&gateway).expect("it has one").len(), 1);

    // The database's password is in no variable but its own.
    let password = variable(&mlflow, "PGPASSWORD").expect("it is told");
    let plain = mlflow["environment"].to_string();
    assert!(
        password.len() == 40 && !plain.contains(&password),
        "{plain}"
    );
    assert_eq!(
        variable(&mlflow, "PGSSLMODE").as_deref(),
        Some("verify-full")
    );
}

/// ECS ends the balancer's new requests, waits, and sends SIGTERM; what a container
/// depends on is ended after it.
pub(super) fn the_gateway_drains_before_it_and_mlflow_are_ended(cloud: &Cloud) {
    let gateway = container(&definition(cloud), "gateway");
    let drain = variable(&gateway, "MLFLOW_SHELL_TIMEOUTS__DRAIN").expect("it is told");
    let drain: i64 = drain.trim_end_matches('s').parse().expect("seconds");
    assert!(gateway["stopTimeout"].as_i64() > Some(drain), "{gateway}");
    assert_eq!(gateway["dependsOn"][0]["containerName"], "mlflow");
    let targets = cloud.last("AWS::ElasticLoadBalancingV2::TargetGroup", |made| {
        made.operation == "ModifyTargetGroupAttributes"
    });
    let delay = &targets["Attributes"][0];
    assert_eq!(delay["Key"], "deregistration_delay.timeout_seconds");
    let delay: i64 = delay["Value"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("seconds");
    assert!(delay >= drain, "{delay}");
}

/// A second deployment changes nothing, and no key is printed.
pub(super) fn the_keys_of_tokens_are_made_once(cloud: &Cloud, deploy: impl Fn() -> Output) {
    let keys = || {
        let gateway = container(&definition(cloud), "gateway");
        variable(&gateway, "MLFLOW_SHELL_TOKENS__KEYS").expect("it is told")
    };
    let (key, made) = (keys(), cloud.record().len());
    // 32 bytes in base64.
    assert!(key.len() == 44 && key.ends_with('='), "{}", key.len());
    let again = deploy();
    assert!(again.succeeded, "{again:?}");
    assert_eq!(cloud.record().len(), made, "{again:?}");
    assert_eq!(keys(), key);
    assert!(!again.said.contains(&key) && !again.said.contains("made in Secrets Manager"));
}

pub(super) fn the_list_of_tokens_is_mounted_by_tls_and_role(cloud: &Cloud) {
    let task = definition(cloud);
    let volume = &task["volumes"][0]["efsVolumeConfiguration"];
    assert_eq!(volume["transitEncryption"], "ENABLED", "{volume}");
    assert_eq!(volume["authorizationConfig"]["iam"], "ENABLED");
    assert!(volume["authorizationConfig"]["accessPointId"].is_string());
    let gateway = container(&task, "gateway");
    let mount = gateway["mountPoints"][0]["containerPath"]
        .as_str()
        .expect("a path");
    let list = variable(&gateway, "MLFLOW_SHELL_TOKENS__REGISTRY").expect("it is told");
    assert!(list.starts_with(&format!("{mount}/")), "{list}");
    let made = |operation| cloud.last("AWS::EFS::FileSystem", |made| made.operation == operation);
    assert_eq!(made("CreateFileSystem")["Encrypted"], true);
    let policy = made("PutFileSystemPolicy");
    let policy = policy["Policy"].as_str().expect("a text");
    assert!(
        policy.contains("\"Deny\"") && policy.contains("aws:SecureTransport"),
        "{policy}"
    );
    // The gateway's user owns the folder, and nobody else may open it.
    let point = cloud.last("AWS::EFS::AccessPoint", |_| true);
    assert_eq!(point["PosixUser"]["Uid"], 65532);
    assert_eq!(
        point["RootDirectory"]["CreationInfo"]["Permissions"],
        "0700"
    );
}
