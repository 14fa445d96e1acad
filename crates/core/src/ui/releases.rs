//! How released UIs differ, as far as what is around them notices.
//!
//! The rounds of `cargo xtask test versions` go by this table, and fail where a
//! release does not do what its row says.

use super::UiVersion;

/// What holds for a release and those after it, up to the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// What makes functions out of texts, and so needs `'unsafe-eval'`.
    pub evaluates: Evaluates,
    /// What the paths of its experiments and runs begin with.
    pub api: &'static str,
    /// The route of its list of experiments.
    pub experiments: &'static str,
    /// What the route of an experiment ends with to be that of its runs.
    pub runs: &'static str,
    /// Whether its server lets no other site frame the document.
    pub refuses_frames: bool,
    /// How an image among the artifacts is loaded.
    pub images: Loading,
    /// How an artifact is saved as a file.
    pub downloads: Loading,
    /// Where links to a model version lead that are shown beside a run.
    pub links: Links,
}

/// What is lost where nothing may be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evaluates {
    /// One chart of compared runs, the one with parallel coordinates.
    Comparison,
    /// The charts of metrics, too.
    Charts,
    /// The pages of runs and experiments, which show an error instead.
    Pages,
}

/// Who asks for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// A script, which makes a `blob:` of it.
    Fetch,
    /// The browser itself, for an element or as a navigation.
    Browser,
}

/// Where a link inside the UI leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// To a route of its own document.
    Own,
    /// To the document around the frame, with `#mlflow` before the route.
    Around,
}

/// What a release has that is unlike the one before it.
const TABLE: [(UiVersion, Traits); 6] = [
    (UiVersion::new(1, 30), FIRST),
    (UiVersion::new(2, 2), OF_2_2),
    (UiVersion::new(2, 8), OF_2_8),
    (UiVersion::new(2, 22), OF_2_22),
    (UiVersion::new(3, 5), OF_3_5),
    (LAST, OF_3_18),
];

/// The last that was looked at.
pub(super) const LAST: UiVersion = UiVersion::new(3, 18);

const FIRST: Traits = Traits {
    evaluates: Evaluates::Charts,
    api: "/ajax-api/2.0/preview/mlflow",
    experiments: "#/",
    runs: "",
    refuses_frames: false,
    images: Loading::Browser,
    downloads: Loading::Browser,
    links: Links::Around,
};

const OF_2_2: Traits = Traits {
    api: "/ajax-api/2.0/mlflow",
    images: Loading::Fetch,
    ..FIRST
};

const OF_2_8: Traits = Traits {
    links: Links::Own,
    ..OF_2_2
};

const OF_2_22: Traits = Traits {
    evaluates: Evaluates::Pages,
    ..OF_2_8
};

const OF_3_5: Traits = Traits {
    experiments: "#/experiments",
    runs: "/runs",
    refuses_frames: true,
    ..OF_2_22
};

const OF_3_18: Traits = Traits {
    evaluates: Evaluates::Comparison,
    downloads: Loading::Fetch,
    ..OF_3_5
};

pub(super) fn of(version: UiVersion) -> Traits {
    let rows = TABLE.iter().rev();
    let mut rows = rows.skip_while(|(since, _)| *since > version);
    rows.next().map_or(FIRST, |(_, traits)| *traits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_as_the_last_release_before_it() {
        let table = [
            ("1.20.0", FIRST),
            ("1.30.0", FIRST),
            ("2.1.0", FIRST),
            ("2.2.1", OF_2_2),
            ("2.7.1", OF_2_2),
            ("2.8.1", OF_2_8),
            ("2.21.0", OF_2_8),
            ("2.22.5", OF_2_22),
            ("3.4.0", OF_2_22),
            ("3.5.0", OF_3_5),
            ("3.17.2", OF_3_5),
            ("3.18.0", OF_3_18),
            ("4.0.0", OF_3_18),
        ];
        for (version, expected) in table {
            let found = UiVersion::parse(version).map(UiVersion::traits);
            assert_eq!(found, Some(expected), "{version}");
        }
    }

    #[test]
    fn releases_are_in_the_order_of_their_versions() {
        assert!(TABLE.is_sorted_by_key(|(since, _)| *since));
    }
}
