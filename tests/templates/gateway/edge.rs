//! Who reaches what: the load balancer, the groups, the network.

use serde_json::{Value, json};

use super::task;
use crate::cloud::Cloud;

/// Prints the rules of all groups of the gateway's stack.
const GROUPS: &str = "
import json, sys, boto3
ec2 = boto3.client('ec2', region_name='us-east-1', endpoint_url=sys.argv[1],
                   aws_access_key_id='testing', aws_secret_access_key='testing')
print(json.dumps(ec2.describe_security_groups()['SecurityGroups'], default=str))
";

/// Prints where an alias leads, and where the public and the private subnets do.
const ROUTES: &str = "
import json, sys, boto3
def client(service):
    return boto3.client(service, region_name='us-east-1', endpoint_url=sys.argv[1],
                        aws_access_key_id='testing', aws_secret_access_key='testing')
ec2, dns = client('ec2'), client('route53')
zone = dns.list_hosted_zones()['HostedZones'][0]['Id']
records = dns.list_resource_record_sets(HostedZoneId=zone)['ResourceRecordSets']
tables = ec2.describe_route_tables()['RouteTables']
out = [route for table in tables for route in table['Routes']
       if route.get('DestinationCidrBlock') == '0.0.0.0/0']
print(json.dumps({
    'aliases': [each for each in records if 'AliasTarget' in each],
    'nat': sorted(each['NatGatewayId'] for each in out if each.get('NatGatewayId')),
    'internet': [each['GatewayId'] for each in out if each.get('GatewayId', '').startswith('igw-')],
    'endpoints': [each['ServiceName'] for each in ec2.describe_vpc_endpoints()['VpcEndpoints']],
}))
";

/// The balancer is open on 443 and 80; the tasks' port is open to it alone, and
/// MLflow's to nothing.
pub(super) fn nothing_reaches_the_tasks_but_the_balancer(cloud: &Cloud) {
    let groups = cloud.ask(GROUPS);
    let groups = groups.as_array().expect("a list");
    let described = |words: &str| {
        let mut found = groups.iter();
        let is_meant = |group: &&Value| group["Description"].as_str() == Some(words);
        found
            .find(is_meant)
            .unwrap_or_else(|| panic!("there is {words:?}"))
    };
    let balancer = described("The load balancer, for the users of the site");
    let tasks = described("The gateway, for the load balancer only");
    assert_eq!(ports(balancer), [443, 80]);

    let rules = tasks["IpPermissions"].as_array().expect("a list");
    assert_eq!(ports(tasks), [8080], "{tasks}");
    assert_eq!(rules[0]["IpRanges"], json!([]), "{tasks}");
    let from = &rules[0]["UserIdGroupPairs"];
    assert_eq!(from.as_array().map(Vec::len), Some(1), "{tasks}");
    assert_eq!(from[0]["GroupId"], balancer["GroupId"]);

    for group in groups {
        let is_open = |port| ports(group).contains(&port);
        assert!(!is_open(5000), "{group}");
        // What else is in the VPC is open to the tasks alone.
        for rule in group["IpPermissions"].as_array().expect("a list") {
            if rule["FromPort"] == 5432 || rule["FromPort"] == 2049 {
                assert_eq!(rule["UserIdGroupPairs"][0]["GroupId"], tasks["GroupId"]);
                assert_eq!(rule["IpRanges"], json!([]), "{group}");
            }
        }
    }
}

fn ports(group: &Value) -> Vec<i64> {
    let rules = group["IpPermissions"].as_array().expect("a list");
    rules
        .iter()
        .filter_map(|rule| rule["FromPort"].as_i64())
        .collect()
}

