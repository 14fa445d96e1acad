//! What differs between released versions of the MLflow UI, in one table.

mod releases;

pub use releases::{Evaluates, Links, Loading, Traits};

/// A released version, as far as the table needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UiVersion {
    major: u16,
    minor: u16,
}

impl UiVersion {
    /// Reads the answer of MLflow's `GET /version`, such as `3.18.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self { major, minor })
    }

    /// What holds for this version: the row of the last release that is not
    /// after it. What is before the first is taken for the first.
    pub fn traits(self) -> Traits {
        releases::of(self)
    }

    /// Whether the document may evaluate texts. An uploaded file makes the UIs
    /// of MLflow 2 run its code then, so one chart is no reason; but what nobody
    /// measured is given it: without it 3.5's pages were none.
    pub fn may_evaluate(self) -> bool {
        let lost = self.traits().evaluates;
        lost > Evaluates::Comparison || self > releases::LAST
    }

    const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

/// The content security policy of the MLflow document.
///
/// Nothing on it may talk to another origin, so a script that slips in through
/// an experiment cannot send away what it reads. Inline scripts stay allowed:
/// HTML artifacts inherit this policy and are nothing without theirs.
/// `version` is `None` while it is not known; `frame_ancestors` is
/// [`Config::frame_ancestors`](crate::Config::frame_ancestors).
pub fn content_security_policy(version: Option<UiVersion>, frame_ancestors: &str) -> String {
    let evaluation = match version {
        Some(version) if !version.may_evaluate() => "'wasm-unsafe-eval'",
        _ => "'unsafe-eval'",
    };
    format!(
        "default-src 'self'; script-src 'self' 'unsafe-inline' {evaluation} blob:; \
         style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
         img-src 'self' data: blob:; media-src 'self' data: blob:; \
         connect-src 'self' data: blob:; worker-src 'self' blob:; \
         frame-src 'self' data: blob:; object-src 'none'; base-uri 'self'; \
         form-action 'self'; {frame_ancestors}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_need_it_may_evaluate_strings() {
        let table = [
            ("4.0.0", true),
            ("3.19.0", true),
            ("3.18.0", false),
            ("3.17.2", true),
            ("3.5.0", true),
            ("2.22.5", true),
            ("1.30.0\n", true),
            ("<html>", true),
        ];
        for (text, evaluates) in table {
            let policy = content_security_policy(UiVersion::parse(text), "frame-ancestors 'none'");
            assert_eq!(policy.contains("'unsafe-eval'"), evaluates, "{text}");
            assert!(policy.contains("connect-src 'self' data: blob:;"), "{text}");
            assert!(policy.ends_with("; frame-ancestors 'none'"), "{text}");
        }
    }
}
