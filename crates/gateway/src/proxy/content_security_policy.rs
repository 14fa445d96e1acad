//! The content security policy of MLflow's responses: `core` has the table, and
//! decides what becomes of MLflow's own.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use shell_core::{
    content_security_policy::{Content, Sources, Stated},
    hosting,
    ui::UiVersion,
};

/// Puts the headers of an answer right that is no file of the bundle.
pub(crate) fn correct(headers: &mut HeaderMap, sources: &Sources, content: Content) {
    put(headers, |stated| sources.correct(content, stated));
}

/// Gives the file at `path` on its server the headers that it has on a site
/// that has the UI.
pub(crate) fn set_bundle_headers(
    headers: &mut HeaderMap,
    sources: &Sources,
    version: Option<UiVersion>,
    path: &str,
) {
    put(headers, |stated| {
        sources.correct_bundle_file(version, stated)
    });
    let rows = hosting::bundle(version, sources);
    let address = ["/mlflow", path].concat();
    let row = hosting::row(&rows, &address).map(|row| row.headers.iter());
    for (name, value) in row.into_iter().flatten() {
        let name = HeaderName::from_static(name);
        if name != header::CONTENT_SECURITY_POLICY
            && let Ok(value) = HeaderValue::try_from(value)
        {
            headers.insert(name, value);
        }
    }
}

/// Replaces the policy by what `corrected` makes of it.
fn put(headers: &mut HeaderMap, corrected: impl Fn(Stated<'_>) -> Option<String>) {
    let [options, policy] =
        [header::X_FRAME_OPTIONS, header::CONTENT_SECURITY_POLICY].map(|name| text(headers, &name));
    let stated = Stated {
        options: options.as_deref(),
        policy: policy.as_deref(),
        is_reported: headers.contains_key(header::CONTENT_SECURITY_POLICY_REPORT_ONLY),
    };
    let Some(corrected) = corrected(stated) else {
        return;
    };
    headers.remove(header::X_FRAME_OPTIONS);
    headers.remove(header::CONTENT_SECURITY_POLICY_REPORT_ONLY);
    let corrected = HeaderValue::from_bytes(corrected.as_bytes());
    // What was read from headers has no character that none can have.
    let nothing = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        corrected.unwrap_or(nothing),
    );
}

/// All values of a header; `None` if there is none.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}
