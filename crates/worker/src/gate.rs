//! One request of MLflow's UI, from its arrival to its answer.

use std::future::Future;

use shell_core::{
    intercept::Clearance,
    refusal::{self, Asker, Cause},
    session::{Event, Pass, Ticket},
    update,
};
use shell_web::{
    Error, FetchEvent,
    body::{self, Running},
    clients, clock,
    request::{Answer, Outgoing},
};

use crate::{renewal, state};

/// Answers the request of `event`. What becomes of it is decided by
/// [`Session::admit`](shell_core::session::Session::admit), again and again
/// until there is an answer.
pub(crate) fn answer(
    event: &FetchEvent,
    clearance: Clearance,
    asker: Asker,
) -> impl Future<Output = Result<Answer, Error>> + 'static {
    let outgoing = Outgoing::new(event);
    let ticket = Ticket::new(clearance, asker, clock::now());
    pass(outgoing, ticket)
}

async fn pass(outgoing: Outgoing, mut ticket: Ticket) -> Result<Answer, Error> {
    let running = Running::begin();
    let mut refused = None;
    loop {
        match state::admit(&mut ticket).await {
            Pass::Go(bearer) => {
                let answer = outgoing.send(bearer.expose()).await?;
                renewal::in_passing();
                if answer.status() != 401 {
                    state::accepted().await;
                    return deliver(answer, ticket.asker(), running);
                }
                if !ticket.try_again(bearer.clone()) {
                    state::on(Event::Rejected(bearer)).await;
                    return Ok(answer);
                }
                refused = Some(answer);
            }
            Pass::Renew => renewal::renew().await,
            Pass::Wait(seconds) => state::change(seconds).await,
            Pass::Hold(seconds) if clients::any().await => state::change(seconds).await,
            Pass::Hold(_) => return refuse(&Cause::Unauthenticated, &ticket).await,
            Pass::Return => return refused.map_or_else(unauthenticated, Ok),
            Pass::Refuse(cause) => return refuse(&cause, &ticket).await,
        }
    }
}

/// Hands the answer on; what takes long is counted until it is over.
fn deliver(answer: Answer, asker: Asker, running: Running) -> Result<Answer, Error> {
    if update::is_counted(asker, answer.length()) {
        body::keep_until_read(answer, running)
    } else {
        Ok(answer)
    }
}

/// Refuses, and tells every page how the user stands: a page that shows MLflow
/// may not know it.
async fn refuse(cause: &Cause, ticket: &Ticket) -> Result<Answer, Error> {
    state::tell_pages().await;
    let refusal = refusal::refuse(cause, ticket.asker(), ticket.server());
    Answer::refusal(&refusal)
}

fn unauthenticated() -> Result<Answer, Error> {
    Answer::refusal(&refusal::refuse(
        &Cause::Unauthenticated,
        Asker::Script,
        None,
    ))
}
