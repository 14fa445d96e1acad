//! The function at CloudFront's edge, run as JavaScript.

use std::process::Command;

use serde_json::{Value, json};
use shell_core::{config::CALLBACK, popup};
use shell_tests::environment;

use crate::cloud::Cloud;

/// Asks the function about each request, and prints what it makes of them.
const ASK: &str = "
const requests = JSON.parse(process.argv[1]);
const headers = (names) => Object.fromEntries(names.map((name) => [name, { value: 'script' }]));
const answers = requests.map(([uri, ...names]) => handler({ request: { uri, headers: headers(names) } }));
console.log(JSON.stringify(answers.map((answer) => answer.uri || answer.statusCode)));
";

pub(crate) fn addresses_that_are_no_files_lead_to_documents(cloud: &Cloud) {
    let Some(node) = environment::program("SHELL_TEST_NODE", "CloudFront's routes") else {
        return;
    };
    let function = cloud.last("AWS::CloudFront::Function", |_| true);
    let code = function["FunctionCode"].as_str().expect("it has code");
    let file = "/mlflow/static-files/static/js/main.00d66947.js";
    let table: [(Value, Value); 9] = [
        (json!(["/"]), json!("/index.html")),
        (json!([CALLBACK]), json!("/index.html")),
        (json!([popup::PATH]), json!("/index.html")),
        (json!(["/mlflow/"]), json!("/mlflow/index.html")),
        (json!([file]), json!(file)),
        (json!(["/constructor"]), json!("/constructor")),
        (json!(["/sw.js", "service-worker"]), json!("/sw.js")),
        (
            json!(["/mlflow/get-artifact", "service-worker"]),
            json!(403),
        ),
        (json!(["/", "service-worker"]), json!(403)),
    ];
    let requests: Vec<_> = table.iter().map(|(request, _)| request).collect();

    let output = Command::new(node)
        .args(["-e", &[code, ASK].concat(), &json!(requests).to_string()])
        .output()
        .expect("Node.js starts");

    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    for ((request, expected), answer) in table.iter().zip(&answers) {
        assert_eq!(answer, expected, "{request}");
    }
    assert_eq!(answers.len(), table.len());
}
