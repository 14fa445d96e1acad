//! Files that are part of the program, served as `ServeDir` serves a folder's:
//! precompressed, in ranges, with `HEAD`.
//!
//! One thing differs: cached files are revalidated by their content (`ETag`) and
//! not by the time of the build, which is not part of the program.

mod range;

use std::{collections::HashMap, convert::Infallible, sync::LazyLock};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use include_dir::{Dir, include_dir};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use self::range::Extent;
use super::DOCUMENT;
use crate::content_coding::{Coding, accepted};

static FOLDER: Dir<'_> = include_dir!("$MLFLOW_SHELL_SITE");

static FILES: LazyLock<HashMap<String, File>> = LazyLock::new(|| {
    let mut files = HashMap::new();
    collect(&FOLDER, &mut files);
    files
});

#[derive(Debug)]
struct File {
    content: &'static [u8],
    tag: HeaderValue,
}

/// What is in the file of this name.
pub(super) fn read(name: &str) -> Option<&'static [u8]> {
    FOLDER.get_file(name).map(include_dir::File::contents)
}

/// Answers with the file at the request's path.
pub(super) async fn file(request: Request) -> Result<Response, Infallible> {
    Ok(answer_read(request, at_path))
}

/// Answers with the document, whatever the request's path.
pub(super) async fn document(request: Request) -> Result<Response, Infallible> {
    Ok(answer_read(request, |request| respond(DOCUMENT, request)))
}

fn answer_read(request: Request, answer: impl FnOnce(&Parts) -> Response) -> Response {
    let (request, _) = request.into_parts();
    if request.method == Method::GET || request.method == Method::HEAD {
        return answer(&request);
    }
    let allow = [(header::ALLOW, "GET,HEAD")];
    (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
}

fn at_path(request: &Parts) -> Response {
    let path = request.uri.path().trim_start_matches('/');
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if path.is_empty() || path.ends_with('/') {
        respond(&format!("{path}{DOCUMENT}"), request)
    } else if FOLDER.get_dir(path.as_ref()).is_some() {
        with_slash(request)
    } else {
        respond(&path, request)
    }
}

fn collect(folder: &'static Dir<'_>, files: &mut HashMap<String, File>) {
    for file in folder.files() {
        let content = file.contents();
        let tag = format!("\"{:x}\"", Sha256::digest(content));
        if let (Some(name), Ok(tag)) = (file.path().to_str(), HeaderValue::try_from(tag)) {
            files.insert(name.to_owned(), File { content, tag });
        }
    }
    for folder in folder.dirs() {
        collect(folder, files);
    }
}

/// What the build adds to the name of a file that is coded so.
fn suffix(coding: Coding) -> Option<&'static str> {
    match coding {
        Coding::Plain => Some(""),
        Coding::Gzip => Some(".gz"),
        Coding::Brotli => Some(".br"),
        Coding::Zstd => None,
    }
}

fn with_slash(request: &Parts) -> Response {
    let query = request.uri.query();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    // From one slash on: two would name another host.
    let path = request.uri.path().trim_matches('/');
    let location = [(header::LOCATION, format!("/{path}/{query}"))];
    (StatusCode::TEMPORARY_REDIRECT, location).into_response()
}

/// The file of this name, in the coding that the client likes best.
fn respond(name: &str, request: &Parts) -> Response {
    let mut accepted = accepted(&request.headers).into_iter();
    let coded = accepted.find_map(|coding| {
        let file = FILES.get(&format!("{name}{}", suffix(coding)?))?;
        Some((coding, file))
    });
    let plain = || FILES.get(name).map(|file| (Coding::Plain, file));
    let Some((coding, file)) = coded.or_else(plain) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = [(header::ETAG, file.tag.clone())];
    if is_known(&request.headers, &file.tag) {
        return (StatusCode::NOT_MODIFIED, etag).into_response();
    }
    let mut response = part(file, request);
    let headers = response.headers_mut();
    headers.extend(etag);
    headers.insert(header::CONTENT_TYPE, kind(name));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(coding) = coding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// As much of the file as is asked for.
fn part(file: &File, request: &Parts) -> Response {
    let size = file.content.len();
    let body = |content: &'static [u8]| match request.method {
        Method::HEAD => Body::empty(),
        _ => Body::from(Bytes::from_static(content)),
    };
    match range::asked(&request.headers, &file.tag, size) {
        Extent::Whole => {
            let length = [(header::CONTENT_LENGTH, size)].map(text);
            (length, body(file.content)).into_response()
        }
        Extent::Part(first, last) => {
            let headers = [
                (header::CONTENT_LENGTH, (last + 1 - first).to_string()),
                (
                    header::CONTENT_RANGE,
                    format!("bytes {first}-{last}/{size}"),
                ),
            ];
            let content = file.content.get(first..=last).unwrap_or_default();
            (StatusCode::PARTIAL_CONTENT, headers, body(content)).into_response()
        }
        Extent::Unsatisfiable => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response()
        }
    }
}

fn text((name, size): (header::HeaderName, usize)) -> (header::HeaderName, String) {
    (name, size.to_string())
}

/// Whether the client has this content already (RFC 9110 §13.1.2).
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|known| known == "*" || known.as_bytes() == tag.as_bytes())
}

fn kind(name: &str) -> HeaderValue {
    let kind = mime_guess::from_path(name).first_raw();
    HeaderValue::from_static(kind.unwrap_or("application/octet-stream"))
}

#[cfg(test)]
mod tests;
