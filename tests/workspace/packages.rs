//! The files of an image and of a service.

use std::{fs, process::Command};

use shell_tests::environment;

/// The two ways to make the image of the gateway alone.
const VARIANTS: [&str; 2] = ["Containerfile", "Containerfile.build"];

/// The image with MLflow, too.
const WITH_MLFLOW: &str = "Containerfile.python";

/// The most that systemd may find exposed, in tenths. 1.2 is what a service has
/// that talks to the whole network and is otherwise shut in.
const EXPOSURE: &str = "12";

#[test]
fn the_containerfiles_have_no_findings() {
    let Some(hadolint) = environment::program("SHELL_TEST_HADOLINT", "the Containerfiles") else {
        return;
    };
    for name in VARIANTS.iter().chain([&WITH_MLFLOW]) {
        let file = environment::workspace().join("deploy/container").join(name);
        let output = Command::new(&hadolint).arg(file).output();
        let output = output.expect("hadolint starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {said}");
    }
}

/// What is in the two variants differs in where the program comes from.
#[test]
fn both_variants_make_the_same_image() {
    let [one, other] = VARIANTS.map(|name| {
        let text = read(&format!("deploy/container/{name}"));
        let (_, last) = text.rsplit_once("FROM scratch\n").expect("an empty image");
        let lines = last.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter(|line| !line.starts_with("COPY") && !line.starts_with("ARG"));
        lines
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    });
    assert_eq!(one, other);
    for must in [
        "USER 65532:65532",
        "HEALTHCHECK",
        "ENTRYPOINT [\"/mlflow-shell\"]",
    ] {
        assert!(one.contains(must), "{must}");
    }
    let manifest = read("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = "));
    let label = format!("image.version={}", version.expect("a version"));
    assert!(one.contains(&label), "{label}");
}

#[test]
fn the_unit_is_valid_and_exposes_little() {
    let name = "the systemd unit";
    let Some(analyze) = environment::program("SHELL_TEST_SYSTEMD_ANALYZE", name) else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let unit = folder.path().join("mlflow-shell.service");
    // It has to name a program that is here.
    let text = read("deploy/systemd/mlflow-shell.service");
    fs::write(
        &unit,
        text.replace("/usr/local/bin/mlflow-shell", "/bin/true"),
    )
    .expect("there is room");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&analyze);
        let output = command.args(arguments).arg(&unit).output();
        let output = output.expect("it starts");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };

    assert_eq!(run(&["verify", "--man=no"]), (true, String::new()));
    let limit = format!("--threshold={EXPOSURE}");
    let (fine, said) = run(&["security", "--offline=yes", &limit, "--no-pager"]);
    assert!(fine, "{said}");
}

/// Options that are misspelt would be found out at a deployment.
#[test]
fn image_and_unit_call_the_program_as_it_is() {
    let unit = read("deploy/systemd/mlflow-shell.service");
    let image = read("deploy/container/Containerfile");
    let serve = read("crates/cli/src/flags.rs");
    let known = |option: &str| {
        let field = option.trim_start_matches("--").replace('-', "_");
        serve.contains(&format!("    {field}:")) || serve.contains(&format!("\"{}\"", &option[2..]))
    };
    let quoted = |word: &str| word.trim_matches(['"', ',', '[', ']']).to_owned();
    let start = unit
        .split("ExecStart=")
        .nth(1)
        .and_then(|rest| rest.split("Exec").next());
    let command = image
        .lines()
        .find(|line| line.starts_with("CMD [\"serve\""));
    for text in [start, command] {
        let text = text.expect("a command");
        let options = text.split_whitespace().map(quoted);
        let options: Vec<String> = options.filter(|word| word.starts_with("--")).collect();
        assert!(options.len() >= 2, "{text}");
        for option in options {
            assert!(known(&option), "{option}");
        }
    }
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(environment::workspace().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}