/// The balancer's attributes, by their names.
fn attribute(cloud: &Cloud, key: &str) -> String {
    let made = cloud.last("AWS::ElasticLoadBalancingV2::LoadBalancer", |made| {
        made.operation == "ModifyLoadBalancerAttributes"
    });
    let attributes = made["Attributes"].as_array().expect("a list");
    let found = attributes.iter().find(|each| each["Key"] == key);
    let value = found.and_then(|each| each["Value"].as_str());
    value.unwrap_or_else(|| panic!("{key} is set")).to_owned()
}

pub(super) fn the_balancer_speaks_tls_and_gives_up_before_the_gateway_does(cloud: &Cloud) {
    let listener = |port: i64| {
        cloud.last("AWS::ElasticLoadBalancingV2::Listener", |made| {
            made.with["Port"] == port
        })
    };
    let tls = listener(443);
    assert_eq!(tls["Protocol"], "HTTPS");
    let policy = tls["SslPolicy"].as_str().expect("a text");
    assert!(
        policy.starts_with("ELBSecurityPolicy-TLS13-1-2-Res-"),
        "{policy}"
    );
    let redirect = &listener(80)["DefaultActions"];
    assert_eq!(redirect.as_array().map(Vec::len), Some(1));
    let expected = json!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" });
    assert_eq!(redirect[0]["RedirectConfig"], expected);

    let targets = cloud.last("AWS::ElasticLoadBalancingV2::TargetGroup", |made| {
        made.operation == "CreateTargetGroup"
    });
    assert_eq!(targets["HealthCheckPath"], "/readyz");
    assert_eq!(
        attribute(cloud, "routing.http.drop_invalid_header_fields.enabled"),
        "true"
    );
    assert_eq!(attribute(cloud, "access_logs.s3.enabled"), "true");

    // Otherwise it would send a request into a connection that is being closed.
    let gateway = task::container(&task::definition(cloud), "gateway");
    let told = task::variables(&gateway);
    let (_, idle) = told
        .iter()
        .find(|(name, _)| name == "MLFLOW_SHELL_TIMEOUTS__IDLE")
        .expect("it is told");
    let minutes: i64 = idle.trim_end_matches('m').parse().expect("minutes");
    let seconds: i64 = attribute(cloud, "idle_timeout.timeout_seconds")
        .parse()
        .expect("seconds");
    // And it waits for a model as long as the gateway does (`timeouts.model`).
    assert!(
        (330..minutes * 60).contains(&seconds),
        "{seconds} and {idle}"
    );
}

pub(super) fn the_name_leads_to_the_balancer(cloud: &Cloud) {
    let aliases = cloud.ask(ROUTES)["aliases"].clone();
    assert_eq!(aliases.as_array().map(Vec::len), Some(1), "{aliases}");
    let name = aliases[0]["Name"].as_str().unwrap_or_default();
    assert_eq!(name.trim_end_matches('.'), "mlflow.example.com");
    let target = aliases[0]["AliasTarget"]["DNSName"].as_str();
    assert!(
        target.is_some_and(|name| name.contains(".elb.amazonaws.com")),
        "{aliases}"
    );
}

pub(super) fn the_web_acl_is_the_balancers(cloud: &Cloud, acl: &str) {
    let made = cloud.last("AWS::WAFv2::WebACLAssociation", |_| true);
    assert_eq!(made["WebACLArn"], acl);
    let balancer = made["ResourceArn"].as_str();
    assert!(
        balancer.is_some_and(|arn| arn.contains(":loadbalancer/app/")),
        "{made}"
    );
}

/// The issuer is somewhere on the internet; S3 stays on its endpoint, whose policy
/// admits the bucket.
pub(super) fn the_network_has_a_way_out_and_no_other_endpoint_than_s3s(cloud: &Cloud) {
    let found = cloud.ask(ROUTES);
    let nat = found["nat"].as_array().expect("a list");
    assert_eq!(nat.len(), 2, "{found}");
    assert_ne!(nat[0], nat[1]);
    assert!(!found["internet"].as_array().expect("a list").is_empty());
    assert_eq!(found["endpoints"], json!(["com.amazonaws.us-east-1.s3"]));
}
