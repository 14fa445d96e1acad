//! The query of a URL, and forms: `application/x-www-form-urlencoded` (URL
//! Standard §5).

use form_urlencoded::Serializer;

/// The first value of `name` in a query or a fragment, which may have its `?`
/// or `#`.
pub(crate) fn get(query: &str, name: &str) -> Option<String> {
    let query = query.trim_start_matches(['?', '#']);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// Writes the pairs.
pub(crate) fn write(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The URL of `endpoint` with these pairs after the query that it has.
pub(crate) fn append(endpoint: &str, pairs: &[(&str, &str)]) -> String {
    let sign = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{sign}{}", write(pairs))
}
