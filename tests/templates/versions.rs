//! Whether the UI of a version may evaluate texts: the templates decide it by a
//! condition of their own, as they know no Rust.

use std::{collections::BTreeMap, fs};

use serde_json::json;
use shell_core::ui::{self, UiVersion};
use shell_tests::environment;

use crate::cloud::Cloud;

const VERSIONS: [&str; 7] = [
    "1.30.0", "2.22.5", "3.5.0", "3.17.2", "3.18.0", "3.19.0", "4.0.0",
];

/// Deploys a template once for each version, and prints what each came to.
const ASK: &str = r#"
import boto3, json, sys
stacks = boto3.client("cloudformation", endpoint_url=sys.argv[1], region_name="us-east-1",
                      aws_access_key_id="testing", aws_secret_access_key="testing")
found = {}
for version in VERSIONS:
    name = "version-" + version.replace(".", "-")
    stacks.create_stack(StackName=name, TemplateBody=TEMPLATE,
                        Parameters=[{"ParameterKey": "UiVersion", "ParameterValue": version}])
    outputs = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    found[version] = outputs[0]["OutputValue"]
    stacks.delete_stack(StackName=name)
print(json.dumps(found))
"#;

pub(crate) fn the_templates_and_the_product_agree_on_who_may_evaluate(cloud: &Cloud) {
    let expected = VERSIONS.map(|version| (version.to_owned(), evaluation(version).to_owned()));
    for site in ["site", "amplify"] {
        let template = json!(reduced(site)).to_string();
        let versions = json!(VERSIONS).to_string();
        let program = format!("VERSIONS = {versions}\nTEMPLATE = {template}\n{ASK}");
        let found: BTreeMap<String, String> =
            serde_json::from_value(cloud.ask(&program)).expect("texts");
        assert_eq!(found, BTreeMap::from(expected.clone()), "{site}");
    }
}

fn evaluation(version: &str) -> &'static str {
    ui::evaluation(UiVersion::parse(version))
}

/// The condition of a template and what is made of it, word for word.
fn reduced(site: &str) -> String {
    let file = environment::workspace().join(format!("deploy/templates/{site}.yaml"));
    let text = fs::read_to_string(file).expect("there is one");
    let rest = |start: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(start));
        lines.next().expect(start).1
    };
    format!(
        "Parameters:\n  UiVersion: {{ Type: String }}\n\
         Conditions:\n  Evaluates: {}\n\
         Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n\
         Outputs:\n  Evaluation:\n    Value: {}\n",
        rest("  Evaluates: "),
        rest("- Evaluation: "),
    )
}
