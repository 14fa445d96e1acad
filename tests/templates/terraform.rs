//! The Terraform module has the shape of the template `gateway.yaml`.

use std::{collections::BTreeSet, fs};

use shell_tests::environment;

const TEMPLATE: &str = "deploy/templates/gateway.yaml";

const MODULE: &str = "deploy/terraform";

/// The services whose actions the tasks' roles have.
const SERVICES: [&str; 8] = [
    "ecr",
    "elasticfilesystem",
    "kms",
    "logs",
    "s3",
    "sagemaker",
    "sagemaker-mlflow",
    "secretsmanager",
];

#[test]
fn the_module_gives_tasks_the_templates_variables_and_rights() {
    let template = read(TEMPLATE);
    let containers = read(&format!("{MODULE}/containers.tf"));
    assert_eq!(variables(&containers), variables(&template));
    let roles = read(&format!("{MODULE}/roles.tf"));
    assert_eq!(actions(&roles), actions(&template));
    let module = ["balancer.tf", "containers.tf"].map(|file| read(&format!("{MODULE}/{file}")));
    for (in_module, in_template) in [
        (
            "idle_timeout = 350",
            "idle_timeout.timeout_seconds, Value: \"350\"",
        ),
        (
            "deregistration_delay = 30",
            "deregistration_delay.timeout_seconds, Value: \"30\"",
        ),
        ("stopTimeout = 40", "StopTimeout: 40"),
        ("\"/readyz\"", "HealthCheckPath: /readyz"),
    ] {
        assert!(template.contains(in_template), "{in_template}");
        assert!(module.concat().contains(in_module), "{in_module}");
    }
}

fn read(path: &str) -> String {
    let path = environment::workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of containers' variables.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_part =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let words = text.split(|letter| !is_part(letter));
    let is_variable = |word: &&str| {
        let begins = ["MLFLOW_", "PG", "AOT_"]
            .iter()
            .any(|start| word.starts_with(start));
        begins && word.len() > 4
    };
    words.filter(is_variable).collect()
}

/// The actions of its roles.
fn actions(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('"');
    let is_action = |word: &&str| {
        let parts = word.split_once(':');
        parts.is_some_and(|(service, action)| {
            let is_name = |letter: char| letter.is_ascii_alphabetic() || letter == '*';
            SERVICES.contains(&service) && !action.is_empty() && action.chars().all(is_name)
        })
    };
    quoted.filter(is_action).collect()
}
