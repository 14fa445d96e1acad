//! `token`: once for all processes, and nothing lost.

use std::{
    process::Stdio,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};
use shell_idp::{Fault, RefreshOutcome};

use crate::fixture::{Machine, READER, Ran, Site, Spec};

const TOKEN: [&str; 2] = ["token", "--json"];

/// Tokens of nine seconds are always due.
fn always_due() -> Spec {
    Spec {
        lifetime: Some(9),
        ..Spec::default()
    }
}

/// A site, and a machine that is signed in there.
async fn signed_in(spec: Spec) -> (Site, Machine) {
    let site = Site::start(spec).await;
    let person = Machine::new();
    let ran = person.sign_in(&site, READER);
    assert_eq!(ran.status, 0, "{ran:?}");
    (site, person)
}

fn rejecting(person: Machine, token: &str) -> Machine {
    let hex = format!("{:x}", Sha256::digest(token));
    person.with("MLFLOW_SHELL_REJECTED", &hex)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_printed_as_long_as_it_serves() {
    let (site, person) = signed_in(Spec::default()).await;
    let (first, expires_at) = person.run(&TOKEN).token();
    let (second, _) = person.run(&TOKEN).token();
    assert_eq!(first, second);
    assert!(
        (3_590..=3_600).contains(&(expires_at - now())),
        "{expires_at}"
    );
    assert_eq!(site.provider.counts().refreshes, 0);
    assert_eq!(person.run(&["token"]).printed, format!("{first}\n"));
}

/// The refresh tokens of this provider work once: a second use would end the session.
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_processes_renew_a_refused_token_once() {
    let (site, person) = signed_in(Spec::default()).await;
    let (refused, _) = person.run(&TOKEN).token();
    let person = rejecting(person, &refused);
    let arguments = ["token", "--json", "--rejected"];
    let processes: Vec<_> = (0..16)
        .map(|_| person.command(&arguments).spawn().expect("it runs"))
        .collect();
    let tokens: Vec<String> = processes
        .into_iter()
        .map(|process| {
            let output = process.wait_with_output().expect("it ends");
            let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            told["token"].as_str().expect("a token").to_owned()
        })
        .collect();
    assert!(
        tokens
            .iter()
            .all(|token| *token == tokens[0] && *token != refused)
    );
    assert_eq!(site.provider.counts().refreshes, 1);
    assert_eq!(site.api_status(&tokens[0]), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_digest_of_a_token_says_that_it_was_refused() {
    let (site, person) = signed_in(Spec::default()).await;
    let (token, _) = person.run(&TOKEN).token();
    let arguments = ["token", "--json", "--rejected"];
    let ran = person.run(&arguments);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.said.contains("as 64 lowercase hexadecimal digits"),
        "{ran:?}"
    );
    // Another process has renewed it since.
    let person = rejecting(person, "another token");
    assert_eq!(person.run(&arguments).token().0, token);
    assert_eq!(site.provider.counts().refreshes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_ends_nothing() {
    let (site, person) = signed_in(always_due()).await;
    let (token, expires_at) = person.run(&TOKEN).token();
    assert_eq!(site.provider.counts().refreshes, 1);
    for status in [429, 500, 503] {
        site.provider.faults().set(Fault::TokenStatus(status));
        // As long as the token serves, it is told.
        let ran = person.run(&TOKEN);
        if now() < expires_at {
            assert_eq!(ran.token().0, token);
        }
    }
    let person = rejecting(person, &token);
    let ran = person.run(&["token", "--json", "--rejected"]);
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(
        ran.said.contains("Try again later") && ran.printed.is_empty(),
        "{ran:?}"
    );
    site.provider.faults().clear_all();
    let (renewed, _) = person.run(&["token", "--json", "--rejected"]).token();
    assert_ne!(renewed, token);
    let renewals = site.provider.refreshes();
    let outcomes = renewals.iter().map(|one| one.outcome);
    assert!(outcomes.clone().all(|one| one != RefreshOutcome::Refused));
    assert_eq!(outcomes.filter(|one| one.is_granted()).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waited_for_a_failure_does_not_ask_again() {
    let (site, person) = signed_in(always_due()).await;
    let (token, _) = person.run(&TOKEN).token();
    let before = site.provider.counts().refreshes;
    let person = rejecting(person, &token);
    site.provider.faults().set(Fault::TokenHeld);
    site.provider.faults().set(Fault::TokenStatus(503));
    let ask = || {
        person
            .command(&["token", "--json", "--rejected"])
            .spawn()
            .expect("it runs")
    };
    let first = ask();
    site.provider
        .counted(|counts| counts.refreshes > before)
        .await;
    let others: Vec<_> = (0..4).map(|_| ask()).collect();
    // They have begun to wait when each has the lock's file open.
    for other in &others {
        until_open(other.id(), ".lock");
    }
    site.provider.faults().clear(Fault::TokenHeld);
    for process in others.into_iter().chain([first]) {
        let output = process.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(4));
    }
    assert_eq!(site.provider.counts().refreshes, before + 1);
}

/// Waits until a process has a file open whose name ends so.
fn until_open(process: u32, ending: &str) {
    let is_open = || {
        let open = std::fs::read_dir(format!("/proc/{process}/fd"))
            .into_iter()
            .flatten();
        open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
            .any(|path| path.to_string_lossy().ends_with(ending))
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is_open() {
        assert!(std::time::Instant::now() < deadline, "{ending} is not open");
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_provider_ended_is_over() {
    let (site, person) = signed_in(always_due()).await;
    site.provider.end_all();
    let ran = person.run(&TOKEN);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(
        ran.said.contains("is over, the provider does not renew it"),
        "{ran:?}"
    );
    assert_eq!(site.provider.counts().refreshes, 1);
    // It is not asked again.
    assert_eq!(person.run(&TOKEN).status, 3);
    assert_eq!(site.provider.counts().refreshes, 1);
}

/// Ctrl-C in a shell reaches every process of a job, this one as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_under_way_is_finished_before_the_program_ends() {
    let (site, person) = signed_in(always_due()).await;
    site.provider.faults().set(Fault::TokenHeld);
    let mut command = person.command(&TOKEN);
    let process = command.stdout(Stdio::piped()).spawn().expect("it runs");
    site.provider.counted(|counts| counts.refreshes == 1).await;
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        kill_process(Pid::from_child(&process), signal).expect("it runs");
    }
    site.provider.faults().clear_all();
    let output = process.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    let next: Ran = person.run(&TOKEN);
    assert_eq!(next.status, 0, "{next:?}");
}

/// Nothing of a killed process is left to hinder the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_it_asks_costs_nothing() {
    let (site, person) = signed_in(always_due()).await;
    site.provider.faults().set(Fault::TokenHeld);
    site.provider.faults().set(Fault::TokenStatus(503));
    let mut process = person.command(&TOKEN).spawn().expect("it runs");
    site.provider.counted(|counts| counts.refreshes == 1).await;
    process.kill().expect("it runs");
    process.wait().expect("it ends");
    // What it had asked is answered so, and replaces no refresh token: that would be
    // lost with its answer, whatever a client does.
    site.provider.faults().clear(Fault::TokenHeld);
    assert_eq!(person.run(&TOKEN).status, 0);
    site.provider.faults().clear_all();
    let (token, _) = person.run(&TOKEN).token();
    assert_eq!(site.api_status(&token), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_renews_no_id_token_gives_its_last() {
    let (site, person) = signed_in(Spec {
        lifetime: Some(20),
        ..Spec::default()
    })
    .await;
    site.provider.faults().set(Fault::NoRenewedIdToken);
    let (token, _) = person.run(&TOKEN).token();
    let person = rejecting(person, &token);
    let ran = person.run(&["token", "--json", "--rejected"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.said.contains("gives no other token"), "{ran:?}");
    let asked = site.provider.counts().refreshes;
    assert_eq!(person.run(&TOKEN).token().0, token);
    assert_eq!(site.provider.counts().refreshes, asked);
}
