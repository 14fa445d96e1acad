//! What `docs/DEPLOY.md` says of the tests.

use std::{collections::BTreeSet, fs};

use shell_tests::environment;

use crate::cloud::Cloud;

/// Begins the list.
const UNMADE: &str = "The emulator makes none of these";

#[expect(clippy::print_stdout, reason = "the list is to be seen")]
pub(crate) fn what_the_emulator_cannot_make_is_listed(cloud: &Cloud) {
    let record = cloud.record();
    let unmade = record.iter().filter(|made| !made.made);
    let unmade: BTreeSet<_> = unmade.map(|made| made.kind.as_str()).collect();
    println!("checked, but not made by the emulator: {unmade:?}");

    let manual = fs::read_to_string(environment::workspace().join("docs/DEPLOY.md"));
    let manual = manual.expect("there is a manual");
    let (_, list) = manual.split_once(UNMADE).expect("it has the list");
    let list = list.split("\n\n").next().unwrap_or_default();
    for kind in unmade {
        let name = kind.trim_start_matches("AWS::");
        assert!(
            list.contains(&format!("`{name}`")),
            "{name} is not in the list"
        );
    }
}
