//! The `fetch` event: one request of MLflow's UI, from its arrival to its response.

use std::pin::Pin;

use shell_core::{
    content_security_policy::{Content, Sources, Stated, governs, is_document_of_site},
    denial::{self, Answered},
    intercept::{Clearance, Dispatch},
    protocol::{Message, Notice},
    refusal::{self, Problem, Refusal, Requester},
    session::{Admission, Event, PendingRequest, Responded},
    ui::UiVersion,
    update,
};
use shell_web::{
    Error, clients, clock, fetch_response::FetchResponse, in_flight::InFlight, request::Outgoing,
    spawn_local,
};

use crate::{config, documents, renewal, state};

/// A response to come. Boxed where more than one place waits for it: the code would
/// be in the module once for each.
type Coming<'a> = Pin<Box<dyn Future<Output = Result<FetchResponse, Error>> + 'a>>;

/// Responds to a request that is ours, by what was decided about it.
pub(crate) async fn respond(
    outgoing: Outgoing,
    verdict: Result<Clearance, Problem>,
) -> Result<FetchResponse, Error> {
    let requester = outgoing.requester();
    match verdict {
        Ok(clearance) => {
            let request =
                PendingRequest::new(clearance, outgoing.method(), requester, clock::now());
            match documents::find(&outgoing) {
                Some(copy) => send_copy(copy, outgoing, request).await,
                None => send(outgoing, request).await,
            }
        }
        // No session is asked about it.
        Err(problem) => refusal(&problem, requester, None).await,
    }
}

/// Answers with a copy whoever would get the document anew at once, and asks the
/// server for the next visit's.
async fn send_copy(
    copy: FetchResponse,
    outgoing: Outgoing,
    mut request: PendingRequest,
) -> Result<FetchResponse, Error> {
    let Admission::Go(Dispatch::Here, _) = state::admit(&mut request).await else {
        return send(outgoing, request).await;
    };
    let (to, requester) = (outgoing.clone(), request.requester());
    spawn_local(async move {
        let asked = outgoing.clone();
        if send(outgoing, request).await.is_err() {
            documents::forget(&asked);
        }
    });
    deliver(copy, &to, requester, InFlight::begin()).await
}

/// Sends the request. What becomes of it is decided by
/// [`Session::admit`](shell_core::session::Session::admit), again and again until
/// there is a response.
fn send(outgoing: Outgoing, request: PendingRequest) -> Coming<'static> {
    Box::pin(sent(outgoing, request))
}

async fn sent(outgoing: Outgoing, mut request: PendingRequest) -> Result<FetchResponse, Error> {
    let in_flight = InFlight::begin();
    let mut refused = None;
    loop {
        match state::admit(&mut request).await {
            Admission::Go(dispatch, bearer) => {
                let response = match outgoing.send(&dispatch, bearer.expose()).await {
                    // To a worker, a response without the headers of CORS is none.
                    Err(_) if matches!(dispatch, Dispatch::Api(_)) => {
                        return refuse(&Problem::UPSTREAM_DOWN, &request).await;
                    }
                    response => response?,
                };
                renewal::in_background();
                match request.responded(response.status(), &dispatch, &bearer) {
                    Responded::Retry => {
                        refused = Some(response);
                        continue;
                    }
                    Responded::Accepted => state::accepted().await,
                    Responded::Rejected => drop(state::on(Event::Rejected(bearer)).await),
                    Responded::WithoutToken => {}
                }
                let response = deliver(response, &outgoing, request.requester(), in_flight).await?;
                documents::keep(&outgoing, &response);
                return Ok(response);
            }
            Admission::Renew => renewal::renew().await,
            Admission::Wait(seconds) => state::change(seconds).await,
            Admission::Hold(seconds) if clients::any().await => state::change(seconds).await,
            Admission::Hold(_) => return refuse(&Problem::UNAUTHENTICATED, &request).await,
            Admission::Return => match refused {
                Some(response) => {
                    return deliver(response, &outgoing, request.requester(), in_flight).await;
                }
                None => return refusal(&Problem::UNAUTHENTICATED, Requester::Script, None).await,
            },
            Admission::Refuse(problem) => return refuse(&problem, &request).await,
        }
    }
}

