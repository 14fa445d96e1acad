//! The chart, as Helm's own library renders it.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};
use shell_tests::environment;

/// Renders, and validates.
const RENDERER: &str = include_str!("helm.py");

/// The values that the chart is rendered with, by name.
pub(crate) const EXAMPLES: [&str; 5] = ["minimal", "sidecar", "sagemaker", "everything", "several"];

/// What the chart is, and what became of each set of values.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) metadata: Value,
    pub(crate) values: Value,
    pub(crate) schema: Value,
    /// What was rendered, or why not.
    pub(crate) outcomes: Vec<Result<Release, String>>,
}

/// What the chart makes of one set of values.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) objects: Vec<Value>,
    pub(crate) notes: String,
}

/// Where the chart is.
pub(crate) fn folder() -> PathBuf {
    environment::workspace().join("deploy/helm/mlflow-auth-shell")
}

/// The values of an example, in YAML.
pub(crate) fn example(name: &str) -> String {
    let file = folder().join(format!("ci/{name}-values.yaml"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every example, by name, rendered once for all tests; `None` if Helm is not there.
pub(crate) fn examples() -> Option<&'static [(&'static str, Release)]> {
    static RENDERED: OnceLock<Option<Vec<(&str, Release)>>> = OnceLock::new();
    RENDERED.get_or_init(render_examples).as_deref()
}

/// The example of this name; `None` if Helm is not there.
pub(crate) fn release_of(name: &str) -> Option<&'static Release> {
    let found = examples()?.iter().find(|one| one.0 == name);
    Some(&found.unwrap_or_else(|| panic!("no example {name}")).1)
}

fn render_examples() -> Option<Vec<(&'static str, Release)>> {
    let chart = Chart::render(&EXAMPLES.map(example))?;
    let named = EXAMPLES.into_iter().zip(chart.outcomes);
    let release = |(name, outcome): (_, Result<_, _>)| {
        let release = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, release)
    };
    Some(named.map(release).collect())
}

impl Chart {
    /// Renders it with each of these values; `None` if Helm is not there.
    pub(crate) fn render(cases: &[String]) -> Option<Self> {
        let python = environment::program("SHELL_TEST_HELM", "the Helm chart")?;
        let mut renderer = Command::new(python)
            .args(["-B", "-c", RENDERER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let request = json!({ "chart": folder(), "cases": cases });
        let input = renderer.stdin.take().expect("its input");
        serde_json::to_writer(input, &request).expect("it reads");
        let output = renderer.wait_with_output().expect("it ends");
        assert!(output.status.success(), "its words are above");
        let mut told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let outcomes = told["outcomes"].as_array_mut().expect("a list");
        Some(Self {
            outcomes: outcomes.iter_mut().map(outcome).collect(),
            metadata: told["metadata"].take(),
            values: told["values"].take(),
            schema: told["schema"].take(),
        })
    }
}

fn outcome(told: &mut Value) -> Result<Release, String> {
    if let Some(error) = told["error"].as_str() {
        return Err(error.to_owned());
    }
    let objects = told["objects"].take();
    Ok(Release {
        objects: serde_json::from_value(objects).expect("a list"),
        notes: told["notes"].as_str().expect("a text").to_owned(),
    })
}

impl Release {
    /// All objects of a kind.
    pub(crate) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |one| one["kind"] == kind)
    }

    /// The object of this kind and name.
    pub(crate) fn named(&self, kind: &str, name: &str) -> Option<&Value> {
        let mut all = self.objects.iter().filter(|one| one["kind"] == kind);
        all.find(|one| one["metadata"]["name"] == name)
    }

    /// The one deployment.
    pub(crate) fn deployment(&self) -> &Value {
        let mut all = self.all("Deployment");
        let first = all.next().expect("a deployment");
        assert!(all.next().is_none(), "it is the only one");
        first
    }

    /// What the deployment makes pods of.
    pub(crate) fn template(&self) -> &Value {
        &self.deployment()["spec"]["template"]
    }

    /// The gateway's container.
    pub(crate) fn gateway(&self) -> &Value {
        let containers = list(&self.template()["spec"]["containers"]);
        assert_eq!(containers.len(), 1);
        &containers[0]
    }

    /// The specification of every pod, that of `helm test` included.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &Value> {
        let single = self.all("Pod").map(|pod| &pod["spec"]);
        single.chain([&self.template()["spec"]])
    }
}

/// The containers of a pod, those beside the main one included.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let before = list(&pod["initContainers"]).iter();
    before.chain(list(&pod["containers"]))
}

/// A list, which may not be there.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
