//! One request of MLflow's UI, from its arrival to its answer.

use shell_core::{
    content_security_policy::{Content, Sources, Stated, governs, is_document_of_site},
    denial::Answered,
    intercept::{Clearance, Dispatch},
    protocol::{Message, Notice},
    refusal::{self, Problem, Refusal, Requester},
    session::{Admission, Event, PendingRequest},
    ui::UiVersion,
    update,
};
use shell_web::{
    Error,
    body::{self, InFlight},
    clients, clock,
    request::{Answer, Outgoing},
};

use crate::{config, renewal, state};

/// Answers a request that is ours to answer, by what was decided about it.
pub(crate) async fn answer(
    outgoing: Outgoing,
    verdict: Result<Clearance, Problem>,
    asker: Requester,
) -> Result<Answer, Error> {
    match verdict {
        Ok(clearance) => {
            let ticket = PendingRequest::new(clearance, outgoing.method(), asker, clock::now());
            pass(outgoing, ticket).await
        }
        // No session is asked about it.
        Err(cause) => refusal(&cause, asker, None).await,
    }
}

/// Sends the request. What becomes of it is decided by
/// [`Session::admit`](shell_core::session::Session::admit), again and again until
/// there is an answer.
async fn pass(outgoing: Outgoing, mut ticket: PendingRequest) -> Result<Answer, Error> {
    let in_flight = InFlight::begin();
    let mut refused = None;
    loop {
        match state::admit(&mut ticket).await {
            Admission::Go(way, bearer) => {
                let answer = match outgoing.send(&way, bearer.expose()).await {
                    // To a worker, an answer without the headers of CORS is none.
                    Err(_) if matches!(way, Dispatch::Api(_)) => {
                        return refuse(&Problem::UPSTREAM_DOWN, &ticket).await;
                    }
                    answer => answer?,
                };
                renewal::in_passing();
                // Of a request without a token it says nothing of the token.
                if answer.status() != 401 || way == Dispatch::File {
                    state::accepted().await;
                    return deliver(answer, &outgoing, ticket.asker(), in_flight).await;
                }
                if !ticket.try_again(bearer.clone()) {
                    state::on(Event::Rejected(bearer)).await;
                    return deliver(answer, &outgoing, ticket.asker(), in_flight).await;
                }
                refused = Some(answer);
            }
            Admission::Renew => renewal::renew().await,
            Admission::Wait(seconds) => state::change(seconds).await,
            Admission::Hold(seconds) if clients::any().await => state::change(seconds).await,
            Admission::Hold(_) => return refuse(&Problem::UNAUTHENTICATED, &ticket).await,
            Admission::Return => match refused {
                Some(answer) => return deliver(answer, &outgoing, ticket.asker(), in_flight).await,
                None => return refusal(&Problem::UNAUTHENTICATED, Requester::Script, None).await,
            },
            Admission::Refuse(cause) => return refuse(&cause, &ticket).await,
        }
    }
}

/// Hands the answer on, as who asked can use it.
async fn deliver(
    answer: Answer,
    to: &Outgoing,
    asker: Requester,
    in_flight: InFlight,
) -> Result<Answer, Error> {
    let answer = if governs(asker, &to.destination()) {
        governed(answer, to).await?
    } else {
        answer
    };
    match asker {
        Requester::Tab | Requester::Frame => Ok(answer),
        Requester::Script => counted(worded(answer, &to.url()).await?, in_flight),
    }
}

/// What takes long is counted until it is over.
fn counted(answer: Answer, in_flight: InFlight) -> Result<Answer, Error> {
    if update::is_counted(Requester::Script, answer.length()) {
        body::keep_until_read(answer, in_flight)
    } else {
        Ok(answer)
    }
}

/// A document, or a worker's script, under the policy that is in force now (rule
/// W9). What the session knows is at hand; the site's own is asked for if the
/// answer is not under that.
async fn governed(answer: Answer, to: &Outgoing) -> Result<Answer, Error> {
    let header = |name| answer.header(name);
    let is_document = is_document_of_site(&to.path(), header("content-type").as_deref());
    let [options, policy] = ["x-frame-options", "content-security-policy"].map(header);
    let stated = Stated {
        options: options.as_deref(),
        policy: policy.as_deref(),
        is_reported: header("content-security-policy-report-only").is_some(),
    };
    let correct = |(sources, version): (Sources, Option<UiVersion>)| {
        let content = if is_document {
            Content::Document(version)
        } else {
            Content::Other
        };
        sources.correct(content, stated)
    };
    // Redirects are the browser's own.
    if answer.status() == 0 || correct(config::known_sources()).is_none() {
        return Ok(answer);
    }
    match correct(config::sources().await) {
        Some(corrected) => body::with_policy(&answer, &corrected),
        None => Ok(answer),
    }
}

/// An error in MLflow's own words; every page is told of a 403.
async fn worded(answer: Answer, url: &str) -> Result<Answer, Error> {
    let kind = answer.header("x-amzn-errortype");
    let answered = Answered {
        url,
        status: answer.status(),
        kind: kind.as_deref(),
        length: answer.length(),
    };
    let reading = if answered.is_read() {
        answered.read(&answer.text().await?)
    } else {
        answered.unread()
    };
    if let Some(sentence) = reading.notice {
        mention(sentence).await;
    }
    match reading.document {
        Some(document) => body::with_json(&answer, &document),
        None => Ok(answer),
    }
}

/// Tells every page why something was denied.
async fn mention(sentence: String) {
    // A page that cannot be reached shows nothing of MLflow either.
    let _ = clients::broadcast(&Notice { sentence }.write()).await;
}

/// Refuses, and tells every page how the user stands: a page that shows MLflow
/// may not know it.
async fn refuse(cause: &Problem, ticket: &PendingRequest) -> Result<Answer, Error> {
    state::tell_pages().await;
    if cause.status() == 403 && ticket.asker() == Requester::Script {
        mention(cause.message().to_owned()).await;
    }
    refusal(cause, ticket.asker(), ticket.server()).await
}

/// A page appears in MLflow's place, so whoever frames MLflow frames it.
async fn refusal(cause: &Problem, asker: Requester, server: Option<&str>) -> Result<Answer, Error> {
    let refusal = refusal::refuse(cause, asker, server);
    let (sources, _) = match refusal {
        Refusal::Page(..) => config::sources().await,
        Refusal::ToShell(_) | Refusal::Json(..) => config::known_sources(),
    };
    Answer::refusal(&refusal, &sources.refusal_page())
}
