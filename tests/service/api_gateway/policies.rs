//! How a policy is read. AWS: `api-gateway-control-access-using-iam-policies-to-invoke-api`,
//! and the evaluation logic and wildcards of IAM.

use serde_json::{Value, json};
use shell_tests::api_gateway::{Verdict, evaluate};

const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:a/prod/GET/ajax-api/2.0/x";

#[test]
fn wildcards_cross_slashes() {
    let table = [
        (ARN, true),
        ("*", true),
        ("arn:aws:execute-api:*", true),
        (
            "arn:aws:execute-api:eu-central-1:123456789012:a/prod/*/*",
            true,
        ),
        (
            "arn:aws:execute-api:eu-central-1:123456789012:a/*/GET/*",
            true,
        ),
        ("*/GET/ajax-api/?.0/x", true),
        ("*/GET/ajax-api/??0/x", true),
        ("*/GET/*/*/x", true),
        ("*x", true),
        ("*/GET/ajax-api/?/x", false),
        ("*/POST/*", false),
        ("*/GET/ajax-api/2.0", false),
        ("/GET/*", false),
        ("*/get/*", false),
        ("", false),
    ];
    for (resource, fits) in table {
        let policy = policy(
            &json!("Allow"),
            &json!("execute-api:Invoke"),
            &json!(resource),
        );
        let expected = if fits {
            Verdict::Allowed
        } else {
            Verdict::NotAllowed
        };
        assert_eq!(evaluate(&policy, ARN), Some(expected), "{resource}");
    }
}

#[test]
fn actions_have_wildcards_as_well_and_no_case() {
    let table = [
        (json!("execute-api:Invoke"), true),
        (json!("execute-api:invoke"), true),
        (json!("execute-api:*"), true),
        (json!(["s3:GetObject", "*"]), true),
        (json!("execute-api:ManageConnections"), false),
    ];
    for (action, fits) in table {
        let policy = policy(&json!("Allow"), &action, &json!("*"));
        let allowed = evaluate(&policy, ARN) == Some(Verdict::Allowed);
        assert_eq!(allowed, fits, "{action}");
    }
}

#[test]
fn a_denial_wins_over_what_is_allowed() {
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": ["*/POST/*", "*/GET/*"] });
    for statements in [[&allow, &deny], [&deny, &allow]] {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        assert_eq!(evaluate(&policy, ARN), Some(Verdict::Denied));
    }
}

#[test]
fn what_is_no_policy_decides_nothing() {
    let good = policy(&json!("Allow"), &json!("*"), &json!("*"));
    let with = |key: &str, value: Value| {
        let mut policy = good.clone();
        policy["Statement"][key] = value;
        policy
    };
    let table = [
        json!(null),
        json!({ "Statement": [] }),
        json!({ "Version": "2008-10-17", "Statement": [] }),
        with("Effect", json!("allow")),
        with("Resource", json!(null)),
        with("Resource", json!([1])),
        with("Action", json!({})),
        with("Condition", json!({})),
    ];
    for policy in table {
        assert_eq!(evaluate(&policy, ARN), None, "{policy}");
    }
}

fn policy(effect: &Value, action: &Value, resource: &Value) -> Value {
    let statement = json!({ "Effect": effect, "Action": action, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": statement })
}
