//! The store of MLflow behind the gateway is that of the stack behind API Gateway.

use std::fs;

use shell_tests::environment;

/// Both templates have it, because a resource cannot move from one stack to another
/// without a risk for its data.
pub(super) fn it_is_that_of_the_stack_behind_api_gateway() {
    let (store, mlflow) = (resources("store.yaml"), resources("mlflow.yaml"));
    assert!(store.len() > 60, "{store:?}");
    assert_eq!(store, mlflow);
}

/// The lines of the bucket and the database. What reaches the database differs: the
/// gateway's stack admits its own tasks.
fn resources(template: &str) -> Vec<String> {
    let path = environment::workspace()
        .join("deploy/templates")
        .join(template);
    let text = fs::read_to_string(path).expect("there is a template");
    let (_, rest) = text.split_once("  # --- artifacts").expect("it has them");
    let end = |words: &str| rest.find(words).unwrap_or(rest.len());
    let rest = &rest[..end("  # --- the load balancer").min(end("\nOutputs:"))];
    let is_same = |line: &&str| {
        !line.trim().is_empty()
            && !line.contains("GroupDescription:")
            && !line.contains("SecurityGroupIngress:")
    };
    rest.lines().filter(is_same).map(str::to_owned).collect()
}
