"""What the emulator's CloudFormation cannot make, and its other APIs can."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]

# Stands for what `Ref` gives, in the parameters of further operations.
SELF = "the resource itself"


@dataclass(frozen=True)
class Kind:
    """A type of resource, and how it is made by an API."""

    service: str
    operation: str
    # Where the answer has what `Ref` gives, and what `GetAtt` gives.
    identity: str
    attributes: dict[str, str] = field(default_factory=dict)
    # What the operation knows nothing of: other operations set it.
    drop: frozenset[str] = frozenset()
    # What CloudFormation says otherwise.
    prepare: Callable[[Properties], Properties] = lambda properties: properties
    # The name that CloudFormation makes up where there is none.
    named: str = ""
    # What further operations it takes, and their parameters.
    then: Callable[[Properties], list[tuple[str, Properties]]] = lambda properties: []
    # The operation that changes it, if the tests look at what is changed, and
    # what it calls the resource.
    update: tuple[str, str] = ("", "")
    # Whether the emulator can do it. If not, only the parameters are checked.
    is_there: bool = True


def renamed(**names: str) -> Callable[[Properties], Properties]:
    return lambda properties: {names.get(key, key): each for key, each in properties.items()}


def document(properties: Properties) -> Properties:
    return {"Bucket": properties["Bucket"], "Policy": json.dumps(properties["PolicyDocument"])}


def secret(properties: Properties) -> Properties:
    made = properties["GenerateSecretString"]
    content = json.loads(made["SecretStringTemplate"]) | {made["GenerateStringKey"]: "x" * 40}
    kept = {key: properties[key] for key in ("Description", "KmsKeyId")}
    name = f"the-{made['GenerateStringKey']}-of-a-stack"
    return kept | {"Name": name, "SecretString": json.dumps(content)}


def distribution(properties: Properties) -> Properties:
    config = properties["DistributionConfig"]
    for behaviour in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
        methods = behaviour["AllowedMethods"]
        behaviour["AllowedMethods"] = {"Items": methods, "CachedMethods": ["GET", "HEAD"]}
    # What its API calls otherwise.
    for origin in config["Origins"]:
        if "OriginCustomHeaders" in origin:
            origin["CustomHeaders"] = origin.pop("OriginCustomHeaders")
        custom = origin.get("CustomOriginConfig")
        if custom:
            custom |= {"HTTPPort": 80, "HTTPSPort": 443}
            custom["OriginSslProtocols"] = custom.pop("OriginSSLProtocols")
    config["CallerReference"] = "a stack"
    return {"DistributionConfig": config}


def responses(properties: Properties) -> Properties:
    properties.setdefault("StatusCode", "500" if "5XX" in properties["ResponseType"] else "400")
    return properties


def function(properties: Properties) -> Properties:
    return {key: each for key, each in properties.items() if key != "AutoPublish"}


def method(properties: Properties) -> list[tuple[str, Properties]]:
    """One resource of CloudFormation is several of API Gateway's API."""
    which = {key: properties[key] for key in ("RestApiId", "ResourceId", "HttpMethod")}
    integration = dict(properties["Integration"])
    answers = integration.pop("IntegrationResponses", [])
    declared = properties.get("MethodResponses", [])
    return [
        ("PutIntegration", which | integration),
        *(("PutMethodResponse", which | each) for each in declared),
        *(("PutIntegrationResponse", which | each) for each in answers),
    ]


def balancer(properties: Properties) -> list[tuple[str, Properties]]:
    attributes = properties.get("LoadBalancerAttributes", [])
    told = {"LoadBalancerArn": SELF, "Attributes": attributes}
    return [("ModifyLoadBalancerAttributes", told)] if attributes else []


def targets(properties: Properties) -> list[tuple[str, Properties]]:
    told = {"TargetGroupArn": SELF, "Attributes": properties["TargetGroupAttributes"]}
    return [("ModifyTargetGroupAttributes", told)]


def file_system(properties: Properties) -> Properties:
    saved = properties["BackupPolicy"]["Status"] == "ENABLED"
    return properties | {"CreationToken": "a-stack", "Backup": saved}


def guarded(properties: Properties) -> list[tuple[str, Properties]]:
    policy = json.dumps(properties["FileSystemPolicy"])
    return [("PutFileSystemPolicy", {"FileSystemId": SELF, "Policy": policy})]


def point(properties: Properties) -> Properties:
    return properties | {"ClientToken": "a-stack"}


