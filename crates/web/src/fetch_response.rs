//! A response to a request of MLflow's, and what is made of it.
//!
//! A response that came from the network cannot be changed, so each change makes
//! another around the same body.

use std::future::Future;

use shell_core::refusal::Refusal;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Response, ResponseInit, TransformStream};

use crate::{Error, in_flight::InFlight, scope};

/// A response, from the network or made here.
#[derive(Debug, Clone)]
pub struct FetchResponse(pub(crate) Response);

/// A document in memory, from which any number of responses can be made.
#[derive(Debug)]
pub struct Kept {
    headers: Headers,
    body: JsValue,
}

impl Kept {
    /// The response as it was.
    pub fn response(&self) -> Result<FetchResponse, Error> {
        let init = ResponseInit::new();
        init.set_headers(&self.headers);
        let body = self.body.as_string();
        let response = Response::new_with_opt_str_and_init(body.as_deref(), &init)?;
        Ok(FetchResponse(response))
    }
}

impl FetchResponse {
    /// A copy of a document, once its body is there. The response keeps its own.
    pub fn keep(&self) -> impl Future<Output = Result<Kept, Error>> + use<> {
        let copied = self.copy_headers();
        let copy = self.0.clone();
        async move {
            let (headers, text) = (copied?, copy?.text()?);
            let body = JsFuture::from(text).await?;
            Ok(Kept { headers, body })
        }
    }

    /// The HTTP status; 0 if the browser keeps it from us.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The length the server stated.
    pub fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// A header; several of one name are one, with commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok()?
    }

    /// The whole body as text. The response keeps it.
    pub async fn text(&self) -> Result<String, Error> {
        let copy = self.0.clone()?;
        let text = JsFuture::from(copy.text()?).await?;
        Ok(text.as_string().unwrap_or_default())
    }

    /// A refusal as a response with this content security policy.
    pub fn refusal(refusal: &Refusal, policy: &str) -> Result<Self, Error> {
        let (status, kind, body) = match refusal {
            Refusal::ToShell(path) => {
                let shell = format!("{}{}", scope::own_origin(), path.as_str());
                return Ok(Self(Response::redirect(&shell)?));
            }
            Refusal::Page(status, html) => (*status, "text/html; charset=utf-8", html),
            Refusal::Json(status, json) => (*status, "application/json", json),
        };
        Ok(Self(document(status, kind, body, policy)?))
    }

    /// The same with a body that keeps `in_flight` until it has ended, failed or
    /// been given up.
    ///
    /// The engine pipes the body itself; nothing of ours sees the bytes.
    pub fn keep_until_read(self, in_flight: InFlight) -> Result<Self, Error> {
        let Some(body) = self.0.body() else {
            return Ok(self);
        };
        let pipe = TransformStream::new()?;
        let init = self.init(&self.copy_headers()?);
        let piped = Response::new_with_opt_readable_stream_and_init(Some(&pipe.readable()), &init)?;
        let ended = body.pipe_to(&pipe.writable());
        crate::spawn_local(async move {
            // However it ended: the pipe tells the reader of the body.
            let _: Result<JsValue, JsValue> = JsFuture::from(ended).await;
            drop(in_flight);
        });
        Ok(Self(piped))
    }

    /// The same under this content security policy, which says who may frame it,
    /// too; `X-Frame-Options` no longer does, and nothing is reported.
    pub fn with_policy(&self, policy: &str) -> Result<Self, Error> {
        let headers = self.copy_headers()?;
        headers.delete("x-frame-options")?;
        headers.delete("content-security-policy-report-only")?;
        headers.set("content-security-policy", policy)?;
        self.with_headers(&headers)
    }

    /// A response of another origin as one of this: under its own URL, what a
    /// document names would be looked for over there.
    ///
    /// CORS may have kept from us that it is an attachment. Then it becomes one, and
    /// if it is shown all the same it is no document of this origin.
    pub(crate) fn as_own(&self) -> Result<Self, Error> {
        let headers = self.copy_headers()?;
        if !headers.has("content-disposition")? {
            headers.set("content-disposition", "attachment")?;
        }
        headers.set("x-content-type-options", "nosniff")?;
        headers.append("content-security-policy", "sandbox")?;
        self.with_headers(&headers)
    }

    /// The same with a JSON document in place of its body.
    pub fn with_json(&self, json: &str) -> Result<Self, Error> {
        let headers = self.copy_headers()?;
        headers.delete("content-length")?;
        headers.set("content-type", "application/json")?;
        let init = self.init(&headers);
        Ok(Self(Response::new_with_opt_str_and_init(
            Some(json),
            &init,
        )?))
    }

    fn with_headers(&self, headers: &Headers) -> Result<Self, Error> {
        // Not even an empty body may be given to these (Fetch, null body status).
        let body = match self.status() {
            204 | 205 | 304 => None,
            _ => self.0.body(),
        };
        let init = self.init(headers);
        let anew = Response::new_with_opt_readable_stream_and_init(body.as_ref(), &init)?;
        Ok(Self(anew))
    }

    /// The headers without those of an encoding, which the browser has undone.
    fn copy_headers(&self) -> Result<Headers, Error> {
        let headers = Headers::new_with_headers(&self.0.headers())?;
        if headers.has("content-encoding")? {
            headers.delete("content-encoding")?;
            headers.delete("content-length")?;
        }
        Ok(headers)
    }

    fn init(&self, headers: &Headers) -> ResponseInit {
        let init = ResponseInit::new();
        init.set_status(self.0.status());
        init.set_status_text(&self.0.status_text());
        init.set_headers(headers);
        init
    }
}

fn document(status: u16, kind: &str, body: &str, policy: &str) -> Result<Response, Error> {
    let headers = Headers::new()?;
    headers.set("content-type", kind)?;
    headers.set("cache-control", "no-store")?;
    headers.set("content-security-policy", policy)?;
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(Response::new_with_opt_str_and_init(Some(body), &init)?)
}
