//! The shell on AWS: files and an API with the real authorizer, and no gateway.

mod one_origin;
mod scenes;
mod two_origins;

use anyhow::{Result, ensure};
use shell_tests::{
    browser_session::BrowserSession,
    leaks,
    record::{Bearer, Recipient, Record},
};

/// Fails unless each request had a token, or had none, as its place wants.
///
/// Documents and files have none, at the distribution; what the API is asked
/// has one there and at the API; and MLflow never sees one.
fn refuse_stray_tokens(session: &BrowserSession) -> Result<()> {
    let records = session.deployment.record.since(session.begin);
    let check = |kind: &str, is_of_kind: fn(&Record) -> bool, bearer| {
        let all: Vec<_> = records.iter().filter(|it| is_of_kind(it)).collect();
        tell(session, kind, bearer, all.len());
        ensure!(!all.is_empty(), "there is nothing {kind}");
        let bad = all.iter().find(|it| it.bearer != bearer);
        ensure!(bad.is_none(), "{kind}: {bad:?}");
        Ok(())
    };
    check("of files at the site", is_file, Bearer::None)?;
    check(
        "of MLflow's document there",
        |it| it.is_hosted,
        Bearer::None,
    )?;
    check("at API Gateway", is_guarded, Bearer::Valid)?;
    check(
        "at MLflow",
        |it| it.recipient == Recipient::Upstream,
        Bearer::None,
    )?;

    let is_stray =
        |it: &&Record| it.recipient != Recipient::Gateway && it.path.contains("/static-files/");
    let stray = records.iter().find(is_stray);
    ensure!(stray.is_none(), "the API was asked for a file: {stray:?}");
    leaks::find(&records).refuse_bare()
}

#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
fn tell(session: &BrowserSession, kind: &str, bearer: Bearer, count: usize) {
    println!(
        "{} in {}: {count} {kind}, bearer {bearer:?}",
        session.name, session.engine
    );
}

fn is_file(record: &Record) -> bool {
    record.recipient == Recipient::Gateway && !record.is_hosted && !record.needs_bearer()
}

fn is_guarded(record: &Record) -> bool {
    record.recipient == Recipient::Api && !record.is_preflight()
}
