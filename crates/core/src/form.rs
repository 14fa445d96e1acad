//! Named texts as one text: `application/x-www-form-urlencoded`.
//!
//! The endpoints of OAuth speak it anyway, so page and worker use it among
//! themselves too: it costs neither of them a JSON library. Read and written
//! as the URL Standard says (§5.1, §5.2).

use crate::Timestamp;

/// Pairs of name and value, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The URL of `endpoint` with these pairs after the query that it has.
    pub(crate) fn append_to(&self, endpoint: &str) -> String {
        let sign = if endpoint.contains('?') { "&" } else { "?" };
        [endpoint, sign, &self.write()].concat()
    }

    /// Adds a pair.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a pair for each value.
    #[must_use]
    pub(crate) fn with_all(self, name: &str, values: &[String]) -> Self {
        values
            .iter()
            .fold(self, |form, value| form.with(name, value))
    }

    /// Adds a pair if there is a value.
    #[must_use]
    pub(crate) fn with_maybe(self, name: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Reads what [`write`](Self::write) wrote. Every text can be read.
    pub(crate) fn read(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(read_pair).collect())
    }

    /// Writes the pairs.
    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            if !text.is_empty() {
                text.push('&');
            }
            encode(name, &mut text);
            text.push('=');
            encode(value, &mut text);
        }
        text
    }

    /// Whether there is a pair of this name, in whatever case.
    pub(crate) fn has_ignoring_case(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key.eq_ignore_ascii_case(name))
    }

    /// The first value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of `name`, to keep.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(ToOwned::to_owned)
    }

    /// The first value of `name`, as a moment.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        Some(Timestamp(self.get(name)?.parse().ok()?))
    }

    /// Every value of `name`.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let pairs = self.0.iter().filter(|(key, _)| key == name);
        pairs.map(|(_, value)| value.clone()).collect()
    }
}

fn read_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decode(name), decode(value))
}

/// A `%` without two hexadecimal digits stands for itself. What would be no
/// UTF-8 stays as it is written.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, left) = match (first, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, left @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (16 * high + low, left),
                _ => (b'%', after),
            },
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn encode(text: &str, out: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => {
                let (high, low) = (usize::from(byte / 16), usize::from(byte % 16));
                out.extend(['%', DIGITS[high], DIGITS[low]]);
            }
        }
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that mean something, and some that do not.
    const PIECES: &[&str] = &[
        "a",
        "Z",
        "0",
        "é",
        "\u{1f600}",
        " ",
        "+",
        "%",
        "%2",
        "%4a",
        "%C3%A9",
        "%g0",
        "&",
        "=",
        "*",
        "-",
        ".",
        "_",
        "~",
        "/",
        "\0",
        "\u{7f}",
        "\r\n",
    ];

    fn texts() -> impl Iterator<Item = String> {
        let triples = |first: &&'static str| {
            let first = *first;
            let pairs = |second: &&'static str| {
                let start = [first, second].concat();
                PIECES.iter().map(move |third| [&start, *third].concat())
            };
            PIECES.iter().flat_map(pairs).collect::<Vec<_>>()
        };
        PIECES.iter().flat_map(triples)
    }

    #[test]
    fn every_text_is_read_as_others_read_it() {
        for text in texts() {
            let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
            // Others put it where the text is no UTF-8.
            let is_utf8 = |(name, value): &(String, String)| {
                ![name, value].iter().any(|part| part.contains('\u{fffd}'))
            };
            let expected: Vec<_> = pairs.collect();
            if expected.iter().all(is_utf8) {
                assert_eq!(Form::read(&text).0, expected, "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_utf_8_is_left_as_it_is() {
        let form = Form::read("n=%ff+a&%C3=b+c");
        assert_eq!(form.get("n"), Some("%ff+a"));
        assert_eq!(form.get("%C3"), Some("b c"));
    }

    #[test]
    fn every_text_is_written_as_others_write_it_and_survives() {
        for text in texts() {
            let form = Form::default().with("n=", &text).with(&text, "");
            let written = form.write();
            let mut expected = form_urlencoded::Serializer::new(String::new());
            assert_eq!(written, expected.extend_pairs(&form.0).finish());
            assert_eq!(Form::read(&written), form);
        }
    }
}
