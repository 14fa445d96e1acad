//! How MLflow reaches its database.

use std::fs;

use shell_tests::environment;

use crate::cloud::Cloud;

/// By certificate and name, with the authorities that are in the image.
pub(crate) fn mlflow_knows_its_database(cloud: &Cloud) {
    let task = cloud.last("AWS::ECS::TaskDefinition", |made| {
        made.with["family"] == "mlflow"
    });
    let variables = task["containerDefinitions"][0]["environment"].as_array();
    let variables = variables.expect("a list");
    let variable = |name: &str| {
        let found = variables.iter().find(|variable| variable["name"] == name);
        let value = found.and_then(|variable| variable["value"].as_str());
        value.unwrap_or_else(|| panic!("{name} is set"))
    };
    assert_eq!(variable("PGSSLMODE"), "verify-full");
    let authorities = variable("PGSSLROOTCERT");
    let image = environment::workspace().join("deploy/mlflow/Containerfile");
    let image = fs::read_to_string(image).expect("there is an image");
    let added = image.lines().find(|line| line.starts_with("ADD "));
    let added = added.expect("the image has them");
    assert!(added.ends_with(&format!(" {authorities}")), "{added}");

    // Nothing in the address says otherwise.
    let address = variable("MLFLOW_BACKEND_STORE_URI");
    let is_plain = address.starts_with("postgresql+psycopg2://mlflow@") && !address.contains('?');
    assert!(is_plain, "{address}");
}
