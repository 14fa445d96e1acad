//! Which request belongs to MLflow, and which of those may carry a token.
//!
//! The worker asks [`judge`] before it attaches a token, the gateway asks
//! [`place`] before it forwards a request. Rules, in order:
//!
//! 1. Another origin is never touched.
//! 2. Only paths whose first segment is exactly `mlflow` belong to MLflow;
//!    an encoded spelling of it does not.
//! 3. `/mlflow/static-files/…` is MLflow's released bundle: public, so no
//!    token, provided every segment is plain (rule 4).
//! 4. A segment is plain if, decoded, it is not empty, `.` or `..` and has no
//!    slash, backslash or control character. Anything else below
//!    `static-files` is treated as an API request.
//! 5. A presigned URL carries its own credentials: no token.

use crate::form::{Form, hex};

/// First segment of everything that is MLflow's.
pub const PREFIX: &str = "mlflow";

const STATIC_FILES: &str = "static-files";

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// To the shell itself, or nowhere.
    Shell,
    /// To a file of MLflow's released bundle: the path below `/mlflow`.
    StaticFile(&'a str),
    /// To MLflow, with a token: the path below `/mlflow`.
    Upstream(&'a str),
}

/// Leave to attach a token to one request. Only [`judge`] makes it.
#[derive(Debug)]
pub struct Clearance(());

/// Tells where `path`, an absolute and undecoded URL path, leads.
pub fn place(path: &str) -> Place<'_> {
    let Some(rest) = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(PREFIX))
    else {
        return Place::Shell;
    };
    if rest.is_empty() {
        return Place::Upstream("/");
    }
    let Some(below) = rest.strip_prefix('/') else {
        return Place::Shell;
    };
    match below.split_once('/') {
        Some((STATIC_FILES, file)) if file.split('/').all(is_plain) => Place::StaticFile(rest),
        _ => Place::Upstream(rest),
    }
}

/// Clears a request of a page at `own` for a token, if it may have one.
///
/// `own`, `origin` and `path` come from a URL parser, `query` with or without `?`.
pub fn judge(own: &str, origin: &str, path: &str, query: &str) -> Option<Clearance> {
    let ours = origin == own;
    let upstream = matches!(place(path), Place::Upstream(_));
    (ours && upstream && !is_presigned(query)).then_some(Clearance(()))
}

fn is_plain(segment: &str) -> bool {
    let Some(decoded) = decode(segment) else {
        return false;
    };
    let harmless = |byte: &u8| !byte.is_ascii_control() && *byte != b'/' && *byte != b'\\';
    !matches!(decoded.as_slice(), b"" | b"." | b"..") && decoded.iter().all(harmless)
}

/// Percent-decodes one segment; `None` if an escape is broken.
fn decode(segment: &str) -> Option<Vec<u8>> {
    let mut bytes = segment.bytes();
    let mut decoded = Vec::with_capacity(segment.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => 16 * hex(bytes.next()?)? + hex(bytes.next()?)?,
            byte => byte,
        });
    }
    Some(decoded)
}

fn is_presigned(query: &str) -> bool {
    let query = Form::read(query.trim_start_matches('?'));
    ["X-Amz-Signature", "X-Amz-Algorithm"]
        .iter()
        .any(|marker| query.has_ignoring_case(marker))
}

#[cfg(test)]
mod tests;
