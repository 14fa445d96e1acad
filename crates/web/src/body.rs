//! Answers made anew around a body.
//!
//! Those whose bodies are still on their way are counted, because an update
//! would cut them off in Firefox and `WebKit` (rules W10 and U2).

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Response, ResponseInit, TransformStream};

use crate::{Error, request::Answer};

thread_local! {
    static IN_FLIGHT: Cell<u32> = const { Cell::new(0) };
}

/// An answer under way; counted until it is dropped.
#[derive(Debug)]
pub struct InFlight(());

impl InFlight {
    /// Counts one more.
    pub fn begin() -> Self {
        IN_FLIGHT.set(IN_FLIGHT.get().saturating_add(1));
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.set(IN_FLIGHT.get().saturating_sub(1));
    }
}

/// How many are under way.
pub fn in_flight() -> u32 {
    IN_FLIGHT.get()
}

/// Returns `answer` with a body that keeps `in_flight` until it has ended, failed
/// or been given up.
///
/// The engine pipes the body itself; nothing of ours sees the bytes.
pub fn keep_until_read(Answer(answer): Answer, in_flight: InFlight) -> Result<Answer, Error> {
    let Some(body) = answer.body() else {
        return Ok(Answer(answer));
    };
    let pipe = TransformStream::new()?;
    let init = with_headers(&answer, &copy_headers(&answer)?);
    let piped = Response::new_with_opt_readable_stream_and_init(Some(&pipe.readable()), &init)?;
    let ended = body.pipe_to(&pipe.writable());
    crate::spawn_local(async move {
        // However it ended: the pipe tells the reader of the body.
        let _: Result<JsValue, JsValue> = JsFuture::from(ended).await;
        drop(in_flight);
    });
    Ok(Answer(piped))
}

/// Returns `answer` under this content security policy, which says who may
/// frame it, too; `X-Frame-Options` no longer does, and nothing is reported.
pub fn with_policy(Answer(answer): &Answer, policy: &str) -> Result<Answer, Error> {
    let headers = copy_headers(answer)?;
    headers.delete("x-frame-options")?;
    headers.delete("content-security-policy-report-only")?;
    headers.set("content-security-policy", policy)?;
    around_its_body(answer, &headers)
}

/// Returns the answer of another origin as one of this: under its own URL, what
/// a document names would be looked for over there.
///
/// CORS may have kept from us that it is an attachment. Then it becomes one, and
/// whatever is shown all the same is no document of this origin.
pub fn as_own(Answer(answer): &Answer) -> Result<Answer, Error> {
    let headers = copy_headers(answer)?;
    if !headers.has("content-disposition")? {
        headers.set("content-disposition", "attachment")?;
    }
    headers.set("x-content-type-options", "nosniff")?;
    headers.append("content-security-policy", "sandbox")?;
    around_its_body(answer, &headers)
}

fn around_its_body(answer: &Response, headers: &Headers) -> Result<Answer, Error> {
    // Not even an empty body may be given to these (Fetch, null body status).
    let body = match answer.status() {
        204 | 205 | 304 => None,
        _ => answer.body(),
    };
    let init = with_headers(answer, headers);
    let anew = Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init)?;
    Ok(Answer(anew))
}

/// Returns `answer` with a JSON document in place of its body.
pub fn with_json(Answer(answer): &Answer, json: &str) -> Result<Answer, Error> {
    let headers = copy_headers(answer)?;
    headers.delete("content-length")?;
    headers.set("content-type", "application/json")?;
    let init = with_headers(answer, &headers);
    let answer = Response::new_with_opt_str_and_init(Some(json), &init)?;
    Ok(Answer(answer))
}

/// The headers of `answer` without those of an encoding, which the browser has
/// undone.
fn copy_headers(answer: &Response) -> Result<Headers, Error> {
    let headers = Headers::new_with_headers(&answer.headers())?;
    if headers.has("content-encoding")? {
        headers.delete("content-encoding")?;
        headers.delete("content-length")?;
    }
    Ok(headers)
}

fn with_headers(answer: &Response, headers: &Headers) -> ResponseInit {
    let init = ResponseInit::new();
    init.set_status(answer.status());
    init.set_status_text(&answer.status_text());
    init.set_headers(headers);
    init
}
