//! The rights in `deploy/templates/access.json` are those that `policy iam`
//! prints, whichever API they are for.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

/// What the template has in place of an API.
const ANY: &str = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApiId}";

/// The most characters of a managed policy, without white space.
const MANAGED: usize = 6_144;

const ROLES: [(&str, &str); 3] = [
    ("Admin", "admins"),
    ("Approver", "model-approvers"),
    ("Reader", "readers"),
];

const APIS: [&str; 3] = [
    "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5",
    "arn:aws-cn:execute-api:cn-northwest-1:123456789012:a1b2c3d4e5",
    "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5",
];

#[test]
fn the_template_gives_each_role_what_the_command_prints() {
    let template = template();
    for (role, group) in ROLES {
        for api in APIS {
            let given = policies(&template, role);
            let given = given.iter().flat_map(|policy| resources(policy, api));
            assert_eq!(
                given.collect::<BTreeSet<_>>(),
                printed(group, api),
                "{role} {api}"
            );
        }
    }
}

#[test]
fn iam_takes_each_of_its_policies() {
    let template = template();
    for (role, _) in ROLES {
        let policies = policies(&template, role);
        assert!((1..=9).contains(&policies.len()), "{role}");
        for (policy, api) in policies
            .iter()
            .flat_map(|policy| APIS.map(|api| (policy, api)))
        {
            let text = policy["PolicyDocument"]
                .to_string()
                .replace(r#"{"Fn::Sub":"#, "");
            let text = text.replace("\"}", "\"").replace(ANY, api);
            assert!(text.len() <= MANAGED, "{role} {api}: {}", text.len());
        }
    }
}

fn template() -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("deploy/templates/access.json"));
    serde_json::from_str(&text.expect("there is a template")).expect("it is JSON")
}

/// The policies of a role, by their names.
fn policies<'a>(template: &'a Value, role: &str) -> Vec<&'a Value> {
    let all = template["Resources"].as_object().expect("resources");
    let own = all.iter().filter(|(name, _)| {
        let number = name.strip_prefix(role);
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    own.map(|(_, resource)| &resource["Properties"]).collect()
}

fn resources(policy: &Value, api: &str) -> Vec<String> {
    let [statement] = statements(&policy["PolicyDocument"]);
    let resources = statement["Resource"].as_array().expect("a list");
    let texts = resources
        .iter()
        .map(|each| each["Fn::Sub"].as_str().expect("a text"));
    texts.map(|text| text.replace(ANY, api)).collect()
}

/// The one statement of a document, which allows calls and nothing else.
fn statements(document: &Value) -> [&Value; 1] {
    let statements = document["Statement"].as_array().expect("a list");
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Effect"], "Allow");
    assert_eq!(statements[0]["Action"], "execute-api:Invoke");
    [&statements[0]]
}

/// What the command writes for a group.
fn printed(group: &str, api: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("there is room");
    let status = Command::new(env!("CARGO_BIN_EXE_mlflow-shell"))
        .args([
            "policy",
            "iam",
            "--group",
            group,
            "--api-arn",
            api,
            "--stage",
            "prod",
            "--out",
        ])
        .arg(folder.path())
        .output()
        .expect("it starts")
        .status;
    assert!(status.success());
    let mut printed = BTreeSet::new();
    for entry in fs::read_dir(folder.path()).expect("it wrote there") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("it is text");
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        let [statement] = statements(&document);
        let resources = statement["Resource"].as_array().expect("a list");
        let texts = resources.iter().filter_map(Value::as_str);
        printed.extend(texts.map(str::to_owned));
    }
    printed
}