def rule(properties: Properties) -> Properties:
    ports = {key: properties[key] for key in ("IpProtocol", "FromPort", "ToPort")}
    network = {"CidrIp": properties["CidrIp"], "Description": properties["Description"]}
    return {"GroupId": properties["GroupId"], "IpPermissions": [ports | {"IpRanges": [network]}]}


def settings(properties: Properties) -> list[tuple[str, Properties]]:
    """What a stage is told after it is made, as patches."""
    log = properties["AccessLogSetting"]
    values = {
        "/accessLogSettings/destinationArn": log["DestinationArn"],
        "/accessLogSettings/format": log["Format"],
    }
    for each in properties["MethodSettings"]:
        place = f"/{each['ResourcePath'].strip('/').replace('/', '~1')}/{each['HttpMethod']}"
        values |= {
            f"{place}/{path}": str(each[name]).lower()
            for name, path in {
                "ThrottlingRateLimit": "throttling/rateLimit",
                "ThrottlingBurstLimit": "throttling/burstLimit",
                "MetricsEnabled": "metrics/enabled",
                "DataTraceEnabled": "logging/dataTrace",
                "LoggingLevel": "logging/loglevel",
            }.items()
        }
    which = {key: properties[key] for key in ("RestApiId", "StageName")}
    patches = [{"op": "replace", "path": path, "value": each} for path, each in values.items()]
    return [("UpdateStage", which | {"PatchOperations": patches})]


