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

/// The source by which scripts may compile WebAssembly, and evaluate no texts.
pub(crate) const WEB_ASSEMBLY_ALONE: &str = "'wasm-unsafe-eval'";

/// The source by which scripts of a UI may evaluate texts, or WebAssembly alone.
/// `version` is `None` while it is not known.
pub fn evaluation(version: Option<UiVersion>) -> &'static str {
    match version {
        Some(version) if !version.may_evaluate() => WEB_ASSEMBLY_ALONE,
        _ => "'unsafe-eval'",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_need_it_may_evaluate_strings() {
        let table = [
            ("4.0.0", "'unsafe-eval'"),
            ("3.19.0", "'unsafe-eval'"),
            ("3.18.0", "'wasm-unsafe-eval'"),
            ("3.17.2", "'unsafe-eval'"),
            ("3.5.0", "'unsafe-eval'"),
            ("2.22.5", "'unsafe-eval'"),
            ("1.30.0\n", "'unsafe-eval'"),
            ("<html>", "'unsafe-eval'"),
        ];
        for (text, source) in table {
            assert_eq!(evaluation(UiVersion::parse(text)), source, "{text}");
        }
    }
}
