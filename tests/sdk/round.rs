//! One round of all calls, as `client/round.py` plays it.

use std::fs;

use serde_json::Value;
use shell_core::policy::{Policy, Request};
use shell_tests::environment;

use crate::deployment::{SdkDeployment, output, said};

/// What the gateway says to those who may not.
const DENIAL: &str = "Members of these groups may: ";

/// A call of MLflow's client, and what came of it.
#[derive(Debug)]
pub(crate) struct Call(Value);

/// Makes every call at `at`.
pub(crate) async fn make_all_calls(
    deployment: &SdkDeployment,
    at: &str,
    token: &str,
    name: &str,
) -> Vec<Call> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("calls.jsonl");
    let mut command = deployment.python(token);
    command
        .arg(environment::workspace().join("tests/sdk/client/round.py"))
        .args(["--owner", &deployment.direct, "--at", at])
        .args(["--prefix", &format!("{name}-{}", unique())])
        .arg("--output")
        .arg(&file)
        .env("TMPDIR", folder.path());
    let output = output(command).await;
    assert!(output.status.success(), "{}", said(&output));
    let text = fs::read_to_string(file).expect("it wrote what came of them");
    let read = |line: &str| Call(serde_json::from_str(line).expect("a line of JSON"));
    text.lines().map(read).collect()
}

/// Distinguishes what one run of the tests makes from what another made.
fn unique() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("it is after 1970").as_micros()
}

impl Call {
    pub(crate) fn name(&self) -> &str {
        self.text(&self.0["call"])
    }

    /// What it returned or how it failed, and what the client warned of.
    pub(crate) fn outcome(&self) -> (&Value, &Value) {
        (&self.0["outcome"], &self.0["warnings"])
    }

    /// MLflow's error code, if the call failed.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.0["outcome"]["code"].as_str()
    }

    /// How the table says that it fails, if it does.
    pub(crate) fn should_fail(&self) -> Option<&str> {
        self.0["fails"].as_str()
    }

    /// Whether it failed as a denial reads in a program: by its code, or, where
    /// files are sent, by its status; and with our sentence.
    pub(crate) fn is_denied(&self) -> bool {
        let outcome = &self.0["outcome"];
        let words = outcome["words"].as_str().unwrap_or_default();
        let is_denial =
            outcome["code"] == "PERMISSION_DENIED" || words.contains("403 Client Error");
        is_denial && words.contains(DENIAL)
    }

    /// Whether one of its requests was refused, whatever the client made of it.
    pub(crate) fn is_refused(&self) -> bool {
        self.requests().any(|request| request["status"] == 403)
    }

    /// Whether members of `group` may send everything that it sent.
    pub(crate) fn is_allowed(&self, policy: &Policy, group: &str) -> bool {
        let groups = [group.to_owned()];
        let mut awaited = self.requests().filter(|request| request["beside"] == false);
        awaited.all(|request| {
            let asked = Request::read(self.text(&request["method"]), self.text(&request["path"]));
            policy
                .allowing(&groups, &asked.expect("the client is unambiguous"))
                .is_some()
        })
    }

    /// Methods and statuses of what it sent, in an order of their own: some is
    /// sent at the same time.
    pub(crate) fn exchanges(&self) -> Vec<String> {
        let exchange = |request: &Value| format!("{} {}", request["method"], request["status"]);
        let mut exchanges: Vec<_> = self.requests().map(exchange).collect();
        exchanges.sort();
        exchanges
    }

    /// The origins to which it showed the token.
    pub(crate) fn shown_to(&self) -> impl Iterator<Item = &str> {
        let shown = self.requests().filter(|request| request["bearer"] == true);
        shown.map(|request| self.text(&request["origin"]))
    }

    fn requests(&self) -> impl Iterator<Item = &Value> {
        self.0["requests"].as_array().expect("a list").iter()
    }

    fn text<'a>(&self, value: &'a Value) -> &'a str {
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("no text in {}", self.0))
    }
}
