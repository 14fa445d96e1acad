//! Which codings of an answer a client takes (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

/// How an answer is coded, from the least to the most liked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coding {
    Plain,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// `*` is every coding that is not named; what takes any takes gzip.
    fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "identity" => Some(Self::Plain),
            "gzip" | "x-gzip" | "*" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Its name in `Content-Encoding`.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// The codings that a client takes, the best first. A client that refuses even
/// [`Coding::Plain`] is sent that if there is nothing else.
pub(crate) fn accepted(headers: &HeaderMap) -> Vec<Coding> {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut accepted: Vec<(u16, Coding)> = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(weighed)
        .filter(|(weight, _)| *weight > 0)
        .collect();
    accepted.sort_unstable_by(|one, other| other.cmp(one));
    accepted.into_iter().map(|(_, coding)| coding).collect()
}

/// A coding, and its weight in thousandths.
fn weighed(item: &str) -> Option<(u16, Coding)> {
    let (name, parameter) = item.split_once(';').unwrap_or((item, "q=1"));
    let weight = parameter.trim().to_ascii_lowercase();
    let weight: f32 = weight.strip_prefix("q=")?.parse().ok()?;
    let coding = Coding::read(name.trim())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 1000"
    )]
    let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
    Some((weight, coding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_that_a_client_likes_best_comes_first() {
        use Coding::{Brotli, Gzip, Plain, Zstd};
        let table: [(&str, &[Coding]); 10] = [
            ("gzip, deflate, br, zstd", &[Zstd, Brotli, Gzip]),
            ("gzip", &[Gzip]),
            ("GZIP;Q=0.8, br; q=0.5", &[Gzip, Brotli]),
            ("br;q=0, gzip;q=0.0", &[]),
            ("identity, br;q=0.9", &[Plain, Brotli]),
            ("identity;q=0, br;q=0.9", &[Brotli]),
            ("br;level=3", &[]),
            ("*", &[Gzip]),
            ("*;q=0", &[]),
            ("", &[]),
        ];
        for (list, expected) in table {
            let headers = [(header::ACCEPT_ENCODING, list.parse().unwrap())];
            assert_eq!(accepted(&HeaderMap::from_iter(headers)), expected, "{list}");
        }
    }
}
