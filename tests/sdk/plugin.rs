//! The plugin for MLflow's client, `MLFLOW_TRACKING_AUTH=shell`.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use shell_tests::child::Program;
use tokio::time::sleep;

use crate::{
    deployment::{output, said},
    signed_in::{SignedIn, result},
};

/// Seconds that a token lives.
const LIFETIME: u64 = 25;

/// How often the gateway is restarted while the job runs.
const RESTARTS: u32 = 2;

/// How long a job goes on, in seconds: longer than three tokens live, or as long as it
/// is told to.
fn seconds() -> u64 {
    let minutes = env::var("SHELL_TEST_MINUTES").ok();
    let minutes = minutes.map(|text| text.parse::<u64>().expect("minutes"));
    minutes.map_or(3 * LIFETIME + 10, |minutes| 60 * minutes)
}

/// The provider is away for longer than a token lives, and the gateway restarts.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_outlives_its_tokens_loses_nothing() {
    let mut site = SignedIn::start(LIFETIME).await;
    let mut job = site.python("job.py");
    job.args([&seconds().to_string(), "outlives-its-tokens"]);
    let began = Instant::now();
    let job = tokio::spawn(output(job));
    let whole = Duration::from_secs(seconds());

    for restart in 1..=RESTARTS {
        until(began + whole * restart / 6).await;
        site.gateway.restart().await.expect("it starts again");
    }
    until(began + whole / 2).await;
    site.login.stop();
    sleep(Duration::from_secs(if whole.as_secs() < 120 {
        LIFETIME
    } else {
        60
    }))
    .await;
    site.login.resume().await.expect("the port is free");

    let output = job.await.expect("no panic");
    assert!(output.status.success(), "{}", said(&output));
    let result = result(&output.stdout);
    let (sent, there) = (&result["sent"], &result["there"]);
    let lost = "nothing is lost";
    for kind in ["sync", "async"] {
        assert_eq!(there[kind], sent["metrics"], "{lost}: {result}");
    }
    assert_eq!(there["threads"], sent["threads"], "{lost}: {result}");
    for kind in ["forked", "texts", "fits", "models", "traces"] {
        assert_eq!(there[kind], sent["rounds"], "{lost}, {kind}: {result}");
    }
    assert_eq!(there["unfinished"], json!([]), "{result}");
    show(&result);
    let refreshes = site.provider.counts().refreshes;
    let most = seconds() / (LIFETIME - 10) + 5;
    assert!((3..=most).contains(&refreshes), "{refreshes} refreshes");
    no_token_is_readable(&site);
}

/// How much was logged, which a run of ten minutes is for.
#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn show(result: &Value) {
    println!("{result}");
}

async fn until(moment: Instant) {
    sleep(moment.saturating_duration_since(Instant::now())).await;
}

/// No file that others may read, and none at all has a token in the clear.
fn no_token_is_readable(site: &SignedIn) {
    let kept = site.terminal.kept().expect("it can be read");
    for file in kept.iter().filter(|file| !file.ends_with("browser")) {
        let mode = fs::metadata(file)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
        let bytes = fs::read(file).expect("it can be read");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("eyJ"), "{}", file.display());
    }
}

/// Cases of the plugin alone, each of which prints what came of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_plugin_keeps_to_its_site_and_says_what_to_do() {
    let site = SignedIn::start(3600).await;
    let output = output(site.python("plugin.py")).await;
    assert!(output.status.success(), "{}", said(&output));
    let result = result(&output.stdout);
    let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
    // A refused token is replaced, and the whole of a file is sent again.
    assert_eq!(text("replayed"), "the whole file", "{result}");
    // Another site gets no token, and the user is told how to sign in there.
    assert_eq!(result["elsewhere"], json!(null), "{result}");
    let not_signed_in = text("not_signed_in");
    assert!(
        not_signed_in.starts_with("you are not signed in to ")
            && not_signed_in.contains("mlflow-shell login"),
        "{result}"
    );
    assert!(text("without_tls").contains("use https"), "{result}");
    // A site that refuses what was just renewed has another reason.
    assert_eq!(result["refusals"], json!(1), "{result}");
    // The program is not killed while it may hold a renewed session.
    assert_eq!(result["interrupted"], json!(true), "{result}");
    let misread = text("misread");
    assert!(misread.contains("another version"), "{result}");
    assert!(
        !misread.contains("JSONDecodeError"),
        "that has the answer, and so the token: {result}"
    );
    // Another token than the refused one was there already.
    assert_eq!(site.provider.counts().refreshes, 0, "{result}");
}

/// Arguments are for all to see.
#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_in_the_list_of_processes() {
    let site = SignedIn::start(LIFETIME).await;
    let mut job = site.python("job.py");
    job.args(["20", "list-of-processes"]);
    job.stdout(Stdio::null()).stderr(Stdio::null());
    let job = Program::spawn(&mut job).expect("it starts");
    let mut seen = 0;
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        let processes = Command::new("ps").args(["-eo", "args"]).output();
        let processes = processes.expect("ps starts").stdout;
        let processes = String::from_utf8_lossy(&processes).into_owned();
        assert!(!processes.contains("eyJ"), "{processes}");
        seen += processes.matches("mlflow-shell token").count();
        sleep(Duration::from_millis(5)).await;
    }
    drop(job);
    assert!(seen > 0, "the program was not seen");
}
