//! Canonical paths: the one spelling that is judged and forwarded.
//!
//! MLflow decodes a path before it looks for an endpoint, so
//! `/api/2.0/mlflow%2Fexperiments/creat%65` creates an experiment (measured,
//! MLflow 3.18.0). What is judged and what is forwarded are therefore made
//! from the same decoded segments, and what has more than one reading is
//! refused to everyone.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The most segments a path may have. Artifacts lie in folders, and rarely in
/// ten.
const MOST_SEGMENTS: usize = 64;

/// What is escaped: all but RFC 3986's unreserved characters and what MLflow's
/// own client leaves as it is in a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b':')
    .remove(b',')
    .remove(b'=')
    .remove(b'$');

/// A decoded path that has one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath {
    segments: Vec<String>,
    /// Whether it ends in a slash.
    trailing: bool,
}

/// Why a path has no one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous;

impl CanonicalPath {
    /// Reads an absolute, undecoded URL path without its query.
    ///
    /// # Errors
    /// An escape that is none, text that is not UTF-8, an empty segment, `.` or
    /// `..`, a control character, or too many segments.
    pub fn parse(path: &str) -> Result<Self, Ambiguous> {
        let decoded = decode_text(path.strip_prefix('/').ok_or(Ambiguous)?)?;
        let mut segments: Vec<String> = decoded.split('/').map(ToOwned::to_owned).collect();
        let trailing = segments.last().is_some_and(String::is_empty);
        if trailing {
            segments.pop();
        }
        if segments.len() > MOST_SEGMENTS || !segments.iter().all(|segment| is_plain(segment)) {
            return Err(Ambiguous);
        }
        Ok(Self { segments, trailing })
    }

    /// The decoded segments.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Whether a slash follows the last segment.
    pub(crate) fn is_folder(&self) -> bool {
        self.trailing && !self.segments.is_empty()
    }

    /// The path as it is forwarded.
    pub fn canonical(&self) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, ESCAPED));
        }
        if self.trailing {
            path.push('/');
        }
        path
    }
}

fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.contains(char::is_control)
}

fn decode_text(path: &str) -> Result<String, Ambiguous> {
    let decoded = decode(path).ok_or(Ambiguous)?;
    String::from_utf8(decoded).map_err(|_| Ambiguous)
}

/// Percent-decodes `segment`; `None` if an escape is broken.
pub(crate) fn decode(segment: &str) -> Option<Vec<u8>> {
    let is_whole = |after: &str| {
        let digits = after.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let are_whole = segment.split('%').skip(1).all(is_whole);
    are_whole.then(|| percent_decode_str(segment).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_is_forwarded_in_one() {
        let table = [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/", "/a/"),
            ("/a%2Fb", "/a/b"),
            ("/creat%65", "/create"),
            ("/a%2fb%2f", "/a/b/"),
            ("/a+b%2Bc", "/a%2Bb%2Bc"),
            ("/a%252Fb", "/a%252Fb"),
            ("/a;x=1", "/a%3Bx=1"),
            ("/a%3Fb%23c", "/a%3Fb%23c"),
            ("/gr%C3%BC%C3%9Fe", "/gr%C3%BC%C3%9Fe"),
            ("/a b\"<>", "/a%20b%22%3C%3E"),
            ("/..a/b..", "/..a/b.."),
        ];
        for (path, canonical) in table {
            let parsed = CanonicalPath::parse(path).unwrap();
            assert_eq!(parsed.canonical(), canonical, "{path}");
            assert_eq!(CanonicalPath::parse(canonical), Ok(parsed), "{path}");
        }
    }

    #[test]
    fn a_path_with_two_readings_is_refused() {
        let long = "/a".repeat(MOST_SEGMENTS + 1);
        let table = [
            "",
            "a",
            "//a",
            "//",
            "/a//b",
            "/a//",
            "/./a",
            "/a/..",
            "/%2e%2e/a",
            "/a%2F%2Fb",
            "/a%2F..%2Fb",
            "/%2Fa",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%00",
            "/a%0a",
            "/a\u{7f}",
            "/%ff",
            "/%c0%ae",
            &long,
        ];
        for path in table {
            assert_eq!(CanonicalPath::parse(path), Err(Ambiguous), "{path}");
        }
    }
}