/// Passes the response on in a form that the requester can use.
fn deliver(
    response: FetchResponse,
    to: &Outgoing,
    requester: Requester,
    in_flight: InFlight,
) -> Coming<'_> {
    Box::pin(delivered(response, to, requester, in_flight))
}

async fn delivered(
    response: FetchResponse,
    to: &Outgoing,
    requester: Requester,
    in_flight: InFlight,
) -> Result<FetchResponse, Error> {
    let response = if governs(requester, to.destination()) {
        governed(response, to).await?
    } else {
        response
    };
    match requester {
        Requester::Tab | Requester::Frame => Ok(response),
        Requester::Script => counted(reworded(response, to.url()).await?, in_flight),
    }
}

/// What takes long is counted until it is over.
fn counted(response: FetchResponse, in_flight: InFlight) -> Result<FetchResponse, Error> {
    if update::is_counted(Requester::Script, response.length()) {
        response.keep_until_read(in_flight)
    } else {
        Ok(response)
    }
}

/// A document, or a worker's script, under the policy that is in force now (rule
/// W9). The configuration of the session is at hand; the site's is loaded if the
/// response does not conform to that.
async fn governed(response: FetchResponse, to: &Outgoing) -> Result<FetchResponse, Error> {
    let header = |name| response.header(name);
    let is_document = is_document_of_site(to.path(), header("content-type").as_deref());
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
    if response.status() == 0 || correct(config::known_sources()).is_none() {
        return Ok(response);
    }
    match correct(config::sources().await) {
        Some(corrected) => response.with_policy(&corrected),
        None => Ok(response),
    }
}

/// An error in MLflow's own words; every page is told of a 403.
async fn reworded(response: FetchResponse, url: &str) -> Result<FetchResponse, Error> {
    if !denial::is_error(response.status()) {
        return Ok(response);
    }
    let kind = response.header("x-amzn-errortype");
    let answered = Answered {
        url,
        status: response.status(),
        kind: kind.as_deref(),
        length: response.length(),
    };
    let reading = if answered.is_read() {
        answered.read(&response.text().await?)
    } else {
        answered.unread()
    };
    if let Some(sentence) = reading.notice {
        notify_pages(sentence).await;
    }
    match reading.document {
        Some(document) => response.with_json(&document),
        None => Ok(response),
    }
}

/// Tells every page why something was denied.
async fn notify_pages(sentence: String) {
    // A page that cannot be reached shows nothing of MLflow either.
    let _ = clients::broadcast(&Notice { sentence }.write()).await;
}

/// Refuses, and tells every page the status, which one that shows MLflow may not
/// know.
fn refuse<'a>(problem: &'a Problem, request: &'a PendingRequest) -> Coming<'a> {
    Box::pin(refused(problem, request))
}

async fn refused(problem: &Problem, request: &PendingRequest) -> Result<FetchResponse, Error> {
    state::tell_pages().await;
    if problem.status() == 403 && request.requester() == Requester::Script {
        notify_pages(problem.message().to_owned()).await;
    }
    refusal(problem, request.requester(), request.server()).await
}

/// A page appears in MLflow's place, and may be framed by the same origins.
fn refusal<'a>(problem: &'a Problem, requester: Requester, server: Option<&'a str>) -> Coming<'a> {
    Box::pin(refusal_of(problem, requester, server))
}

async fn refusal_of(
    problem: &Problem,
    requester: Requester,
    server: Option<&str>,
) -> Result<FetchResponse, Error> {
    let refusal = refusal::refuse(problem, requester, server);
    let (sources, _) = match refusal {
        Refusal::Page(..) => config::sources().await,
        Refusal::ToShell(_) | Refusal::Json(..) => config::known_sources(),
    };
    FetchResponse::refusal(&refusal, &sources.refusal_page())
}