KINDS = {
    "AWS::Amplify::App": Kind(
        "amplify",
        "CreateApp",
        "app.appArn",
        {"AppId": "app.appId", "DefaultDomain": "app.defaultDomain"},
        is_there=False,
    ),
    "AWS::Amplify::Branch": Kind("amplify", "CreateBranch", "branch.branchArn", is_there=False),
    "AWS::ApiGateway::Account": Kind(
        "apigateway", "UpdateAccount", "", is_there=False, drop=frozenset({"CloudWatchRoleArn"})
    ),
    "AWS::ApiGateway::ApiKey": Kind("apigateway", "CreateApiKey", "id"),
    "AWS::ApiGateway::Authorizer": Kind("apigateway", "CreateAuthorizer", "id"),
    "AWS::ApiGateway::GatewayResponse": Kind(
        "apigateway",
        "PutGatewayResponse",
        "responseType",
        prepare=responses,
        update=("PutGatewayResponse", "ResponseType"),
    ),
    "AWS::ApiGateway::Deployment": Kind("apigateway", "CreateDeployment", "id"),
    # The emulator's own knows nothing of authorizers, mappings and mocks.
    "AWS::ApiGateway::Method": Kind(
        "apigateway",
        "PutMethod",
        "",
        drop=frozenset({"Integration", "MethodResponses"}),
        then=method,
    ),
    "AWS::ApiGateway::RestApi": Kind(
        "apigateway", "CreateRestApi", "id", {"RootResourceId": "rootResourceId"}
    ),
    "AWS::ApiGateway::Stage": Kind(
        "apigateway",
        "CreateStage",
        "stageName",
        drop=frozenset({"AccessLogSetting", "MethodSettings"}),
        then=settings,
    ),
    "AWS::ApiGateway::UsagePlan": Kind("apigateway", "CreateUsagePlan", "id", named="Name"),
    "AWS::ApiGateway::UsagePlanKey": Kind("apigateway", "CreateUsagePlanKey", "id"),
    "AWS::ApiGateway::VpcLink": Kind("apigateway", "CreateVpcLink", "id"),
    "AWS::ApplicationAutoScaling::ScalableTarget": Kind(
        "application-autoscaling", "RegisterScalableTarget", ""
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Kind(
        "application-autoscaling",
        "PutScalingPolicy",
        "PolicyARN",
    ),
    "AWS::CertificateManager::Certificate": Kind(
        "acm",
        "RequestCertificate",
        "CertificateArn",
        # The zone is CloudFormation's: it writes the proof there.
        drop=frozenset({"DomainValidationOptions"}),
    ),
    "AWS::CloudFront::Distribution": Kind(
        "cloudfront",
        "CreateDistribution",
        "Distribution.Id",
        {"DomainName": "Distribution.DomainName"},
        prepare=distribution,
    ),
    "AWS::CloudFront::Function": Kind(
        "cloudfront",
        "CreateFunction",
        "FunctionSummary.FunctionMetadata.FunctionARN",
        {"FunctionARN": "FunctionSummary.FunctionMetadata.FunctionARN"},
        prepare=function,
    ),
    "AWS::CloudFront::OriginAccessControl": Kind(
        "cloudfront",
        "CreateOriginAccessControl",
        "OriginAccessControl.Id",
        {"Id": "OriginAccessControl.Id"},
    ),
    "AWS::CloudFront::ResponseHeadersPolicy": Kind(
        "cloudfront", "CreateResponseHeadersPolicy", "ResponseHeadersPolicy.Id", is_there=False
    ),
    "AWS::Cognito::ManagedLoginBranding": Kind(
        "cognito-idp", "CreateManagedLoginBranding", "", is_there=False
    ),
    "AWS::Cognito::UserPool": Kind(
        "cognito-idp",
        "CreateUserPool",
        "UserPool.Id",
        {"Arn": "UserPool.Arn"},
        prepare=renamed(UserPoolName="PoolName"),
        drop=frozenset({"EnabledMfas"}),
    ),
    "AWS::Cognito::UserPoolClient": Kind(
        "cognito-idp",
        "CreateUserPoolClient",
        "UserPoolClient.ClientId",
        update=("UpdateUserPoolClient", "ClientId"),
    ),
    "AWS::Cognito::UserPoolDomain": Kind("cognito-idp", "CreateUserPoolDomain", "="),
    "AWS::Cognito::UserPoolGroup": Kind("cognito-idp", "CreateGroup", "Group.GroupName"),
    "AWS::EC2::SecurityGroupEgress": Kind(
        "ec2", "AuthorizeSecurityGroupEgress", "", prepare=rule
    ),
    # The emulator's own overlooks what its containers are told.
    "AWS::ECS::TaskDefinition": Kind(
        "ecs", "RegisterTaskDefinition", "taskDefinition.taskDefinitionArn"
    ),
    "AWS::EFS::AccessPoint": Kind(
        "efs",
        "CreateAccessPoint",
        "AccessPointId",
        {"Arn": "AccessPointArn"},
        prepare=point,
    ),
    "AWS::EFS::FileSystem": Kind(
        "efs",
        "CreateFileSystem",
        "FileSystemId",
        {"Arn": "FileSystemArn"},
        prepare=file_system,
        drop=frozenset({"BackupPolicy", "FileSystemPolicy"}),
        then=guarded,
    ),
    "AWS::ElasticLoadBalancingV2::Listener": Kind(
        "elbv2", "CreateListener", "Listeners.0.ListenerArn"
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Kind(
        "elbv2",
        "CreateTargetGroup",
        "TargetGroups.0.TargetGroupArn",
        drop=frozenset({"TargetGroupAttributes"}),
        named="Name",
        then=targets,
    ),
    # The emulator's own takes every load balancer for one of HTTP.
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Kind(
        "elbv2",
        "CreateLoadBalancer",
        "LoadBalancers.0.LoadBalancerArn",
        {
            "DNSName": "LoadBalancers.0.DNSName",
            "CanonicalHostedZoneID": "LoadBalancers.0.CanonicalHostedZoneId",
        },
        drop=frozenset(
            {"LoadBalancerAttributes", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"}
        ),
        named="Name",
        then=balancer,
    ),
    "AWS::RDS::DBCluster": Kind(
        "rds",
        "CreateDBCluster",
        "DBCluster.DBClusterIdentifier",
        {"Endpoint.Address": "DBCluster.Endpoint"},
        named="DBClusterIdentifier",
    ),
    "AWS::RDS::DBInstance": Kind(
        "rds", "CreateDBInstance", "DBInstance.DBInstanceIdentifier", named="DBInstanceIdentifier"
    ),
    "AWS::RDS::DBClusterParameterGroup": Kind(
        "rds",
        "CreateDBClusterParameterGroup",
        "DBClusterParameterGroup.DBClusterParameterGroupName",
        prepare=renamed(Family="DBParameterGroupFamily"),
        drop=frozenset({"Parameters"}),
        named="DBClusterParameterGroupName",
    ),
    # The emulator enforces them without their conditions: TLS only is nobody.
    "AWS::S3::BucketPolicy": Kind("s3", "PutBucketPolicy", "", prepare=document, is_there=False),
    "AWS::SageMaker::Domain": Kind(
        "sagemaker", "CreateDomain", "", drop=frozenset(), is_there=False
    ),
    "AWS::SageMaker::UserProfile": Kind("sagemaker", "CreateUserProfile", "", is_there=False),
    "AWS::SecretsManager::Secret": Kind("secretsmanager", "CreateSecret", "ARN", prepare=secret),
    "AWS::WAFv2::WebACLAssociation": Kind("wafv2", "AssociateWebACL", "", is_there=False),
}
