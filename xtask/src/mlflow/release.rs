//! Versions of MLflow, in the order of their release.

/// A version as numbers; `2.9.2` is before `2.12.2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(Vec<u64>);

impl Release {
    /// Reads a version. What is no number counts as none.
    pub(crate) fn of(version: &str) -> Self {
        let numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
        Self(numbers.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_number() {
        let ordered = ["1.30.0", "2.9.2", "2.12.2", "3.5.0", "3.18", "3.18.0"];
        assert!(ordered.map(Release::of).is_sorted());
    }
}
