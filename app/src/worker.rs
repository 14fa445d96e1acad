//! Asking the worker, keeping it awake, and letting its successor take over.

use shell_core::{
    Trouble,
    protocol::{Answer, Ask, Message},
    update,
};
use shell_web::{page, spawn_local, workers};

/// How often the worker is kept awake, in milliseconds. Firefox stops a worker
/// 30 s after its last event, even while an answer streams (rule W11).
const PING: i32 = 10_000;

/// How often the server is asked for another build, in milliseconds. Browsers
/// ask by themselves whenever a page is loaded.
const LOOK: i32 = 60 * 60 * 1000;

/// How long the worker may take to answer, in milliseconds: it may have to
/// read the configuration, and for a sign-in to wait for the provider.
const PATIENCE: i32 = 40_000;

/// After this many milliseconds without an answer a question is asked again: a
/// worker that was stopped meanwhile has forgotten it.
const DOUBT: i32 = 5_000;

/// Asks the worker.
pub(crate) async fn ask(question: Ask) -> Answer {
    let text = question.write();
    let mut answer = None;
    // A code works once, so it is not offered twice.
    if !matches!(question, Ask::Return { .. }) {
        answer = workers::ask(&text, DOUBT).await;
    }
    if answer.is_none() {
        answer = workers::ask(&text, PATIENCE).await;
    }
    match answer {
        Some(text) => Answer::read(&text).unwrap_or(Answer::Trouble(Trouble::Version)),
        None => Answer::Trouble(Trouble::Silent),
    }
}

/// Keeps the worker awake and up to date as long as the page is open.
pub(crate) fn attend() {
    page::every(PING, || spawn_local(ping()));
    page::every(LOOK, || spawn_local(workers::look_for_update()));
}

async fn ping() {
    if let Answer::Awake(running) = ask(Ask::Ping).await
        && update::may_take_over(running)
    {
        workers::tell_waiting(&Ask::TakeOver.write()).await;
    }
}
