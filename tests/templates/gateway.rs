//! `deploy.py --hosting gateway`: a load balancer, and the gateway's tasks.

mod edge;
mod refusals;
mod roles;
mod store;
mod task;

use serde_json::{Value, json};
use shell_core::Config;

use crate::{cloud::Cloud, manual};

const HOSTING: [&str; 2] = ["--hosting", "gateway"];
const ISSUER: &str = "https://login.example.com/realms/team";
const SERVER: &str = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team-a";
const APP: &str = "arn:aws:sagemaker:us-east-2:123456789012:mlflow-app/app-ABC123";

/// A zone, a VPC of one's own with two subnets in different zones of the region,
/// and a secret of an app client.
const MADE_BEFORE: &str = "
import json, sys, boto3
def client(service):
    return boto3.client(service, region_name='us-east-1', endpoint_url=sys.argv[1],
                        aws_access_key_id='testing', aws_secret_access_key='testing')
zone = client('route53').create_hosted_zone(Name='example.com', CallerReference='a')
ec2 = client('ec2')
vpc = ec2.create_vpc(CidrBlock='10.9.0.0/16')['Vpc']['VpcId']
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.9.{n}.0/24',
                             AvailabilityZone=f'us-east-1{\"ab\"[n % 2]}')['Subnet']['SubnetId']
           for n in range(4)]
secret = client('secretsmanager').create_secret(Name='client', SecretString='of-the-client')
certificate = client('acm').request_certificate(DomainName='mlflow.example.com')
print(json.dumps({'certificate': certificate['CertificateArn'], 'zone': zone['HostedZone']['Id'].split('/')[-1], 'vpc': vpc,
                  'subnets': subnets, 'secret': secret['ARN']}))
";

#[test]
fn with_mlflow_in_its_tasks_the_stacks_are_what_the_gateway_needs() {
    let Some(cloud) = Cloud::start() else {
        return;
    };
    refusals::settings_that_do_not_go_together_are_named(&cloud);
    let made = cloud.ask(MADE_BEFORE);
    let acl = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b";
    let settings = json!({
        "DomainPrefix": "example-mlflow",
        "Image": "mlflow:3.18.0",
        "GatewayImage": "gateway:1",
        "DomainName": "mlflow.example.com",
        "HostedZoneId": made["zone"],
        "WebAclArn": acl,
        "DirectDownloads": "true",
        "FrameAncestors": crate::cloud::FRAMER,
        "CollectorImage": "collector:1",
        "Policy": include_str!("../../deploy/policy.example.json"),
    });
    let output = cloud.deploy_only(&settings, &HOSTING);
    assert!(output.succeeded, "{output:?}");

    let config = task::the_product_takes_its_environment(&cloud, "/unused");
    let config = Config::parse(&config).expect("a configuration");
    assert_eq!(config.origin.as_str(), "https://mlflow.example.com");
    assert_eq!(config.frame_ancestors[0].as_str(), crate::cloud::FRAMER);
    assert_eq!(config.artifacts.store_origins.len(), 1);
    task::configure_writes_what_was_deployed(&cloud, &config);
    task::nothing_in_a_container_can_be_changed(&cloud, &["gateway", "mlflow", "collector"]);
    task::mlflow_is_reached_from_within_the_task_alone(&cloud);
    task::the_gateway_drains_before_it_and_mlflow_are_ended(&cloud);
    task::the_keys_of_tokens_are_made_once(&cloud, || cloud.deploy_only(&settings, &HOSTING));
    edge::nothing_reaches_the_tasks_but_the_balancer(&cloud);
    edge::the_balancer_speaks_tls_and_gives_up_before_the_gateway_does(&cloud);
    edge::the_name_leads_to_the_balancer(&cloud);
    edge::the_web_acl_is_the_balancers(&cloud, acl);
    edge::the_network_has_a_way_out_and_no_other_endpoint_than_s3s(&cloud);
    roles::of_a_task_with_mlflow_and_a_collector(&cloud);
    roles::the_execution_role_reads_the_secrets_of_its_containers(&cloud);
    store::it_is_that_of_the_stack_behind_api_gateway();
    manual::what_the_emulator_cannot_make_is_listed(&cloud);
}

#[test]
fn in_front_of_sagemaker_the_stacks_are_what_the_gateway_needs() {
    let Some(cloud) = Cloud::start() else {
        return;
    };
    let made = cloud.ask(MADE_BEFORE);
    let subnets: Vec<_> = made["subnets"].as_array().expect("a list").iter().collect();
    let text = |each: &Value| each.as_str().expect("a text").to_owned();
    let settings = json!({
        "Backend": "sagemaker",
        "Servers": format!("team-a={SERVER}, apps={APP}"),
        "GatewayImage": "gateway:1",
        "DomainName": "mlflow.example.com",
        "CertificateArn": made["certificate"],
        "Issuer": ISSUER,
        "ClientId": "mlflow",
        "ClientSecretArn": made["secret"],
        "Bearer": "access",
        "VpcId": made["vpc"],
        "VpcCidr": "10.9.0.0/16",
        "SubnetIds": format!("{},{}", text(subnets[0]), text(subnets[1])),
        "PublicSubnetIds": format!("{},{}", text(subnets[2]), text(subnets[3])),
        "TokenRegistry": "true",
    });
    let more = cloud.path("more.json");
    let keys = json!({ "provider": { "groups": [{ "claim": "groups" }] }, "bar": "off" });
    std::fs::write(&more, keys.to_string()).expect("there is room");
    let arguments = [&HOSTING[..], &["--more", &more]].concat();
    let output = cloud.deploy_only(&settings, &arguments);
    assert!(output.succeeded, "{output:?}");
    let stacks: Vec<_> = output
        .said
        .lines()
        .filter(|line| line.ends_with(": created"))
        .collect();
    assert_eq!(stacks, ["mlflow-base: created", "mlflow-gateway: created"]);

    let config = task::the_product_takes_its_environment(&cloud, "/srv/mlflow-shell");
    // The gateway asks the issuer for the rest (discovery).
    let config: Value = serde_json::from_str(&config).expect("it is JSON");
    let provider = json!({
        "issuer": ISSUER,
        "client_id": "mlflow",
        "via_gateway": true,
        "groups": [{ "claim": "groups" }],
    });
    assert_eq!(config["provider"], provider);
    assert_eq!(
        config["upstreams"],
        json!([{ "name": "team-a" }, { "name": "apps" }])
    );
    assert_eq!(
        (&config["bearer"], &config["bar"]),
        (&json!("access"), &json!("off"))
    );
    task::nothing_in_a_container_can_be_changed(&cloud, &["gateway"]);
    task::the_list_of_tokens_is_mounted_by_tls_and_role(&cloud);
    edge::nothing_reaches_the_tasks_but_the_balancer(&cloud);
    roles::of_a_task_in_front_of_sagemaker(&cloud, SERVER, APP);
    manual::what_the_emulator_cannot_make_is_listed(&cloud);
}
