//! Which codings of a file a client takes (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

/// How a file is coded, from the least to the most liked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Coding {
    fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "identity" => Some(Self::Plain),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// Its name in `Content-Encoding`.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// What the build adds to the name of a file that is coded so.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }
}

/// The codings that a client takes, the best first.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<Coding> {
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
        use Coding::{Brotli, Gzip, Plain};
        let table: [(&str, &[Coding]); 8] = [
            ("gzip, deflate, br, zstd", &[Brotli, Gzip]),
            ("gzip", &[Gzip]),
            ("GZIP;Q=0.8, br; q=0.5", &[Gzip, Brotli]),
            ("br;q=0, gzip;q=0.0", &[]),
            ("identity, br;q=0.9", &[Plain, Brotli]),
            ("br;level=3", &[]),
            ("*", &[]),
            ("", &[]),
        ];
        for (list, expected) in table {
            let headers = [(header::ACCEPT_ENCODING, list.parse().unwrap())];
            assert_eq!(accepted(&HeaderMap::from_iter(headers)), expected, "{list}");
        }
    }
}
